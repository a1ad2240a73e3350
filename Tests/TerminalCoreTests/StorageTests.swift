// SPDX-License-Identifier: Apache-2.0

import Clockwork
import Simulator
import TerminalCore
import Testing

@Suite("A storage that refuses")
struct StorageTests {
  /// A sale whose intent is on disk and whose outcome the storage refuses, again and again.
  private static func undecided(_ amount: UInt64) throws -> Till {
    var till = try Till.inService()
    till.failsAfterWrite = true
    till.ask(.sale(reference: "till/1", amount: amount, earlier: nil))
    till.swipe()
    // The intent is written, whatever comes behind it is not.
    till.refusesAfterNext = .failed
    till.enterPIN()
    return till
  }

  private static func isReversal(_ frame: [UInt8]) -> Bool {
    Array(frame.dropFirst(2).prefix(4)) == Array("0400".utf8)
  }

  @Test(
    "an outcome that was not written is told to nobody and reversed by nobody, however long",
    arguments: [1_200, 1_251, 10_203] as [UInt64])
  func undecided(_ amount: UInt64) throws {
    var till = try StorageTests.undecided(amount)
    till.wait(.seconds(29))
    #expect(till.answers.isEmpty)
    #expect(!till.sent.contains(where: StorageTests.isReversal))
    #expect(till.terminal.state == .locked)
    #expect(till.terminal.status.problems.first?.code == "LED-002")
    till.wait(.seconds(600))
    #expect(!till.sent.contains(where: StorageTests.isReversal))
    #expect(till.terminal.status.reversals.isEmpty)
    #expect(till.journal.compactMap { $0.rows.first?.state } == ["sent"])
    // The till hears within its limit, once, and nothing but what is certain.
    #expect(till.answers.count == 1)
    guard case .transaction(let row, let problem?) = till.answers.last else {
      Issue.record("no transaction: \(till.answers)")
      return
    }
    #expect(row.state == "sent")
    #expect(problem.code == "TXN-003")
    // Whoever asks again waits as long, and hears the same.
    till.ask(.sale(reference: "till/1", amount: amount, earlier: row))
    #expect(till.answers.count == 1)
    till.wait(.seconds(30))
    #expect(till.answers.count == 2)
    #expect(till.answers.last == till.answers.first)
  }

  @Test("when the storage is well again the sale is reversed, card and all, and the till may ask")
  func decided() throws {
    var till = try StorageTests.undecided(1_200)
    till.wait(.seconds(60))
    till.journalFault = nil
    till.wait(.seconds(60))
    #expect(till.row("till/1")?.state == "reversed")
    #expect(till.row("till/1")?.approvalCode.isEmpty == false)
    #expect(till.acquirer.heldTotal == 100)
    let reversal = try #require(till.sent.last)
    #expect(String(decoding: reversal, as: UTF8.self).contains("4012345678909"))
    let states = till.journal.compactMap { $0.rows.first?.state }
    #expect(states == ["sent", "reversal owed", "reversed"])
    #expect(till.terminal.state == .ready)
    till.sell("till/2", 1_200)
    #expect(till.row("till/2")?.state == "approved")
  }

  @Test("whatever a power cut finds of a refused outcome, ledger and acquirer agree in the end")
  func powerCut() throws {
    for seconds in [0, 3, 20, 40] as [Int64] {
      var till = try StorageTests.undecided(1_200)
      till.wait(.seconds(seconds))
      var again = try till.restarted()
      again.start()
      again.wait(.seconds(60))
      let isApproved = again.row("till/1")?.state == "approved"
      #expect(again.acquirer.heldTotal == (isApproved ? 1_300 : 100), "\(seconds)")
      #expect(isApproved || again.row("till/1")?.state == "reversed", "\(seconds)")
    }
  }

  @Test("an intent that was refused and is on disk all the same is reversed and holds nothing")
  func intent() throws {
    var till = try Till.inService()
    till.failsAfterWrite = true
    till.failingEntry = 0
    till.sell("till/1", 1_200)
    #expect(till.refusal == "LED-002")
    #expect(till.sent.isEmpty)
    var again = try till.restarted()
    again.start()
    again.wait(.seconds(60))
    #expect(again.row("till/1")?.state == "reversed")
    #expect(again.acquirer.heldTotal == 100)
    again.sell("till/2", 1_200)
    #expect(again.row("till/2")?.state == "approved")
  }
}
