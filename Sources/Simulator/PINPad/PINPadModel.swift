// SPDX-License-Identifier: Apache-2.0

public import Clockwork
import Wire

//  off ◀─▶ idle ─Z2 RS▶ prompted ─Z60▶ entering ─PIN, cancel, time▶ idle
//           │ every answer waits for the host's ACK, is sent three times at most
//           └─02▶ echoed, stored with the host's ACK
//
// Source: UIC PP791 Programmer's Manual, UDN PM0103-U rev. 06.

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

/// A PIN pad of the PP791 kind with its own keys, speaking bytes.
public struct PINPadModel: Machine {
  /// What happens to it.
  public enum Event: Hashable, Sendable {
    /// Bytes came.
    case received([UInt8])
    /// Somebody pressed a key.
    case keyPressed(PadKey)
    /// Two custodians have entered their passwords: clear keys are taken until a minute passes
    /// without one, or another message comes.
    case injectionBegun
    /// Somebody opened it: all keys are gone.
    case tampered
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

  /// What becomes of an answer when the host has acknowledged it.
  enum Sequel: Hashable, Sendable {
    case nothing
    /// An EOT follows, as behind every administrative answer.
    case end
    /// The key is stored, and an EOT follows.
    case store(PadSlot, UInt8, isClear: Bool)
    /// The pad has put its prompt on the display.
    case prompted
  }

  enum Phase: Hashable, Sendable {
    case off
    case idle
    case entering(PadEntry, until: Instant)
    case awaitingAcknowledgement([UInt8], sends: Int, then: Sequel)
  }

  static let acknowledge: [UInt8] = [0x06]
  static let end: [UInt8] = [0x04]
  static let acknowledgementLimit = Interval.seconds(5)

  /// The next moment at which it wants to be woken.
  public internal(set) var deadline: Instant?
  /// How many PINs it has encrypted.
  public internal(set) var encryptedPINs: UInt32 = 0
  /// Its keys.
  public internal(set) var keys: PadKeys
  var phase = Phase.idle
  var isPrompted = false
  var macSession: PadMACSession?
  let identification: [UInt8]
  private var buffer: [UInt8] = []
  private var badFrames = 0

  /// A pad with these keys and its serial number.
  public init(keys: PadKeys, identification: String) {
    self.keys = keys
    self.identification = Array(identification.utf8)
  }

  /// Moves by one event.
  public mutating func handle(_ event: Event, at now: Instant) -> [Effect] {
    switch event {
    case .powerCut:
      phase = .off
      buffer = []
      deadline = nil
      isPrompted = false
      macSession = nil
      keys.endInjection()
      return []
    case .powerOn:
      if phase == .off { phase = .idle }
      return []
    case .tampered:
      keys.eraseAll()
      return []
    case .injectionBegun:
      keys.beginInjection(at: now)
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
    rest()
    return [.send(PINPadModel.end)]
  }

  /// Nothing is under way any more.
  mutating func rest() {
    phase = .idle
    deadline = nil
    isPrompted = false
  }

  /// Acknowledges the request and sends the answer to it.
  mutating func answer(
    _ message: [UInt8], isAdministrative: Bool, then sequel: Sequel = .nothing, at now: Instant
  ) -> [Effect] {
    [.send(PINPadModel.acknowledge)]
      + send(message, isAdministrative: isAdministrative, then: sequel, at: now)
  }

  mutating func send(
    _ message: [UInt8], isAdministrative: Bool, then sequel: Sequel = .nothing, at now: Instant
  ) -> [Effect] {
    let checked = message + [isAdministrative ? 0x0E : 0x03]
    let bytes =
      [isAdministrative ? 0x0F : 0x02] + checked + [longitudinalRedundancyCheck(checked)]
    phase = .awaitingAcknowledgement(bytes, sends: 1, then: sequel)
    deadline = now + PINPadModel.acknowledgementLimit
    return [.send(bytes)]
  }

  private mutating func acknowledged(at now: Instant) -> [Effect] {
    guard case .awaitingAcknowledgement(_, _, let sequel) = phase else { return [] }
    rest()
    switch sequel {
    case .nothing: return []
    case .prompted:
      isPrompted = true
      return []
    case .end: return [.send(PINPadModel.end)]
    case .store(let key, let slot, let isClear):
      if isClear {
        keys.slots.storeClear(key, in: slot)
      } else {
        keys.slots.store(key, in: slot)
      }
      return [.send(PINPadModel.end)]
    }
  }

  private mutating func refused(at now: Instant) -> [Effect] {
    guard case .awaitingAcknowledgement(let bytes, _, _) = phase else { return [] }
    deadline = now + PINPadModel.acknowledgementLimit
    return [.send(bytes)]
  }

  /// The host ends the session; an echoed key is not stored.
  private mutating func ended() -> [Effect] {
    rest()
    return []
  }

  private mutating func wake(at now: Instant) -> [Effect] {
    deadline = nil
    switch phase {
    case .off, .idle:
      return []
    case .entering:
      rest()
      return [.send(PINPadModel.end)]
    case .awaitingAcknowledgement(let bytes, let sends, let sequel):
      if sends >= 3 {
        rest()
        return [.send(PINPadModel.end)]
      }
      phase = .awaitingAcknowledgement(bytes, sends: sends + 1, then: sequel)
      deadline = now + PINPadModel.acknowledgementLimit
      return [.send(bytes)]
    }
  }
}
