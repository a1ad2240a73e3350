// SPDX-License-Identifier: Apache-2.0

// TDES DUKPT, ANSI X9.24-1:2009, Annex A: 59 bits of identification and 21 bits of counter name a
// key; every key is derived from the initial key by the set bits of the counter.

/// A key serial number: ten bytes, the last 21 bits a counter.
public struct KeySerialNumber: Hashable, Sendable {
  /// Ten bytes.
  public private(set) var bytes: [UInt8]

  /// Ten bytes, filled with F on the left where the device sends fewer.
  public init(_ bytes: [UInt8]) throws(CryptoFault) {
    if bytes.count != 10 { throw .wrongLength(bytes.count) }
    self.bytes = bytes
  }

  /// The transaction counter.
  public var counter: UInt32 {
    UInt32(bytes[7] & 0x1F) << 16 | UInt32(bytes[8]) << 8 | UInt32(bytes[9])
  }

  /// Goes on to the next counter with at most ten one-bits; beyond the last one nothing changes.
  public mutating func advance() throws(CryptoFault) {
    var next = counter + 1
    while next.nonzeroBitCount > 10 { next += next & (~next + 1) }
    if next > 0x1F_FFFF { throw .exhausted }
    bytes = with(counter: next).bytes
  }

  /// The same number with another counter.
  func with(counter: UInt32) -> KeySerialNumber {
    var copy = self
    copy.bytes[7] = bytes[7] & 0xE0 | UInt8(counter >> 16 & 0x1F)
    copy.bytes[8] = UInt8(counter >> 8 & 0xFF)
    copy.bytes[9] = UInt8(counter & 0xFF)
    return copy
  }
}

/// Derivation of keys that are used once.
public enum DUKPT {
  private static let mask: [UInt8] = [0xC0, 0xC0, 0xC0, 0xC0, 0, 0, 0, 0]

  /// The initial key that is put into a device.
  public static func initialKey(
    baseKey: TDESKey, serial: KeySerialNumber
  ) throws(CryptoFault) -> TDESKey {
    let identification = Array(serial.with(counter: 0).bytes[..<8])
    let masked = try TDESKey(Blocks.xor(baseKey.exposed, mask + mask))
    return try TDESKey(
      baseKey.encrypt(block: identification) + masked.encrypt(block: identification))
  }

  /// The key of the serial number's counter; counters that no device uses are refused.
  public static func transactionKey(
    initialKey: TDESKey, serial: KeySerialNumber
  ) throws(CryptoFault) -> TDESKey {
    let counter = serial.counter
    if counter == 0 || counter.nonzeroBitCount > 10 { throw .outOfRange }
    var register = Array(serial.with(counter: 0).bytes[2...])
    var key = initialKey.exposed
    var bit: UInt32 = 0x10_0000
    while bit > 0 {
      if counter & bit != 0 {
        register[5] |= UInt8(bit >> 16 & 0x1F)
        register[6] |= UInt8(bit >> 8 & 0xFF)
        register[7] |= UInt8(bit & 0xFF)
        key = step(Blocks.xor(key, mask + mask), register) + step(key, register)
      }
      bit >>= 1
    }
    return try TDESKey(key)
  }

  private static func step(_ key: [UInt8], _ register: [UInt8]) -> [UInt8] {
    let right = Array(key[8...])
    let mixed = Blocks.xor(register, right)
    return Blocks.xor(DES.single(mixed, key: Array(key[..<8]), .encrypt), right)
  }

  /// The variant for PIN blocks.
  public static func pinKey(_ key: TDESKey) throws(CryptoFault) -> TDESKey {
    try variant(key, 7)
  }

  /// The variant for MACs over requests, or both ways.
  public static func macRequestKey(_ key: TDESKey) throws(CryptoFault) -> TDESKey {
    try variant(key, 6)
  }

  /// The variant for MACs over answers.
  public static func macResponseKey(_ key: TDESKey) throws(CryptoFault) -> TDESKey {
    try variant(key, 4)
  }

  /// The variant for data in requests, with its one-way step.
  public static func dataRequestKey(_ key: TDESKey) throws(CryptoFault) -> TDESKey {
    let variant = try variant(key, 5)
    return try TDESKey(variant.encryptECB(variant.exposed))
  }

  private static func variant(_ key: TDESKey, _ index: Int) throws(CryptoFault) -> TDESKey {
    var bytes = key.exposed
    bytes[index] ^= 0xFF
    bytes[index + 8] ^= 0xFF
    return try TDESKey(bytes)
  }
}
