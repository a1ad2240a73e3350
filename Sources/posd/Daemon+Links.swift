// SPDX-License-Identifier: Apache-2.0

import LinuxHost
import SerialTransport
import USBTransport

extension Daemon {
  /// The transport of an address; nil when libusb cannot be started.
  static func link(_ address: Configuration.PortAddress) -> (any DeviceLink)? {
    switch address {
    case .serial(let path, let baud, let flow):
      return SerialTransport(SerialSettings(path: path, baud: baud, flow: kind(flow)))
    case .usb(let products):
      return USBTransport(
        products: products.map { USBProduct(vendor: $0.vendor, product: $0.product) })
    case .simulatedUSB(let path):
      return SimulatedUSBLink(path: path)
    }
  }

  private static func kind(_ flow: Configuration.SerialFlow) -> SerialSettings.Flow {
    switch flow {
    case .none: .none
    case .cts: .cts
    case .xonXoff: .xonXoff
    }
  }
}
