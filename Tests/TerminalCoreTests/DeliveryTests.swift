// SPDX-License-Identifier: Apache-2.0

import Clockwork
import Devices
import Simulator
import TerminalCore
import Testing

@Suite("How advices and reversals are delivered")
struct DeliveryTests {
  private static func refund(_ reference: String, _ amount: UInt64) -> TransactionRequest {
    TransactionRequest(.refund, reference: reference, amount: amount, original: "till/1")
  }

  /// A sale, and refunds of it whose answers did not come.
  private static func refunding(_ count: Int, tries: UInt32 = 0) throws -> Till {
    var till = try Till.inService { $0.adviceTries = tries }
    till.sell("till/1", 1_000)
    till.hostIsSilent = true
    for number in 0..<count {
      till.transact(refund("till/\(number + 2)", 300))
      till.wait(.seconds(42))
    }
    return till
  }

  @Test("after so many tries in vain an advice is parked with an alert, and the queue goes on")
  func tries() throws {
    var till = try DeliveryTests.refunding(2, tries: 2)
    #expect(till.row("till/2")?.state == "parked")
    #expect(till.row("till/2")?.attempts == 2)
    #expect(till.terminal.status.problems.contains { $0.code == "TXN-011" })
    till.hostIsSilent = false
    till.wait(.seconds(120))
    #expect(till.row("till/2")?.state == "parked")
    #expect(till.row("till/3")?.state == "approved")
  }

  @Test("tries are counted over a restart; a connection that is not made is none; 0 is for ever")
  func counted() throws {
    var till = try DeliveryTests.refunding(1, tries: 3)
    till.wait(.seconds(5))
    let before = try #require(till.row("till/2")?.attempts)
    #expect(before < 3)
    var again = try till.restarted()
    again.hostFailure = .tcp
    again.start()
    again.wait(.seconds(3_600))
    #expect(again.ledger.row("till/2")?.state == "queued")
    #expect(again.ledger.row("till/2")?.attempts == before)
    again.hostFailure = nil
    again.hostIsSilent = true
    again.wait(.seconds(600))
    #expect(again.row("till/2")?.state == "parked")
    #expect(again.row("till/2")?.attempts == 3)
    var patient = try DeliveryTests.refunding(1, tries: 0)
    patient.wait(.seconds(86_400))
    #expect(patient.row("till/2")?.state == "queued")
    #expect(patient.row("till/2")?.attempts ?? 0 > 100)
  }

  @Test("what was put back has all its tries before it")
  func triesAgain() throws {
    var till = try DeliveryTests.refunding(1, tries: 1)
    till.wait(.seconds(60))
    #expect(till.row("till/2")?.state == "parked")
    till.unpark("till/2")
    #expect(till.row("till/2")?.attempts == 0)
    till.hostIsSilent = false
    till.wait(.seconds(60))
    #expect(till.row("till/2")?.state == "approved")
  }

  @Test("an advice of which nobody knows is told once more in the upload of a batch that differs")
  func lastNet() throws {
    var till = try Till.inService { $0.adviceTries = 1 }
    till.sell("till/1", 1_000)
    till.losesAnswers = true
    till.transact(DeliveryTests.refund("till/2", 300))
    till.wait(.seconds(60))
    #expect(till.row("till/2")?.state == "parked")
    till.losesAnswers = false
    till.ask(.settle)
    till.wait(.seconds(5))
    #expect(till.row("till/2")?.state == "approved")
    let last = try #require(till.terminal.batch.last)
    #expect(last.parked == 0 && last.uploaded == 3)
    #expect(till.terminal.status.parked == 0)
    let batch = try #require(till.acquirer.batches.last)
    #expect(batch.settled == batch.host)
  }

  @Test("F29, F31: a refund that the acquirer had is answered 94: delivered, and given once")
  func duplicate() throws {
    var till = try Till.inService()
    till.sell("till/1", 1_000)
    till.losesAnswers = true
    till.transact(DeliveryTests.refund("till/2", 300))
    till.wait(.seconds(42))
    till.losesAnswers = false
    till.wait(.seconds(90))
    #expect(till.row("till/2")?.state == "approved")
    #expect(till.row("till/2")?.deliveryCode == "94")
    let account = SimulatedShop.accounts[0]
    #expect(till.acquirer.balance(of: account) == account.balance - 800)
  }

