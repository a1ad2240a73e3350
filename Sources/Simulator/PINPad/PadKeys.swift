// SPDX-License-Identifier: Apache-2.0

import Clockwork
public import PaymentCrypto
import Wire

/// All keys of a simulated pad and what is loaded, selected and counted.
public struct PadKeys: Hashable, Sendable {
  var slots = PadSlots()
  /// The slot that message 08 has selected.
  var selected: UInt8?
  /// The two sets of DUKPT keys.
  private var sets: [TDESDeviceKeys?] = [nil, nil]
  /// The set that message 96 has selected.
  private(set) var selectedSet = 0
  /// Whether the custodians have entered the passwords of the mode that takes clear keys.
  private(set) var isInjecting = false
  /// When that mode ends: a minute behind the last key, a quarter of an hour behind the passwords.
  private(set) var injectionEnds = Instant.start
  private var injectionLimit = Instant.start

  /// A pad as its maker delivers it, with its key-loading key, one set of DUKPT keys and the
  /// acquirers' master keys by the characters of their slots; each may be missing.
  public init(
    loadingKey: KeyBlockProtectionKey? = nil, initialKey: InitialKey? = nil,
    serialNumber: KeySerialNumber? = nil, masters: [(slot: UInt8, key: KeyEncryptionKey)] = []
  ) {
    slots.loadingKey = loadingKey
    for (slot, key) in masters {
      precondition((0x30...0x39).contains(slot), "master keys for PINs lie in the slots 0 to 9")
      slots.store(
        PadSlot(content: .keyEncryption(key), usage: [0x4B, 0x30], mode: 0x44), in: slot)
    }
    if let initialKey, let serialNumber {
      sets[0] = try? TDESDeviceKeys(initial: initialKey, serial: serialNumber)
    }
  }

  /// Whether the selected set has keys, and how many.
  var remaining: UInt32? { sets[selectedSet]?.remaining }

  mutating func beginInjection(at now: Instant) {
    isInjecting = true
    injectionLimit = now + .seconds(900)
    injectionEnds = now + .seconds(60)
  }

  /// A message has come: one that loads or selects a key keeps the mode, another ends it.
  mutating func noteMessage(isForKeys: Bool, at now: Instant) {
    if !isInjecting { return }
    if !isForKeys || now >= injectionEnds || now >= injectionLimit { return endInjection() }
    injectionEnds = now + .seconds(60)
  }

  mutating func endInjection() { isInjecting = false }

  /// Selects a set, loaded or not.
  mutating func select(set: Int) { selectedSet = set }

  /// The next DUKPT key of the selected set. Nil without keys; throws `exhausted` at their end.
  mutating func next() throws(CryptoFault) -> (
    serial: KeySerialNumber, key: TDESTransactionKey
  )? {
    guard var keys = sets[selectedSet] else { return nil }
    let next = try keys.next()
    sets[selectedSet] = keys
    return next
  }

  /// Loads an initial key (messages 90 and 94); the character of the answer.
  mutating func loadInitial(_ characters: [UInt8], set: Int) -> UInt8 {
    if let first = characters.first, KeyBlockVersion(rawValue: first) != nil,
      characters.count > 52
    {
      return loadInitialBlock(characters, set: set)
    }
    if !isInjecting { return 0x31 }
    guard characters.count == 52, let bytes = try? Hex.decode(characters),
      let key = try? InitialKey(.tdes2, Array(bytes[..<16])),
      let serial = try? KeySerialNumber(Array(bytes[16...])),
      let keys = try? TDESDeviceKeys(initial: key, serial: serial)
    else { return 0x32 }
    sets[set] = keys
    return 0x30
  }

  /// A block with usage B1 whose optional block KS has the serial number.
  private mutating func loadInitialBlock(_ characters: [UInt8], set: Int) -> UInt8 {
    guard let block = try? KeyBlock(parsing: characters),
      let digits = block.header.optionalBlock("KS"), let bytes = try? Hex.decode(digits),
      let serial = try? KeySerialNumber(bytes)
    else { return PadSlots.Refusal.format.code }
    guard let loadingKey = slots.loadingKey else { return PadSlots.Refusal.noLoadingKey.code }
    do throws(KeyBlockFault) {
      let key: InitialKey = try loadingKey.unwrap(block)
      guard let keys = try? TDESDeviceKeys(initial: key, serial: serial) else {
        return PadSlots.Refusal.format.code
      }
      sets[set] = keys
      return 0x30
    } catch {
      switch error {
      case .authenticationFailed: return PadSlots.Refusal.code.code
      case .strongerThanProtection: return PadSlots.Refusal.longerThanProtection.code
      default: return PadSlots.Refusal.format.code
      }
    }
  }

  /// Somebody has opened the pad: nothing is left.
  mutating func eraseAll() {
    slots.eraseAll()
    sets = [nil, nil]
    selected = nil
    isInjecting = false
  }
}
