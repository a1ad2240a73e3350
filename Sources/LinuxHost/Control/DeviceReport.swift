// SPDX-License-Identifier: Apache-2.0

public import Assembly
public import Clockwork
import Devices
import Management
public import TerminalCore

/// What one line says of a device.
public struct DeviceReport: Sendable {
  /// Its place in the terminal.
  public var port: Port
  /// Where it is looked for, as the board's file has it.
  public var address: String
  /// How it is and since when.
  public var health: DeviceHealth
  /// What has been counted, by its driver too.
  public var tally: DeviceTally
  /// Bytes with a wrong parity or frame, or USB transfers that ended badly.
  public var lineErrors: UInt64
  /// What is the matter with it; nil when it works.
  public var problem: Problem?

  /// A report.
  public init(
    port: Port, address: String, health: DeviceHealth, tally: DeviceTally, lineErrors: UInt64,
    problem: Problem?
  ) {
    self.port = port
    self.address = address
    self.health = health
    self.tally = tally
    self.lineErrors = lineErrors
    self.problem = problem
  }
}

/// What a screen says of the printer.
public struct PrinterDetails: Sendable {
  /// Its parts, each since when.
  public var parts: PrinterPartTimes
  /// What it has printed for this terminal.
  public var wear: PrinterWear
  /// Whether it cuts.
  public var hasCutter: Bool
  /// What is known of the logo in it; nil where papers have none.
  public var logo: StoredLogo?
  /// Whether it is being given it.
  public var isStoringLogo: Bool
  /// The profile in use.
  public var profile: [ProfileField]

  /// Details.
  public init(
    parts: PrinterPartTimes, wear: PrinterWear, hasCutter: Bool, logo: StoredLogo?,
    isStoringLogo: Bool, profile: [ProfileField]
  ) {
    self.parts = parts
    self.wear = wear
    self.hasCutter = hasCutter
    self.logo = logo
    self.isStoringLogo = isStoringLogo
    self.profile = profile
  }
}

/// A field of the printer's profile and where it comes from.
public struct ProfileField: Hashable, Sendable {
  /// Its name in the board's file, or among the built-in fields.
  public var name: String
  /// Its value in words.
  public var value: String
  /// File and line, or "built in".
  public var source: String
}

/// The clock by which "since when" is told.
public struct SinceClock: Sendable {
  private let wall: WallClock
  private let now: Instant

  /// The moment it is.
  public init(wall: WallClock, now: Instant) {
    self.wall = wall
    self.now = now
  }

  /// Whole seconds since a moment.
  func seconds(since moment: Instant) -> Int64 { max(0, (now - moment).seconds) }

  /// Seconds since a moment and its local time; null for one that never was.
  func members(_ moment: Instant?) -> [JSONMember] {
    guard let moment else { return [JSONMember("seconds", .null), JSONMember("since", .null)] }
    return [
      JSONMember("seconds", .integer(seconds(since: moment))),
      JSONMember("since", .text(wall.local(at: moment).text)),
    ]
  }
}

extension ControlWords {
  static func device(_ device: DeviceReport, _ clock: SinceClock, _ catalogue: Catalogue) -> JSON {
    let health = device.health
    let numbers = [health.vendor, health.product].map(Configuration.hex).joined(separator: ":")
    var counts = DeviceCount.allCases.map { kind in
      count(kind.name, UInt64(device.tally[kind]))
    }
    counts.append(count("line errors", device.lineErrors))
    var members = [
      JSONMember("name", .text(device.port.name)), JSONMember("address", .text(device.address)),
      JSONMember("state", .text(health.condition.name)),
    ]
    members += clock.members(health.since)
    members += [
      JSONMember("usb", .text(health.vendor == 0 ? "" : numbers)),
      JSONMember(
        "heard", health.heardAt.map { .integer(clock.seconds(since: $0)) } ?? .null),
      JSONMember("problem", device.problem.map { problem($0, catalogue) } ?? .null),
      JSONMember("counts", .array(counts)),
    ]
    return .object(members)
  }

  private static func count(_ name: String, _ count: UInt64) -> JSON {
    .object([
      JSONMember("kind", .text(name)), JSONMember("count", .integer(Int64(clamping: count))),
    ])
  }

  /// The printer's own members beside those of every device.
  static func printer(_ printer: PrinterDetails, _ clock: SinceClock) -> [JSONMember] {
    let times = printer.parts
    var parts: [JSON] = []
    if let known = times.parts {
      parts = [
        part("online", known.isOnline ? "yes" : "no", times.onlineSince, clock),
        part("paper", word(known.paper), times.paperSince, clock),
        part("cover", known.isCoverOpen ? "open" : "closed", times.coverSince, clock),
        part("error", word(known.fault), times.faultSince, clock),
      ]
    }
    let profile = printer.profile.map { field in
      JSON.object([
        JSONMember("name", .text(field.name)), JSONMember("value", .text(field.value)),
        JSONMember("source", .text(field.source)),
      ])
    }
    return [
      JSONMember("parts", .array(parts)),
      JSONMember("lines", .integer(Int64(clamping: printer.wear.lines))),
      // Eight rows of dots a millimetre.
      JSONMember("millimetres", .integer(Int64(clamping: printer.wear.dots / 8))),
      JSONMember("documents", .integer(Int64(clamping: printer.wear.documents))),
      JSONMember(
        "cuts", .integer(printer.hasCutter ? Int64(clamping: printer.wear.documents) : 0)),
      JSONMember("logo", .text(logo(of: printer))),
      JSONMember("profile", .array(profile)),
    ]
  }

  private static func part(
    _ name: String, _ state: String, _ since: Instant, _ clock: SinceClock
  ) -> JSON {
    let members = [JSONMember("name", .text(name)), JSONMember("state", .text(state))]
    return .object(members + clock.members(since))
  }

  private static func logo(of printer: PrinterDetails) -> String {
    guard let logo = printer.logo else { return "none" }
    if printer.isStoringLogo { return "storing" }
    return logo.isKept ? "kept" : logo.isGivenUp ? "given up" : "waiting"
  }

  private static func word(_ paper: PrinterParts.Paper) -> String {
    switch paper {
    case .enough: "enough"
    case .low: "low"
    case .out: "out"
    }
  }

  private static func word(_ fault: PrinterParts.Fault) -> String {
    switch fault {
    case .none: "none"
    case .cutter: "cutter blocked"
    case .overheated: "head too hot"
    case .broken: "needs service"
    }
  }
}
