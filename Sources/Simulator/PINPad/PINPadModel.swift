// SPDX-License-Identifier: Apache-2.0

public import Clockwork
public import PaymentCrypto
import Wire

/// A key of the pad's keyboard.
public enum PadKey: Hashable, Sendable {
  /// 0...9.
  case digit(UInt8)
  /// Confirms.
  case enter
  /// Gives up.
  case cancel
  /// Takes all digits back.
  case clear
}

/// A PIN pad of the PP791 kind with its own DUKPT keys, speaking bytes.
public struct PINPadModel: Machine {
  /// What happens to it.
  public enum Event: Hashable, Sendable {
    /// Bytes came.
    case received([UInt8])
    /// Somebody pressed a key.
    case keyPressed(PadKey)
    /// Its power goes.
    case powerCut
    /// Its power comes back.
    case powerOn
    /// The moment it asked to be woken at has come.
    case deadlinePassed
  }

  /// What it does.
  public enum Effect: Hashable, Sendable {
    /// Sends bytes.
    case send([UInt8])
    /// Asks the cardholder for the PIN.
    case awaitingPIN
  }

  private enum Phase: Hashable, Sendable {
    case off
    case idle
    case entering(account: [UInt8], digits: [UInt8], until: Instant)
    case awaitingAcknowledgement([UInt8], sends: Int, thenEnds: Bool)
  }

  private static let acknowledge: [UInt8] = [0x06]
  private static let end: [UInt8] = [0x04]

  /// The next moment at which it wants to be woken.
  public private(set) var deadline: Instant?
  /// How many PINs it has encrypted.
  public private(set) var encryptedPINs: UInt32 = 0
  private var phase = Phase.idle
  private var serialNumber: KeySerialNumber
  private let initialKey: TDESKey
  private let identification: [UInt8]
  private var buffer: [UInt8] = []
  private var badFrames = 0

  /// A pad with its initial key and the key serial number of its next transaction.
  public init(initialKey: TDESKey, serialNumber: KeySerialNumber, identification: String) {
    self.initialKey = initialKey
    self.serialNumber = serialNumber
    self.identification = Array(identification.utf8)
  }

  /// Moves by one event.
  public mutating func handle(_ event: Event, at now: Instant) -> [Effect] {
    switch event {
    case .powerCut:
      phase = .off
      buffer = []
      deadline = nil
      return []
    case .powerOn:
      if phase == .off { phase = .idle }
      return []
    case .received(let bytes):
      if phase == .off { return [] }
      return bytes.flatMap { take($0, at: now) }
    case .keyPressed(let key):
      return pressed(key, at: now)
    case .deadlinePassed:
      guard let due = deadline, now >= due else { return [] }
      return wake(at: now)
    }
  }

  /// Gathers a frame; outside of one, single bytes speak for themselves.
  private mutating func take(_ byte: UInt8, at now: Instant) -> [Effect] {
    if buffer.isEmpty {
      switch byte {
      case 0x02, 0x0F: buffer = [byte]
      case 0x06: return acknowledged(at: now)
      case 0x15: return refused(at: now)
      case 0x04: return ended()
      default: break
      }
      return []
    }
    buffer.append(byte)
    let end: UInt8 = buffer[0] == 0x02 ? 0x03 : 0x0E
    guard buffer.count >= 4, buffer[buffer.count - 2] == end else {
      if buffer.count > 700 { buffer = [] }
      return []
    }
    let frame = buffer
    buffer = []
    if longitudinalRedundancyCheck(frame[1..<frame.count - 1]) != byte { return damaged() }
    badFrames = 0
    return execute(Array(frame[1..<frame.count - 2]), isAdministrative: frame[0] == 0x0F, at: now)
  }

  private mutating func damaged() -> [Effect] {
    badFrames += 1
    if badFrames < 3 { return [.send([0x15])] }
    badFrames = 0
    phase = .idle
    deadline = nil
    return [.send(PINPadModel.end)]
  }

  private mutating func execute(
    _ message: [UInt8], isAdministrative: Bool, at now: Instant
  ) -> [Effect] {
    let text = String(decoding: message.prefix(4), as: UTF8.self)
    if !isAdministrative, text == "72" { return cancelled() }
    if case .entering = phase { return [] }
    if isAdministrative, text == "11" { return [.send(PINPadModel.acknowledge)] }
    if isAdministrative, text == "06" {
      let answer = frame(message + identification, isAdministrative: true)
      return [.send(PINPadModel.acknowledge)] + send(answer, thenEnds: true, at: now)
    }
    if !isAdministrative, text == "Z60." { return beginEntry(Array(message.dropFirst(4)), at: now) }
    return []
  }

