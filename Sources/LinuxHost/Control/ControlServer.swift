// SPDX-License-Identifier: Apache-2.0

public import Clockwork
import Glibc
import Management
public import Receipts
public import TerminalCore

/// What stands behind the control interface, in service and in safe mode.
public protocol ControlHouse: AnyObject {
  /// The terminal's serial number.
  var serial: String { get }
  /// What one screen says.
  var status: TerminalStatus { get }
  /// Updates of the program; nil where posd.yaml says nothing of them.
  var updates: UpdateDesk? { get }
  /// What the program has counted since its start.
  var counters: ProgramCounters { get }
  /// The terminal itself; nil in safe mode, which has none.
  var terminal: (any TerminalHouse)? { get }
}

/// What a terminal in service has behind the control interface.
public protocol TerminalHouse: ControlHouse {
  /// What keys there are.
  var keys: [KeyLine] { get }
  /// How the devices are.
  var devices: [DeviceReport] { get }
  /// What is known of the printer besides.
  var printer: PrinterDetails { get }
  /// The clock by which "since when" is told.
  var sinceClock: SinceClock { get }
  /// Where what ends is to be read.
  var expirySources: ExpirySources { get }
  /// What is downloaded from the acquirer.
  var downloads: DownloadReport { get }
  /// What the acquirer's codes mean.
  var responses: Responses { get }
  /// Hands a request to the terminal; its answer comes by `ControlServer.answer`.
  func ask(_ id: RequestID, _ request: ControlRequest)
  /// Whoever asked is gone.
  func left(_ id: RequestID)
  /// The transaction with this reference; nil when there is none.
  func transaction(_ reference: String) throws(LedgerFault) -> TransactionRow?
  /// The newest record of the transaction with this reference; nil when there is none.
  func record(_ reference: String) throws(LedgerFault) -> LiveRecord?
  /// The receipt of the transaction with this reference, or why it is not shown.
  func receipt(
    _ reference: String, for holder: SaleReceiptData.Holder
  ) throws(LedgerFault) -> Result<Receipt, ReceiptProblem>
  /// A page of the transactions of a choice, the newest first.
  func transactions(
    _ choice: TransactionChoice, before: Int64?, limit: Int
  ) throws(LedgerFault) -> TransactionPage
  /// A page of what waits for the acquirer, the oldest first.
  func queue(after: Int64?, limit: Int) throws(LedgerFault) -> QueuePage
  /// When what waits is tried next, seconds from now; nil when nothing waits or nobody knows.
  var queueNextTry: Int64? { get }
  /// The day it is where the terminal stands, `YYYY-MM-DD`.
  var today: String { get }
  /// What happened lately: what it begins with, and a line an event.
  var trace: (header: String, lines: [String]) { get }
}

extension TerminalHouse {
  /// Itself.
  public var terminal: (any TerminalHouse)? { self }
}

/// What the program has counted since its start.
public struct ProgramCounters: Sendable {
  /// Turns of the loop.
  public var wakeUps: UInt64
  /// Commits that were synced to the disk.
  public var commits: UInt64
  /// Events that the firmware has handled.
  public var events: UInt64
  /// Events that meant nothing where they came.
  public var unexpectedEvents: UInt64
  /// Answers of the acquirer that came when nobody waited for them any more.
  public var lateAnswers: UInt64 = 0
  /// Answers of the acquirer to nothing it was asked.
  public var unmatchedAnswers: UInt64 = 0
  /// How often each kind of event came.
  public var kinds: [(kind: String, count: UInt64)]

  /// Counts.
  public init(
    wakeUps: UInt64, commits: UInt64, events: UInt64, unexpectedEvents: UInt64,
    kinds: [(kind: String, count: UInt64)]
  ) {
    self.wakeUps = wakeUps
    self.commits = commits
    self.events = events
    self.unexpectedEvents = unexpectedEvents
    self.kinds = kinds
  }
}

/// The control interface: varlink over a UNIX socket.
public final class ControlServer: PollSource {
  /// How many callers at once.
  private static let callerLimit = 32

