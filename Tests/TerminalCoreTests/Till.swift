// SPDX-License-Identifier: Apache-2.0

import Clockwork
import Devices
import ISO8583
import Management
import PINPadCrypto
import PaymentCrypto
import Simulator
import TerminalCore
import Wire

/// A terminal whose devices say words, with the simulated acquirer and server behind it; everything
/// happens at once unless a test holds it back.
struct Till {
  var terminal: Terminal
  var now = Instant.start
  /// What a restart would read, in order.
  var records: [RecordUpdate] = []
  /// What the ledger's questions are answered from.
  var ledger = SimulatedLedger()
  /// Every entry in the order of its writing.
  var journal: [JournalEntry] = []
  var answers: [ControlAnswer] = []
  var progress: [Progress] = []
  var readerOrders: [CardReaderOrder] = []
  var padOrders: [PINPadOrder] = []
  var sent: [[UInt8]] = []
  var requests: [HTTPRequest] = []
  var papers: [PrintJob] = []
  let flavour: ShopFlavour
  var acquirer: AcquirerModel
  var server = ManagementModel(reviewTime: .seconds(8), parameters: SimulatedShop.parameters)
  /// Effects that nobody has served yet while `isHeld`.
  var held: [TerminalEffect] = []

  // What a test changes.
  var isHeld = false
  var journalFault: JournalFault?
  /// Which of the next entries fails, counted from 0.
  var failingEntry: Int?
  /// The fault of every entry behind the next one.
  var refusesAfterNext: JournalFault?
  /// Whether an entry that fails is on disk all the same, where the next start finds it.
  var failsAfterWrite = false
  private var unseen: JournalEntry?
  var hostIsSilent = false
  /// Whether what the acquirer answers is lost.
  var losesAnswers = false
  /// Whether the acquirer forgets at once what it has answered, as one that refuses it.
  var hostForgets = false
  var hostFailure: NetworkLayer?
  /// Hosts that take no connection.
  var deadHosts: [Endpoint] = []
  /// Where connections were tried, in order.
  var connected: [Endpoint] = []
  var serverStatus: UInt16?
  /// Changes to the acquirer's next answers, the next first.
  var changes: [AnswerChange] = []
  /// Changes every answer that carries no MAC.
  var answerFlaw: ((inout Message) -> Void)?
  var outcome: PrintOutcome = .printed(.processID)
  /// Whether the printer takes papers and says nothing of them.
  var printerIsSilent = false
  /// The slot for chip cards.
  var slot = ChipSlot()
  /// Events that wait until what came before them has been served.
  private var waiting: [TerminalEvent] = []
  private var isFollowing = false
  private var nextID: UInt32 = 1
  private var connection: UInt32 = 0

  /// What the terminal is set to.
  let settings: TerminalSettings

  init(
    records: [RecordUpdate] = [], signing: AnswerSigning = .approvals,
    link: LinkRules = LinkRules(), flavour: ShopFlavour = .generic,
    settings: TerminalSettings? = nil, _ change: (inout TerminalSettings) -> Void = { _ in }
  ) throws {
    var settings = settings ?? SimulatedShop.settings(flavour)
    settings.dialect.signing = signing
    settings.link = link
    change(&settings)
    try self.init(records: records, settings, flavour)
  }

  private init(
    records: [RecordUpdate], _ settings: TerminalSettings, _ flavour: ShopFlavour
  ) throws {
    self.settings = settings
    self.flavour = flavour
    acquirer = SimulatedShop.acquirer(flavour)
    self.records = records
    terminal = try Terminal.recovered(
      from: records.filter { $0.isLive }.map { LiveRecord(key: $0.key, body: $0.body) },
      settings: settings)
  }

  /// Told that it has started, with all devices there.
  mutating func start() {
    tell(
      .started(
        StartFacts(
          entropy: [UInt8](0..<32),
          clock: WallClock(
            readAt: .start, unixMilliseconds: 1_790_000_000_000, offsetMinutes: 480))))
    tell(.reader(.ready(ReaderIdentity(vendor: 0x0801, product: 2, encrypts: false))))
    tell(.printer(.status(.ready(paperLow: false))))
    tell(.pinPad(.ready(serial: [0x31])))
  }

  /// The same journal in a new program.
  func restarted(_ change: (inout TerminalSettings) -> Void = { _ in }) throws -> Till {
    var disk = self
    if let unseen { disk.keep(unseen) }
    var settings = settings
    change(&settings)
    var till = try Till(records: disk.records, settings, flavour)
    till.journal = disk.journal
    till.ledger = disk.ledger
    till.acquirer = acquirer
    till.server = server
    till.now = now
    till.nextID = nextID
    till.connection = connection + 1
    return till
  }

