// SPDX-License-Identifier: Apache-2.0

/// What is wrong with a key block; nothing was loaded. Offsets count from the block's first
/// character.
public enum KeyBlockFault: Error, Hashable, Sendable {
  /// The character at the offset is none that may stand in a key block.
  case notPrintable(offset: Int)
  /// The block is shorter than its header, or its length field says otherwise than its length.
  case wrongLength(stated: Int, actual: Int)
  /// The version is none of A, B, C, D.
  case unknownVersion(UInt8)
  /// The usage is none of the standard and not a proprietary number.
  case unknownUsage(offset: Int)
  /// The algorithm is none of the standard, or the usage does not go with it.
  case wrongAlgorithm(UInt8)
  /// The mode of use is none of the standard, or the usage does not go with it.
  case wrongMode(UInt8)
  /// The key version number is none.
  case wrongKeyVersion(offset: Int)
  /// Exportability is none of E, N, S.
  case wrongExportability(UInt8)
  /// The reserved characters are not zeros.
  case reserved(offset: Int)
  /// An optional block at the offset is not well formed, is there twice, or ends elsewhere.
  case optionalBlock(offset: Int)
  /// Cipher text or code at the offset are no upper-case hexadecimal digits.
  case notHexadecimal(offset: Int)
  /// The cipher text has a length that no key makes.
  case cipherLength(Int)
  /// The protection key does not go with the block's version.
  case wrongProtectionKey(CipherAlgorithm)
  /// The block was changed, or is protected by another key.
  case authenticationFailed
  /// The length inside is none of the algorithm's.
  case keyLength(bits: Int)
  /// The block holds a key for another purpose.
  case wrongPurpose
  /// The key is stronger than the one that protects it.
  case strongerThanProtection
  /// The key itself is refused.
  case key(CryptoFault)
  /// The library failed.
  case failed
}
