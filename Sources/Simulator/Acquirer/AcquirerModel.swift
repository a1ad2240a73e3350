// SPDX-License-Identifier: Apache-2.0

public import Clockwork
import ISO8583
import PINPadCrypto
import PaymentCrypto
import Wire

// The amount asks for the host's behaviour. Below 100.00 the cents are the response code: .00 and
// .11 approve, .10 approves half of the amount. Above:
//
//     101.ss  answer after ss seconds        102.04  wrong trace number
//     102.01  no answer, nothing held        102.05  held, and the connection is closed
//     102.02  held, and no answer            102.06  answered twice
//     102.03  wrong MAC                      102.12  approved, the issuer confirms later (A2)

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

  private struct Connection: Hashable, Sendable {
    var number: UInt32
    var assembler: FrameAssembler
  }

  private struct Late: Hashable, Sendable {
    var at: Instant
    var connection: UInt32
    var bytes: [UInt8]
  }

  /// What the issuer remembers, the oldest first.
  public private(set) var holds: [Hold] = []
  /// Frames that made no sense or carried a wrong MAC.
  public private(set) var refusedFrames: UInt32 = 0
  private var connections: [Connection] = []
  private var late: [Late] = []
  private var accounts: [IssuerAccount]
  private let keys: HostKeys
  private let remembersEarlyReversals: Bool
  private let framing = Framing()
  private let codec = Codec(table: AcquirerTable.table)

  /// A host with these keys and accounts. One that forgets a reversal which came before its sale is
  /// a mistake, for who wants to see it found.
  public init(keys: HostKeys, accounts: [IssuerAccount], remembersEarlyReversals: Bool = true) {
    self.keys = keys
    self.remembersEarlyReversals = remembersEarlyReversals
    self.accounts = accounts
  }

  /// The moment of the next late answer.
  public var deadline: Instant? { late.map { $0.at }.min() }

  /// Minor units held at this moment.
  public var heldTotal: UInt64 {
    holds.reduce(0) { $1.state == .approved ? $0 + $1.amount : $0 }
  }

  /// Moves by one event.
  public mutating func handle(_ event: Event, at now: Instant) -> [Effect] {
    switch event {
    case .connected(let number):
      connections.append(
        Connection(number: number, assembler: FrameAssembler(framing: framing)))
      return []
    case .disconnected(let number):
      connections.removeAll { $0.number == number }
      late.removeAll { $0.connection == number }
      return []
    case .received(let number, let bytes):
      return received(number, bytes, at: now)
    case .deadlinePassed:
      let due = late.filter { $0.at <= now }
      late.removeAll { $0.at <= now }
      return due.map { .send(connection: $0.connection, $0.bytes) }
    }
  }

  private mutating func received(
    _ number: UInt32, _ bytes: [UInt8], at now: Instant
  ) -> [Effect] {
    guard let index = connections.firstIndex(where: { $0.number == number }) else { return [] }
    connections[index].assembler.append(bytes)
    var effects: [Effect] = []
    while true {
      do {
        guard let frame = try connections[index].assembler.next() else { return effects }
        effects += answer(frame, number, at: now)
      } catch {
        refusedFrames += 1
        connections.remove(at: index)
        return effects + [.close(connection: number)]
      }
    }
  }

  private mutating func answer(
    _ frame: [UInt8], _ connection: UInt32, at now: Instant
  ) -> [Effect] {
    guard let request = try? codec.decode(frame) else {
      refusedFrames += 1
      return [.close(connection: connection)]
    }
    switch request.mti {
    case Array("0800".utf8):
      return [.send(connection: connection, reply(request, code: "00"))]
    case Array("0200".utf8), Array("0400".utf8):
      guard let mac = request[64],
        keys.mac.verifies(mac, .retail(.zeros), over: Array(frame.dropLast(8)))
      else {
        refusedFrames += 1
        return [.send(connection: connection, reply(request, code: "A0"))]
      }
      if !isComplete(request) {
        refusedFrames += 1
        return [.send(connection: connection, reply(request, code: "30"))]
      }
      if request.mti == Array("0400".utf8) { return [reverse(request, connection)] }
      return sell(request, connection, at: now)
    default:
      refusedFrames += 1
      return [.send(connection: connection, reply(request, code: "12"))]
    }
  }

  private mutating func sell(
    _ request: Message, _ connection: UInt32, at now: Instant
  ) -> [Effect] {
    let amount = number(request[4])
    if amount == 10_201 { return [] }
    let hold = decide(request, amount)
    let answer = reply(request, hold)
    switch amount {
    case 10_100...10_199:
      late.append(
        Late(at: now + .seconds(Int64(amount - 10_100)), connection: connection, bytes: answer))
      return []
    case 10_202:
      return []
    case 10_203:
      var wrong = answer
      wrong[wrong.count - 1] ^= 0x01
      return [.send(connection: connection, wrong)]
    case 10_204:
      var other = request
      other[11] = Array("999998".utf8)
      return [.send(connection: connection, reply(other, hold))]
    case 10_205:
      return [.close(connection: connection)]
    case 10_206:
      return [
        .send(connection: connection, answer), .send(connection: connection, answer),
      ]
    default:
      return [.send(connection: connection, answer)]
    }
  }

  /// The response codes by which money is held.
  private static let approvals = ["00", "10", "11", "A2"].map { Array($0.utf8) }

  /// The first answer to a request is the only one: a repeat gets it again.
  private mutating func decide(_ request: Message, _ amount: UInt64) -> Hold {
    let key = self.key(request)
    if let index = holds.firstIndex(where: { $0.isOf(key) }) {
      if holds[index].state == .reversedBeforehand { holds[index].responseCode = [0x31, 0x32] }
      return holds[index]
    }
    var hold = Hold(
      terminalID: key.terminalID, stan: key.stan, localTime: key.localTime, pan: request[2] ?? [],
      amount: amount,
      state: .declined, responseCode: verdict(request, amount), approvalCode: [],
      retrievalReference: twelve(holds.count + 1))
    if AcquirerModel.approvals.contains(hold.responseCode) {
      if hold.responseCode == Array("10".utf8) { hold.amount = amount / 2 }
      hold.state = .approved
      hold.approvalCode = Array(twelve(holds.count + 1).suffix(6))
      if let index = accounts.firstIndex(where: { $0.pan == request[2] }) {
        accounts[index].balance -= hold.amount
      }
    }
    holds.append(hold)
    return hold
  }

  private func verdict(_ request: Message, _ amount: UInt64) -> [UInt8] {
    guard let account = accounts.first(where: { $0.pan == request[2] }) else {
      return Array("14".utf8)
    }
    if let block = request[52] {
      guard let pin = pin(block, request), pin == account.pin else { return Array("55".utf8) }
    }
    if amount > account.balance { return Array("51".utf8) }
    if amount == 10_212 { return Array("A2".utf8) }
    let cents = UInt8(amount % 100)
    if amount < 10_000, cents > 0 { return [0x30 + cents / 10, 0x30 + cents % 10] }
    return Array("00".utf8)
  }

  private func pin(_ block: [UInt8], _ request: Message) -> [UInt8]? {
    guard let digits = request[62], let pan = request[2],
      let bytes = try? Hex.decode(digits), let serial = try? KeySerialNumber(bytes),
      let initial = try? TDESDUKPT.initialKey(base: keys.pinBase, serial: serial),
      let key = try? TDESDUKPT.transactionKey(initial: initial, serial: serial),
      let clear = try? key.pinKey.decipher(block)
    else { return nil }
    return try? PINBlock.pin(format: 0, clear, pan: pan).exposed
  }

  private mutating func reverse(_ request: Message, _ connection: UInt32) -> Effect {
    let key = self.key(request)
    guard let index = holds.firstIndex(where: { $0.isOf(key) }) else {
      if remembersEarlyReversals {
        holds.append(
          Hold(
            terminalID: key.terminalID, stan: key.stan, localTime: key.localTime,
            pan: request[2] ?? [], amount: number(request[4]), state: .reversedBeforehand,
            responseCode: [], approvalCode: [], retrievalReference: twelve(holds.count + 1)))
      }
      return .send(connection: connection, reply(request, code: "25"))
    }
    if !isOriginal(request, of: holds[index]) {
      refusedFrames += 1
      return .send(connection: connection, reply(request, code: "30"))
    }
    if holds[index].state == .approved {
      holds[index].state = .reversed
      if let account = accounts.firstIndex(where: { $0.pan == request[2] }) {
        accounts[account].balance += holds[index].amount
      }
    }
    let code = holds[index].state == .reversed ? "00" : "25"
    return .send(connection: connection, reply(request, code: code))
  }

  /// What every request that concerns money must have. A reversal says why, and has none of what is
  /// secret or belongs to the answer.
  private func isComplete(_ request: Message) -> Bool {
    let always = [2, 3, 4, 11, 12, 13, 22, 25, 41, 42, 49]
    if always.contains(where: { request[$0] == nil }) { return false }
    if request.mti == Array("0200".utf8) { return request[35] != nil && request[39] == nil }
    let reasons = ["98", "A0", "06"].map { Array($0.utf8) }
    guard let reason = request[39], reasons.contains(reason) else { return false }
    return [35, 37, 52, 62].allSatisfy { request[$0] == nil }
  }

  /// Whether a reversal is of this request: the same card and amount, and the approval code if it
  /// has one.
  private func isOriginal(_ request: Message, of hold: Hold) -> Bool {
    let isPart = hold.responseCode == Array("10".utf8)
    return request[2] == hold.pan && (isPart || number(request[4]) == hold.amount)
      && (request[38] == nil || request[38] == hold.approvalCode)
  }

  private func reply(_ request: Message, _ hold: Hold) -> [UInt8] {
    var answer = echo(request)
    // What is held, which of an approval in part is less than what was asked.
    if hold.state == .approved { answer[4] = twelve(Int(hold.amount)) }
    answer[37] = hold.retrievalReference
    if !hold.approvalCode.isEmpty { answer[38] = hold.approvalCode }
    answer[39] = hold.responseCode
    return framed(answer)
  }

  private func reply(_ request: Message, code: String) -> [UInt8] {
    var answer = echo(request)
    answer[39] = Array(code.utf8)
    return framed(answer)
  }

  private func echo(_ request: Message) -> Message {
    var mti = request.mti
    mti[2] += 1
    var answer = Message(mti: mti)
    for element in [3, 4, 7, 11, 12, 13, 25, 41, 42, 49, 70] {
      answer[element] = request[element]
    }
    return answer
  }

  private func framed(_ answer: Message) -> [UInt8] {
    let bytes =
      try? answer[70] == nil
      ? codec.encode(answer) { try? keys.mac.mac(.retail(.zeros), over: $0) } : codec.encode(answer)
    guard let bytes else { preconditionFailure("an answer is made of what the request passed") }
    return framing.frame(bytes)
  }

  fileprivate struct Key {
    var terminalID: [UInt8]
    var stan: [UInt8]
    var localTime: [UInt8]
  }

  private func key(_ request: Message) -> Key {
    Key(
      terminalID: request[41] ?? [], stan: request[11] ?? [],
      localTime: (request[13] ?? []) + (request[12] ?? []))
  }

  private func number(_ digits: [UInt8]?) -> UInt64 {
    (digits ?? []).reduce(0) { $0 * 10 + UInt64($1 & 0x0F) }
  }

  private func twelve(_ number: Int) -> [UInt8] {
    let digits = Array(String(number).utf8)
    return [UInt8](repeating: 0x30, count: 12 - digits.count) + digits
  }
}

extension Hold {
  fileprivate func isOf(_ key: AcquirerModel.Key) -> Bool {
    terminalID == key.terminalID && stan == key.stan && localTime == key.localTime
  }
}