  private mutating func cancelled() -> [Effect] {
    if case .entering = phase {
      phase = .idle
      deadline = nil
      return [.send(PINPadModel.end)]
    }
    phase = .idle
    deadline = nil
    return [.send(PINPadModel.acknowledge)]
  }

  private mutating func beginEntry(_ fields: [UInt8], at now: Instant) -> [Effect] {
    let parts = fields.split(separator: 0x1C, omittingEmptySubsequences: false).map { Array($0) }
    let account = parts[0]
    let digit = parts.count > 1 && parts[1].count == 1 ? parts[1][0] : 0x39
    let refusal = error(account, digit)
    if let refusal {
      let answer = frame([0x37, 0x31, refusal], isAdministrative: false)
      return [.send(PINPadModel.acknowledge)] + send(answer, thenEnds: false, at: now)
    }
    let until = now + .seconds(Int64(digit - 0x30) * 30)
    phase = .entering(account: account, digits: [], until: until)
    deadline = until
    return [.send(PINPadModel.acknowledge), .awaitingPIN]
  }

  private func error(_ account: [UInt8], _ timeout: UInt8) -> UInt8? {
    if account.isEmpty { return 0x30 }
    if account.count < 8 { return 0x32 }
    if account.count > 19 { return 0x33 }
    if !account.allSatisfy({ (0x30...0x39).contains($0) }) { return 0x34 }
    if !(0x31...0x39).contains(timeout) { return 0x36 }
    return nil
  }

  private mutating func pressed(_ key: PadKey, at now: Instant) -> [Effect] {
    guard case .entering(let account, var digits, let until) = phase else { return [] }
    switch key {
    case .digit(let digit):
      if digits.count < 12 { digits.append(digit) }
    case .clear:
      digits = []
    case .cancel:
      phase = .idle
      deadline = nil
      return [.send(PINPadModel.end)]
    case .enter:
      if digits.count >= 4 { return encrypt(digits, account, at: now) }
    }
    phase = .entering(account: account, digits: digits, until: until)
    return []
  }

  private mutating func encrypt(
    _ digits: [UInt8], _ account: [UInt8], at now: Instant
  ) -> [Effect] {
    guard
      let key = try? DUKPT.transactionKey(initialKey: initialKey, serial: serialNumber),
      let pinKey = try? DUKPT.pinKey(key),
      let block = try? PINBlock.format0(pin: digits, pan: account)
    else {
      return send(frame([0x37, 0x31, 0x46], isAdministrative: false), thenEnds: false, at: now)
    }
    let used = serialNumber
    guard (try? serialNumber.advance()) != nil else {
      return send(frame([0x37, 0x31, 0x46], isAdministrative: false), thenEnds: false, at: now)
    }
    encryptedPINs += 1
    let serialDigits = Array(Hex.encode(used.bytes).drop { $0 == 0x46 })
    let message = [0x37, 0x31, 0x30] + serialDigits + Hex.encode(pinKey.encrypt(block: block))
    return send(frame(message, isAdministrative: false), thenEnds: false, at: now)
  }

  private mutating func send(_ bytes: [UInt8], thenEnds: Bool, at now: Instant) -> [Effect] {
    phase = .awaitingAcknowledgement(bytes, sends: 1, thenEnds: thenEnds)
    deadline = now + .seconds(5)
    return [.send(bytes)]
  }

  private mutating func acknowledged(at now: Instant) -> [Effect] {
    guard case .awaitingAcknowledgement(_, _, let thenEnds) = phase else { return [] }
    phase = .idle
    deadline = nil
    return thenEnds ? [.send(PINPadModel.end)] : []
  }

  private mutating func refused(at now: Instant) -> [Effect] {
    guard case .awaitingAcknowledgement(let bytes, _, _) = phase else { return [] }
    deadline = now + .seconds(5)
    return [.send(bytes)]
  }

  private mutating func ended() -> [Effect] {
    phase = .idle
    deadline = nil
    return []
  }

  private mutating func wake(at now: Instant) -> [Effect] {
    deadline = nil
    switch phase {
    case .off, .idle:
      return []
    case .entering:
      phase = .idle
      return [.send(PINPadModel.end)]
    case .awaitingAcknowledgement(let bytes, let sends, let thenEnds):
      if sends >= 3 {
        phase = .idle
        return [.send(PINPadModel.end)]
      }
      phase = .awaitingAcknowledgement(bytes, sends: sends + 1, thenEnds: thenEnds)
      deadline = now + .seconds(5)
      return [.send(bytes)]
    }
  }

  private func frame(_ message: [UInt8], isAdministrative: Bool) -> [UInt8] {
    let checked = message + [isAdministrative ? 0x0E : 0x03]
    return [isAdministrative ? 0x0F : 0x02] + checked + [longitudinalRedundancyCheck(checked)]
  }
}
