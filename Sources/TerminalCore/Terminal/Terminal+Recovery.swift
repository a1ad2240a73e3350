// SPDX-License-Identifier: Apache-2.0

import Clockwork
import Devices
import Management
import PaymentCrypto
import Wire

extension Terminal {
  /// The only way a terminal begins: from the live records of its journal. No records are the
  /// factory state.
  public static func recovered(
    from records: [LiveRecord], settings: TerminalSettings
  ) throws(RecoveryFault) -> Terminal {
    var terminal = Terminal(settings: settings)
    for record in records {
      try terminal.adopt(record)
    }
    return terminal
  }

  private init(settings: TerminalSettings) {
    self.settings = settings
    dialect = settings.dialect
    dialect.responses = settings.responses
    keys = KeyHierarchy(
      master: settings.keys.transport, pinMaster: settings.keys.padMaster)
    registration = Registration(
      serial: settings.serial, pollPause: settings.reviewPause,
      record: RegistrationRecord(application: "", parameters: nil))
    network = NetworkSetup(settings: nil)
    exchange = HostExchange(dialect: dialect, rules: settings.link)
    reversals = ReversalDesk(pauses: settings.reversalPauses)
    advices = AdviceDesk(
      pauses: settings.reversalPauses, tries: settings.adviceTries, responses: settings.responses)
    signIn = settings.dialect.signIn.map {
      SignInDesk(rules: $0, pauses: settings.reversalPauses)
    }
    settlement = Terminal.settlementDesk(SettlementRecord(batch: .first), settings)
    downloads = DownloadDesk(pauses: settings.reversalPauses)
    prints = PrintDesk(logos: settings.logos)
  }

  private mutating func adopt(_ record: LiveRecord) throws(RecoveryFault) {
    switch record.key {
    case SelfTestRecord.key:
      isSelfTested = true
    case CountersRecord.key:
      guard let counters = CountersRecord(record.body) else { throw .unreadable(record.key) }
      traces = TraceNumbers(recovered: counters)
    case RegistrationRecord.key:
      guard let stored = RegistrationRecord(record.body) else { throw .unreadable(record.key) }
      registration = Registration(
        serial: settings.serial, pollPause: settings.reviewPause, record: stored)
      if stored.parameters != nil { _ = adoptKeys() }
    case NetworkSetup.key:
      guard let stored = NetworkSettings(record.body) else { throw .unreadable(record.key) }
      network = NetworkSetup(settings: stored)
    case CommissioningRecord.key:
      guard let stored = CommissioningRecord(record.body) else { throw .unreadable(record.key) }
      isCommissioned = stored.isCommissioned
      testSalePassed = stored.testSalePassed
    case PrinterWear.key:
      guard let stored = PrinterWear(record.body) else { throw .unreadable(record.key) }
      wear = stored
    case StoredLogo.key:
      // Without it the printer is given its logo anew, at most.
      if let stored = StoredLogo(record.body) { prints.adopt(stored) }
    case SettlementRecord.key:
      guard let stored = SettlementRecord(record.body) else { throw .unreadable(record.key) }
      settlement = Terminal.settlementDesk(stored, settings)
    case KeysRecord.key:
      guard let rules = dialect.signIn,
        let stored = KeysRecord(record.body, sealedWith: settings.keys.seal),
        let signedIn = stored.keys(above: keys, layout: rules.layout)
      else {
        // Of another acquirer, or under another key: a sign-in brings new ones.
        return
      }
      use(signedIn)
    case let key where key.utf8.starts(with: SettlementSlip.prefix.utf8):
      guard let stored = SettlementSlip(record.body) else { throw .unreadable(record.key) }
      adopt(.slip(stored))
    case OrdersRecord.key:
      guard let stored = OrdersRecord(record.body) else { throw .unreadable(record.key) }
      downloads.adopt(stored)
    case DownloadStage.key:
      // What another key has sealed is downloaded again.
      let opened = SealedRecord.opened(record.key, record.body, with: settings.keys.seal)
      if let stored = opened.flatMap({ DownloadStage($0) }), dialect.knows(stored.set.opening) {
        downloads.adopt(stored)
      }
    default:
      if record.key.utf8.starts(with: DownloadedSet.keyPrefix.utf8) {
        let opened = SealedRecord.opened(record.key, record.body, with: settings.keys.seal)
        // Another acquirer's, when this one has none.
        if let stored = opened.flatMap({ DownloadedSet($0) }), dialect.knows(stored.set.opening) {
          downloads.adopt(stored)
        }
        useParameters()
        return
      }
      if record.key.utf8.starts(with: RecordUpdate.asidePrefix.utf8) { return }
      guard let stored = TransactionRecord(record.body) else { throw .unreadable(record.key) }
      adopt(stored)
    }
  }

