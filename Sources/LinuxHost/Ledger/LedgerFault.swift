// SPDX-License-Identifier: Apache-2.0

/// Why a ledger cannot be used; the file has not been changed.
public enum LedgerFault: Error, Hashable, Sendable {
  /// Another program has it.
  case inUse(path: String)
  /// It was written by a newer program.
  case foreignVersion(path: String, String)
  /// It is not a ledger, or torn.
  case damaged(path: String, String)
  /// It ends before an entry that had been acknowledged, by what the anchor says.
  case lost(path: String, found: Int64, acknowledged: Int64)
  /// The anchor beside it cannot be read; of the ledger itself nothing is known to be wrong.
  case anchorDamaged(path: String)
  /// Others than its owner may enter the state folder.
  case openFolder(path: String, mode: UInt32)
  /// There is no room.
  case diskFull(path: String)
  /// The system refused.
  case failed(path: String, String)

  /// For people: what, where, and what to do.
  public var text: String {
    switch self {
    case .inUse(let path): "LED-003 \(path) is in use by another posd; stop that one first"
    case .foreignVersion(let path, let what):
      "LED-004 \(path) was written by a newer posd (\(what)); install that one, or restore a backup"
    case .damaged(let path, let what):
      "LED-005 \(path) is damaged (\(what)); keep all files of the folder for the maker. A "
        + "backup takes the place of ledger.db, ledger.db-wal and ledger.anchor"
    case .lost(let path, let found, let acknowledged):
      "LED-006 \(path) and its log \(path)-wal end with entry \(found), but entry "
        + "\(acknowledged) had been acknowledged (\(LedgerAnchor.path(beside: path))): "
        + "transactions are missing. Keep all files of the folder for the maker and have the "
        + "acquirer's record compared; only then remove the anchor, to go on without them"
    case .anchorDamaged(let path):
      "LED-008 \(path) is unreadable, so nobody knows which entry was the last; the ledger beside "
        + "it may well be whole. Do not put a backup in its place: keep a copy of all files of the "
        + "folder, have the acquirer's record compared with the newest transactions, and only then "
        + "remove \(path) alone; posd makes it anew"
    case .openFolder(let path, let mode):
      "LED-007 \(path) has mode 0\(String(mode, radix: 8)), so others may enter it; "
        + "chmod 700 \(path), and find out who could read the keys"
    case .diskFull(let path): "LED-001 no room for \(path); free some space"
    case .failed(let path, let what): "LED-002 \(path): \(what)"
    }
  }
}
