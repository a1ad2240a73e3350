// SPDX-License-Identifier: Apache-2.0

import Assembly
import Foundation
import Management
import Simulator
import Testing

@testable import LinuxHost

@Suite("The doctor")
struct DoctorTests {
  /// A system that a test makes: what is in its folder is what there is.
  private final class Patient {
    let folder: Folder
    let forbidden = Forbidden()

    /// What this user may not open.
    final class Forbidden: @unchecked Sendable {
      var paths: Set<String> = []
    }

    init() throws { folder = try Folder() }

    var doctor: Doctor {
      let forbidden = forbidden
      let root = folder.path
      return Doctor(
        system: SystemLook(root: root) { path in
          !forbidden.paths.contains(String(path.dropFirst(root.count)))
        },
        holder: "posd")
    }

    func plug(
      _ entry: String, _ vendor: String, _ product: String, device: Int, keyboard: Bool = false,
      isHID: Bool = true, report: [UInt8]? = nil
    ) throws {
      let place = "sys/bus/usb/devices/" + entry
      try folder.write(place + "/idVendor", vendor + "\n")
      try folder.write(place + "/idProduct", product + "\n")
      try folder.write(place + "/busnum", "1\n")
      try folder.write(place + "/devnum", "\(device)\n")
      try folder.write(place + "/product", "Example\n")
      // A device, a configuration and an interface of class 3, or of class 8.
      let head = [18, 1] + [UInt8](repeating: 0, count: 16) + [9, 2, 25, 0, 1, 1, 0, 0x80, 50]
      let boot: UInt8 = keyboard ? 1 : 0
      try folder.write(
        place + "/descriptors", head + [9, 4, 0, 0, 1, isHID ? 3 : 8, boot, boot, 0])
      // An interface is a folder beside its device.
      try folder.write("sys/bus/usb/devices/" + entry + ":1.0/bInterfaceClass", "03\n")
      try folder.write("dev/bus/usb/001/00\(device)", "")
      if let report {
        try folder.write(
          "sys/bus/hid/devices/0003:\(vendor.uppercased()):\(product.uppercased()).0001/"
            + "report_descriptor", report)
      }
    }

    func run(_ process: Int, _ name: String, holding path: String) throws {
      try folder.write("proc/\(process)/comm", name + "\n")
      try folder.write("proc/\(process)/fd/none", "")
      try FileManager.default.createSymbolicLink(
        atPath: folder.path + "/proc/\(process)/fd/7", withDestinationPath: path)
    }
  }

  private static let reader: [Assembly.Port: Configuration.PortAddress] = [
    .reader: .usb([Configuration.USBProduct(vendor: 0x0801, product: 0x0002)])
  ]

  private static func codes(_ patient: Patient) -> [String] {
    patient.doctor.look(at: reader).map { $0.code }
  }

  @Test("a reader that may be opened, is nobody's and reports as it should is well")
  func well() throws {
    let patient = try Patient()
    try patient.plug("1-1", "0801", "0002", device: 2, report: ReaderModel.reportDescriptor)
    try patient.run(42, "posd", holding: "/dev/bus/usb/001/002")
    #expect(DoctorTests.codes(patient) == [])
  }

  @Test("without permission the rule to install is printed, and it is one udev would take")
  func permission() throws {
    let patient = try Patient()
    try patient.plug("1-1", "0801", "0002", device: 2)
    patient.forbidden.paths = ["/dev/bus/usb/001/002"]
    let finding = try #require(patient.doctor.look(at: DoctorTests.reader).first)
    #expect(finding.code == "RDR-021")
    #expect(finding.evidence.hasPrefix("/dev/bus/usb/001/002: owner "))
    let rule = try #require(finding.lines.first)
    #expect(rule.contains(#"ATTR{idVendor}=="0801", ATTR{idProduct}=="0002""#))
    #expect(rule.hasSuffix(#"GROUP="posd", MODE="0660""#))
  }

