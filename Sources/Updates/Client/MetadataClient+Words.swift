// SPDX-License-Identifier: Apache-2.0

extension MetadataClient {
  /// Where trust begins.
  public enum Anchor: Hashable, Sendable {
    /// The root in the store.
    case stored
    /// A root in the program: every newer one must be reachable from it, so a store that was
    /// tampered with widens no trust.
    case embedded([UInt8])
  }

  /// What has happened.
  public enum Event: Hashable, Sendable {
    /// Somebody wants to know what is current, at this moment of the calendar.
    case refreshAsked(at: UTCTime)
    /// Somebody looks for a target; if nothing is trusted yet, that comes first.
    case targetSought(ByteString, at: UTCTime)
    /// What the store has under the name: nil when it has nothing, cannot read it, or has more than
    /// was asked for.
    case loaded([UInt8]?)
    /// The document has come, as it is on the repository.
    case fetched([UInt8])
    /// The repository says that it does not have it (404, and 403 as some stores say it).
    case notThere
    /// It could not be fetched.
    case notFetched(TransferFault)
    /// What was to be stored, or to be deleted, is so on the disk.
    case stored
    /// It is not.
    case notStored
  }

  /// What must happen next. One of the first four is outstanding at a time.
  public enum Effect: Hashable, Sendable {
    /// Say what the store has under this name, at most so many bytes.
    case load(StoredName, limit: Int64)
    /// Fetch a document by its name beside the others on the repository, at most so many bytes.
    case fetch(ByteString, limit: Int64)
    /// Put it into the store so that it survives a power cut.
    case store(StoredName, [UInt8])
    /// Take it out of the store.
    case delete(StoredName)
    /// A document was accepted.
    case trusted(role: ByteString, version: Int64)
    /// A stored document counts for nothing: another one is fetched.
    case distrusted(StoredName, Refusal)
    /// What is current is known.
    case refreshed
    /// The target was found; `location` is where it lies beside the other targets.
    case found(Target, location: ByteString)
    /// The run, or the search, has ended.
    case refused(Refusal)
  }
}

/// What a store holds.
public enum StoredName: Hashable, Sendable {
  /// The newest root.
  case root
  /// A root of this version, for the chain from the one in the program.
  case rootVersion(Int64)
  /// The keys under which timestamp and snapshot were accepted.
  case acceptedKeys
  /// The document of any other role.
  case role(ByteString)

  /// The file name; of an older root in a folder below. Names from outside are percent-encoded.
  public var fileName: ByteString {
    switch self {
    case .root: "root.json"
    case .rootVersion(let version): "root_history/" + ByteString(version) + ".root.json"
    case .acceptedKeys: "accepted-keys"
    case .role(let role): PercentEncoding.segment(role) + ".json"
    }
  }

  /// The role that it belongs to, and the step in which it is stored.
  var origin: (step: Step, role: ByteString) {
    switch self {
    case .root, .rootVersion: (.fetchRoot, "root")
    case .acceptedKeys: (.fetchTimestamp, "timestamp")
    case .role("timestamp"): (.fetchTimestamp, "timestamp")
    case .role("snapshot"): (.fetchSnapshot, "snapshot")
    case .role(let role): (.fetchTargets, role)
    }
  }
}
