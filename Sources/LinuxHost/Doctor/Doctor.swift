// SPDX-License-Identifier: Apache-2.0

public import Assembly
import Devices
public import Management
import TerminalCore

/// A cause that was found, under its code in the catalogue.
public struct Finding: Hashable, Sendable {
  /// What it was found at: reader, printer, pin-pad, disk, clock, network.
  public var part: String
  /// The code.
  public var code: String
  /// What was seen.
  public var evidence: String
  /// What is to be put into a file, where the remedy is that; empty otherwise.
  public var lines: [String]

  /// A finding.
  public init(_ part: String, _ code: String, _ evidence: String, lines: [String] = []) {
    self.part = part
    self.code = code
    self.evidence = evidence
    self.lines = lines
  }
}

/// Looks for the exact cause of what is wrong with devices, disk, clock and network, in the files
/// of the system: what a daemon that cannot open a device cannot know of it.
public struct Doctor: Sendable {
  /// More reports in part than a card pulled out by chance leaves behind.
  static let shortReportLimit: Int64 = 3
  /// More losses of a link than a person makes who plugs it.
  static let lossLimit: Int64 = 5
  /// More wrong bytes than a device makes that is switched on.
  static let lineErrorLimit: Int64 = 10
  /// The ledger's own limit, in megabytes.
  static let freeLimit = 4
  /// The first day of 2025: no firmware of this kind is older.
  static let firstMoment: Int64 = 1_735_689_600

  let system: SystemLook
  /// The name of the program that is to have the devices.
  private let holder: String

  /// A doctor for this system.
  public init(system: SystemLook = SystemLook()) {
    self.init(system: system, holder: "posd")
  }

  init(system: SystemLook, holder: String) {
    self.system = system
    self.holder = holder
  }

  /// What is the matter with the places where the devices are looked for.
  public func look(at ports: [Port: Configuration.PortAddress]) -> [Finding] {
    var findings: [Finding] = []
    for port in Port.allCases {
      switch ports[port] {
      case .usb(let products): findings += reader(port.name, products)
      case .serial(let path, _, _): findings += serial(port.name, path)
      case .simulatedUSB, nil: break
      }
    }
    return findings
  }

  /// What posd has counted of a device, as GetDevices has it, and what that says of its cable.
  public func judge(counts device: JSON) -> [Finding] {
    func count(_ kind: String) -> Int64 {
      let all = device["counts"]?.array ?? []
      return all.first { $0["kind"]?.text == kind }?["count"]?.integer ?? 0
    }
    let name = device["name"]?.text ?? ""
    let short = count("short reports")
    if short >= Doctor.shortReportLimit {
      return [Finding(name, "RDR-023", "\(short) reports came in part, \(count("reports")) whole")]
    }
    let losses = count("lost")
    if losses >= Doctor.lossLimit {
      return [Finding(name, "DEV-001", "the link was lost \(losses) times")]
    }
    let errors = count("line errors") + (name == "reader" ? 0 : count("damaged"))
    if errors >= Doctor.lineErrorLimit {
      return [Finding(name, "SER-004", "\(errors) damaged bytes and answers")]
    }
    return []
  }

  /// Whether a folder's file system has room for a ledger that goes on.
  public func disk(_ folder: String) -> [Finding] {
    guard let free = system.freeMegabytes(folder), free < Doctor.freeLimit else { return [] }
    return [Finding("disk", "LED-001", "\(free) MB free at \(folder)")]
  }

  /// Whether the clock can be right.
  public func clock(unixSeconds: Int64) -> [Finding] {
    Doctor.clockFinding(unixSeconds: unixSeconds).map { [$0] } ?? []
  }

  static func clockFinding(unixSeconds: Int64) -> Finding? {
    if unixSeconds >= firstMoment { return nil }
    return Finding("clock", "CLK-002", "\(unixSeconds) s since 1970")
  }

  private func reader(_ part: String, _ products: [Configuration.USBProduct]) -> [Finding] {
    let bus = USBLook.all(system)
    let wanted = bus.first { device in
      products.contains { $0.vendor == device.vendor && $0.product == device.product }
    }
    if let wanted { return opened(part, wanted) }
    // A reader that is there under another number says more than one that is missing.
    for device in bus where device.isHID {
      let trouble = Board.Reader.objection(to: device.facts)
      switch trouble {
      case nil:
        return [Finding(part, "RDR-020", seen(device) + ", which reader.port does not name")]
      case .keyboardMode? where Board.Reader.isMaker(device.vendor),
        .unknownProduct? where Board.Reader.isMaker(device.vendor):
        return [Finding(part, Problem.reader(trouble ?? .silent).code, seen(device))]
      case .unexpectedReportSize(bytes: 0)? where device.reportDescriptor.isEmpty:
        return [Finding(part, "RDR-020", seen(device) + ", which reader.port does not name")]
      default: continue
      }
    }
    let others = bus.filter { $0.isHID }.map { $0.numbers }
    let list = others.isEmpty ? "none" : others.joined(separator: ", ")
    return [Finding(part, "RDR-001", "not on the bus; other input devices there: " + list)]
  }

  /// A device that is there: may it be opened, is it somebody's, and is it what the driver wants?
  private func opened(_ part: String, _ device: USBLook) -> [Finding] {
    if !system.isUsable(device.node) {
      return [
        Finding(
          part, "RDR-021", device.node + ": " + system.rights(device.node),
          lines: [Doctor.rule(device.vendor, device.product)])
      ]
    }
    let others = system.holders(of: device.node).filter { $0.name != holder }
    if let other = others.first {
      return [
        Finding(
          part, "RDR-022", "\(device.node) is open in \(other.name), process \(other.process)")
      ]
    }
    if device.reportDescriptor.isEmpty && !device.isBootKeyboard { return [] }
    guard let trouble = Board.Reader.objection(to: device.facts) else { return [] }
    let problem = Problem.reader(trouble)
    return [Finding(part, problem.code, seen(device) + ", " + problem.evidence)]
  }

  private func seen(_ device: USBLook) -> String {
    device.numbers + (device.name.isEmpty ? "" : " " + device.name) + " is plugged in"
  }

  /// The line that gives posd a device of these numbers.
  static func rule(_ vendor: UInt16, _ product: UInt16) -> String {
    "ACTION!=\"remove\", SUBSYSTEM==\"usb\", ENV{DEVTYPE}==\"usb_device\", ATTR{idVendor}==\""
      + Configuration.hex(vendor) + "\", ATTR{idProduct}==\"" + Configuration.hex(product)
      + "\", GROUP=\"posd\", MODE=\"0660\""
  }

  private func serial(_ part: String, _ path: String) -> [Finding] {
    guard let file = system.resolved(path) else {
      var there = ["/dev/serial/by-path", "/dev/serial/by-id"].flatMap { folder in
        system.names(folder).map { folder + "/" + $0 }
      }
      if there.isEmpty {
        let tty = ["ttyUSB", "ttyACM"]
        there = system.names("/dev").filter { name in tty.contains { name.hasPrefix($0) } }
          .map { "/dev/" + $0 }
      }
      let list = there.isEmpty ? "none" : there.joined(separator: ", ")
      return [Finding(part, "SER-001", path + "; serial ports there: " + list)]
    }
    if !system.isUsable(file) {
      return [Finding(part, "SER-002", file + ": " + system.rights(file))]
    }
    let others = system.holders(of: file).filter { $0.name != holder }
    guard let other = others.first else { return [] }
    return [Finding(part, "SER-003", "\(file) is open in \(other.name), process \(other.process)")]
  }
}
