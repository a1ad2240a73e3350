// SPDX-License-Identifier: Apache-2.0

import Devices

/// A device on the USB as sysfs has it.
struct USBLook {
  /// Vendor number.
  let vendor: UInt16
  /// Product number.
  let product: UInt16
  /// What it calls itself.
  let name: String
  /// Its file below /dev.
  let node: String
  /// Whether one of its interfaces is a human interface device.
  let isHID: Bool
  /// Whether one of them says that it is a boot keyboard.
  let isBootKeyboard: Bool
  /// The report descriptor, as far as the kernel's own driver has fetched it.
  let reportDescriptor: [UInt8]

  /// Vendor and product as lsusb has them.
  var numbers: String { Configuration.hex(vendor) + ":" + Configuration.hex(product) }

  /// What it said of itself, in the words of the drivers.
  var facts: HIDFacts {
    HIDFacts(
      vendor: vendor, product: product, reportDescriptor: reportDescriptor,
      isBootKeyboard: isBootKeyboard)
  }

  /// Every device on the bus.
  static func all(_ system: SystemLook) -> [USBLook] {
    let folder = "/sys/bus/usb/devices/"
    return system.names(folder).compactMap { entry in
      entry.contains(":") ? nil : USBLook(system, folder + entry)
    }
  }

  private init?(_ system: SystemLook, _ folder: String) {
    guard let vendor = UInt16(system.text(folder + "/idVendor"), radix: 16),
      let product = UInt16(system.text(folder + "/idProduct"), radix: 16),
      let bus = Int(system.text(folder + "/busnum")),
      let device = Int(system.text(folder + "/devnum"))
    else { return nil }
    self.vendor = vendor
    self.product = product
    name = system.text(folder + "/product")
    node = "/dev/bus/usb/" + USBLook.padded(bus) + "/" + USBLook.padded(device)
    let interfaces = USBLook.interfaces(system.bytes(folder + "/descriptors"))
    isHID = interfaces.contains { $0.kind == 3 }
    isBootKeyboard = interfaces.contains { $0.kind == 3 && $0.proto == 1 }
    reportDescriptor = USBLook.reportDescriptor(system, vendor, product)
  }

  private static func padded(_ number: Int) -> String {
    let text = String(number)
    return String(repeating: "0", count: max(0, 3 - text.utf8.count)) + text
  }

  /// Class and protocol of each interface (USB 2.0, 9.6.5): descriptors follow each other, each
  /// with its length and its type first.
  private static func interfaces(_ bytes: [UInt8]) -> [(kind: UInt8, proto: UInt8)] {
    var found: [(kind: UInt8, proto: UInt8)] = []
    var offset = 0
    while offset + 1 < bytes.count {
      let length = Int(bytes[offset])
      if length < 2 || offset + length > bytes.count { break }
      if bytes[offset + 1] == 4, length >= 9 {
        found.append((bytes[offset + 5], bytes[offset + 7]))
      }
      offset += length
    }
    return found
  }

  /// The kernel's names are bus, vendor, product and a number: 0003:0801:0002.0001.
  private static func reportDescriptor(
    _ system: SystemLook, _ vendor: UInt16, _ product: UInt16
  ) -> [UInt8] {
    let wanted = ":" + Configuration.hex(vendor) + ":" + Configuration.hex(product) + "."
    let folder = "/sys/bus/hid/devices/"
    for entry in system.names(folder) where entry.lowercased().contains(wanted) {
      return system.bytes(folder + entry + "/report_descriptor")
    }
    return []
  }
}
