// SPDX-License-Identifier: Apache-2.0

/// The key serial number of a TDES device: ten bytes, 59 bits of identification and a counter of 21
/// (ANSI X9.24-1:2009, A.2).
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

  /// Goes on to the next counter that names a key; beyond the last one nothing changes.
  public mutating func advance() throws(CryptoFault) {
    guard let next = CounterRule.tdes.next(after: counter) else { throw .exhausted }
    bytes = with(counter: next).bytes
  }

  /// How many transactions its device has left, this one included.
  public var remaining: UInt32 { CounterRule.tdes.remaining(from: max(counter, 1)) }

  /// The same device at another counter of 21 bits.
  public func with(counter: UInt32) -> KeySerialNumber {
    var copy = self
    copy.bytes[7] = bytes[7] & 0xE0 | UInt8(counter >> 16 & 0x1F)
    copy.bytes[8] = UInt8(counter >> 8 & 0xFF)
    copy.bytes[9] = UInt8(counter & 0xFF)
    return copy
  }
}

/// The key serial number of an AES device: eight bytes of initial key identification and a counter
/// of four (ANSI X9.24-3:2017, 6.2).
public struct AESKeySerialNumber: Hashable, Sendable {
  /// Twelve bytes.
  public private(set) var bytes: [UInt8]

  /// Twelve bytes.
  public init(_ bytes: [UInt8]) throws(CryptoFault) {
    if bytes.count != 12 { throw .wrongLength(bytes.count) }
    self.bytes = bytes
  }

  /// The identification of the initial key: base key and device, eight bytes.
  public var identification: [UInt8] { Array(bytes[..<8]) }

  /// The transaction counter.
  public var counter: UInt32 {
    UInt32(bytes[8]) << 24 | UInt32(bytes[9]) << 16 | UInt32(bytes[10]) << 8 | UInt32(bytes[11])
  }

  /// Goes on to the next counter that names a key; beyond the last one nothing changes.
  public mutating func advance() throws(CryptoFault) {
    guard let next = CounterRule.aes.next(after: counter) else { throw .exhausted }
    bytes = with(counter: next).bytes
  }

  /// How many transactions its device has left, this one included.
  public var remaining: UInt32 { CounterRule.aes.remaining(from: max(counter, 1)) }

  /// The same device at another counter.
  public func with(counter: UInt32) -> AESKeySerialNumber {
    var copy = self
    for index in 0..<4 {
      copy.bytes[8 + index] = UInt8(counter >> UInt32(24 - 8 * index) & 0xFF)
    }
    return copy
  }
}
