// SPDX-License-Identifier: Apache-2.0

public import Clockwork
public import Devices

//              opened                 answer
//   absent ─────────────▶ reconnecting ──────▶ connected ──── no answer ───▶ silent
//     ▲  no such device        │ ▲                │ lost                       │
//     └────────────────────────┘ └────────────────┴─────────── answer ─▶ connected
//                              └─▶ wrong mode: it is there, and no reader as it must be
//
// What a device is follows from what it last answered, never from what was asked of it: a driver
// asks one that has nothing to do at each `Heartbeat`.

/// What is known of one device: how it is and since when, and what has been counted.
public struct DeviceHealth: Hashable, Sendable {
  /// How a device is.
  public enum Condition: UInt8, Hashable, Sendable, CaseIterable {
    /// It is there, and has answered.
    case connected
    /// It was lost or cannot be opened, or is there and has not answered yet.
    case reconnecting
    /// It is there and does not answer.
    case silent
    /// It is there, and not as it must be.
    case wrongMode
    /// It is not there.
    case absent

    /// The name in status and varlink.
    public var name: String {
      switch self {
      case .connected: "connected"
      case .reconnecting: "reconnecting"
      case .silent: "silent"
      case .wrongMode: "wrong mode"
      case .absent: "absent"
      }
    }
  }

  /// How it is.
  public private(set) var condition = Condition.absent
  /// Since when; nil while it has never been otherwise.
  public private(set) var since: Instant?
  /// When bytes came from it last.
  public private(set) var heardAt: Instant?
  /// What is the matter with its link; nil while that is up.
  public private(set) var fault: LinkFault? = .absent
  /// What it said of itself when it was opened: USB numbers, 0 for a serial device.
  public private(set) var vendor: UInt16 = 0
  /// USB product number, 0 for a serial device.
  public private(set) var product: UInt16 = 0
  /// What has been counted of its link.
  public private(set) var tally = DeviceTally()
  /// Whether the next opening is told again to a firmware that has just recovered.
  private var isRetold = false

  /// A device nobody has looked for yet.
  init() {}

  /// A firmware that has recovered knows what the one before it knew.
  mutating func continueFrom(_ earlier: DeviceHealth, _ counted: DeviceTally) {
    self = earlier
    tally = counted
    isRetold = earlier.fault == nil
  }

  /// Something happened on its link.
  mutating func note(_ event: LinkEvent, at now: Instant) {
    switch event {
    case .opened(let facts):
      if isRetold {
        isRetold = false
        return
      }
      if case .hid(let facts) = facts {
        vendor = facts.vendor
        product = facts.product
      }
      tally.count(tally[.opened] > 0 ? [.opened, .reconnected] : [.opened])
      fault = nil
      become(.reconnecting, at: now)
    case .received, .feature: heardAt = now
    case .closed(let fault):
      isRetold = false
      // What fails while the link is up ends it; what fails before that was never opened.
      if self.fault == nil {
        tally.count([.lost])
      } else if fault != .absent, fault != .lost {
        tally.count([.refused])
      }
      self.fault = fault
      noteFault(fault, at: now)
    }
  }

  /// Its driver says that it works.
  mutating func noteReady(at now: Instant) { become(.connected, at: now) }

  /// Its reader cannot be used.
  mutating func note(_ trouble: ReaderTrouble, at now: Instant) {
    switch trouble {
    case .link: break
    case .keyboardMode, .unknownProduct, .unexpectedReportSize: become(.wrongMode, at: now)
    case .silent: become(.silent, at: now)
    // It has said so itself.
    case .keysExhausted, .noPassThrough, .refuses: become(.connected, at: now)
    }
  }

  /// Its PIN pad cannot be used.
  mutating func note(_ trouble: PINPadTrouble, at now: Instant) {
    switch trouble {
    case .link: break
    case .silent: become(.silent, at: now)
    case .keyMissing, .keysExhausted: become(.connected, at: now)
    }
  }