  @Test("keyboard mode, a stranger, a reader that is not named and none at all are told apart")
  func others() throws {
    for (product, keyboard, code) in [
      ("0001", false, "RDR-002"), ("0002", true, "RDR-002"), ("5357", false, "RDR-003"),
    ] {
      let patient = try Patient()
      try patient.plug("1-1", "0801", product, device: 2, keyboard: keyboard)
      #expect(DoctorTests.codes(patient) == [code], "\(product)")
    }
    // Named by no board, and known all the same.
    let known = try Patient()
    try known.plug("1-1", "0801", "0003", device: 2, report: ReaderModel.reportDescriptor)
    #expect(DoctorTests.codes(known) == ["RDR-020"])
    let unread = try Patient()
    try unread.plug("1-1", "0801", "0011", device: 2)
    #expect(DoctorTests.codes(unread) == ["RDR-020"])
    // A clerk's keyboard, a mouse and a disk are no readers.
    let none = try Patient()
    try none.plug("1-1", "046d", "c31c", device: 2, keyboard: true)
    try none.plug("1-2", "046d", "c077", device: 3)
    try none.plug("1-3", "0781", "5567", device: 4, isHID: false)
    let finding = try #require(none.doctor.look(at: DoctorTests.reader).first)
    #expect(finding.code == "RDR-001")
    #expect(finding.evidence == "not on the bus; other input devices there: 046d:c31c, 046d:c077")
  }

  @Test("a report of another size is named with the size")
  func size() throws {
    let patient = try Patient()
    try patient.plug("1-1", "0801", "0002", device: 2, report: [0x75, 8, 0x95, 64, 0x81, 2])
    let finding = try #require(patient.doctor.look(at: DoctorTests.reader).first)
    #expect(finding.code == "RDR-004")
    #expect(finding.evidence.hasSuffix("64 bytes a report"))
  }

  @Test("whoever else has the reader or a port is named, with the number of its process")
  func claimed() throws {
    let patient = try Patient()
    try patient.plug("1-1", "0801", "0002", device: 2)
    try patient.run(42, "posd", holding: "/dev/bus/usb/001/002")
    try patient.run(77, "magtek-tool", holding: "/dev/bus/usb/001/002")
    let finding = try #require(patient.doctor.look(at: DoctorTests.reader).first)
    #expect(finding.code == "RDR-022")
    #expect(finding.evidence == "/dev/bus/usb/001/002 is open in magtek-tool, process 77")
    try patient.folder.write("dev/ttyUSB0", "")
    try patient.run(78, "ModemManager", holding: "/dev/ttyUSB0")
    let ports: [Assembly.Port: Configuration.PortAddress] = [
      .printer: .serial(path: "/dev/ttyUSB0", baud: 38_400, flow: .cts)
    ]
    let port = try #require(patient.doctor.look(at: ports).first)
    #expect(port.code == "SER-003")
    #expect(port.part == "printer")
    #expect(port.evidence == "/dev/ttyUSB0 is open in ModemManager, process 78")
  }