  /// All effects of an event are served before the next event, as they are on a terminal.
  mutating func tell(_ event: TerminalEvent) {
    waiting.append(event)
    if isFollowing { return }
    isFollowing = true
    while !waiting.isEmpty {
      for effect in terminal.handle(waiting.removeFirst(), at: now) {
        if isHeld { held.append(effect) } else { serve(effect) }
      }
    }
    isFollowing = false
  }

  @discardableResult
  mutating func ask(_ request: ControlRequest) -> RequestID {
    let id = RequestID(nextID)
    nextID += 1
    tell(.requested(id, request))
    return id
  }

  mutating func wait(_ interval: Interval) {
    let end = now + interval
    while let due = earlier(terminal.deadline, acquirer.deadline), due <= end {
      now = max(now, due)
      if let due = acquirer.deadline, due <= now { hear(acquirer.handle(.deadlinePassed, at: now)) }
      if let due = terminal.deadline, due <= now { tell(.deadlinePassed) }
    }
    now = end
  }

  mutating func serve(_ effect: TerminalEffect) {
    switch effect {
    case .reader(let order):
      readerOrders.append(order)
      for report in slot.follow(order) { tell(.reader(report)) }
    case .pinPad(let order): padOrders.append(order)
    case .printer(.print(let job)):
      papers.append(job)
      if !printerIsSilent { tell(.printer(.finished(job: job.number, outcome))) }
    case .printer(.abandon): break
    case .acquirer(let order): serve(order)
    case .management(let request):
      requests.append(request)
      serve(request)
    case .journal(let entry): write(entry)
    case .ledger(let question): tell(.ledgerRead(ledger.answer(question)))
    case .progress(_, let step): progress.append(step)
    case .answer(_, let answer): answers.append(answer)
    }
  }

  private mutating func write(_ entry: JournalEntry) {
    if let journalFault {
      if failsAfterWrite { unseen = entry }
      return tell(.journalFailed(journalFault))
    }
    if let failing = failingEntry {
      failingEntry = failing > 0 ? failing - 1 : nil
      if failing == 0 {
        if failsAfterWrite { unseen = entry }
        return tell(.journalFailed(.failed))
      }
    }
    keep(entry)
    if let refusesAfterNext { journalFault = refusesAfterNext }
    refusesAfterNext = nil
    tell(.journalled)
  }

  /// What is committed writes over what was not.
  private mutating func keep(_ entry: JournalEntry) {
    unseen = nil
    ledger.commit(entry)
    journal.append(entry)
    for update in entry.updates {
      records.removeAll { $0.key == update.key }
      records.append(update)
    }
  }

  private mutating func serve(_ order: AcquirerOrder) {
    switch order {
    case .connect(let endpoint):
      connected.append(endpoint)
      if deadHosts.contains(endpoint) { return tell(.acquirer(.failed(.tcp, code: 111))) }
      if let hostFailure { return tell(.acquirer(.failed(hostFailure, code: 111))) }
      connection += 1
      hear(acquirer.handle(.connected(connection: connection), at: now))
      tell(.acquirer(.connected))
    case .send(let bytes):
      sent.append(bytes)
      if hostIsSilent { return }
      let before = acquirer
      defer { if hostForgets { acquirer = before } }
      hear(acquirer.handle(.received(connection: connection, bytes), at: now))
    case .disconnect:
      hear(acquirer.handle(.disconnected(connection: connection), at: now))
    }
  }

  private mutating func hear(_ effects: [AcquirerModel.Effect]) {
    for effect in effects {
      switch effect {
      case .send(let number, let bytes):
        if number == connection, !losesAnswers {
          let change = changes.isEmpty ? AnswerChange() : changes.removeFirst()
          let changed = change.changed(bytes, settings.dialect, flavour)
          tell(.acquirer(.received(flawed(changed))))
        }
      case .close(let number):
        if number == connection { tell(.acquirer(.closed)) }
      }
    }
  }

  private func flawed(_ frame: [UInt8]) -> [UInt8] {
    guard let answerFlaw else { return frame }
    let framing = settings.dialect.framing.answering
    let codec = Codec(table: settings.dialect.table)
    let head = framing.headerCount + framing.overhead
    guard var message = try? codec.decode(Array(frame.dropFirst(head))), message[64] == nil else {
      return frame
    }
    answerFlaw(&message)
    return (try? codec.encode(message)).map { framing.frame($0) } ?? frame
  }

  private mutating func serve(_ request: HTTPRequest) {
    if let serverStatus {
      return tell(.management(.answered(number: request.number, status: serverStatus, body: [])))
    }
    let event = ManagementModel.Event.requested(
      number: request.number, isPost: request.isPost, path: request.path, body: request.body)
    for case .respond(let number, let status, let body) in server.handle(event, at: now) {
      tell(.management(.answered(number: number, status: status, body: body)))
    }
  }
}

