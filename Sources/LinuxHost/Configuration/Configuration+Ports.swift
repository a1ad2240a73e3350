// SPDX-License-Identifier: Apache-2.0

extension Configuration.PortAddress {
  /// The address as the board's file has it.
  public var text: String {
    switch self {
    case .serial(let path, _, _): path
    case .usb(let products):
      products.map { Configuration.hex($0.vendor) + ":" + Configuration.hex($0.product) }
        .joined(separator: " ")
    case .simulatedUSB(let path): "sim:" + path
    }
  }
}

extension Configuration {
  /// Four hexadecimal digits, as lsusb has them.
  static func hex(_ number: UInt16) -> String {
    let text = String(number, radix: 16)
    return String(repeating: "0", count: 4 - text.utf8.count) + text
  }
}
