// SPDX-License-Identifier: Apache-2.0

import Assembly
import Clockwork
import Devices
import Glibc
import LinuxHost
import Logging
import Receipts
import TerminalCore

//                    loop: one thread, one poll
//   links ──▶                                        ──▶ links
//   acquirer ▶   events ─▶ Firmware ─▶ effects       ──▶ acquirer
//   server ──▶       ▲                     │         ──▶ server
//   control ─▶       └── journalled ◀── ledger       ──▶ control
//
// An event is followed to its end before the next is taken; the journal is the only thing waited
// for.

/// The firmware between the files, ports and sockets of this machine.
final class Daemon {
  /// What the system refused.
  struct Fault: Error {
    var text: String
  }

  /// After so long without an event nobody is at the terminal.
  private static let nobodyThere = Interval.seconds(30)
  /// So long after the last entry its log is brought into the ledger, at the next event that comes
  /// by itself …
  private static let settlePause = Interval.seconds(20)
  /// … and so long after it in any case: the only wake-up for it, and none when nothing was sold.
  private static let settleLimit = Interval.seconds(300)

  let log = Logger(label: "posd")
  let loop = EventLoop()
  let configuration: Configuration
  let ledger: Ledger
  let service = ServiceManager()
  private let settings: TerminalSettings
  private let signals: Signals
  private let clockWatch: ClockWatch
  private let transfers: Transfers
  private let http: HTTPClient
  private let acquirer: AcquirerConnection
  private(set) var links: [Port: any DeviceLink] = [:]
  private(set) var control: ControlServer?
  private(set) var updates: UpdateDesk?
  /// The folder of ledger and keys.
  let state: String
  /// What the program ends with.
  var endCode: Int32 = 0
  private var events: [Firmware.Event] = []
  private var isFollowing = false
  /// What people are told of it, in order, once nothing else is left to do: a request does not wait
  /// for somebody's screen or for the log.
  private var words: [() -> Void] = []
  private(set) var eventCount: UInt64 = 0
  private var lastStatus: TerminalStatus?
  private var recorder: Recorder
  private var lastEvent = SystemClock.now
  /// When an entry was written last, or the log could not be emptied.
  private var lastEntry = SystemClock.now
  /// What the firmware was last told of the disk.
  private var isRoomy = true
  /// The links that are up, and what they said of themselves.
  private var opened: [Port: LinkFacts] = [:]
  var firmware: Firmware

  init(_ arguments: Arguments) throws {
    guard let signals = Signals(), let clockWatch = ClockWatch(), let transfers = Transfers()
    else { throw Fault(text: "SYS-001 the system refuses signals, timers or sockets") }
    self.signals = signals
    self.clockWatch = clockWatch
    self.transfers = transfers
    configuration = try Configuration(file: arguments.config, run: arguments.run)
    state = arguments.state
    ledger = try Ledger(folder: arguments.state)
    ledger.beginLog()
    let store = try KeyStore(configuration.secureElement, stateFolder: arguments.state)
    settings = configuration.settings(
      keys: try store.keys(
        transportKeyFile: configuration.transportKeyFile, cipher: configuration.transportCipher))
    for name in configuration.uncheckedKeys {
      log.warning("key taken without its check value", metadata: ["key": "\(name)"])
    }
    if let refused = configuration.refusedTemplates {
      log.error("templates refused, built-in slips print", metadata: ["fault": "\(refused.text)"])
    }
    recorder = Recorder(key: try store.recorderKey())
    firmware = try Daemon.recovered(ledger, settings, configuration.board, &recorder)
    http = HTTPClient(transfers: transfers, settings: configuration.management)
    acquirer = AcquirerConnection(
      transfers: transfers, settings: configuration.acquirerLink)
    do throws(SystemFault) {
      control = try ControlServer(
        socket: configuration.controlSocket, loop: loop, house: self,
        catalogue: configuration.catalogue)
    } catch {
      let socket = configuration.controlSocket
      if error.code == EADDRINUSE {
        throw Fault(text: "CTL-003 another program listens at \(socket); stop that one first")
      }
      throw Fault(text: "SYS-001 \(socket): \(error.text)")
    }
    try connect()
    if let settings = configuration.updates {
      updates = UpdateDesk(
        settings, serial: configuration.serial, state: state, run: arguments.run,
        transfers: transfers, house: self, management: configuration.management)
      if updates == nil { throw Fault(text: "SYS-001 \(state)/updates cannot be made") }
      if let updates {
        loop.add(updates)
        if let source = updates.source { loop.add(source) }
      }
    }
  }

  /// Serves until a signal ends it.
  func run() {
    tell(started)
    noteRoom()
    service.ready(status.state.name)
    log.notice("ready", metadata: ["state": "\(status.state.name)"])
    updates?.start()
    loop.run()
    service.stopping()
    control?.close()
    settleLedger()
    for port in Port.allCases { links[port]?.end() }
    log.notice(endCode == 0 ? "stopped by a signal" : "stopped for the other version")
  }