  private struct Pending {
    var id: RequestID
    var connection: VarlinkConnection
    var hasSteps: Bool
    /// Of the transaction it does, if it does one.
    var reference: String?
  }

  private var listener: UnixListener?
  private let number: Int32
  private unowned let loop: EventLoop
  unowned let house: any ControlHouse
  let catalogue: Catalogue
  private var connections: [VarlinkConnection] = []
  private var pending: [Pending] = []
  private var watchers: [VarlinkConnection] = []
  private var lastWatched: TerminalStatus?
  private var updateWatchers: [VarlinkConnection] = []
  private var lastUpdate: UpdateReport?
  private var expiry = ExpiryWatch()
  private var nextID: UInt32 = 1

  /// Listens on this socket.
  public init(
    socket: String, loop: EventLoop, house: any ControlHouse, catalogue: Catalogue
  ) throws(SystemFault) {
    let listener = try UnixSocket.listen(socket, .stream)
    number = listener.number
    self.listener = consume listener
    self.loop = loop
    self.house = house
    self.catalogue = catalogue
  }

  /// Waits for callers.
  public var interests: [PollInterest] {
    listener == nil ? [] : [PollInterest(number, Int16(POLLIN))]
  }
  /// Never.
  public var deadline: Instant? { nil }
  /// Never happens.
  public func wake(at now: Instant) {}

  /// A caller is there.
  public func ready(_ descriptor: Int32, _ events: Int16) {
    guard let accepted = UnixSocket.accept(number) else { return }
    // One too many is sent away; its descriptor closes here.
    if connections.count >= ControlServer.callerLimit { return }
    let connection = VarlinkConnection(accepted)
    connection.onCall = { [weak self, weak connection] call in
      if let self, let connection { serve(call, connection) }
    }
    connection.onClose = { [weak self, weak connection] in
      if let self, let connection { closed(connection) }
    }
    connections.append(connection)
    loop.add(connection)
  }

  /// Takes no more callers; the socket is gone.
  public func close() { listener = nil }

  /// How a request goes.
  public func progress(_ id: RequestID, _ progress: Progress) {
    guard let asker = pending.first(where: { $0.id == id }), asker.hasSteps,
      asker.connection.call?.wantsMore == true
    else { return }
    asker.connection.reply(
      .step([
        JSONMember("progress", .text(ControlWords.progressName(progress))),
        JSONMember("text", .text(progress.text)),
      ]))
  }

  /// How a request ended.
  public func answer(_ id: RequestID, _ answer: ControlAnswer) {
    guard let index = pending.firstIndex(where: { $0.id == id }) else { return }
    let asker = pending.remove(at: index)
    switch answer {
    case .done: asker.connection.reply(.answer([]))
    case .settled(let batch):
      asker.connection.reply(.answer([JSONMember("batch", ControlWords.batch(batch))]))
    case .refused(let problem): asker.connection.reply(refusal(problem))
    case .transaction(let row, let problem):
      var members = [JSONMember("transaction", ControlWords.transaction(row))]
      if let responses = house.terminal?.responses,
        let words = ControlWords.response(row.responseCode, responses)
      {
        members.append(JSONMember("response", words))
      }
      if let problem {
        members.append(JSONMember("problem", ControlWords.problem(problem, catalogue)))
      }
      asker.connection.reply(.answer(members))
    }
  }

  /// Something may have changed: whoever watches is told.
  public func stateMayHaveChanged() {
    if watchers.isEmpty { return }
    let status = status
    if status == lastWatched { return }
    lastWatched = status
    let words = ControlWords.status(status, serial: house.serial, catalogue)
    for watcher in watchers { watcher.reply(.step([JSONMember("status", words)])) }
  }

  /// What one screen says: what the terminal knows, and behind it what its files do.
  var status: TerminalStatus {
    var status = house.status
    if let terminal = house.terminal {
      status.problems += expiry.problems(
        terminal.expirySources, at: SystemClock.now,
        unixMilliseconds: SystemClock.unixMilliseconds)
    }
    return status
  }

  /// The files have been read: the status says the same.
  func note(_ report: ExpiryReport) {
    expiry.note(report.problems, at: SystemClock.now)
    stateMayHaveChanged()
  }

