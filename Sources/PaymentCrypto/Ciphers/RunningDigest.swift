// SPDX-License-Identifier: Apache-2.0

import COpenSSL

/// A digest of bytes that come part by part, as those of a file that does not fit into memory.
public struct RunningDigest: ~Copyable {
  private let context: DigestContext
  private let algorithm: HashAlgorithm

  /// Of no bytes yet.
  public init(_ algorithm: HashAlgorithm) throws(CryptoFault) {
    guard let context = DigestContext() else { throw .failed }
    guard unsafe EVP_DigestInit_ex(context.pointer, algorithm.function, nil) == 1 else {
      throw .failed
    }
    self.context = context
    self.algorithm = algorithm
  }

  /// Takes the next bytes.
  public mutating func append(_ bytes: [UInt8]) throws(CryptoFault) {
    if unsafe EVP_DigestUpdate(context.pointer, bytes, bytes.count) != 1 { throw .failed }
  }

  /// The digest of all bytes.
  public consuming func finish() throws(CryptoFault) -> [UInt8] {
    var digest = [UInt8](repeating: 0, count: algorithm.byteCount)
    var count: UInt32 = 0
    guard unsafe EVP_DigestFinal_ex(context.pointer, &digest, &count) == 1,
      Int(count) == digest.count
    else { throw .failed }
    return digest
  }
}
