// SPDX-License-Identifier: Apache-2.0

import Clockwork
import Devices
import Simulator
import TerminalCore
import Testing

@Suite("What the terminal approves by itself")
struct OfflineTests {
  private func till() throws -> Till {
    var settings = SimulatedShop.settings
    let limit = try #require(Amount(minorUnits: 100_000))
    settings.offline = OfflineLimits(floor: limit, count: 10, sum: 1_000_000, days: nil)
    return try Till.inService(settings: settings)
  }

  private func asked(
    _ kind: TransactionKind, _ reference: String, _ amount: UInt64 = 0, of original: String = ""
  ) -> TransactionRequest {
    TransactionRequest(kind, reference: reference, amount: amount, original: original)
  }

  @Test("a sale that is told later is approved here, printed, and told")
  func offlineSale() throws {
    var till = try till()
    till.hostFailure = .tcp
    till.transact(asked(.offlineSale, "till/1", 1_000))
    #expect(till.row("till/1")?.state == "queued")
    #expect(till.row("till/1")?.receipt == "printed")
    till.hostFailure = nil
    till.wait(.minutes(3))
    #expect(till.row("till/1")?.state == "approved")
    #expect(till.acquirer.heldTotal == 1_100)
  }

  @Test("one whose intent the storage failed on is off: no paper and no upload are owed for it")
  func failed() throws {
    var till = try till()
    till.failingEntry = 0
    till.transact(asked(.offlineSale, "till/1", 1_000))
    till.wait(.seconds(30))
    let row = try #require(till.row("till/1"))
    #expect(row.state == "not sent")
    #expect(row.receipt == "none")
    #expect(row.upload == "")
    #expect(till.refusedOrNotSent("till/1"))
    #expect(till.papers.isEmpty)
    var again = try till.restarted()
    again.start()
    again.wait(.minutes(3))
    #expect(again.terminal.status.receiptsOwed.isEmpty)
    #expect(again.acquirer.heldTotal == 100)
  }

  @Test("one for which the disk has no room is refused, and nobody is told that it is queued")
  func diskFull() throws {
    var till = try till()
    till.journalFault = .diskFull
    till.transact(asked(.offlineSale, "till/1", 1_000))
    #expect(till.refusal == Problem.journal(.diskFull).code)
    #expect(till.row("till/1") == nil)
    till.journalFault = nil
    till.transact(asked(.offlineSale, "till/2", 1_000))
    #expect(till.row("till/2")?.state == "queued")
  }
}

extension Till {
  /// Whether the last answer says of this transaction that it never left.
  fileprivate func refusedOrNotSent(_ reference: String) -> Bool {
    guard case .transaction(let row, .some) = answers.last else { return false }
    return row.reference == reference && row.state == "not sent"
  }
}
