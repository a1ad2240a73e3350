// SPDX-License-Identifier: Apache-2.0

/// A step of the client's workflow (TUF 1.0.34, 5), by which a refusal says what was being done.
public enum Step: UInt8, Hashable, Sendable, CaseIterable {
  /// The trusted root is read.
  case loadTrustedRoot
  /// The next root is fetched.
  case fetchRoot
  /// It is signed by the threshold of the root before and of its own.
  case rootSignatures
  /// Its version is the next one.
  case rootVersion
  /// The last root is not expired.
  case rootExpiry
  /// What was accepted under keys that are gone is forgotten.
  case forgetRotated
  /// The timestamp is fetched.
  case fetchTimestamp
  /// It is signed by its threshold.
  case timestampSignatures
  /// Its version is not lower than the stored one's.
  case timestampRollback
  /// The snapshot that it lists is not older than the one that the stored one lists.
  case timestampSnapshotRollback
  /// It is not expired.
  case timestampExpiry
  /// The snapshot is fetched.
  case fetchSnapshot
  /// It is the file that the timestamp lists.
  case snapshotHash
  /// It is signed by its threshold.
  case snapshotSignatures
  /// Its version is the one that the timestamp lists.
  case snapshotVersion
  /// Nothing that the stored one lists is gone or older.
  case snapshotRollback
  /// It is not expired.
  case snapshotExpiry
  /// A targets document is fetched.
  case fetchTargets
  /// It is the file that the snapshot lists.
  case targetsHash
  /// It is signed by the threshold of whoever delegates to it.
  case targetsSignatures
  /// Its version is the one that the snapshot lists.
  case targetsVersion
  /// It is not expired.
  case targetsExpiry
  /// The target is looked for in targets and the roles it delegates to.
  case search
  /// The target is fetched and compared with what was signed.
  case fetchTarget

  /// The number of the step in the specification.
  public var section: String {
    switch self {
    case .loadTrustedRoot: "5.2"
    case .fetchRoot: "5.3.3"
    case .rootSignatures: "5.3.4"
    case .rootVersion: "5.3.5"
    case .rootExpiry: "5.3.10"
    case .forgetRotated: "5.3.11"
    case .fetchTimestamp: "5.4.1"
    case .timestampSignatures: "5.4.2"
    case .timestampRollback: "5.4.3.1"
    case .timestampSnapshotRollback: "5.4.3.2"
    case .timestampExpiry: "5.4.4"
    case .fetchSnapshot: "5.5.1"
    case .snapshotHash: "5.5.2"
    case .snapshotSignatures: "5.5.3"
    case .snapshotVersion: "5.5.4"
    case .snapshotRollback: "5.5.5"
    case .snapshotExpiry: "5.5.6"
    case .fetchTargets: "5.6.1"
    case .targetsHash: "5.6.2"
    case .targetsSignatures: "5.6.3"
    case .targetsVersion: "5.6.4"
    case .targetsExpiry: "5.6.5"
    case .search: "5.6.7"
    case .fetchTarget: "5.7"
    }
  }
}
