// SPDX-License-Identifier: Apache-2.0

import Wire

/// The key of one transaction, of which working keys are derived (ANSI X9.24-3:2017, 6.4). A
/// working key may be of any algorithm that is not stronger than its own.
public struct AESTransactionKey: Hashable, Sendable, CustomStringConvertible {
  /// Which side of a MAC or of data a key is for.
  public enum Side: UInt8, Hashable, Sendable, CaseIterable {
    /// Makes MACs; encrypts data.
    case outgoing
    /// Checks MACs; decrypts data.
    case incoming
    /// Both ways.
    case both
  }

  private let material: KeyMaterial
  private let serial: AESKeySerialNumber

  init(_ material: KeyMaterial, _ serial: AESKeySerialNumber) {
    self.material = material
    self.serial = serial
  }

  /// Never the bytes.
  public var description: String { "<AES transaction key>" }

  /// For the PIN block.
  public func pinKey(_ algorithm: CipherAlgorithm) throws(CryptoFault) -> PINKey {
    PINKey(try derived(.pinEncryption, algorithm))
  }

  /// For MACs.
  public func macKey(_ side: Side, _ algorithm: CipherAlgorithm) throws(CryptoFault) -> MACKey {
    MACKey(try derived(AESTransactionKey.macUsage(side), algorithm))
  }

  /// For data.
  public func dataKey(_ side: Side, _ algorithm: CipherAlgorithm) throws(CryptoFault) -> DataKey {
    DataKey(try derived(AESTransactionKey.dataUsage(side), algorithm))
  }

  /// For keys that travel in key blocks.
  public func keyBlockProtectionKey(
    _ algorithm: CipherAlgorithm
  ) throws(CryptoFault) -> KeyBlockProtectionKey {
    KeyBlockProtectionKey(try derived(.keyEncryption, algorithm))
  }

  /// For HMACs: 16, 24 or 32 bytes, not more than its own.
  public func hmacKey(_ side: Side, byteCount: Int) throws(CryptoFault) -> HMACKey {
    if ![16, 24, 32].contains(byteCount) { throw .wrongLength(byteCount) }
    if byteCount > material.secret.count { throw .outOfRange }
    return HMACKey(try derived(AESTransactionKey.macUsage(side), DerivedKind(hmac: byteCount)))
  }

  func derived(
    _ usage: DerivedUsage, _ algorithm: CipherAlgorithm
  ) throws(CryptoFault) -> KeyMaterial {
    guard let kind = DerivedKind(algorithm), algorithm.strength <= material.algorithm.strength
    else { throw .unsupported(algorithm) }
    return KeyMaterial(derived: algorithm, try derived(usage, kind))
  }

  private func derived(
    _ usage: DerivedUsage, _ kind: DerivedKind
  ) throws(CryptoFault) -> SecretBytes {
    var scratch = ScratchKey(material.secret)
    defer { scratch.erase() }
    let count = material.algorithm.keyByteCount
    let blocks = try AESBlocks.of(keyByteCount: count)
    let tail = Words.word(serial.bytes, 4).bigEndian
    try AESDerivation.derive(&scratch, count, usage, kind, tail, blocks)
    return scratch.secret(kind.byteCount)
  }

  private static func macUsage(_ side: Side) -> DerivedUsage {
    switch side {
    case .outgoing: .macGeneration
    case .incoming: .macVerification
    case .both: .macBothWays
    }
  }

  private static func dataUsage(_ side: Side) -> DerivedUsage {
    switch side {
    case .outgoing: .dataEncryption
    case .incoming: .dataDecryption
    case .both: .dataBothWays
    }
  }
}