  /// Whether somebody waits for the end of the transaction with this reference.
  func isRunning(_ reference: String) -> Bool {
    pending.contains { $0.reference == reference }
  }

  func refusal(_ problem: Problem) -> VarlinkReply {
    .error(
      "org.posd.terminal.Refused",
      [JSONMember("problem", ControlWords.problem(problem, catalogue))])
  }

  private func closed(_ connection: VarlinkConnection) {
    connections.removeAll { $0 === connection }
    watchers.removeAll { $0 === connection }
    updateWatchers.removeAll { $0 === connection }
    loop.remove(connection)
    let gone = pending.filter { $0.connection === connection }
    pending.removeAll { $0.connection === connection }
    for asker in gone { house.terminal?.left(asker.id) }
  }

  private func serve(_ call: VarlinkCall, _ connection: VarlinkConnection) {
    guard let (interface, name) = call.parts else {
      return connection.reply(
        .error(
          "org.varlink.service.InterfaceNotFound", [JSONMember("interface", .text(call.method))]))
    }
    switch interface {
    case "org.varlink.service": connection.reply(VarlinkService.reply(name, call))
    case VarlinkService.interface: terminal(name, call, connection)
    default:
      connection.reply(
        .error(
          "org.varlink.service.InterfaceNotFound", [JSONMember("interface", .text(interface))]))
    }
  }

  private func terminal(_ name: String, _ call: VarlinkCall, _ connection: VarlinkConnection) {
    switch TerminalCalls.understand(name, call, serial: house.serial) {
    case .unknown:
      connection.reply(
        .error("org.varlink.service.MethodNotFound", [JSONMember("method", .text(call.method))]))
    case .invalid(let parameter): connection.reply(.invalid(parameter))
    case .query(let query): connection.reply(answer(query))
    case .watch:
      if !call.wantsMore {
        return connection.reply(.error("org.varlink.service.ExpectedMore", []))
      }
      watchers.append(connection)
      let words = ControlWords.status(status, serial: house.serial, catalogue)
      connection.reply(.step([JSONMember("status", words)]))
    case .watchUpdate:
      if !call.wantsMore {
        return connection.reply(.error("org.varlink.service.ExpectedMore", []))
      }
      updateWatchers.append(connection)
      // This one has not seen what the others have.
      lastUpdate = nil
      connection.reply(.step([updateMember]))
    case .update(let wish):
      let objection = house.updates.map { $0.ask(wish) } ?? .notHere
      connection.reply(objection.map { refusal($0.code, $0.evidence) } ?? .answer([]))
    case .request(let request): ask(request, connection)
    }
  }

  /// Something of an update may have changed: whoever watches is told what people can see of it.
  public func updateMayHaveChanged() {
    if updateWatchers.isEmpty { return }
    var report = house.updates?.report ?? UpdateReport()
    // By the hundredth: a watcher is no measuring device.
    report.progress -= report.progress % 10
    if report == lastUpdate { return }
    lastUpdate = report
    for watcher in updateWatchers { watcher.reply(.step([updateMember])) }
  }

  var updateMember: JSONMember {
    JSONMember("update", ControlWords.update(house.updates?.report ?? UpdateReport(), catalogue))
  }

  private func refusal(_ code: String, _ evidence: String) -> VarlinkReply {
    .error(
      "org.posd.terminal.Refused",
      [JSONMember("problem", ControlWords.problem(code, evidence, catalogue))])
  }

  private func ask(_ request: TerminalCalls.Request, _ connection: VarlinkConnection) {
    guard let terminal = house.terminal else { return connection.reply(refusal(.safeMode(""))) }
    let id = RequestID(nextID)
    nextID &+= 1
    do throws(LedgerFault) {
      let words = try request.words(
        { reference throws(LedgerFault) in try terminal.transaction(reference) },
        { reference throws(LedgerFault) in try terminal.record(reference) })
      pending.append(
        Pending(
          id: id, connection: connection, hasSteps: request.hasSteps,
          reference: request.reference))
      terminal.ask(id, words)
    } catch {
      connection.reply(refusal(.journal(.failed)))
    }
  }
}
