// SPDX-License-Identifier: Apache-2.0

/// Under which keys the stored timestamp and snapshot were accepted.
///
/// When one of these keys is not the role's any more, it was rotated: whoever had it may have
/// pushed versions so high that no honest one would ever be newer, so both are forgotten (5.3.11).
/// The record stands beside them, and a power cut between a new root and the forgetting changes
/// nothing. Keys that were only added are no rotation.
struct AcceptedKeys: Hashable, Sendable {
  static let limit: Int64 = 262_144

  private let timestamp: [ByteString]
  private let snapshot: [ByteString]

  /// The keys of a root.
  init(_ root: RootMetadata) {
    timestamp = root.signers(for: .timestamp).keyids.sorted()
    snapshot = root.signers(for: .snapshot).keyids.sorted()
  }

  /// As it is stored; nil where it is not legible.
  init?(_ bytes: [UInt8]) {
    guard let value = try? MetadataValue(parsing: bytes, limit: Int(AcceptedKeys.limit)),
      let timestamp = try? value.texts("timestamp"), let snapshot = try? value.texts("snapshot")
    else { return nil }
    self.timestamp = timestamp
    self.snapshot = snapshot
  }

  var bytes: [UInt8] {
    func list(_ keyids: [ByteString]) -> MetadataValue { .array(keyids.map { .text($0) }) }
    let members = [
      MetadataMember("snapshot", list(snapshot)), MetadataMember("timestamp", list(timestamp)),
    ]
    return MetadataValue.object(members).canonical
  }

  /// Whether one of the keys is not its role's in this root.
  func isRotated(in root: RootMetadata) -> Bool {
    let current = AcceptedKeys(root)
    return !timestamp.allSatisfy { current.timestamp.contains($0) }
      || !snapshot.allSatisfy { current.snapshot.contains($0) }
  }
}
