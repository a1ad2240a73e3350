// SPDX-License-Identifier: Apache-2.0

/// Who may sign a way out when everything else has expired: a threshold of keys that the maker
/// keeps off line and that the terminal has from its read-only image.
///
/// The file is `{"keys":{KEYID:KEY,…},"keyids":[…],"threshold":n}`, with keys as in TUF's root.
public struct RecoveryKeys: Hashable, Sendable {
  /// Bytes of the file of keys.
  public static let fileLimit = 65_536
  /// Bytes of a recovery document.
  public static let documentLimit = 65_536

  private let keys: KeyRing
  private let signers: Signers

  /// Reads the file of keys. A threshold that these keys cannot meet is a mistake of who made it.
  public init(parsing bytes: [UInt8]) throws(MetadataFault) {
    let value = try MetadataValue(parsing: bytes, limit: RecoveryKeys.fileLimit)
    let members = try value.object("keys")
    keys = try within("keys") { () throws(MetadataFault) in try KeyRing(members) }
    signers = try Signers(value)
    let known = signers.keyids.filter { keys[$0] != nil }.count
    if Int64(known) < signers.threshold { throw MetadataFault(.outOfRange, at: "threshold") }
  }

  /// Reads a recovery document and says whether it counts here.
  ///
  /// It needs no clock and asks for none: whatever `expires` says, and whenever now is, makes no
  /// difference. What is never waived: the threshold, a version above the last one that counted,
  /// exactly one bundle, and the floors. So whoever holds the mirror can withhold it or show an
  /// older one that is still above everything this terminal has had, and nothing else.
  public func judge(
    _ bytes: [UInt8], last: Int64, device: DeviceFacts
  ) throws(RecoveryRefusal) -> Recovery {
    let document: SignedDocument
    let metadata: TargetsMetadata
    let valid: Int64
    do throws(MetadataFault) {
      document = try SignedDocument(parsing: bytes, limit: RecoveryKeys.documentLimit)
      valid = document.count(of: signers, keys: keys)
    } catch {
      throw .malformed(error)
    }
    if valid < signers.threshold {
      throw .signatureThreshold(valid: valid, needed: signers.threshold)
    }
    do throws(MetadataFault) {
      metadata = try TargetsMetadata(document.signed)
    } catch {
      throw .malformed(error)
    }
    // The name of a bundle is the publisher's; that there is one alone is what makes the version
    // the version of something. Nobody else may be asked.
    guard metadata.targets.count == 1, metadata.delegations == nil,
      let target = metadata.targets.first, Target.isUsable(target.path)
    else { throw .notOneBundle(metadata.targets.count) }
    if metadata.common.version <= last {
      throw .replayed(have: last, got: metadata.common.version)
    }
    let release: Release
    do throws(MetadataFault) { release = try Release(target) } catch { throw .malformed(error) }
    if let reason = release.unfit(for: device, isCure: true) { throw .unfit(reason) }
    return Recovery(version: metadata.common.version, target: target, release: release)
  }
}

/// A bundle that the recovery role has signed and that counts here.
public struct Recovery: Hashable, Sendable {
  /// The version of the document, above every one before.
  public let version: Int64
  /// The bundle.
  public let target: Target
  /// What is said of it.
  public let release: Release
}

/// Why a recovery document does not count.
public enum RecoveryRefusal: Error, Hashable, Sendable {
  /// It is none.
  case malformed(MetadataFault)
  /// Too few of the right keys have signed.
  case signatureThreshold(valid: Int64, needed: Int64)
  /// It lists so many bundles, or lets others list some.
  case notOneBundle(Int)
  /// It, or a later one, has counted already.
  case replayed(have: Int64, got: Int64)
  /// Its bundle is not for this terminal.
  case unfit(Unfit)

  /// A word for people and programs that never changes.
  public var code: String {
    switch self {
    case .malformed: "malformed"
    case .signatureThreshold: "signature-threshold"
    case .notOneBundle: "not-one-bundle"
    case .replayed: "replayed"
    case .unfit: "unfit"
    }
  }
}
