// SPDX-License-Identifier: Apache-2.0

import Wire

// TDES DUKPT, ANSI X9.24-1:2009, Annex A: every key is derived from the initial key by the set bits
// of the counter.
//
//   base key ─ KSN ─▶ initial key ─ bit by bit ─▶ transaction key ─ variant ─▶ PIN, MAC, data key
//
// A word holds its bytes in the order of memory, so the constants are turned into it once.

/// What TDES DUKPT derives keys with.
struct TDESDerivation: DerivationScheme {
  static let rule = CounterRule.tdes
  static let mask = UInt64(0xC0C0_C0C0_0000_0000).bigEndian

  /// The right eight bytes of the key serial number without its counter.
  private let register: UInt64

  init(_ serial: KeySerialNumber) {
    register = Words.word(serial.with(counter: 0).bytes, 2)
  }

  static let keyByteCount = 16
  var keyByteCount: Int { TDESDerivation.keyByteCount }

  func derive(
    _ key: inout ScratchKey, from reached: UInt32, to counter: UInt32
  ) throws(CryptoFault) {
    var reached = reached
    var bit: UInt32 = 0x10_0000
    while bit > 0 {
      if counter & bit != 0, reached & bit == 0 {
        reached |= bit
        let data = register | UInt64(reached).bigEndian
        let left = TDESDerivation.step(
          key.word0 ^ TDESDerivation.mask, key.word1 ^ TDESDerivation.mask, data)
        let right = TDESDerivation.step(key.word0, key.word1, data)
        key.word0 = left
        key.word1 = right
      }
      bit >>= 1
    }
  }

  private static func step(_ left: UInt64, _ right: UInt64, _ data: UInt64) -> UInt64 {
    DES.encrypt(data ^ right, key: left) ^ right
  }
}

/// Derivation of TDES keys that are used once.
public enum TDESDUKPT {
  /// The initial key that is put into a device; `base` has two parts.
  public static func initialKey(
    base: BaseDerivationKey, serial: KeySerialNumber
  ) throws(CryptoFault) -> InitialKey {
    if base.algorithm != .tdes2 { throw .unsupported(base.algorithm) }
    let data = Words.word(serial.with(counter: 0).bytes, 0)
    var key = ScratchKey(base.material.secret)
    var initial = ScratchKey()
    defer {
      key.erase()
      initial.erase()
    }
    var schedules = TDESSchedules(key, count: 16)
    initial.word0 = schedules.apply(data, .encrypt)
    schedules.erase()
    key.word0 ^= TDESDerivation.mask
    key.word1 ^= TDESDerivation.mask
    schedules = TDESSchedules(key, count: 16)
    initial.word1 = schedules.apply(data, .encrypt)
    schedules.erase()
    return InitialKey(KeyMaterial(derived: .tdes2, initial.secret(16)))
  }

  /// The key of the serial number's counter, as a host derives it; counters that name no key are
  /// refused.
  public static func transactionKey(
    initial: InitialKey, serial: KeySerialNumber
  ) throws(CryptoFault) -> TDESTransactionKey {
    if initial.algorithm != .tdes2 { throw .unsupported(initial.algorithm) }
    let secret = try TDESDerivation(serial).key(initial.material.secret, at: serial.counter)
    return TDESTransactionKey(secret)
  }
}

/// The key of one transaction, of which keys for single purposes are made (ANSI X9.24-1:2009, A.4).
public struct TDESTransactionKey: Hashable, Sendable, CustomStringConvertible {
  private let secret: SecretBytes

  init(_ secret: SecretBytes) { self.secret = secret }

  /// Never the bytes.
  public var description: String { "<TDES transaction key>" }

  /// For the PIN block.
  public var pinKey: PINKey { PINKey(variant(0xFF)) }

  /// For MACs over requests, or both ways.
  public var macRequestKey: MACKey { MACKey(variant(0xFF00)) }

  /// For MACs over answers.
  public var macResponseKey: MACKey { MACKey(variant(0xFF00_0000)) }

  /// For data in requests, with its one-way step.
  public var dataRequestKey: DataKey { DataKey(oneWay(variant(0xFF_0000))) }

  /// For data in answers, with its one-way step.
  public var dataResponseKey: DataKey { DataKey(oneWay(variant(0xFF_0000_0000))) }

  /// For data of devices that use the PIN variant for them, as MagTek readers do.
  public var dataKeyOfPINVariant: DataKey { DataKey(variant(0xFF)) }

  private func variant(_ mask: UInt64) -> KeyMaterial {
    var scratch = ScratchKey(secret)
    defer { scratch.erase() }
    scratch.word0 ^= mask.bigEndian
    scratch.word1 ^= mask.bigEndian
    return KeyMaterial(derived: .tdes2, scratch.secret(16))
  }

  /// The variant encrypts itself, so that the transaction key cannot be had from it.
  private func oneWay(_ material: KeyMaterial) -> KeyMaterial {
    var scratch = ScratchKey(material.secret)
    defer { scratch.erase() }
    var schedules = TDESSchedules(scratch, count: 16)
    defer { schedules.erase() }
    scratch.word0 = schedules.apply(scratch.word0, .encrypt)
    scratch.word1 = schedules.apply(scratch.word1, .encrypt)
    return KeyMaterial(derived: .tdes2, scratch.secret(16))
  }
}
