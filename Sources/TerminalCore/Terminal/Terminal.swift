// SPDX-License-Identifier: Apache-2.0

public import Clockwork
public import Devices
import EMVKernel
import PaymentCrypto
import Wire

/// The whole terminal above its drivers: one state, the machines of its tasks, and one journal.
public struct Terminal: Machine {
  /// Fixed settings.
  let settings: TerminalSettings

  // The machines of the tasks.
  var registration: Registration
  var network: NetworkSetup
  var exchange: HostExchange
  var reversals: ReversalDesk
  var advices: AdviceDesk
  var signIn: SignInDesk?
  var settlement: SettlementDesk
  var downloads: DownloadDesk
  var prints: PrintDesk
  var sale: RunningTransaction?
  /// The document that the printer has, one or none.
  var printing: [PrintJob] = []
  /// What the printer has printed.
  public internal(set) var wear = PrinterWear()
  /// What the terminal's own templates had no room for.
  var overfullSlips = OverfullSlips()

  // What is remembered between them.
  /// The key of the paper that a person is having printed again.
  var reprinted: String?
  var dialect: Dialect
  /// What the acquirer has set by its parameters.
  var parameters = AcquirerParameters()
  /// The acquirer's keys.
  var keys: KeyHierarchy
  /// What the PIN pad is doing with its keys, until it reports; whoever asked may have left.
  var keyOrder: PINPadOrder?
  var isSelfTested = false
  /// When the self-test's entry is tried again, while it could not be written.
  var selfTestRetry: Instant?
  var isCommissioned = false
  var testSalePassed = false
  var ledgerFault: JournalFault?
  /// Whether the disk had room for a new sale when it was last looked at.
  var isStorageRoomy = true
  var clock: WallClock?
  var noncePrefix: [UInt8] = []
  var nonceCount: UInt32 = 0
  /// Where the numbers come from that no card may know beforehand; none before the start.
  var unpredictable: [UnpredictableNumbers] = []
  var traces = TraceNumbers()
  /// The trace number that is being written with the state of the batch.
  var settlementSTAN: STAN?
  /// Who waits for the answer to each journal entry, the oldest first.
  var journalOwners: [JournalOwner] = []
  /// The receipts and slips among them, in the same order.
  var papersBeingWritten: [Paper] = []
  /// Those whose state did not reach the disk; written again when the storage is well.
  var papersUnwritten: [Paper] = []
  /// Transactions whose receipt has come further while the ledger was being asked something.
  var receiptsSinceLook: [TransactionRecord] = []
  /// The slip in the entry that closes a batch, until it is on disk.
  var slipBeingWritten: SettlementSlip?
  /// Who waits for the answer to each question to the ledger, the oldest first.
  var ledgerOwners: [LedgerOwner] = []
  /// What was parked and is being put back into its queue, or closed.
  var unparking: Unparking?
  /// How many transactions count in the open batch.
  var batchCount: UInt32 = 0
  /// Whether the ledger has said what the open batch holds.
  var hasCounted = false
  /// An advice whose delivery is being written, one or none: it counts as delivered once it is.
  var delivering: [TransactionRecord] = []
  /// The number that the last sign-in's answer had for the open batch.
  var acquirerBatch: BatchNumber?
  /// The batch that was open here when the acquirer told its own.
  var comparedBatch: BatchNumber?
  /// How many were approved here and not told yet, and their sum in minor units.
  var offlineCount: UInt32 = 0
  var offlineSum: UInt64 = 0
  /// How many are parked.
  var parked: UInt32 = 0
  /// What lets go of its original, the oldest first.
  var releases: [Release] = []
  /// A refund whose sale is being looked for by the number on its receipt: one or none.
  var lookUps: [LookUp] = []
  /// What is to be told of the keys of certification authorities, and until when that holds.
  var keyProblems: [Problem] = []
  var keysJudgedUntil: Instant?
  /// An offline sale that leaves as soon as the disk says so: one or none.
  var leaving: [TransactionRecord] = []
  /// The approval of a void whose completion's pre-authorisation is being looked for.
  var freeing: TransactionOutcome?
  /// Who uses the acquirer's link.
  var linkOwner: LinkOwner?
  /// The ticket of the download that was sent last.
  var downloadTicket = HostRequest.keepAlive
  /// The ticket of the request that was made last.
  var lastTicket = HostRequest.keepAlive
  /// Who asked for what is under way.
  var askers = Askers()
  /// What the devices last said of themselves.
  public internal(set) var devices = DeviceStates()
  /// Events that meant nothing where they came.
  public internal(set) var unexpectedEvents: UInt32 = 0

  /// The earliest moment at which any task wants to be woken.
  public var deadline: Instant? {
    var moment = earlier(registration.deadline, network.deadline)
    moment = earlier(earlier(moment, exchange.deadline), downloads.waitsUntil)
    moment = earlier(moment, keysJudgedUntil)
    if linkOwner == nil, !journalOwners.contains(.reversal), releases.isEmpty {
      moment = earlier(moment, idleDeadline)
    }
    moment = earlier(moment, prints.deadline)
    return earlier(earlier(moment, selfTestRetry), sale?.deadline)
  }