  @Test("a port that is not there is told with those that are; a link is followed to its port")
  func ports() throws {
    let patient = try Patient()
    let ports: [Assembly.Port: Configuration.PortAddress] = [
      .pinPad: .serial(path: "/dev/serial/by-path/a", baud: 9_600, flow: .none)
    ]
    #expect(
      patient.doctor.look(at: ports)
        == [Finding("pin-pad", "SER-001", "/dev/serial/by-path/a; serial ports there: none")])
    try patient.folder.write("dev/ttyUSB3", "")
    #expect(patient.doctor.look(at: ports).first?.evidence.hasSuffix("/dev/ttyUSB3") == true)
    try patient.folder.write("dev/serial/by-path/b", "")
    #expect(
      patient.doctor.look(at: ports).first?.evidence.hasSuffix("there: /dev/serial/by-path/b")
        == true)
    try FileManager.default.createSymbolicLink(
      atPath: patient.folder.path + "/dev/serial/by-path/a",
      withDestinationPath: patient.folder.path + "/dev/ttyUSB3")
    #expect(patient.doctor.look(at: ports).isEmpty)
    patient.forbidden.paths = ["/dev/ttyUSB3"]
    #expect(patient.doctor.look(at: ports).map { $0.code } == ["SER-002"])
  }

  @Test("a cable is suspected from the third report that came in part, and not before")
  func cable() throws {
    func codes(_ name: String, _ counts: String) throws -> [String] {
      let text = #"{"name":"\#(name)","counts":[\#(counts)]}"#
      let device = try JSON(parsing: Array(text.utf8), limit: 4_096)
      return Doctor().judge(counts: device).map { $0.code }
    }
    #expect(try codes("reader", #"{"kind":"short reports","count":2}"#) == [])
    #expect(try codes("reader", #"{"kind":"short reports","count":3}"#) == ["RDR-023"])
    #expect(try codes("pin-pad", #"{"kind":"lost","count":5}"#) == ["DEV-001"])
    #expect(try codes("printer", #"{"kind":"line errors","count":10}"#) == ["SER-004"])
    #expect(try codes("printer", #"{"kind":"reports","count":500}"#) == [])
  }

  @Test("a clock before the firmware, a full disk and a port where nobody listens are named")
  func surroundings() throws {
    let doctor = Doctor()
    #expect(doctor.clock(unixSeconds: 0).map { $0.code } == ["CLK-002"])
    #expect(doctor.clock(unixSeconds: 1_790_000_000).isEmpty)
    #expect(doctor.disk("/").isEmpty)
    #expect(doctor.network(host: "host.invalid", port: 1).first.map { $0.part } == "network")
  }

  @Test("udev gives posd every product that the driver knows, and no keyboard")
  func rules() throws {
    func text(_ file: String) throws -> String {
      try String(contentsOfFile: repository + "/" + file, encoding: .utf8)
    }
    let driver = try text("Drivers/CardReaderHID/ReaderProduct.swift")
    let rules = try text("Firmware/udev/60-posd.rules").split(separator: "\n")
      .filter { !$0.hasPrefix("#") }
    /// Whether a rule gives posd the device of these numbers.
    func isGiven(_ vendor: String, _ product: String) throws -> Bool {
      let vendor = vendor.lowercased()
      let product = product.lowercased()
      return try rules.contains { rule in
        guard rule.contains("ATTR{idVendor}==\"\(vendor)\"") else { return false }
        let pattern = try Regex(#"ATTR\{idProduct\}([=!])="([0-9a-f|]+)""#)
        guard let match = rule.firstMatch(of: pattern), let list = match.output[2].substring
        else { return true }
        let isNamed = list.split(separator: "|").contains { $0 == product }
        return match.output[1].substring == "=" ? isNamed : !isNamed
      }
    }
    var known = 0
    let pattern = try Regex(#"\(0x([0-9A-F]{4}), 0x([0-9A-F]{4})\)"#)
    for line in driver.split(separator: "\n") {
      for match in line.matches(of: pattern) {
        let vendor = String(try #require(match.output[1].substring))
        let product = String(try #require(match.output[2].substring))
        let isKeyboard = line.contains("keyboardMode")
        #expect(try isGiven(vendor, product) != isKeyboard, "\(vendor):\(product)")
        known += 1
      }
    }
    #expect(known == 8)
    // What the reference board names is given too.
    let configuration = try text("Config/boards/reference.yaml")
    let named = try Regex(#"([0-9A-F]{4}):([0-9A-F]{4})"#)
    let lines = configuration.split(separator: "\n")
    let port = try #require(lines.first { $0.contains("  port: 0801") })
    for match in port.matches(of: named) {
      let vendor = String(try #require(match.output[1].substring))
      let product = String(try #require(match.output[2].substring))
      #expect(try isGiven(vendor, product), "\(vendor):\(product)")
    }
  }
}
