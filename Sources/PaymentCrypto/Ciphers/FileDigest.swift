// SPDX-License-Identifier: Apache-2.0

/// A ``RunningDigest`` that can be kept by what other modules specialise: a class, as Embedded
/// Swift does not see there what a value that cannot be copied does at its end.
public final class FileDigest {
  private var digest: RunningDigest?

  /// Of no bytes yet.
  public init(_ algorithm: HashAlgorithm = .sha256) { digest = try? RunningDigest(algorithm) }

  /// Takes the next bytes; false where the library fails.
  public func append(_ bytes: [UInt8]) -> Bool {
    guard var running = digest.take() else { return false }
    let isTaken = (try? running.append(bytes)) != nil
    digest = consume running
    return isTaken
  }

  /// The digest of all bytes; nil where the library has failed, or where it was asked already.
  public func finish() -> [UInt8]? {
    guard let running = digest.take() else { return nil }
    return try? running.finish()
  }
}