  /// When something is due that waits for a free link: keys first, without which nothing is taken;
  /// then reversals, since they move money. A download needs no keys: what keeps new ones from
  /// coming does not keep it.
  private var idleDeadline: Instant? {
    if !reversals.isWaiting || !advices.isWaiting { return nil }
    let download = downloadsMayRun ? downloads.deadline : nil
    if let due = signIn?.deadline, maySignIn {
      return earlier(earlier(due, reversals.deadline), download)
    }
    if let due = reversals.deadline { return due }
    if sale != nil { return nil }
    let due = earlier(advices.deadline, settlement.isWaiting ? settlement.deadline : nil)
    return earlier(due, download)
  }

  /// New keys would not fit a PIN that is being entered, nor the batch of an intent that is on
  /// disk: they wait for the end of a transaction, unless that itself waits for what they are
  /// needed for.
  private var maySignIn: Bool {
    signIn?.isWaiting == true && (sale == nil || sale?.awaitsReversals == true)
  }

  /// Whether nothing is under way, so that a restart now would lose nothing but what the devices
  /// say again.
  public var isQuiet: Bool {
    guard case .ready = prints.status else { return false }
    return sale == nil && askers == Askers() && linkOwner == nil && journalOwners.isEmpty
      && ledgerFault == nil && exchange.isIdle && reversals.isWaiting && advices.isWaiting
      && ledgerOwners.isEmpty && downloads.isWaiting && !downloads.isUnwritten
      && settlement.isWaiting && signIn?.isWaiting != false && prints.isFree
      && prints.owed.isEmpty && papersUnwritten.isEmpty && network.candidate == nil
      && registration.isAtRest
  }

  /// Moves by one event.
  public mutating func handle(_ event: TerminalEvent, at now: Instant) -> [TerminalEffect] {
    var effects = take(event, at: now)
    judgeKeysIfDue(at: now)
    effects += storeLogoIfQuiet(at: now)
    // Before its start nothing is written, and a storage that fails is not asked at each event.
    if traces.isWritingDue, ledgerFault == nil, !noncePrefix.isEmpty {
      journalOwners.append(.counters)
      effects.append(.journal(JournalEntry(updates: [traces.count().update])))
    }
    return writingOrders(effects)
  }

  private mutating func take(_ event: TerminalEvent, at now: Instant) -> [TerminalEffect] {
    switch event {
    case .started(let facts): return started(facts, at: now)
    case .clockRead(let clock):
      self.clock = clock
      keysJudgedUntil = nil
      return []
    case .storageRead(let isRoomy):
      isStorageRoomy = isRoomy
      return []
    case .reader(let report): return heard(report, at: now)
    case .printer(let report): return heard(report, at: now)
    case .pinPad(let report): return heard(report, at: now)
    case .acquirer(let event): return run(exchange.handle(.acquirer(event), at: now), at: now)
    case .management(let answer):
      return run(registration.handle(.answered(answer), at: now), at: now)
    case .journalled: return journalEnded(nil, at: now)
    case .journalFailed(let fault): return journalEnded(fault, at: now)
    case .ledgerRead(let answer): return ledgerAnswered(answer, at: now)
    case .requested(let id, let request): return requested(id, request, at: now)
    case .requesterLeft(let id): return left(id, at: now)
    case .deadlinePassed: return wake(at: now)
    }
  }

  private mutating func wake(at now: Instant) -> [TerminalEffect] {
    var effects = run(registration.handle(.deadlinePassed, at: now), at: now)
    effects += run(network.handle(.deadlinePassed, at: now), at: now)
    effects += run(exchange.handle(.deadlinePassed, at: now), at: now)
    if linkOwner == nil, let due = idleDeadline, now >= due { effects += useFreeLink(at: now) }
    effects += endDownloadIfOverdue(at: now)
    if let due = sale?.machine.deadline, now >= due {
      effects += tellTransaction(.deadlinePassed, at: now)
    }
    effects += run(prints.handle(.deadlinePassed, at: now), at: now)
    effects += closeTransactionIfOverdue(at: now)
    if let retry = selfTestRetry, now >= retry { effects += testSelf() }
    return effects
  }
}

extension JournalOwner {
  /// Whether the entry has the count of trace numbers.
  var hasCounters: Bool {
    switch self {
    case .counters, .intent, .noticedOutcome, .signIn, .settlement: true
    case .selfTest, .registration, .network, .outcome, .reversal, .advice, .signedOff, .unpark,
      .leaving, .paper, .paperAgain, .commissioning, .doubtResolved, .download, .orders,
      .wear, .logo:
      false
    }
  }
}

