// SPDX-License-Identifier: Apache-2.0

import Clockwork
import Simulator
import TerminalCore
import Testing

@Suite("Refunds by the numbers of a receipt")
struct UnlinkedRefundTests {
  private static func till(_ allows: Bool = true) throws -> Till {
    var settings = SimulatedShop.settings
    settings.allowsUnlinkedRefunds = allows
    var till = try Till.inService(settings: settings)
    till.sell("till/1", 1_000)
    return till
  }

  private static func refund(
    _ reference: String, _ amount: UInt64, of retrieval: String
  ) -> TransactionRequest {
    TransactionRequest(
      .refund, reference: reference, amount: amount,
      foreignOriginal: ForeignOriginal(
        retrievalReference: Array(retrieval.utf8), approvalCode: [], date: Array("0921".utf8)))
  }

  @Test("a sale of this terminal is refunded as its own, and never beyond what it was")
  func own() throws {
    var till = try UnlinkedRefundTests.till()
    let number = try #require(till.row("till/1")?.retrievalReference)
    till.transact(UnlinkedRefundTests.refund("till/2", 700, of: number))
    #expect(till.row("till/2")?.state == "approved")
    #expect(till.row("till/2")?.original == "till/1")
    till.transact(UnlinkedRefundTests.refund("till/3", 700, of: number))
    #expect(till.refusal == "TXN-005")
    till.transact(TransactionRequest(.void, reference: "till/4", amount: 0, original: "till/1"))
    #expect(till.refusal == "TXN-004")
    // The same question again has the same answer.
    till.transact(UnlinkedRefundTests.refund("till/2", 700, of: number))
    guard case .transaction(let row, nil) = till.answers.last else {
      Issue.record("no transaction: \(till.answers)")
      return
    }
    #expect(row.state == "approved")
    let account = SimulatedShop.accounts[0]
    #expect(till.acquirer.balance(of: account) == account.balance - 400)
  }

  @Test("a sale of another terminal is refunded where the acquirer allows it, and only there")
  func foreign() throws {
    for isAllowed in [true, false] {
      var till = try UnlinkedRefundTests.till(isAllowed)
      till.transact(UnlinkedRefundTests.refund("till/2", 700, of: "999999999999"))
      if isAllowed {
        #expect(till.row("till/2")?.kind == "refund")
        #expect(till.row("till/2")?.original == "")
      } else {
        #expect(till.refusal == "TXN-006")
      }
    }
  }

  @Test("whoever leaves while the sale is being looked for has asked for nothing")
  func left() throws {
    var till = try UnlinkedRefundTests.till()
    till.forget()
    till.isHeld = true
    let id = till.ask(
      .transact(
        UnlinkedRefundTests.refund("till/2", 700, of: "999999999999"), earlier: nil,
        original: nil))
    till.tell(.requesterLeft(id))
    till.isHeld = false
    while !till.held.isEmpty { till.serve(till.held.removeFirst()) }
    #expect(till.terminal.state == .ready)
    #expect(!till.progress.contains(.swipeCard))
  }
}