  private func connect() throws {
    for (port, address) in configuration.ports {
      guard let link = Daemon.link(address) else {
        throw Fault(text: "SYS-001 libusb cannot be started")
      }
      link.onEvent = { [unowned self] event in
        noteLink(port, event)
        tell(.link(port, event))
      }
      links[port] = link
      loop.add(link)
    }
    http.onAnswer = { [unowned self] in tell(.terminal(.management($0))) }
    acquirer.onEvent = { [unowned self] in tell(.terminal(.acquirer($0))) }
    signals.onTerminate = { [unowned self] in loop.stop() }
    clockWatch.onSet = { [unowned self] in
      log.notice("the clock was set")
      tell(.terminal(.clockRead(clock)))
    }
    loop.add(self)
    loop.add(signals)
    loop.add(clockWatch)
    loop.add(transfers)
    loop.add(acquirer)
    loop.add(service)
    if let control { loop.add(control) }
  }

  /// Hands an event to the firmware and does what follows; events that come meanwhile wait.
  func tell(_ event: Firmware.Event) {
    events.append(event)
    if isFollowing { return }
    isFollowing = true
    var next = 0
    while next < events.count || !words.isEmpty {
      if next == events.count {
        let told = words
        words = []
        for tell in told { tell() }
        continue
      }
      let event = events[next]
      next += 1
      eventCount += 1
      let now = SystemClock.now
      let effects = firmware.handle(event, at: now)
      recorder.record(event, effects, at: now)
      for effect in effects { perform(effect) }
    }
    events.removeAll()
    isFollowing = false
    noteChange()
    updates?.gatesMayHaveChanged()
    startAnewIfDue()
    settleLedgerIfQuiet()
  }

  private func noteRoom() {
    isRoomy = ledger.hasRoom
    tell(.terminal(.storageRead(isRoomy: isRoomy)))
  }

  /// Not while a sale runs: its cardholder would wait for the syncs.
  private func settleLedgerIfQuiet() {
    if ledger.isSettled || firmware.terminal.state == .busy { return }
    if SystemClock.now - lastEntry < Daemon.settlePause { return }
    settleLedger()
    if ledger.isSettled { ledger.beginLog() }
  }

  private func settleLedger() {
    lastEntry = SystemClock.now
    do throws(LedgerFault) {
      try ledger.settle()
    } catch {
      // Nothing is lost by it: the log stays, and the next entry says whether the storage is well.
      log.error("the ledger's log was not emptied", metadata: ["fault": "\(error.text)"])
    }
  }

  /// A reel that has become long ends with a new start of the firmware from its journal, when
  /// nothing is under way and nobody has done anything for a while: so whatever a recording holds
  /// can be replayed from its beginning.
  private func startAnewIfDue() {
    let pause = SystemClock.now - lastEvent
    lastEvent = SystemClock.now
    if !recorder.isLong || !firmware.terminal.isQuiet { return }
    if pause < Daemon.nobodyThere, !recorder.isUrgent { return }
    do {
      var next = try Daemon.recovered(ledger, settings, configuration.board, &recorder)
      next.continueHealth(from: firmware)
      firmware = next
    } catch {
      // The ledger has its own ways to say what is wrong; the firmware that runs is still good.
      return log.error("the firmware was not started anew", metadata: ["fault": "\(error)"])
    }
    log.notice("started anew: the recording was long")
    // The new firmware knows of no connection.
    acquirer.perform(.disconnect)
    tell(started)
    noteRoom()
    for (port, facts) in opened.sorted(by: { $0.key.rawValue < $1.key.rawValue }) {
      tell(.link(port, .opened(facts)))
    }
  }

  private static func recovered(
    _ ledger: Ledger, _ settings: TerminalSettings, _ board: Board, _ recorder: inout Recorder
  ) throws -> Firmware {
    let records = try ledger.liveRecords()
    recorder.begin(records, reel: randomBytes(8))
    do throws(RecoveryFault) {
      return try Firmware.recovered(from: records, settings: settings, board: board)
    } catch {
      throw LedgerFault.damaged(path: ledger.path, "a record cannot be read: \(error)")
    }
  }

  private var started: Firmware.Event {
    .terminal(.started(StartFacts(entropy: randomBytes(32), clock: clock)))
  }

  private func perform(_ effect: Firmware.Effect) {
    switch effect {
    case .link(let port, let order): links[port]?.perform(order)
    case .acquirer(let order): acquirer.perform(order)
    case .management(let request): http.perform(request)
    case .journal(let entry): write(entry)
    case .ledger(let question): tell(.terminal(.ledgerRead(ledger.answer(question))))
    case .progress(let id, let progress):
      words.append { [unowned self] in control?.progress(id, progress) }
    case .answer(Daemon.hostTest, let answer): hostTested(answer)
    case .answer(let id, let answer):
      words.append { [unowned self] in control?.answer(id, answer) }
    }
  }

