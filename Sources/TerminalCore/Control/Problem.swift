// SPDX-License-Identifier: Apache-2.0

public import Devices
public import PaymentCrypto

/// Everything that can stand in a person's way; the catalogue of errors says of each what it means,
/// what to do and who does it.
public indirect enum Problem: Hashable, Sendable {
  /// The state does not allow the action.
  case notAllowed(Action, in: TerminalState)
  /// Something else is running.
  case busy
  /// The reference is already another transaction's.
  case referenceInUse
  /// The reference, amount or application is not well formed; which field.
  case invalid(field: String)
  /// The amount is above the limit of the merchant's contract.
  case amountTooLarge
  /// The network settings have not been proven yet.
  case networkNotConfigured
  /// A connection failed at this layer.
  case network(NetworkLayer, code: Int32)
  /// The probe of two hosts failed at the first, at the back-up, or at both.
  case hosts(primary: Problem?, backup: Problem?)
  /// There is no candidate to commit or roll back.
  case noCandidate
  /// The candidate has not passed its probe.
  case candidateNotProven
  /// The host answered the probe in a way that makes no sense.
  case probeAnswer
  /// The management server refused with this status.
  case management(status: UInt16)
  /// The management server's answer cannot be used.
  case managementAnswer
  /// The merchant's application was rejected.
  case rejected
  /// The keys of the parameters failed their check value.
  case keyCheck
  /// The journal could not be written.
  case journal(JournalFault)
  /// A reversal could not be delivered yet, so no new money moves.
  case reversalPending
  /// The card reader cannot be used.
  case reader(ReaderTrouble)
  /// The PIN pad cannot be used.
  case pinPad(PINPadTrouble)
  /// The pad has not loaded a key, and why.
  case padKey(PadKeyPlace, NoKey)
  /// What was to be loaded is no key block.
  case keyBlock(KeyBlockFault)
  /// The printer cannot be used.
  case printer(PrinterTrouble)
  /// The printer has stopped.
  case printerHalted(PrinterHalt)
  /// The card was not read.
  case misread(Misread)
  /// The tracks come out of the reader encrypted, and the acquirer takes no such tracks.
  case encryptedTracks
  /// The card has a chip and must not be swiped here.
  case chipCard
  /// The reader has no way to read a card for this kind of transaction.
  case noWayToRead
  /// The reader reads chips alone, of which the acquirer's file says nothing.
  case chipsNotSetUp
  /// The reader failed while a card was in it.
  case readerFailed(ReaderTrouble)
  /// The card was pulled out of the slot too early.
  case cardRemoved
  /// The chip does not work, or not as a payment card's.
  case chipUnreadable
  /// Card and terminal have no application in common, or the card is blocked.
  case chipNotTaken
  /// The card itself declines.
  case cardDeclines
  /// The account number's check digit is wrong.
  case cardNumber
  /// The track is too short for the encryption that the acquirer wants.
  case trackTooShort
  /// No PIN was entered.
  case noPIN(NoPIN)
  /// Nobody presented a card in time.
  case noCard
  /// Whoever asked took it back.
  case withdrawn
  /// The acquirer is being asked, or has answered: nothing can be taken back any more.
  case tooLate
  /// This sale is running, and too many wait for its end already.
  case stillRunning
  /// The reference is a card number.
  case cardNumberAsReference
  /// There is nothing to print again.
  case nothingToReprint
  /// Nobody knows whether this receipt is on paper, and of how many others.
  case receiptDoubtful(reference: String, others: Int)
  /// Nobody knows whether the slip of this batch is on paper.
  case slipDoubtful(batch: BatchNumber)
  /// There is no slip of this batch, or no batch was closed.
  case slipMissing
  /// The templates of receipts cannot be used, so the built-in ones print; what is wrong where.
  case templatesRefused(String)
  /// The template of these slips made them longer than the paper takes, so the built-in one printed
  /// them since the start.
  case slipsTooLong(OverfullSlips)
  /// The terminal has no logo, or its printer keeps none.
  case logoMissing
  /// The terminal's own logo cannot be used; what is wrong where.
  case logoRefused(String)
  /// The printer was sent the logo as often as its memory should be written, and proved nothing.
  case logoNotKept
  /// The printer is being given its logo, and the receipt follows.
  case logoBeingStored
  /// Commissioning still lacks an approved and printed test sale.
  case testSaleMissing
  /// The clock has not been read.
  case clockUnknown
  /// No transaction has this reference.
  case unknownReference
  /// The outcome is not known; a reversal is owed.
  case outcomeUnknown
  /// The transaction that is followed cannot be, and why.
  case originalUnfit(OriginalFlaw)
  /// More than the original leaves, minor units.
  case overOriginal(left: UInt64)
  /// The acquirer wants to know what is followed.
  case originalMissing
  /// The card is not the original's.
  case otherCard
  /// The acquirer does not know this kind of message.
  case notKnownHere
  /// The terminal may not approve this by itself.
  case offlineRefused(OfflineFlaw)
  /// The batch must be closed first.
  case batchFull
  /// An advice could not be delivered yet.
  case advicePending
  /// So many transactions are parked: they are out of the queue, and a person decides.
  case parked(count: UInt32)
  /// The issuer approved a part alone, which is taken back; minor units, where they are known.
  case approvedInPart(amount: UInt64?)
  /// What is owed could not be sent, so the batch stays open.
  case settlementBlocked
  /// The acquirer's answer to a settlement cannot be used.
  case settlementAnswer
  /// The acquirer refused a settlement.
  case settlementRefused(code: [UInt8])
  /// The acquirer refused a sign-in.
  case signInRefused(code: [UInt8])
  /// The keys of a sign-in cannot be used.
  case signInKeys
  /// The acquirer does not take this card; the cardholder is not told why.
  case cardNotTaken
  /// The acquirer has switched this kind of transaction off.
  case switchedOff(TransactionKind)
  /// The tip is more than the acquirer allows, minor units.
  case tipTooLarge(most: UInt64)
  /// What must have been downloaded first never was.
  case downloadMissing(DownloadSet)
  /// A download did not come, or not in full.
  case download(DownloadSet, DownloadFlaw)
  /// This key of a certification authority has its last day soon, and so have others.
  case keyEnds(KeyName, others: Int)
  /// The last day of this key is over, and of others: no card is authenticated with it.
  case keyOver(KeyName, others: Int)
  /// A certificate has its last day soon, and so have others: which one, where and when.
  case certificateEnds(String, others: Int)
  /// The last day of a certificate is over, and of others.
  case certificateOver(String, others: Int)
  /// The acquirer counts another batch than the one that is open, which is not empty.
  case otherBatch(own: BatchNumber, acquirer: BatchNumber)
  /// The program does not start, so that only it is there which heals it; why.
  case safeMode(String)
  /// The outcome could not be written, so nobody knows yet whether the sale stands.
  case outcomeUnwritten(JournalFault)

  /// The stable code under which the catalogue has it.
  public var code: String {
    switch self {
    case .notAllowed: "TRM-001"
    case .busy: "TRM-002"
    case .referenceInUse: "TRM-003"
    case .invalid: "TRM-004"
    case .amountTooLarge: "TRM-005"
    case .withdrawn: "TRM-006"
    case .unknownReference: "TRM-007"
    case .testSaleMissing: "TRM-008"
    case .tooLate: "TRM-009"
    case .stillRunning: "TRM-010"
    case .cardNumberAsReference: "TRM-011"
    case .clockUnknown: "CLK-001"
    case .networkNotConfigured: "NET-010"
    case .noCandidate: "NET-011"
    case .candidateNotProven: "NET-012"
    case .probeAnswer: "NET-013"
    case .network(let layer, _): Problem.code(of: layer)
    case .hosts(let primary, let backup): (primary ?? backup ?? .probeAnswer).code
    case .management: "REG-001"
    case .managementAnswer: "REG-002"
    case .rejected: "REG-003"
    case .keyCheck: "REG-004"
    case .journal(.diskFull): "LED-001"
    case .journal(.failed): "LED-002"
    case .reversalPending: "TXN-001"
    case .outcomeUnknown: "TXN-002"
    case .outcomeUnwritten: "TXN-003"
    case .originalUnfit: "TXN-004"
    case .overOriginal: "TXN-005"
    case .originalMissing: "TXN-006"
    case .otherCard: "TXN-007"
    case .notKnownHere: "TXN-008"
    case .offlineRefused: "TXN-009"
    case .advicePending: "TXN-010"
    case .parked: "TXN-011"
    case .approvedInPart: "TXN-012"
    case .batchFull: "SET-001"
    case .settlementBlocked: "SET-002"
    case .settlementAnswer: "SET-003"
    case .settlementRefused: "SET-004"
    case .signInRefused: "KEY-011"
    case .signInKeys: "KEY-012"
    case .otherBatch: "KEY-013"
    case .cardNotTaken: "CRD-006"
    case .downloadMissing(let set): Problem.code(of: set)
    case .download(_, let flaw): Problem.code(of: flaw)
    case .switchedOff: "DWN-010"
    case .tipTooLarge: "DWN-011"
    case .keyEnds: "DWN-012"
    case .keyOver: "DWN-013"
    case .certificateEnds: "CER-001"
    case .certificateOver: "CER-002"
    case .reader(let trouble): Problem.code(of: trouble)
    case .misread(let misread): Problem.code(of: misread)
    case .encryptedTracks: "CRD-001"
    case .chipCard: "CRD-002"
    case .noWayToRead: "CRD-011"
    case .readerFailed: "CRD-012"
    case .chipsNotSetUp: "CRD-013"
    case .cardRemoved: "CRD-007"
    case .chipUnreadable: "CRD-008"
    case .chipNotTaken: "CRD-009"
    case .cardDeclines: "CRD-010"
    case .cardNumber: "CRD-003"
    case .noCard: "CRD-004"
    case .trackTooShort: "CRD-005"
    case .pinPad(let trouble): Problem.code(of: trouble)
    case .noPIN(let reason): Problem.code(of: reason)
    case .padKey(_, let reason): Problem.code(of: reason)
    case .keyBlock: "KEY-010"
    case .printer(let trouble): Problem.code(of: trouble)
    case .printerHalted(let halt): Problem.code(of: halt)
    case .nothingToReprint: "PRN-020"
    case .receiptDoubtful: "PRN-021"
    case .slipDoubtful: "PRN-022"
    case .slipMissing: "PRN-023"
    case .templatesRefused: "PRN-024"
    case .slipsTooLong: "PRN-025"
    case .logoMissing: "PRN-026"
    case .logoRefused: "PRN-027"
    case .logoNotKept: "PRN-028"
    case .logoBeingStored: "PRN-029"
    case .safeMode: "UPD-030"
    }
  }

  private static func code(of layer: NetworkLayer) -> String {
    switch layer {
    case .link: "NET-001"
    case .address: "NET-002"
    case .name: "NET-003"
    case .tcp: "NET-004"
    case .tls: "NET-005"
    case .write: "NET-006"
    case .read: "NET-007"
    case .clock: "NET-008"
    case .greeting: "NET-009"
    }
  }

  private static func code(of missing: DownloadSet) -> String {
    switch missing {
    case .parameters: "DWN-001"
    case .keys: "DWN-002"
    case .applications: "DWN-003"
    case .blackList: "DWN-004"
    case .contactless: "DWN-005"
    }
  }

  private static func code(of flaw: DownloadFlaw) -> String {
    switch flaw {
    case .refused: "DWN-006"
    case .unreadable, .tooMany, .endless, .duplicate, .otherEntry: "DWN-007"
    case .skipped: "DWN-008"
    case .unknownParameter: "DWN-009"
    }
  }

  private static func code(of trouble: ReaderTrouble) -> String {
    switch trouble {
    case .link: "RDR-001"
    case .keyboardMode: "RDR-002"
    case .unknownProduct: "RDR-003"
    case .unexpectedReportSize: "RDR-004"
    case .keysExhausted: "RDR-005"
    case .silent: "RDR-006"
    case .noPassThrough: "RDR-007"
    case .refuses: "RDR-008"
    }
  }

  private static func code(of misread: Misread) -> String {
    switch misread {
    case .undecodable: "RDR-010"
    case .blank: "RDR-011"
    case .notAPaymentCard: "RDR-012"
    case .tracksDisagree: "RDR-013"
    case .partial: "RDR-014"
    case .malformed: "RDR-015"
    }
  }

  private static func code(of trouble: PINPadTrouble) -> String {
    switch trouble {
    case .link: "PAD-001"
    case .silent: "PAD-002"
    case .keyMissing: "PAD-003"
    case .keysExhausted: "PAD-004"
    }
  }

  private static func code(of reason: NoPIN) -> String {
    switch reason {
    case .cancelled: "PAD-010"
    case .timedOut: "PAD-011"
    case .aborted: "PAD-012"
    case .refused: "PAD-013"
    case .silent: "PAD-014"
    case .promptUnknown: "PAD-015"
    }
  }

  private static func code(of reason: NoKey) -> String {
    switch reason {
    case .refused: "PAD-020"
    case .format: "PAD-021"
    case .echoDiffers: "PAD-022"
    case .silent: "PAD-023"
    }
  }

  private static func code(of trouble: PrinterTrouble) -> String {
    switch trouble {
    case .link: "PRN-001"
    case .silent: "PRN-002"
    }
  }

  private static func code(of halt: PrinterHalt) -> String {
    switch halt {
    case .paperOut: "PRN-010"
    case .coverOpen: "PRN-011"
    case .cutterJam: "PRN-012"
    case .overheated: "PRN-013"
    case .broken: "PRN-014"
    case .offline: "PRN-015"
    }
  }
}