  @Test(
    "F30: an advice that is refused parks with an alert, is no delivery, and the queue goes on",
    arguments: ["30", "05", "41", "Z9"])
  func refused(_ code: String) throws {
    var till = try DeliveryTests.refunding(2)
    till.hostIsSilent = false
    till.changes = [AnswerChange(elements: [(39, Array(code.utf8))])]
    till.wait(.seconds(200))
    #expect(till.row("till/2")?.state == "parked")
    #expect(till.row("till/2")?.deliveryCode == code)
    #expect(till.row("till/2")?.deliveredAt == "")
    #expect(till.terminal.status.problems.contains { $0.code == "TXN-011" })
    #expect(till.row("till/3")?.state == "approved")
    #expect(till.row("till/3")?.deliveredAt != "")
  }

  @Test("an advice that the acquirer cannot take now is told again", arguments: ["91", "77", "A0"])
  func later(_ code: String) throws {
    var till = try DeliveryTests.refunding(1)
    till.hostIsSilent = false
    till.changes = [AnswerChange(elements: [(39, Array(code.utf8))])]
    till.wait(.seconds(200))
    #expect(till.row("till/2")?.state == "approved")
    #expect(till.row("till/2")?.attempts ?? 0 >= 1)
  }

  @Test("F22: a reversal that is refused is kept, goes out again as 06, and is done in the end")
  func stubborn() throws {
    var till = try Till.inService()
    till.sell("till/1", 10_211)
    till.wait(.seconds(42))
    let first = till.journal.flatMap { $0.rows }.first { $0.state == "reversal owed" }
    #expect(first?.reversalReason == "98")
    till.wait(.seconds(300))
    #expect(till.row("till/1")?.state == "reversed")
    #expect(till.row("till/1")?.reversalReason == "06")
    #expect(till.row("till/1")?.attempts == 3)
    #expect(till.acquirer.heldTotal == 100)
  }

  @Test("F23: a reversal of what the acquirer never had is done, and says so")
  func nothingThere() throws {
    var till = try Till.inService()
    till.hostIsSilent = true
    till.sell("till/1", 1_200)
    till.wait(.seconds(42))
    till.hostIsSilent = false
    till.wait(.seconds(60))
    #expect(till.row("till/1")?.state == "reversed")
    #expect(till.row("till/1")?.deliveryCode == "25")
  }

  @Test(
    "F24: a reversal that is answered otherwise, or not, is kept",
    arguments: ["94", "96", "05"])
  func kept(_ code: String) throws {
    var till = try Till.inService()
    till.losesAnswers = true
    till.sell("till/1", 1_200)
    till.wait(.seconds(60))
    #expect(till.row("till/1")?.state == "reversal owed")
    till.losesAnswers = false
    till.changes = (0..<9).map { _ in AnswerChange(elements: [(39, Array(code.utf8))]) }
    till.wait(.seconds(120))
    #expect(till.row("till/1")?.state == "reversal owed")
    #expect(till.row("till/1")?.reversalReason == "06")
    till.changes = []
    till.wait(.seconds(90))
    #expect(till.row("till/1")?.state == "reversed")
    #expect(till.acquirer.heldTotal == 100)
  }

  @Test("a receipt whose doubt a person resolves while its advice waits stays printed")
  func doubtResolved() throws {
    var till = try DeliveryTests.refunding(0)
    till.outcome = .unknown(.unavailable(.silent))
    till.transact(DeliveryTests.refund("till/2", 300))
    till.wait(.seconds(30))
    #expect(till.terminal.status.receiptsDoubtful.map { $0.reference } == ["till/2"])
    till.outcome = .printed(.processID)
    till.ask(.reprint(reference: "till/2", row: till.row("till/2")))
    #expect(till.row("till/2")?.receipt == "printed")
    till.hostIsSilent = false
    till.wait(.seconds(120))
    #expect(till.row("till/2")?.state == "approved")
    #expect(till.row("till/2")?.receipt == "printed")
    #expect(till.terminal.status.receiptsDoubtful.isEmpty)
  }

  @Test("a receipt that is printed after its advice was parked and put back forgets neither")
  func receiptMeanwhile() throws {
    var till = try DeliveryTests.refunding(0)
    till.tell(.printer(.status(.halted(.paperOut))))
    till.transact(DeliveryTests.refund("till/2", 300))
    till.wait(.seconds(42))
    for (isParked, state) in [(true, "parked"), (false, "queued")] {
      if isParked { till.park("till/2") } else { till.unpark("till/2") }
      var printing = till
      printing.tell(.printer(.status(.ready(paperLow: false))))
      #expect(printing.row("till/2")?.receipt == "printed")
      #expect(printing.row("till/2")?.state == state)
    }
  }
}
