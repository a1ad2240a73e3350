// SPDX-License-Identifier: Apache-2.0

import TerminalCore

//   COMMIT fails ─▶ close, open, look ─▶ not there: failed
//                                     ─▶ there ─▶ written again and synced: journalled
//                                              ─▶ refused: failed, and in doubt
//   in doubt ─▶ before anything else is written the entry is cut out of the log
//
// A commit that fails at its sync has left its frames in the log, where the next start finds them.
// "Failed" must be true then too: the terminal has told people so and acted on it.

extension Ledger {
  /// The disk has failed before or while the entry of this number was committed, 0 when it had none
  /// yet: returns when it is on disk after all, and throws when it is not and will not be.
  func resolve(_ sequence: Int64) throws(JournalFault) {
    database?.close()
    database = nil
    if sequence == 0 { throw .failed }
    doubt = sequence
    do throws(LedgerFault) {
      let opened = try Ledger.connect(path)
      if try Ledger.lastSequence(opened, path) >= sequence, LedgerLog.rewrite(path: path + "-wal") {
        doubt = nil
        database = opened
        return
      }
      opened.close()
    } catch {
      // What cannot be looked at stays in doubt.
    }
    try? reopen()
    throw .failed
  }

  /// Opens the ledger again, without the entry that is in doubt.
  func reopen() throws(JournalFault) {
    do throws(LedgerFault) {
      let opened = try Ledger.connect(path)
      let last = try Ledger.lastSequence(opened, path)
      if last < anchor.sequence {
        throw .lost(path: path, found: last, acknowledged: anchor.sequence)
      }
      database = doubt.map { last >= $0 } == true ? try withoutLast(opened) : opened
      doubt = nil
    } catch {
      throw .failed
    }
  }

  private func withoutLast(_ opened: Database) throws(LedgerFault) -> Database {
    // SQLite must read the log anew.
    opened.close()
    if !LedgerLog.cutLastCommit(path: path + "-wal") {
      throw .failed(path: path + "-wal", "cannot be cut")
    }
    let opened = try Ledger.connect(path)
    if try Ledger.lastSequence(opened, path) != anchor.sequence {
      throw .failed(path: path, "an entry that was refused is still there")
    }
    return opened
  }
}
