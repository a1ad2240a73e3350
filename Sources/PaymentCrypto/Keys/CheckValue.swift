// SPDX-License-Identifier: Apache-2.0

import Wire

/// How the check value of a key is made.
public enum CheckValueKind: UInt8, Hashable, Sendable, CaseIterable {
  /// A block of zeros, encrypted: TDES by custom, and older AES and SM4 devices.
  case zeroBlock
  /// The CMAC of a block of zeros (ANSI X9.24-1:2017, Annex A): AES.
  case cmac

  /// What a key has where nothing else is said.
  public static func usual(for algorithm: CipherAlgorithm) -> CheckValueKind {
    switch algorithm {
    case .des, .tdes2, .tdes3, .sm4: .zeroBlock
    case .aes128, .aes192, .aes256: .cmac
    }
  }
}

extension Key {
  /// The first `count` bytes of the check value, usually three; at most a block. Throws
  /// `unsupported` for the CMAC of a cipher that has none, and `outOfRange` for another count.
  public func checkValue(
    _ kind: CheckValueKind? = nil, count: Int = 3
  ) throws(CryptoFault) -> [UInt8] {
    let block = algorithm.blockByteCount
    if !(1...block).contains(count) { throw .outOfRange }
    let zeros = [UInt8](repeating: 0, count: block)
    let whole =
      switch kind ?? CheckValueKind.usual(for: algorithm) {
      case .zeroBlock: try material.encrypt(zeros, .ecb)
      case .cmac: try material.cmac(zeros)
      }
    return Array(whole.prefix(count))
  }

  /// Refuses a key whose check value is another one; compared in constant time. An empty value is
  /// refused too: a key without a check value is not a checked key.
  public func verify(
    checkValue: [UInt8], _ kind: CheckValueKind? = nil
  ) throws(CryptoFault) {
    if checkValue.isEmpty || checkValue.count > algorithm.blockByteCount {
      throw .wrongLength(checkValue.count)
    }
    let own = try self.checkValue(kind, count: checkValue.count)
    if !constantTimeEqual(own, checkValue) { throw .wrongCheckValue }
  }
}