  private static func settlementDesk(
    _ record: SettlementRecord, _ settings: TerminalSettings
  ) -> SettlementDesk {
    SettlementDesk(record: record, pauses: settings.reversalPauses, dialect: settings.dialect)
  }

  /// A request whose bytes may have left and that has no outcome: it is reversed, told again, or
  /// has moved nothing, as its kind is delivered.
  private mutating func adoptIntent(_ record: TransactionRecord) {
    var record = record
    switch record.kind.rules.delivery {
    case .reversible:
      record.state = .reversing
      record.reversalReason = .noAnswer
      _ = reversals.handle(.owed(record), at: .start)
    case .advice:
      record.state = .queued
      record.upload = .owed
      record.receipt = .owed
      _ = advices.handle(.recovered(record), at: .start)
      prints.adopt(.receipt(record))
    case .enquiry:
      record.state = .cancelled
      record.eraseCardIfFinal()
      papersUnwritten.append(.receipt(record))
    }
  }

  private mutating func adopt(_ paper: Paper) {
    var paper = paper
    if paper.state == .begun {
      // It may be on paper in part, and the ledger is to say so too.
      paper.state = .doubtful
      papersUnwritten.append(paper)
    }
    prints.adopt(paper)
  }

  private mutating func adopt(_ record: TransactionRecord) {
    // The power went, or may have gone, while its card was in the slot.
    let isUnderWay = record.state == .intent || record.state == .reversing
    if record.entry == .chip, isUnderWay || record.receipt == .begun {
      devices.cardMayBeLeft = true
    }
    switch record.state {
    case .intent: adoptIntent(record)
    case .reversing:
      _ = reversals.handle(.owed(record), at: .start)
    case .approved, .declined, .cancelled, .reversed, .voided, .queued, .parked, .closed:
      adopt(.receipt(record))
    }
  }

  /// Unwraps the MAC key of the parameters; false when its check value is wrong.
  mutating func adoptKeys() -> Bool {
    guard case .provisioned(let parameters) = registration.phase,
      let layout = SignInLayout("MAK 16+3")
    else { return false }
    // Parameters that come again bring the same key: nothing is replayed by it.
    if dialect.signIn != nil { return true }
    var next = KeyHierarchy(master: keys.master)
    let element = parameters.macKeyCryptogram + parameters.macKeyCheckValue
    guard (try? next.signIn(element, layout)) != nil else { return false }
    use(next)
    return true
  }
}

/// Why a journal cannot be taken over.
public enum RecoveryFault: Error, Hashable, Sendable {
  /// The record with this key makes no sense; nothing was changed.
  case unreadable(String)
}

/// The terminal has tested itself once.
enum SelfTestRecord {
  static let key = "self-test"
  static var update: RecordUpdate { RecordUpdate(key: key, isLive: true, body: []) }
}

/// How far commissioning has come.
struct CommissioningRecord: Hashable, Sendable {
  static let key = "commissioning"
  var testSalePassed: Bool
  var isCommissioned: Bool

  init(testSalePassed: Bool, isCommissioned: Bool) {
    self.testSalePassed = testSalePassed
    self.isCommissioned = isCommissioned
  }

  init?(_ body: [UInt8]) {
    guard let fields = try? FieldReader(body) else { return nil }
    testSalePassed = fields.number(1) == 1
    isCommissioned = fields.number(2) == 1
  }

  var update: RecordUpdate {
    var fields = FieldWriter()
    fields.write(1, testSalePassed ? 1 : 0)
    fields.write(2, isCommissioned ? 1 : 0)
    return RecordUpdate(key: CommissioningRecord.key, isLive: true, body: fields.bytes)
  }
}
