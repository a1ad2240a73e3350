// SPDX-License-Identifier: Apache-2.0

import Wire

/// A command to a card, a short APDU (EMV 4.4 Book 3, 6.5): it prints its header and no data.
public struct CardCommand: Hashable, Sendable, CustomStringConvertible {
  /// CLA, INS, P1 and P2.
  public let header: UInt32
  private let rest: SecretBytes

  /// A whole command, as issuer scripts hold it; nil below four bytes.
  init?(whole bytes: [UInt8]) {
    if bytes.count < 4 { return nil }
    header = bytes[..<4].reduce(0) { $0 << 8 | UInt32($1) }
    rest = SecretBytes(Array(bytes[4...]))
  }

  /// A command with data, when there are any, and Le 00 where data are expected in return: only
  /// there (EMV 4.4 Book 3, 6.1).
  init(_ header: UInt32, _ data: [UInt8] = [], expectsData: Bool) {
    precondition(data.count <= 255, "who builds data knows that commands are short")
    self.header = header
    let length = data.isEmpty ? [] : [UInt8(data.count)]
    rest = SecretBytes(length + data + (expectsData ? [0x00] : []))
  }

  /// The bytes for the reader.
  public var bytes: [UInt8] {
    [24, 16, 8, 0].map { UInt8(truncatingIfNeeded: header >> UInt32($0)) } + rest.exposed
  }

  /// The header and how many bytes follow.
  public var description: String {
    "\(Hex.text(Array(bytes[..<4]))) and \(rest.count) bytes"
  }
}

// Every command of the kernel's own.
extension CardCommand {
  static func select(_ name: [UInt8]) -> CardCommand {
    CardCommand(0x00A4_0400, name, expectsData: true)
  }

  static func selectNext(_ name: [UInt8]) -> CardCommand {
    CardCommand(0x00A4_0402, name, expectsData: true)
  }

  /// Record 1...255 of file 1...30.
  static func readRecord(_ number: UInt8, file: UInt8) -> CardCommand {
    CardCommand(0x00B2_0004 | UInt32(number) << 8 | UInt32(file) << 3, expectsData: true)
  }

  /// The data are those of the list; the template around them is added here.
  static func getProcessingOptions(_ data: [UInt8]) -> CardCommand {
    CardCommand(
      0x80A8_0000, [0x83] + DataObject.length(data.count) + data, expectsData: true)
  }

  static func internalAuthenticate(_ data: [UInt8]) -> CardCommand {
    CardCommand(0x0088_0000, data, expectsData: true)
  }

  static func getData(_ tag: DataTag) -> CardCommand {
    CardCommand(0x80CA_0000 | tag.rawValue, expectsData: true)
  }

  static var getChallenge: CardCommand { CardCommand(0x0084_0000, expectsData: true) }

  static func generateAC(_ type: CryptogramType, signed: Bool, _ data: [UInt8]) -> CardCommand {
    let reference = type.rawValue | (signed ? 0x10 : 0)
    return CardCommand(0x80AE_0000 | UInt32(reference) << 8, data, expectsData: true)
  }

  static func externalAuthenticate(_ data: [UInt8]) -> CardCommand {
    CardCommand(0x0082_0000, data, expectsData: false)
  }
}
