// SPDX-License-Identifier: Apache-2.0

public import Clockwork
import ISO8583

//   bytes ▶ links ▶ frame ▶ message ▶ MAC, presence ▶ what is asked ▶ ledger ▶ answer ▶ behaviour
//                                     (per dialect)                  (one)     (per dialect)

/// An acquirer with its issuer: frames of ISO 8583 in, frames out, and a ledger of what is held.
public struct AcquirerModel: Machine {
  /// What happens to it.
  public enum Event: Hashable, Sendable {
    /// A terminal has connected.
    case connected(connection: UInt32)
    /// Bytes came.
    case received(connection: UInt32, [UInt8])
    /// The terminal is gone.
    case disconnected(connection: UInt32)
    /// The moment it asked to be woken at has come.
    case deadlinePassed
  }

  /// What it does.
  public enum Effect: Hashable, Sendable {
    /// Sends bytes.
    case send(connection: UInt32, [UInt8])
    /// Closes a connection.
    case close(connection: UInt32)
  }

  /// The language it speaks.
  public let dialect: AcquirerDialect
  /// What it does in its own way.
  public var rules: HostRules
  /// Who checks the cryptograms of chips and answers the cards; nil for nobody.
  public var issuer: TestIssuer?
  /// The orders of the next answers, one each: nibble 5 of their headers.
  public var orders: [UInt8] = []
  /// Session keys that the next sign-ins hand out, in place of such that are made from a counter.
  public var nextSessions: [HostSession] = []
  /// Frames that made no sense, lacked something or carried a wrong MAC.
  public internal(set) var refusedFrames: UInt32 = 0
  /// What was missing or too much in messages, the oldest first.
  public internal(set) var remarks: [PresenceRemark] = []
  /// Results of chip cards' scripts, the oldest first.
  public internal(set) var scriptNotices: [ScriptNotice] = []
  /// What terminals have told about their state, the oldest first.
  public internal(set) var statusReports: [StatusReport] = []
  let keys: HostKeys
  let codec: Codec
  var ledger: HostLedger
  var links = AcquirerLinks()
  var sessions: [TerminalSession] = []

  /// A host of this dialect with these keys and accounts, and the dialect's usual rules.
  public init(
    dialect: AcquirerDialect, keys: HostKeys, accounts: [IssuerAccount],
    rules: HostRules? = nil
  ) {
    self.dialect = dialect
    self.keys = keys
    let rules = rules ?? HostRules(dialect)
    self.rules = rules
    ledger = HostLedger(accounts: accounts, dialect: dialect)
    switch dialect {
    case .generic: codec = Codec(table: AcquirerTable.table)
    case .unionPay:
      var table = UnionPayTable.table
      if rules.hasWidePINBlocks { table[52]?.length = .fixed(16) }
      codec = Codec(table: table)
    }
  }

  /// A host of the generic dialect with these keys and accounts. One that forgets a reversal which
  /// came before its sale is a mistake, for who wants to see it found.
  public init(keys: HostKeys, accounts: [IssuerAccount], remembersEarlyReversals: Bool = true) {
    var rules = HostRules(.generic)
    rules.remembersEarlyReversals = remembersEarlyReversals
    self.init(dialect: .generic, keys: keys, accounts: accounts, rules: rules)
  }

  /// What the issuer remembers, the oldest first.
  public var holds: [Hold] { ledger.holds }

  /// The batches of all terminals, in the order of their first mention.
  public var batches: [AcquirerBatch] { ledger.batches }

  /// The numbers given out last.
  public var numbers: HostNumbers {
    get { ledger.numbers }
    set { ledger.numbers = newValue }
  }

  /// The moment of the next late answer.
  public var deadline: Instant? { links.deadline }

  /// Minor units held at this moment.
  public var heldTotal: UInt64 { holds.reduce(0) { $0 + $1.held } }

  /// Minor units that an account may still pay.
  public func balance(of account: IssuerAccount) -> UInt64 { ledger.balance(of: account) }

  /// The totals of a terminal's batch, computed from the ledger.
  public func totals(of terminalID: [UInt8], batch: UInt32) -> HostTotals {
    ledger.totals(batch, of: terminalID, rules)
  }

  /// The number of the batch that a terminal has to use.
  public func openBatch(of terminalID: [UInt8]) -> UInt32 {
    ledger.openBatch(of: terminalID, rules)
  }

  /// Starts anew: connections, late answers and half requests are forgotten; ledger, batches and
  /// keys are not.
  public mutating func forgetConnections() { links.closeAll() }

  /// Moves by one event.
  public mutating func handle(_ event: Event, at now: Instant) -> [Effect] {
    switch event {
    case .connected(let number):
      links.open(number, rules.greeting)
      return []
    case .disconnected(let number):
      links.close(number)
      return []
    case .received(let number, let bytes):
      return received(number, bytes, at: now)
    case .deadlinePassed:
      return links.takeDue(at: now).map { .send(connection: $0.connection, $0.bytes) }
    }
  }

  private mutating func received(
    _ number: UInt32, _ bytes: [UInt8], at now: Instant
  ) -> [Effect] {
    guard let greeted = links.append(bytes, to: number) else {
      refusedFrames += 1
      links.close(number)
      return [.close(connection: number)]
    }
    var effects: [Effect] = greeted.isEmpty ? [] : [.send(connection: number, greeted)]
    while true {
      do {
        guard let frame = try links.next(of: number) else { return effects }
        effects += answer(frame, number, at: now)
      } catch {
        refusedFrames += 1
        links.close(number)
        return effects + [.close(connection: number)]
      }
    }
  }

  private mutating func answer(
    _ bytes: [UInt8], _ connection: UInt32, at now: Instant
  ) -> [Effect] {
    guard let frame = HostFrame(bytes, dialect), let message = try? codec.decode(frame.message)
    else {
      refusedFrames += 1
      return [.close(connection: connection)]
    }
    let call = HostCall(connection: connection, frame: frame, message: message, now: now)
    switch dialect {
    case .generic: return answerGeneric(call)
    case .unionPay: return answerUnionPay(call)
    }
  }
}

/// One request on its way through the host.
struct HostCall: Hashable, Sendable {
  var connection: UInt32
  var frame: HostFrame
  var message: Message
  var now: Instant
  /// The keys under which the request was signed, and its answer will be.
  var session: HostSession?

  var type: String { String(decoding: message.mti, as: UTF8.self) }
  var terminalID: [UInt8] { message[41] ?? [] }
}

/// What a message had too little or too much of.
public struct PresenceRemark: Hashable, Sendable {
  /// Four ASCII digits.
  public var messageType: [UInt8]
  /// DE3, or empty.
  public var processing: [UInt8]
  /// Elements that have to be there.
  public var missing: [Int]
  /// Elements that have no place there.
  public var superfluous: [Int]
}
