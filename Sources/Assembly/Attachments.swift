// SPDX-License-Identifier: Apache-2.0

public import CardReaderHID
import Clockwork
public import Devices
public import PINPadSerial
public import PrinterESCPOS

// The one place where drivers and core meet: closed lists, one case a driver.

/// The place of a device in the terminal.
public enum Port: UInt8, Hashable, Sendable, CaseIterable {
  /// The card reader.
  case reader
  /// The printer.
  case printer
  /// The PIN pad.
  case pinPad

  /// The name in configuration, status and trace.
  public var name: String {
    switch self {
    case .reader: "reader"
    case .printer: "printer"
    case .pinPad: "pin-pad"
    }
  }
}

/// Which driver serves each port, and how it is set.
public struct Board: Hashable, Sendable {
  /// The card readers there are drivers for.
  public enum Reader: Hashable, Sendable {
    /// Swipe readers of MagTek and ID TECH, and ID TECH NEO 2 chip readers, over USB HID.
    case cardReaderHID(SecureMagSettings)

    /// What the drivers have against a device; nil for one that is driven.
    public static func objection(to facts: HIDFacts) -> ReaderTrouble? {
      CardReaderHID.objection(to: facts)
    }

    /// Whether readers of this USB vendor are driven: one that is not is worth a word.
    public static func isMaker(_ vendor: UInt16) -> Bool { CardReaderHID.isMaker(vendor) }
  }

  /// The printers there are drivers for.
  public enum Printer: Hashable, Sendable {
    /// ESC/POS printers over a serial port.
    case printerESCPOS(PrinterProfile)

    /// Whether it keeps a logo in itself.
    public var keepsLogo: Bool {
      switch self {
      case .printerESCPOS(let profile): profile.keepsLogo
      }
    }

    /// Whether a document ends with a cut.
    public var hasCutter: Bool {
      switch self {
      case .printerESCPOS(let profile): profile.hasCutter
      }
    }
  }

  /// The PIN pads there are drivers for.
  public enum PINPad: Hashable, Sendable {
    /// Pads of the "VISA" packet family over a serial port.
    case pinPadSerial(PadSettings)

    /// Whether it may hold keys of SM4.
    public var holdsSM4: Bool {
      switch self {
      case .pinPadSerial: false
      }
    }

    /// The slot of the master key under which PIN keys come; nil for a pad with DUKPT keys.
    public var masterSlot: PadSlotID? {
      switch self {
      case .pinPadSerial(let settings): settings.pinSlot
      }
    }
  }

  /// The card reader.
  public var reader: Reader
  /// The printer.
  public var printer: Printer
  /// The PIN pad.
  public var pinPad: PINPad

  /// A board.
  public init(reader: Reader, printer: Printer, pinPad: PINPad) {
    self.reader = reader
    self.printer = printer
    self.pinPad = pinPad
  }
}

/// The driver of the card reader.
enum ReaderAttachment: Hashable, Sendable {
  case cardReaderHID(CardReaderHID)

  init(_ reader: Board.Reader) {
    switch reader {
    case .cardReaderHID(let secureMag):
      self = .cardReaderHID(CardReaderHID(secureMag: secureMag))
    }
  }

  var deadline: Instant? {
    switch self {
    case .cardReaderHID(let driver): driver.deadline
    }
  }

  /// What the driver has counted.
  var tally: DeviceTally {
    var tally = DeviceTally()
    switch self {
    case .cardReaderHID(let driver):
      let counters = driver.counters
      tally[.reports] = counters.reports
      tally[.shortReports] = counters.partialReports
      tally[.staleBytes] = counters.drainedBytes
      tally[.damaged] = counters.unreadableAnswers
      tally[.silences] = counters.silences
      tally[.lateAnswers] = counters.lateAnswers
      tally[.unexpected] = counters.unexpectedEvents
    }
    return tally
  }

  mutating func handle(
    _ event: DriverEvent<CardReaderOrder>, at now: Instant
  ) -> [DriverEffect<CardReaderReport>] {
    switch self {
    case .cardReaderHID(var driver):
      let effects = driver.handle(event, at: now)
      self = .cardReaderHID(driver)
      return effects
    }
  }
}

/// The driver of the printer.
enum PrinterAttachment: Hashable, Sendable {
  case printerESCPOS(PrinterESCPOS)

  init(_ printer: Board.Printer) {
    switch printer {
    case .printerESCPOS(let profile): self = .printerESCPOS(PrinterESCPOS(profile: profile))
    }
  }

  var deadline: Instant? {
    switch self {
    case .printerESCPOS(let driver): driver.deadline
    }
  }

  /// What the printer last said of its parts; nil while nothing is known.
  var parts: PrinterParts? {
    switch self {
    case .printerESCPOS(let driver): driver.parts
    }
  }

  /// What the driver has counted.
  var tally: DeviceTally {
    var tally = DeviceTally()
    switch self {
    case .printerESCPOS(let driver):
      tally[.damaged] = UInt32(clamping: driver.strayReplies)
      tally[.unexpected] = UInt32(clamping: driver.ignoredEvents)
    }
    return tally
  }

  mutating func handle(
    _ event: DriverEvent<PrinterOrder>, at now: Instant
  ) -> [DriverEffect<PrinterReport>] {
    switch self {
    case .printerESCPOS(var driver):
      let effects = driver.handle(event, at: now)
      self = .printerESCPOS(driver)
      return effects
    }
  }
}

/// The driver of the PIN pad.
enum PINPadAttachment: Hashable, Sendable {
  case pinPadSerial(PINPadSerial)

  init(_ pad: Board.PINPad) {
    switch pad {
    case .pinPadSerial(let settings): self = .pinPadSerial(PINPadSerial(settings: settings))
    }
  }

  var deadline: Instant? {
    switch self {
    case .pinPadSerial(let driver): driver.deadline
    }
  }

  /// What the driver has counted.
  var tally: DeviceTally {
    var tally = DeviceTally()
    switch self {
    case .pinPadSerial(let driver):
      tally[.damaged] = driver.counters.damagedFrames
      tally[.repeats] = driver.counters.repeats
      tally[.lateAnswers] = driver.counters.lateAnswers
      tally[.unexpected] = driver.counters.unexpectedEvents
    }
    return tally
  }

  mutating func handle(
    _ event: DriverEvent<PINPadOrder>, at now: Instant
  ) -> [DriverEffect<PINPadReport>] {
    switch self {
    case .pinPadSerial(var driver):
      let effects = driver.handle(event, at: now)
      self = .pinPadSerial(driver)
      return effects
    }
  }
}