  private func write(_ entry: JournalEntry) {
    do throws(JournalFault) {
      lastEntry = SystemClock.now
      try ledger.append(entry, unixMilliseconds: SystemClock.unixMilliseconds)
      words.append { [unowned self] in for row in entry.rows { note(row) } }
      tell(.terminal(.journalled))
    } catch {
      log.error("the journal was not written", metadata: ["fault": "\(error)"])
      tell(.terminal(.journalFailed(error)))
    }
  }

  private func noteChange() {
    let status = firmware.terminal.status
    if status == lastStatus { return }
    if status.state != lastStatus?.state {
      log.notice("state", metadata: ["is": "\(status.state.name)"])
      service.status(status.state.name)
    }
    for problem in status.problems where lastStatus?.problems.contains(problem) != true {
      log.warning("problem", metadata: ["code": "\(problem.code)"])
    }
    for problem in lastStatus?.problems ?? [] where !status.problems.contains(problem) {
      log.notice("cured", metadata: ["code": "\(problem.code)"])
    }
    lastStatus = status
    control?.stateMayHaveChanged()
  }

  private func note(_ row: TransactionRow) {
    log.info(
      "transaction",
      metadata: [
        "reference": "\(row.reference)", "stan": "\(row.stan)", "state": "\(row.state)",
        "amount": "\(row.amount)", "receipt": "\(row.receipt)",
      ])
  }

  private func noteLink(_ port: Port, _ event: LinkEvent) {
    switch event {
    case .opened(let facts):
      opened[port] = facts
      log.notice("link up", metadata: ["port": "\(port.name)"])
    case .closed(let fault):
      opened[port] = nil
      log.warning("link down", metadata: ["port": "\(port.name)", "fault": "\(fault)"])
    case .received, .feature: break
    }
  }

  var clock: WallClock {
    WallClock(
      readAt: SystemClock.now, unixMilliseconds: SystemClock.unixMilliseconds,
      offsetMinutes: SystemClock.offsetMinutes)
  }
}

extension Daemon: PollSource {
  var interests: [PollInterest] { [] }
  var deadline: Instant? {
    earlier(firmware.deadline, ledger.isSettled ? nil : lastEntry + Daemon.settleLimit)
  }
  func ready(_ descriptor: Int32, _ events: Int16) {}
  func wake(at now: Instant) {
    // To be woken too early does nothing to the firmware.
    tell(.deadlinePassed)
    if ledger.hasRoom != isRoomy { noteRoom() }
    // A sale that has lasted as long as this puts it off until its own next entry.
    if !ledger.isSettled, now >= lastEntry + Daemon.settleLimit { lastEntry = now }
  }
}

extension Daemon: TerminalHouse {
  var serial: String { configuration.serial }
  var status: TerminalStatus { firmware.terminal.status }
  var keys: [KeyLine] { firmware.terminal.keyInventory }
  var downloads: DownloadReport { firmware.terminal.downloadReport }
  var responses: Responses { configuration.acquirer.responses }
  func ask(_ id: RequestID, _ request: ControlRequest) {
    // Between the switch and the end of this program nothing is begun any more.
    if endCode != 0 { return control?.answer(id, .refused(.busy)) ?? () }
    if case .transact = request { noteRoom() }
    tell(.terminal(.requested(id, request)))
  }
  func left(_ id: RequestID) { tell(.terminal(.requesterLeft(id))) }
  func transaction(_ reference: String) throws(LedgerFault) -> TransactionRow? {
    try ledger.transaction(reference: reference)
  }
  func record(_ reference: String) throws(LedgerFault) -> LiveRecord? {
    try ledger.record(reference: reference)
  }
  func receipt(
    _ reference: String, for holder: SaleReceiptData.Holder
  ) throws(LedgerFault) -> Result<Receipt, ReceiptProblem> {
    firmware.terminal.receipt(of: try ledger.record(reference: reference), for: holder)
  }
  func transactions(
    _ choice: TransactionChoice, before: Int64?, limit: Int
  ) throws(LedgerFault) -> TransactionPage {
    try ledger.transactions(choice, before: before, limit: limit)
  }
  func queue(after: Int64?, limit: Int) throws(LedgerFault) -> QueuePage {
    try ledger.queue(after: after, limit: limit)
  }
  /// The terminal's status does not tell it.
  var queueNextTry: Int64? {
    status.queueNextTry.map { max(0, ($0 - SystemClock.now).milliseconds / 1_000) }
  }
  var today: String { String(clock.local(at: SystemClock.now).text.prefix(10)) }
  var counters: ProgramCounters {
    var counters = ProgramCounters(
      wakeUps: loop.wakeUps, commits: ledger.commits, events: eventCount,
      unexpectedEvents: UInt64(firmware.terminal.unexpectedEvents), kinds: recorder.counters)
    counters.lateAnswers = UInt64(firmware.terminal.lateAnswers)
    counters.unmatchedAnswers = UInt64(firmware.terminal.unmatchedAnswers)
    return counters
  }
  var trace: (header: String, lines: [String]) {
    (recorder.header(serial: configuration.serial), recorder.lines)
  }
}
