// SPDX-License-Identifier: Apache-2.0

import Clockwork
import Devices
import Simulator
import TerminalCore
import Testing

@Suite("Questions that are asked again")
struct AskedAgainTests {
  @Test("whoever asks again while the sale runs hears its steps and its end, as many as may wait")
  func askedAgain() throws {
    var till = try Till.inService()
    let sale = ControlRequest.sale(reference: "till/1", amount: 1_200, earlier: nil)
    till.ask(sale)
    till.ask(sale)
    #expect(till.answers.isEmpty)
    #expect(till.progress == [.swipeCard, .swipeCard])
    till.ask(.sale(reference: "till/1", amount: 1_300, earlier: nil))
    #expect(till.refusal == "TRM-003")
    till.ask(.sale(reference: "till/2", amount: 1_200, earlier: nil))
    #expect(till.refusal == "TRM-002")
    till.swipe()
    #expect(till.progress.suffix(2) == [.enterPIN, .enterPIN])
    till.hostIsSilent = true
    till.enterPIN()
    // The ledger has the intent now.
    let row = try #require(till.row("till/1"))
    for _ in 0..<2 { till.ask(.sale(reference: "till/1", amount: 1_200, earlier: row)) }
    #expect(till.answers.count == 2)
    #expect(till.progress.last == .askingAcquirer)
    till.ask(.sale(reference: "till/1", amount: 1_200, earlier: row))
    #expect(till.refusal == "TRM-010")
    till.forget()
    till.hostIsSilent = false
    till.wait(.seconds(21))
    #expect(till.answers.count == 4)
    #expect(Set(till.answers).count == 1)
    guard case .transaction(let end, _) = till.answers.last else {
      Issue.record("no transaction: \(till.answers)")
      return
    }
    #expect(end.state == "reversal owed")
  }

  @Test("a sale ends with its till only when nobody else waits for it")
  func lastAsker() throws {
    var till = try Till.inService()
    let sale = ControlRequest.sale(reference: "till/1", amount: 1_200, earlier: nil)
    let first = till.ask(sale)
    let second = till.ask(sale)
    till.tell(.requesterLeft(first))
    #expect(till.terminal.state == .busy)
    till.tell(.requesterLeft(second))
    #expect(till.terminal.state == .ready)
    #expect(till.sent.isEmpty)
  }

  @Test("a void that is asked again of another sale is another question, and gets no answer to it")
  func otherOriginal() throws {
    var till = try Till.inService()
    till.sell("till/1", 1_200)
    till.sell("till/2", 1_200)
    let void = TransactionRequest(.void, reference: "till/3", amount: 0, original: "till/1")
    till.transact(void)
    #expect(till.row("till/3")?.state == "approved")
    var other = void
    other.original = "till/2"
    till.transact(other)
    #expect(till.refusal == "TRM-003")
    till.transact(void)
    guard case .transaction(let row, _) = till.answers.last else {
      Issue.record("no transaction: \(till.answers)")
      return
    }
    #expect(row.original == "till/1")
  }

  @Test("a sale that a power cut has turned into a reversal is told as one, not as sent")
  func askedAfterRestart() throws {
    var till = try Till.inService()
    till.hostIsSilent = true
    till.sell("till/1", 1_200)
    var again = try till.restarted()
    again.hostFailure = .tcp
    again.start()
    let row = try #require(again.row("till/1"))
    #expect(row.state == "sent")
    again.ask(.sale(reference: "till/1", amount: 1_200, earlier: row))
    guard case .transaction(let told, let problem?) = again.answers.last else {
      Issue.record("no transaction: \(again.answers)")
      return
    }
    #expect(told.state == "reversal owed")
    #expect(problem.code == "TXN-002")
  }
}