extension Terminal {
  /// The link is free and something waits for it; one thing at a time.
  private mutating func useFreeLink(at now: Instant) -> [TerminalEffect] {
    if let due = signIn?.deadline, now >= due, maySignIn {
      return runSignIn(.deadlinePassed, at: now)
    }
    if let due = reversals.deadline {
      return now >= due ? run(reversals.handle(.deadlinePassed, at: now), at: now) : []
    }
    if sale != nil { return [] }
    if let due = settlement.deadline, now >= due, settlement.isWaiting {
      return run(settlement.handle(.deadlinePassed, at: now), at: now)
    }
    if downloadsMayRun, let due = downloads.deadline, now >= due {
      return run(downloads.handle(.deadlinePassed, at: now), at: now)
    }
    return run(advices.handle(.deadlinePassed, at: now), at: now)
  }

  private mutating func ledgerAnswered(
    _ answer: LedgerAnswer, at now: Instant
  ) -> [TerminalEffect] {
    guard !ledgerOwners.isEmpty else {
      unexpectedEvents += 1
      return []
    }
    let answer = withReceipts(answer)
    let owner = ledgerOwners.removeFirst()
    if ledgerOwners.isEmpty { receiptsSinceLook = [] }
    switch owner {
    case .advice: return run(advices.handle(.ledgerRead(answer), at: now), at: now)
    case .settlement: return run(settlement.handle(.ledgerRead(answer), at: now), at: now)
    case .release: return release(answer, at: now)
    case .unpark: return reserveAgain(answer)
    case .free: return free(answer, at: now)
    case .lookUp: return lookedUp(answer, at: now)
    case .slip: return reprint(answer, at: now)
    case .copy: return copy(answer, at: now)
    case .count:
      if case .totals(let lines) = answer { count(lines) }
      return []
    case .parked:
      if case .totals(let lines) = answer { parked = lines.reduce(0) { $0 + $1.count } }
      return []
    }
  }

  /// What the open batch holds already.
  private mutating func count(_ lines: [BatchLine]) {
    batchCount = 0
    offlineCount = 0
    offlineSum = 0
    for line in lines {
      guard let kind = TransactionKind(name: line.kind), kind.counts else { continue }
      switch line.state {
      case TransactionState.approved.name, TransactionState.voided.name:
        batchCount += line.count
      case TransactionState.queued.name, TransactionState.parked.name:
        // What is parked may still be told. Nobody gains a limit by parking.
        batchCount += line.count
        if kind.rules.isOffline {
          offlineCount += line.count
          offlineSum += line.amount
        }
      case TransactionState.intent.name where kind.rules.delivery == .advice:
        // What a start has found without an outcome and has queued.
        batchCount += line.count
      default: break
      }
    }
    hasCounted = true
  }

  /// A transaction counts from now on in the open batch, or one that was approved here is told.
  mutating func countOutcome(_ record: TransactionRecord) {
    if !record.kind.counts { return }
    batchCount += 1
    if record.state == .queued, record.kind.rules.isOffline {
      offlineCount += 1
      offlineSum += record.amount.minorUnits
    }
  }

  mutating func countDelivery(_ record: TransactionRecord) {
    if !record.kind.rules.isOffline || record.batch != settlement.record.batch { return }
    offlineCount -= min(offlineCount, 1)
    offlineSum -= min(offlineSum, record.amount.minorUnits)
  }
}

/// Who waits for an answer of the ledger.
enum LedgerOwner: Hashable, Sendable {
  case advice
  case settlement
  case release
  case unpark
  case free
  case lookUp
  case count
  case slip
  case copy
  case parked
}

/// Who waits for a journal entry.
enum JournalOwner: Hashable, Sendable {
  case selfTest
  case registration
  case network
  case intent
  case outcome
  /// An outcome with the notice of its scripts.
  case noticedOutcome
  case reversal
  case advice
  case counters
  case leaving
  case signIn
  case signedOff
  case settlement
  case download
  case orders
  case unpark
  case paper
  case paperAgain
  case commissioning
  case doubtResolved
  case wear
  case logo
}

/// What the devices last said of themselves; nil is well.
public struct DeviceStates: Hashable, Sendable {
  /// Why the reader cannot be used.
  public internal(set) var reader: ReaderTrouble? = .link(.absent)
  /// Whether the reader has a slot for chips.
  public internal(set) var readsChips = false
  /// Whether cards can be swiped.
  public internal(set) var readsStripes = true
  /// Whether a card that the reader has reported is in the slot still.
  public internal(set) var cardIsInSlot = false
  /// Whether the card of an earlier transaction may be in the slot, which nobody has watched since.
  var cardMayBeLeft = false
  /// Why the PIN pad cannot be used.
  public internal(set) var pinPad: PINPadTrouble? = .link(.absent)
  /// What lies in the PIN pad's slots, as far as the pad has told.
  public internal(set) var padKeys: [PadKeyState] = []
  /// The key serial number of the last PIN, ten bytes; empty while none is known.
  public internal(set) var padSerialNumber: [UInt8] = []
}
