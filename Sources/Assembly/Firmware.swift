// SPDX-License-Identifier: Apache-2.0

public import Clockwork
public import Devices
public import TerminalCore

//        bytes in              words                 bytes out
//   link ────────▶ driver ─────────────▶ terminal ──────────▶ journal, network, answers
//   link ◀──────── driver ◀───────────── terminal
//
// What the drivers and the terminal say to each other stays inside; one event is followed to its
// end before the next is taken.

/// Everything that ships below the line, as one machine: bytes in on ports, bytes out.
public struct Firmware: Machine {
  /// What comes in.
  public enum Event: Hashable, Sendable {
    /// Something happened on a port.
    case link(Port, LinkEvent)
    /// Something happened that concerns the terminal itself.
    case terminal(TerminalEvent)
    /// The moment the firmware asked to be woken at has come.
    case deadlinePassed
  }

  /// What goes out.
  public enum Effect: Hashable, Sendable {
    /// Do this on a port.
    case link(Port, LinkOrder)
    /// Do this on the acquirer's link.
    case acquirer(AcquirerOrder)
    /// Ask the management server.
    case management(HTTPRequest)
    /// Put this on disk and answer.
    case journal(JournalEntry)
    /// Read this from the ledger and answer.
    case ledger(LedgerQuestion)
    /// Tell whoever asked how it goes.
    case progress(RequestID, Progress)
    /// Tell whoever asked how it ended.
    case answer(RequestID, ControlAnswer)
  }

  /// The terminal above its drivers.
  public private(set) var terminal: Terminal
  private var reader: ReaderAttachment
  private var printer: PrinterAttachment
  private var pinPad: PINPadAttachment
  private var readerHealth = DeviceHealth()
  private var printerHealth = DeviceHealth()
  private var pinPadHealth = DeviceHealth()
  private var printerParts = PrinterPartTimes()

  /// How many words drivers and terminal may exchange over one event before it is a defect.
  private static let wordLimit = 1_000

  /// The firmware of this board, with the journal's live records.
  public static func recovered(
    from records: [LiveRecord], settings: TerminalSettings, board: Board
  ) throws(RecoveryFault) -> Firmware {
    let terminal = try Terminal.recovered(from: records, settings: settings)
    return Firmware(terminal: terminal, board: board)
  }

  private init(terminal: Terminal, board: Board) {
    self.terminal = terminal
    reader = ReaderAttachment(board.reader)
    printer = PrinterAttachment(board.printer)
    pinPad = PINPadAttachment(board.pinPad)
  }

  /// How a device is, with what its driver has counted too.
  public func health(_ port: Port) -> (DeviceHealth, DeviceTally) {
    switch port {
    case .reader: (readerHealth, readerHealth.tally.adding(reader.tally))
    case .printer: (printerHealth, printerHealth.tally.adding(printer.tally))
    case .pinPad: (pinPadHealth, pinPadHealth.tally.adding(pinPad.tally))
    }
  }

  /// The printer's parts, each with the moment since when it is so.
  public var partTimes: PrinterPartTimes { printerParts }

  /// What the firmware before this one knew of the devices, which are the same ones.
  public mutating func continueHealth(from earlier: Firmware) {
    let (reader, readerTally) = earlier.health(.reader)
    readerHealth.continueFrom(reader, readerTally)
    let (printer, printerTally) = earlier.health(.printer)
    printerHealth.continueFrom(printer, printerTally)
    let (pad, padTally) = earlier.health(.pinPad)
    pinPadHealth.continueFrom(pad, padTally)
    printerParts = earlier.printerParts
  }

  /// The earliest moment at which any part wants to be woken.
  public var deadline: Instant? {
    let devices = earlier(reader.deadline, earlier(printer.deadline, pinPad.deadline))
    return earlier(devices, terminal.deadline)
  }

