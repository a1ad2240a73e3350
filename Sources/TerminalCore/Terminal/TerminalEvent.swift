// SPDX-License-Identifier: Apache-2.0

public import Devices

/// Everything a terminal can be told.
public enum TerminalEvent: Hashable, Sendable {
  /// The program has started.
  case started(StartFacts)
  /// The clock was read or set.
  case clockRead(WallClock)
  /// Whether the disk has room for something new.
  case storageRead(isRoomy: Bool)
  /// The card reader said something.
  case reader(CardReaderReport)
  /// The printer said something.
  case printer(PrinterReport)
  /// The PIN pad said something.
  case pinPad(PINPadReport)
  /// Something happened on the acquirer's link.
  case acquirer(AcquirerEvent)
  /// The management server answered, or not.
  case management(HTTPAnswer)
  /// The oldest entry that was not yet answered is on disk.
  case journalled
  /// It is not, and will not be.
  case journalFailed(JournalFault)
  /// What the ledger was asked for.
  case ledgerRead(LedgerAnswer)
  /// Somebody asks for something.
  case requested(RequestID, ControlRequest)
  /// Whoever asked is gone; a sale that has not reached the acquirer ends.
  case requesterLeft(RequestID)
  /// The moment the terminal asked to be woken at has come.
  case deadlinePassed
}

/// What only the world knows, at the start.
public struct StartFacts: Hashable, Sendable {
  /// 32 random bytes, new at each start.
  public var entropy: [UInt8]
  /// The time of day.
  public var clock: WallClock

  /// Facts.
  public init(entropy: [UInt8], clock: WallClock) {
    precondition(entropy.count == 32, "the edge draws exactly this many")
    self.entropy = entropy
    self.clock = clock
  }
}

/// Everything a terminal can ask for.
public enum TerminalEffect: Hashable, Sendable {
  /// Do this on the card reader.
  case reader(CardReaderOrder)
  /// Do this on the printer.
  case printer(PrinterOrder)
  /// Do this on the PIN pad.
  case pinPad(PINPadOrder)
  /// Do this on the acquirer's link.
  case acquirer(AcquirerOrder)
  /// Ask the management server.
  case management(HTTPRequest)
  /// Put this on disk and answer, in the order of the entries.
  case journal(JournalEntry)
  /// Read this from the ledger and answer; questions are answered in their order.
  case ledger(LedgerQuestion)
  /// Tell whoever asked how it goes.
  case progress(RequestID, Progress)
  /// Tell whoever asked how it ended.
  case answer(RequestID, ControlAnswer)
}