  /// How its printer is.
  mutating func note(_ status: PrinterStatus, at now: Instant) {
    switch status {
    case .ready, .halted: become(.connected, at: now)
    case .unavailable(.silent): become(.silent, at: now)
    case .unavailable(.link): break
    }
  }

  private mutating func noteFault(_ fault: LinkFault, at now: Instant) {
    switch fault {
    case .absent:
      // One that was lost is absent since then.
      if condition == .reconnecting, heardAt != nil {
        condition = .absent
      } else {
        become(.absent, at: now)
      }
    case .denied, .busy, .failed, .lost: become(.reconnecting, at: now)
    }
  }

  private mutating func become(_ condition: Condition, at now: Instant) {
    if self.condition == condition { return }
    self.condition = condition
    since = now
  }
}

/// What is counted of a device.
public enum DeviceCount: UInt8, Hashable, Sendable, CaseIterable {
  /// Openings of its link.
  case opened
  /// Those behind the first.
  case reconnected
  /// Losses of its link.
  case lost
  /// Openings that the operating system refused.
  case refused
  /// Whole reports of a reader.
  case reports
  /// Reports that stayed in part.
  case shortReports
  /// Bytes from before the opening, thrown away.
  case staleBytes
  /// Frames and answers that were damaged.
  case damaged
  /// Questions that were not answered in time.
  case silences
  /// Frames sent again.
  case repeats
  /// Answers to what is not asked any more.
  case lateAnswers
  /// Events that meant nothing where they came.
  case unexpected

  /// The name in status and varlink.
  public var name: String {
    switch self {
    case .opened: "opened"
    case .reconnected: "reconnected"
    case .lost: "lost"
    case .refused: "refused"
    case .reports: "reports"
    case .shortReports: "short reports"
    case .staleBytes: "stale bytes"
    case .damaged: "damaged"
    case .silences: "silences"
    case .repeats: "repeats"
    case .lateAnswers: "late answers"
    case .unexpected: "unexpected"
    }
  }
}

/// How often each of these has happened.
public struct DeviceTally: Hashable, Sendable {
  private var counts = [UInt32](repeating: 0, count: DeviceCount.allCases.count)

  /// Nothing yet.
  public init() {}

  /// How often.
  public internal(set) subscript(_ kind: DeviceCount) -> UInt32 {
    get { counts[Int(kind.rawValue)] }
    set { counts[Int(kind.rawValue)] = newValue }
  }

  mutating func count(_ kinds: [DeviceCount]) {
    for kind in kinds { add(1, to: kind) }
  }

  mutating func add(_ count: UInt32, to kind: DeviceCount) {
    self[kind] = UInt32(clamping: UInt64(self[kind]) + UInt64(count))
  }

  /// With what another has counted.
  func adding(_ other: DeviceTally) -> DeviceTally {
    var sum = self
    for kind in DeviceCount.allCases { sum.add(other[kind], to: kind) }
    return sum
  }
}

/// The parts of a printer, each with the moment since when it is as it is.
public struct PrinterPartTimes: Hashable, Sendable {
  /// The parts; nil while nothing is known of them.
  public private(set) var parts: PrinterParts?
  /// Since when it takes data, or does not.
  public private(set) var onlineSince = Instant.start
  /// Since when the roll is as it is.
  public private(set) var paperSince = Instant.start
  /// Since when the cover is open or closed.
  public private(set) var coverSince = Instant.start
  /// Since when that is broken, or nothing is.
  public private(set) var faultSince = Instant.start

  /// Of a printer nobody has asked yet.
  init() {}

  mutating func note(_ next: PrinterParts?, at now: Instant) {
    if next == parts { return }
    if next?.isOnline != parts?.isOnline { onlineSince = now }
    if next?.paper != parts?.paper { paperSince = now }
    if next?.isCoverOpen != parts?.isCoverOpen { coverSince = now }
    if next?.fault != parts?.fault { faultSince = now }
    parts = next
  }
}