  /// Moves by one event.
  public mutating func handle(_ event: Event, at now: Instant) -> [Effect] {
    var out: [Effect] = []
    var reports: [TerminalEvent] = []
    switch event {
    case .link(.reader, let event):
      readerHealth.note(event, at: now)
      take(reader.handle(.link(event), at: now), &out, &reports)
    case .link(.printer, let event):
      printerHealth.note(event, at: now)
      take(printer.handle(.link(event), at: now), &out, &reports)
    case .link(.pinPad, let event):
      pinPadHealth.note(event, at: now)
      take(pinPad.handle(.link(event), at: now), &out, &reports)
    case .terminal(let event): reports.append(event)
    case .deadlinePassed:
      take(reader.handle(.deadlinePassed, at: now), &out, &reports)
      take(printer.handle(.deadlinePassed, at: now), &out, &reports)
      take(pinPad.handle(.deadlinePassed, at: now), &out, &reports)
      reports.append(.deadlinePassed)
    }
    var next = 0
    while next < reports.count {
      precondition(next < Firmware.wordLimit, "drivers and terminal never talk in circles")
      noteHealth(reports[next], at: now)
      let effects = terminal.handle(reports[next], at: now)
      next += 1
      for effect in effects { perform(effect, &out, &reports, at: now) }
    }
    printerParts.note(printer.parts, at: now)
    return out
  }

  /// What a driver has told of its device.
  private mutating func noteHealth(_ report: TerminalEvent, at now: Instant) {
    switch report {
    case .reader(.ready): readerHealth.noteReady(at: now)
    case .reader(.unavailable(let trouble)): readerHealth.note(trouble, at: now)
    case .printer(.status(let status)): printerHealth.note(status, at: now)
    case .pinPad(.ready): pinPadHealth.noteReady(at: now)
    case .pinPad(.unavailable(let trouble)): pinPadHealth.note(trouble, at: now)
    case .reader, .printer, .pinPad, .started, .clockRead, .storageRead, .acquirer, .management,
      .journalled, .journalFailed, .ledgerRead, .requested, .requesterLeft, .deadlinePassed:
      break
    }
  }

  private mutating func perform(
    _ effect: TerminalEffect, _ out: inout [Effect], _ reports: inout [TerminalEvent],
    at now: Instant
  ) {
    switch effect {
    case .reader(let order): take(reader.handle(.ordered(order), at: now), &out, &reports)
    case .printer(let order): take(printer.handle(.ordered(order), at: now), &out, &reports)
    case .pinPad(let order): take(pinPad.handle(.ordered(order), at: now), &out, &reports)
    case .acquirer(let order): out.append(.acquirer(order))
    case .management(let request): out.append(.management(request))
    case .journal(let entry): out.append(.journal(entry))
    case .ledger(let question): out.append(.ledger(question))
    case .progress(let id, let progress): out.append(.progress(id, progress))
    case .answer(let id, let answer): out.append(.answer(id, answer))
    }
  }

  private func take(
    _ effects: [DriverEffect<CardReaderReport>], _ out: inout [Effect],
    _ reports: inout [TerminalEvent]
  ) {
    for effect in effects {
      switch effect {
      case .link(let order): out.append(.link(.reader, order))
      case .report(let report): reports.append(.reader(report))
      }
    }
  }

  private func take(
    _ effects: [DriverEffect<PrinterReport>], _ out: inout [Effect],
    _ reports: inout [TerminalEvent]
  ) {
    for effect in effects {
      switch effect {
      case .link(let order): out.append(.link(.printer, order))
      case .report(let report): reports.append(.printer(report))
      }
    }
  }

  private func take(
    _ effects: [DriverEffect<PINPadReport>], _ out: inout [Effect],
    _ reports: inout [TerminalEvent]
  ) {
    for effect in effects {
      switch effect {
      case .link(let order): out.append(.link(.pinPad, order))
      case .report(let report): reports.append(.pinPad(report))
      }
    }
  }
}
