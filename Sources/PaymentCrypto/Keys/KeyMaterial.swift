// SPDX-License-Identifier: Apache-2.0

package import Wire

/// What demands odd parity of a key.
public enum ParityRule: Hashable, Sendable {
  /// Each byte has an odd number of set bits, as keys have that custodians type in (FIPS 46-3).
  case odd
  /// Parity is not looked at: derived keys have none, and many acquirers' master keys have none.
  case none
}

/// The bytes of a key with its cipher, without a purpose; only the modules that compute with keys
/// see it. Copies share the bytes, which are erased with their last owner.
package struct KeyMaterial: Hashable, Sendable {
  package let algorithm: CipherAlgorithm
  package let secret: SecretBytes

  /// A key that came from outside: its length is right, it has the parity asked for, and the parts
  /// of a triple-DES key differ.
  package init(
    _ algorithm: CipherAlgorithm, _ bytes: [UInt8], parity: ParityRule = .none
  ) throws(CryptoFault) {
    if bytes.count != algorithm.keyByteCount { throw .wrongLength(bytes.count) }
    if parity == .odd, algorithm.isDES {
      for (index, byte) in bytes.enumerated() where byte.nonzeroBitCount % 2 == 0 {
        throw .parity(index)
      }
    }
    if KeyMaterial.isWeak(algorithm, bytes) { throw .weakKey }
    self.algorithm = algorithm
    secret = SecretBytes(bytes)
  }

  /// A key that was derived: it is what it is.
  package init(derived algorithm: CipherAlgorithm, _ secret: SecretBytes) {
    precondition(secret.count == algorithm.keyByteCount, "a derivation makes whole keys")
    self.algorithm = algorithm
    self.secret = secret
  }

  /// Parity bits do not count: 00 and 01 are the same to DES.
  private static func isWeak(_ algorithm: CipherAlgorithm, _ bytes: [UInt8]) -> Bool {
    func areEqual(_ one: Int, _ other: Int) -> Bool {
      var difference: UInt8 = 0
      for index in 0..<8 { difference |= (bytes[one + index] ^ bytes[other + index]) & 0xFE }
      return difference == 0
    }
    switch algorithm {
    case .tdes2: return areEqual(0, 8)
    case .tdes3: return areEqual(0, 8) || areEqual(8, 16)
    case .des, .aes128, .aes192, .aes256, .sm4: return false
    }
  }
}
