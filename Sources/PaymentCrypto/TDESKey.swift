// SPDX-License-Identifier: Apache-2.0

import COpenSSL
import Wire

/// A double-length TDES key (ISO/IEC 18033-3, keying option 2): 16 bytes, K1 K2.
public struct TDESKey: Hashable, Sendable, CustomStringConvertible {
  private let secret: SecretBytes

  /// Sixteen bytes; their parity is neither checked nor mended, since derived keys have none.
  public init(_ bytes: [UInt8]) throws(CryptoFault) {
    if bytes.count != 16 { throw .wrongLength(bytes.count) }
    secret = SecretBytes(bytes)
  }

  /// The bytes, for the one call that needs them.
  public var exposed: [UInt8] { secret.exposed }

  /// Never the bytes.
  public var description: String { "<TDES key>" }

  /// The key check value: the first three bytes of an encrypted block of zeros.
  public var checkValue: [UInt8] {
    Array(transform([UInt8](repeating: 0, count: 8), .encrypt).prefix(3))
  }

  /// Encrypts one block of eight bytes.
  public func encrypt(block: [UInt8]) -> [UInt8] { transform(block, .encrypt) }

  /// Decrypts one block of eight bytes.
  public func decrypt(block: [UInt8]) -> [UInt8] { transform(block, .decrypt) }

  /// Encrypts block by block; a multiple of eight bytes.
  public func encryptECB(_ plain: [UInt8]) throws(CryptoFault) -> [UInt8] {
    try wholeBlocks(plain)
    return Blocks.of(plain).flatMap { transform($0, .encrypt) }
  }

  /// Decrypts block by block; a multiple of eight bytes.
  public func decryptECB(_ cipher: [UInt8]) throws(CryptoFault) -> [UInt8] {
    try wholeBlocks(cipher)
    return Blocks.of(cipher).flatMap { transform($0, .decrypt) }
  }

  /// Encrypts a multiple of eight bytes in a chain that begins with zeros.
  public func encryptCBC(_ plain: [UInt8]) throws(CryptoFault) -> [UInt8] {
    try wholeBlocks(plain)
    var chain = [UInt8](repeating: 0, count: 8)
    var cipher: [UInt8] = []
    cipher.reserveCapacity(plain.count)
    for block in Blocks.of(plain) {
      chain = transform(Blocks.xor(block, chain), .encrypt)
      cipher += chain
    }
    return cipher
  }

  /// Decrypts a multiple of eight bytes of a chain that begins with zeros.
  public func decryptCBC(_ cipher: [UInt8]) throws(CryptoFault) -> [UInt8] {
    try wholeBlocks(cipher)
    var chain = [UInt8](repeating: 0, count: 8)
    var plain: [UInt8] = []
    plain.reserveCapacity(cipher.count)
    for block in Blocks.of(cipher) {
      plain += Blocks.xor(transform(block, .decrypt), chain)
      chain = block
    }
    return plain
  }

  private func wholeBlocks(_ bytes: [UInt8]) throws(CryptoFault) {
    if bytes.count % 8 != 0 { throw .wrongLength(bytes.count) }
  }

  private func transform(_ block: [UInt8], _ direction: DES.Direction) -> [UInt8] {
    DES.triple(block, key: secret.exposed, direction)
  }
}

/// Helpers on runs of eight bytes.
enum Blocks {
  static func of(_ bytes: [UInt8]) -> [[UInt8]] {
    stride(from: 0, to: bytes.count, by: 8).map { Array(bytes[$0..<min($0 + 8, bytes.count)]) }
  }

  static func xor(_ left: [UInt8], _ right: [UInt8]) -> [UInt8] {
    var out = left
    for index in 0..<out.count { out[index] ^= right[index] }
    return out
  }
}

/// The block cipher itself, by libcrypto's functions that touch nothing but their arguments.
enum DES {
  enum Direction {
    case encrypt
    case decrypt

    var flag: Int32 { self == .encrypt ? DES_ENCRYPT : DES_DECRYPT }
  }

  /// One block under a single key of eight bytes.
  static func single(_ block: [UInt8], key: [UInt8], _ direction: Direction) -> [UInt8] {
    var schedule = self.schedule(key)
    var input = self.block(block)
    var output: DES_cblock = (0, 0, 0, 0, 0, 0, 0, 0)
    unsafe DES_ecb_encrypt(&input, &output, &schedule, direction.flag)
    defer { unsafe OPENSSL_cleanse(&schedule, MemoryLayout<DES_key_schedule>.size) }
    return bytes(output)
  }

  /// One block under a double key of sixteen bytes.
  static func triple(_ block: [UInt8], key: [UInt8], _ direction: Direction) -> [UInt8] {
    var first = schedule(Array(key[..<8]))
    var second = schedule(Array(key[8...]))
    var third = first
    var input = self.block(block)
    var output: DES_cblock = (0, 0, 0, 0, 0, 0, 0, 0)
    unsafe DES_ecb3_encrypt(&input, &output, &first, &second, &third, direction.flag)
    defer {
      unsafe OPENSSL_cleanse(&first, MemoryLayout<DES_key_schedule>.size)
      unsafe OPENSSL_cleanse(&second, MemoryLayout<DES_key_schedule>.size)
      unsafe OPENSSL_cleanse(&third, MemoryLayout<DES_key_schedule>.size)
    }
    return bytes(output)
  }

  private static func schedule(_ key: [UInt8]) -> DES_key_schedule {
    var schedule = DES_key_schedule()
    var bytes = block(key)
    unsafe DES_set_key_unchecked(&bytes, &schedule)
    return schedule
  }

  private static func block(_ bytes: [UInt8]) -> DES_cblock {
    precondition(bytes.count == 8, "a DES block and a DES key have eight bytes")
    return (
      bytes[0], bytes[1], bytes[2], bytes[3], bytes[4], bytes[5], bytes[6], bytes[7]
    )
  }

  private static func bytes(_ block: DES_cblock) -> [UInt8] {
    [block.0, block.1, block.2, block.3, block.4, block.5, block.6, block.7]
  }
}
