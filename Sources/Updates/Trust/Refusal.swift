// SPDX-License-Identifier: Apache-2.0

public import PaymentCrypto

/// Why a document or a file is not accepted: in which step, of which role, on what evidence.
public struct Refusal: Error, Hashable, Sendable {
  /// The evidence.
  public enum Reason: Hashable, Sendable {
    /// The document is none, or says something that no document may say.
    case malformed(MetadataFault)
    /// Fewer of those who may sign have signed than must.
    case signatureThreshold(valid: Int64, needed: Int64)
    /// An older version than was seen before.
    case rollback(have: Int64, got: Int64)
    /// The stored snapshot lists a document that the new one does not.
    case roleRemoved(ByteString)
    /// The stored snapshot lists a newer version of a document.
    case roleRollback(ByteString, have: Int64, got: Int64)
    /// Another version than the one that must be there.
    case versionMismatch(wanted: Int64, got: Int64)
    /// Another digest than the listed one.
    case hashMismatch(HashAlgorithm)
    /// No digest by a function that we know is listed.
    case unknownHash
    /// More bytes than are listed or allowed.
    case lengthExceeded(limit: Int64)
    /// Fewer bytes than are listed.
    case lengthMismatch(wanted: Int64, got: Int64)
    /// Over since that moment.
    case expired(at: UTCTime, now: UTCTime)
    /// The snapshot does not list the role.
    case notInSnapshot
    /// No role that may say it lists the target.
    case noSuchTarget(ByteString)
    /// The target's path is none that may be used.
    case badPath(ByteString)
    /// The search would visit more roles than are allowed.
    case tooManyRoles(limit: Int)
    /// More new roots in one run than are allowed.
    case tooManyRoots(limit: Int)
    /// The repository, or the store, does not have it.
    case absent
    /// It could not be fetched.
    case notFetched(TransferFault)
    /// It could not be stored.
    case notStored
  }

  /// The step in which it was refused.
  public let step: Step
  /// The role whose document it is, or whose search.
  public let role: ByteString
  /// The evidence.
  public let reason: Reason

  /// A refusal.
  public init(_ step: Step, _ role: ByteString, _ reason: Reason) {
    self.step = step
    self.role = role
    self.reason = reason
  }
}

/// Why a transfer brought nothing.
public enum TransferFault: Hashable, Sendable {
  /// The server answered with this status.
  case status(UInt16)
  /// The connection could not be made, or broke; the library's own number of the cause.
  case connection(code: Int32)
  /// It took longer than it may, or came slower than it may.
  case tooSlow
  /// More bytes came than were asked for.
  case tooLong(limit: Int64)
}

extension Refusal: CustomStringConvertible {
  /// A sentence for a log: the step, the role and the evidence.
  public var description: String {
    section + " " + role.description + ": " + code + evidence
  }

  private var section: String { "TUF " + step.section }

  /// A stable word for the reason, which names the attack where there is one.
  public var code: String {
    switch reason {
    case .malformed(let fault):
      fault.problem == .repeated && fault.path == ["signatures"]
        ? "duplicate-signature" : "malformed"
    case .signatureThreshold: "signature-threshold"
    case .rollback, .roleRollback: "rollback"
    case .roleRemoved: "role-removed"
    case .versionMismatch: "version-mismatch"
    case .hashMismatch: "hash-mismatch"
    case .unknownHash: "unknown-hash"
    case .lengthExceeded: "length-exceeded"
    case .lengthMismatch: "length-mismatch"
    case .expired: "expired"
    case .notInSnapshot: "not-in-snapshot"
    case .noSuchTarget: "no-such-target"
    case .badPath: "bad-path"
    case .tooManyRoles: "too-many-roles"
    case .tooManyRoots: "too-many-roots"
    case .absent: "absent"
    case .notFetched(.tooSlow): "too-slow"
    case .notFetched(.tooLong): "length-exceeded"
    case .notFetched: "not-fetched"
    case .notStored: "not-stored"
    }
  }

  private var evidence: String {
    switch reason {
    case .malformed(let fault): " at " + fault.place
    case .signatureThreshold(let valid, let needed): ", \(valid) of \(needed)"
    case .rollback(let have, let got): ", have version \(have), got \(got)"
    case .roleRemoved(let name): " " + name.description
    case .roleRollback(let name, let have, let got):
      " of " + name.description + ", have version \(have), got \(got)"
    case .versionMismatch(let wanted, let got): ", wanted \(wanted), got \(got)"
    case .hashMismatch(.sha512): " of SHA-512"
    case .hashMismatch: " of SHA-256"
    case .lengthExceeded(let limit), .notFetched(.tooLong(let limit)): ", at most \(limit)"
    case .lengthMismatch(let wanted, let got): ", wanted \(wanted), got \(got)"
    case .expired(let moment, let now): " at " + moment.description + ", now " + now.description
    case .noSuchTarget(let path), .badPath(let path): " " + path.description
    case .tooManyRoles(let limit), .tooManyRoots(let limit): ", at most \(limit)"
    case .notFetched(.status(let status)): ", status \(status)"
    case .notFetched(.connection(let code)): ", transfer code \(code)"
    case .notFetched(.tooSlow), .unknownHash, .notInSnapshot, .absent, .notStored: ""
    }
  }
}
