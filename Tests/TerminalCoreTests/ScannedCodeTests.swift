// SPDX-License-Identifier: Apache-2.0

import Clockwork
import Devices
import Simulator
import TerminalCore
import Testing

@Suite("What was paid by a scanned code")
struct ScannedCodeTests {
  private func till() throws -> Till {
    var till = try Till.unionPay()
    var request = TransactionRequest(.sale, reference: "till/1", amount: 1_200)
    request.scannedCode = ScannedCode(Till.codes[0])
    till.transact(request)
    #expect(till.row("till/1")?.state == "approved")
    #expect(!till.progress.contains(.swipeCard))
    return till
  }

  private func asked(
    _ kind: TransactionKind, _ reference: String, _ amount: UInt64 = 0, of original: String
  ) -> TransactionRequest {
    TransactionRequest(kind, reference: reference, amount: amount, original: original)
  }

  @Test("its void asks for no card and sends none")
  func void() throws {
    var till = try till()
    till.transact(asked(.void, "till/2", of: "till/1"))
    #expect(!till.progress.contains(.swipeCard))
    #expect(till.row("till/2")?.state == "approved")
    #expect(till.ledger.row("till/1")?.state == "voided")
    #expect(till.lastTold(2) == nil && till.lastTold(35) == nil)
    #expect(till.lastTold(22) == "032")
    #expect(till.acquirer.heldTotal == 100)
  }

  @Test("its refund asks for no card, even where the acquirer wants one, and sends none")
  func refund() throws {
    var till = try Till.unionPay { $0.terms.cardKinds = [.refund] }
    var request = TransactionRequest(.sale, reference: "till/1", amount: 1_200)
    request.scannedCode = ScannedCode(Till.codes[1])
    till.transact(request)
    till.transact(asked(.refund, "till/2", 700, of: "till/1"))
    #expect(!till.progress.contains(.swipeCard))
    #expect(till.row("till/2")?.state == "approved")
    let account = SimulatedShop.accounts[1]
    let owner = IssuerAccount(
      pan: account.pan, pin: account.pin, balance: account.balance, codes: [Till.codes[1]]
    )
    #expect(till.acquirer.balance(of: owner) == account.balance - 500)
    // A card that is held up all the same belongs to a sale with that card alone.
    till.transact(TransactionRequest(.sale, reference: "till/3", amount: 300))
    till.transact(asked(.refund, "till/4", 300, of: "till/3"), account: 1)
    #expect(till.refusal == "TXN-007")
  }

  @Test("nothing that follows a sale is paid by a code")
  func codeAgain() throws {
    var till = try till()
    var request = asked(.void, "till/2", of: "till/1")
    request.scannedCode = ScannedCode(Till.codes[1])
    till.transact(request)
    #expect(till.refusal == "TRM-004")
  }

  @Test("its void of which nobody knows is reversed without a card, and the sale stands")
  func voidReversed() throws {
    var till = try till()
    till.hostIsSilent = true
    till.transact(asked(.void, "till/2", of: "till/1"))
    till.wait(.seconds(25))
    till.hostIsSilent = false
    till.wait(.seconds(60))
    #expect(till.row("till/2")?.state == "reversed")
    #expect(till.acquirer.heldTotal == 1_300)
  }

  @Test("neither the question nor an event or effect with it prints the code")
  func printed() throws {
    var request = TransactionRequest(.sale, reference: "till/1", amount: 1_200)
    request.scannedCode = ScannedCode(Till.codes[0])
    let event = TerminalEvent.requested(
      RequestID(1), .transact(request, earlier: nil, original: nil))
    for text in ["\(request)", "\(event)", String(reflecting: event)] {
      #expect(text.contains("till/1"))
      #expect(!text.contains("6212340000000000001"))
      #expect(!text.contains("54, 50, 49, 50, 51"))
    }
  }
}