extension Till {
  static let endpoint = Endpoint(host: "acquirer.example", port: 7_500, usesTLS: true)

  /// A terminal that is in service after an approved and printed test sale.
  static func inService(
    signing: AnswerSigning = .approvals, usesTLS: Bool = true, link: LinkRules = LinkRules(),
    flavour: ShopFlavour = .generic, settings: TerminalSettings? = nil,
    rules: (inout TerminalSettings) -> Void = { _ in }
  ) throws -> Till {
    var till = try commissioning(
      signing: signing, usesTLS: usesTLS, link: link, flavour: flavour, settings: settings,
      rules: rules)
    till.sell("test/1", 100)
    till.ask(.commission)
    till.forget()
    return till
  }

  /// A terminal with parameters and keys, before its test sale.
  static func commissioning(
    signing: AnswerSigning = .approvals, usesTLS: Bool = true, link: LinkRules = LinkRules(),
    flavour: ShopFlavour = .generic, settings: TerminalSettings? = nil,
    rules: (inout TerminalSettings) -> Void = { _ in }
  ) throws -> Till {
    var till = try Till(
      signing: signing, link: link, flavour: flavour, settings: settings, rules)
    till.setUp(usesTLS: usesTLS)
    return till
  }

  /// From the first start to parameters and keys.
  mutating func setUp(usesTLS: Bool = true) {
    start()
    var endpoint = Till.endpoint
    endpoint.usesTLS = usesTLS
    ask(.setNetwork(NetworkSettings(acquirer: endpoint)))
    ask(.commitNetwork)
    ask(.register(SimulatedShop.application(place: "Shop 1")))
    wait(.seconds(60))
    forget()
  }

  /// Forgets what happened so far, so that a test sees what happens next.
  mutating func forget() {
    answers = []
    progress = []
    readerOrders = []
    padOrders = []
    sent = []
    requests = []
    papers = []
    journal = []
  }

  /// A swipe of the shop's card.
  mutating func swipe(_ account: Int = 0) {
    let card = SimulatedShop.accounts[account].track
    guard let track = Track2([0x3B] + card + [0x3F]) else { return }
    present(track)
  }

  mutating func present(_ track: Track2) {
    tell(.reader(.swiped(SwipedCard(tracks: .clear(track, track1: nil)))))
  }

  /// The right PIN, as the pad encrypts it.
  mutating func enterPIN(_ account: Int = 0) {
    if settings.pinSlot != nil { return enterSessionPIN(account) }
    let owner = SimulatedShop.accounts[account]
    let serial = SimulatedShop.padSerialNumber
    guard
      let initial = try? TDESDUKPT.initialKey(base: SimulatedShop.pinBaseKey, serial: serial),
      let key = try? TDESDUKPT.transactionKey(initial: initial, serial: serial),
      let pin = ClearPIN(owner.pin), let block = try? PINBlock.format0(pin, pan: owner.pan),
      let cipher = try? key.pinKey.encipher(block)
    else { return }
    tell(
      .pinPad(
        .pinEntered(
          EncryptedPIN(block: SecretBytes(cipher), keySerialNumber: serial.bytes))))
  }

  /// Takes something out of the queue, with what the ledger has of it.
  mutating func park(_ reference: String) {
    ask(.park(reference: reference, record: ledger.record(reference)))
  }

  /// Puts it back.
  mutating func unpark(_ reference: String) {
    ask(.unpark(reference: reference, record: ledger.record(reference)))
  }

  /// Closes it for good.
  mutating func close(_ reference: String, _ reason: String, by: String = "Li") {
    ask(
      .close(
        reference: reference, record: ledger.record(reference), Closing(reason: reason, by: by)))
  }

  /// A whole sale, from the question to its answer.
  mutating func sell(_ reference: String, _ amount: UInt64) {
    ask(.sale(reference: reference, amount: amount, earlier: nil))
    swipe()
    enterPIN()
  }

  /// Asks for a transaction with what the ledger knows of its reference and its original; the card
  /// and the PIN follow where they are asked for.
  mutating func transact(_ request: TransactionRequest, account: Int = 0) {
    progress = []
    ask(
      .transact(
        request, earlier: ledger.row(request.reference),
        original: request.original.isEmpty ? nil : ledger.record(request.original)))
    if progress.contains(.swipeCard) || progress.contains(.presentCard) { swipe(account) }
    if progress.contains(.enterPIN) { enterPIN(account) }
  }

  /// The line of a transaction in its newest state.
  func row(_ reference: String) -> TransactionRow? {
    journal.flatMap { $0.rows }.last { $0.reference == reference }
  }

  /// The code of the refusal that came last.
  var refusal: String? {
    guard case .refused(let problem) = answers.last else { return nil }
    return problem.code
  }
}
