// SPDX-License-Identifier: Apache-2.0

import PaymentCrypto
import Updates

/// A digest of what comes piece by piece; a class, because a list can hold only what can be copied.
final class RunningFileDigest {
  let algorithm: HashAlgorithm
  private var digest: RunningDigest?

  /// Nil where the library refuses.
  init?(_ algorithm: HashAlgorithm) {
    self.algorithm = algorithm
    guard let digest = try? RunningDigest(algorithm) else { return nil }
    self.digest = consume digest
  }

  /// The next piece; false where the library refuses it.
  func append(_ bytes: [UInt8]) -> Bool {
    guard var digest = digest.take() else { return false }
    let isTaken: Void? = try? digest.append(bytes)
    self.digest = consume digest
    return isTaken != nil
  }

  /// The digest, once.
  func finish() -> [UInt8]? {
    guard let digest = digest.take() else { return nil }
    return try? digest.finish()
  }
}

/// What has come of a target: its length and its digests so far.
final class Arrival {
  private let target: Target
  private(set) var count: Int64 = 0
  private let digests: [RunningFileDigest]

  init(_ target: Target) {
    self.target = target
    digests = target.digests.entries.compactMap { RunningFileDigest($0.algorithm) }
  }

  func take(_ bytes: [UInt8]) -> Bool {
    count += Int64(bytes.count)
    return digests.allSatisfy { $0.append(bytes) }
  }

  func check() throws(Refusal) {
    let found = digests.map { Digests.Entry($0.algorithm, $0.finish() ?? []) }
    try target.check(length: count, digests: Digests(found))
  }
}
