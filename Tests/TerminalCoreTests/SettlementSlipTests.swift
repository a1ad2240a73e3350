// SPDX-License-Identifier: Apache-2.0

import Clockwork
import Devices
import Management
import Simulator
import TerminalCore
import Testing

@Suite("Slips of settlements")
struct SettlementSlipTests {
  /// The lines of the settlement slips that were printed, one text a slip.
  private static func slips(_ till: Till) -> [String] {
    till.papers.map { $0.lines.map { $0.text }.joined(separator: "\n") }
      .filter { $0.contains("结算单 SETTLEMENT") }
  }

  /// Whether a slip has this label, number and amount on one line.
  private static func has(_ slip: String, _ words: String...) -> Bool {
    slip.split(separator: "\n").contains { line in
      line.split(separator: " ").joined(separator: " ") == words.joined(separator: " ")
    }
  }

  private static func state(_ till: Till, _ batch: UInt32 = 1) -> ReceiptState? {
    till.records.last { $0.key == SettlementSlip.key(batch) }
      .flatMap { SettlementSlip($0.body) }?.state
  }

  private static func settled(
    _ till: Till, _ change: (inout Till) -> Void = { _ in }
  ) -> Till {
    var till = till
    change(&till)
    till.ask(.settle)
    till.wait(.seconds(5))
    return till
  }

  @Test("a closed batch prints what it came to, by kind, and that the acquirer agrees")
  func printed() throws {
    var till = try Till.inService()
    till.sell("till/1", 1_200)
    till.sell("till/2", 800)
    till.transact(TransactionRequest(.void, reference: "v/1", amount: 0, original: "till/1"))
    till.transact(TransactionRequest(.refund, reference: "r/1", amount: 300, original: "till/2"))
    till.forget()
    till = SettlementSlipTests.settled(till)
    let slip = try #require(SettlementSlipTests.slips(till).first)
    #expect(SettlementSlipTests.slips(till).count == 1)
    let parameters = SimulatedShop.parameters
    #expect(SettlementSlipTests.has(slip, "商户号 MID", parameters.merchantID))
    #expect(SettlementSlipTests.has(slip, "终端号 TID", parameters.terminalID))
    #expect(SettlementSlipTests.has(slip, "批次号 BATCH", "000001"))
    // The test sale of 1.00 is of this batch too, and the acquirer counts it.
    #expect(SettlementSlipTests.has(slip, "消费 SALE", "3", "21.00"), "\(slip)")
    #expect(SettlementSlipTests.has(slip, "消费撤销 VOID", "1", "12.00"), "\(slip)")
    #expect(SettlementSlipTests.has(slip, "退货 REFUND", "1", "3.00"), "\(slip)")
    #expect(SettlementSlipTests.has(slip, "借记 DEBIT", "3", "21.00"))
    #expect(SettlementSlipTests.has(slip, "贷记 CREDIT", "2", "15.00"))
    #expect(SettlementSlipTests.has(slip, "净额 NET", "6.00"))
    #expect(SettlementSlipTests.has(slip, "含测试 INCL. TEST 消费 SALE", "1", "1.00"))
    #expect(slip.contains("对账平 BALANCED"))
    #expect(!slip.contains("NOT INCLUDED") && !slip.contains("UPLOADED"))
    #expect(!slip.contains("NO MONEY MOVED") && !slip.contains("COPY"))
    #expect(SettlementSlipTests.state(till) == .printed)
    #expect(till.terminal.status.slipsOwed.isEmpty)
    #expect(till.terminal.isQuiet)
  }

  @Test("a batch with nothing but tests says at both ends that no money moved")
  func tests() throws {
    let till = SettlementSlipTests.settled(try Till.inService())
    let slip = try #require(SettlementSlipTests.slips(till).first)
    #expect(slip.split(separator: "NO MONEY MOVED").count == 3)
    #expect(!slip.contains("INCL. TEST"))
  }

  @Test("what a person has parked is named and counts nowhere")
  func parked() throws {
    var till = try Till.inService()
    till.hostIsSilent = true
    till.sell("till/1", 1_200)
    // Between two attempts to reverse it.
    for _ in 0..<60 where till.row("till/1")?.state != "parked" {
      till.wait(.seconds(1))
      till.ask(.park(reference: "till/1", record: nil))
    }
    #expect(till.row("till/1")?.state == "parked")
    till.hostIsSilent = false
    till.forget()
    till = SettlementSlipTests.settled(till)
    let slip = try #require(SettlementSlipTests.slips(till).first)
    #expect(slip.contains("未计入本批 NOT INCLUDED"))
    #expect(SettlementSlipTests.has(slip, "消费 SALE 已挂起 PARKED", "1", "12.00"), "\(slip)")
    #expect(SettlementSlipTests.has(slip, "借记 DEBIT", "1", "1.00"))
  }

  @Test("what the upload of the batch has delivered is not said to be parked")
  func uploaded() throws {
    var till = try Till.inService { $0.adviceTries = 3 }
    till.sell("till/1", 1_000)
    till.losesAnswers = true
    till.transact(TransactionRequest(.refund, reference: "r/1", amount: 300, original: "till/1"))
    till.wait(.minutes(10))
    till.losesAnswers = false
    till.hostIsSilent = true
    till.transact(TransactionRequest(.refund, reference: "r/2", amount: 200, original: "till/1"))
    till.wait(.seconds(42))
    till.park("r/2")
    #expect(till.row("r/1")?.state == "parked" && till.row("r/2")?.state == "parked")
    till.hostIsSilent = false
    till.forget()
    till = SettlementSlipTests.settled(till)
    #expect(till.row("r/1")?.state == "approved")
    #expect(till.terminal.batch.last?.parked == 1)
    let slip = try #require(SettlementSlipTests.slips(till).first)
    // What the acquirer was told before stays what it was told.
    #expect(SettlementSlipTests.has(slip, "贷记 CREDIT", "0", "0.00"), "\(slip)")
    #expect(slip.contains("批上送补入 ADDED BY UPLOAD"))
    #expect(SettlementSlipTests.has(slip, "退货 REFUND", "1", "3.00"), "\(slip)")
    #expect(SettlementSlipTests.has(slip, "退货 REFUND 已挂起 PARKED", "1", "2.00"), "\(slip)")
    till.forget()
    till.ask(.reprintSlip(batch: 1))
    #expect(SettlementSlipTests.slips(till).first?.contains("ADDED BY UPLOAD") == true)
  }

  @Test("where everything parked was delivered by the upload, nothing is left out")
  func allUploaded() throws {
    var till = try Till.inService { $0.adviceTries = 1 }
    till.sell("till/1", 1_000)
    till.losesAnswers = true
    till.transact(TransactionRequest(.refund, reference: "r/1", amount: 300, original: "till/1"))
    till.wait(.seconds(60))
    till.losesAnswers = false
    till.forget()
    till = SettlementSlipTests.settled(till)
    let slip = try #require(SettlementSlipTests.slips(till).first)
    #expect(!slip.contains("PARKED") && !slip.contains("NOT INCLUDED"), "\(slip)")
    #expect(slip.contains("ADDED BY UPLOAD"))
  }

  @Test("slips and receipts have the same merchant's name at their head: the acquirer's")
  func name() throws {
    var till = try DownloadBench.inService()
    let name = try #require(till.terminal.acquirerParameters.merchantName)
    #expect(name != SimulatedShop.parameters.merchantName)
    till.sell("till/1", 1_200)
    till = SettlementSlipTests.settled(till)
    #expect(till.papers.count == 2)
    for paper in till.papers {
      #expect(paper.lines.contains { $0.text.contains(name) })
      #expect(!paper.lines.contains { $0.text.contains(SimulatedShop.parameters.merchantName) })
    }
  }

  @Test("without paper the batch is closed all the same; its slip is owed, visible and comes later")
  func noPaper() throws {
    var till = try Till.inService()
    till.tell(.printer(.status(.halted(.paperOut))))
    till = SettlementSlipTests.settled(till)
    guard case .settled = till.answers.last else {
      Issue.record("\(String(describing: till.answers.last))")
      return
    }
    #expect(till.terminal.state == .ready)
    #expect(till.terminal.status.slipsOwed.map { $0.value } == [1])
    #expect(till.terminal.status.receiptsOwed.isEmpty)
    till.sell("till/1", 1_200)
    till.wait(.seconds(30))
    #expect(till.row("till/1")?.state == "approved")
    till.forget()
    till.tell(.printer(.status(.ready(paperLow: false))))
    #expect(SettlementSlipTests.slips(till).count == 1)
    #expect(SettlementSlipTests.state(till) == .printed)
    #expect(till.row("till/1")?.receipt == "printed")
  }

  @Test("a power cut anywhere in a settlement leaves one slip: printed, owed or doubtful")
  func cut() throws {
    var met: Set<String> = []
    for cut in 0..<24 {
      var till = try Till.inService()
      till.sell("till/1", 1_200)
      till.forget()
      till.isHeld = true
      till.ask(.settle)
      for _ in 0..<cut where !till.held.isEmpty { till.serve(till.held.removeFirst()) }
      let before = SettlementSlipTests.slips(till).count
      var again = try till.restarted()
      again.start()
      let doubtful = again.terminal.status.slipsDoubtful.map { $0.value }
      again.wait(.seconds(300))
      if again.terminal.batch.batch.value == 1 { again = SettlementSlipTests.settled(again) }
      let after = SettlementSlipTests.slips(again).count
      switch (before, doubtful) {
      case (0, []):
        #expect(after == 1, "cut \(cut)")
        met.insert("owed")
      case (1, []):
        #expect(after == 0, "cut \(cut)")
        #expect(SettlementSlipTests.state(again) == .printed)
        met.insert("printed")
      default:
        // Begun: nobody knows, and it is not printed by itself.
        #expect(doubtful == [1] && after == 0, "cut \(cut)")
        #expect(again.terminal.status.problems.contains { $0.code == "PRN-022" })
        again.ask(.reprintSlip(batch: 1))
        #expect(again.answers.last == .done)
        #expect(SettlementSlipTests.slips(again).last?.contains("COPY 副本") == true)
        #expect(again.terminal.status.problems.isEmpty)
        met.insert("doubtful")
      }
      #expect(SettlementSlipTests.state(again) == .printed, "cut \(cut)")
    }
    #expect(met == ["owed", "printed", "doubtful"])
  }

  @Test("a slip whose entry fails is written with the next attempt, and printed once")
  func entryFails() throws {
    for isWritten in [false, true] {
      for failing in 0..<6 {
        var till = try Till.inService()
        till.failsAfterWrite = isWritten
        till.failingEntry = failing
        till.ask(.settle)
        till.wait(.seconds(300))
        if till.terminal.batch.batch.value == 1 { till = SettlementSlipTests.settled(till) }
        till.wait(.seconds(60))
        #expect(SettlementSlipTests.slips(till).count == 1, "\(failing)")
        #expect(SettlementSlipTests.state(till) == .printed, "\(failing)")
      }
    }
  }

  @Test("a slip is printed again as a copy: the last one, an older one, never a missing one")
  func again() throws {
    var till = try Till.inService()
    till.ask(.reprintSlip(batch: nil))
    #expect(till.refusal == "PRN-023")
    till = SettlementSlipTests.settled(till)
    till.sell("till/1", 1_200)
    till = SettlementSlipTests.settled(till)
    let first = SettlementSlipTests.slips(till)
    #expect(first.count == 2)
    for (batch, number, sum) in [(nil, "000002", "12.00"), (1, "000001", "1.00")]
      as [(UInt32?, String, String)]
    {
      till.forget()
      till.ask(.reprintSlip(batch: batch))
      #expect(till.answers == [.done])
      let copy = try #require(SettlementSlipTests.slips(till).first)
      #expect(copy.contains("COPY 副本") && copy.contains(number))
      #expect(SettlementSlipTests.has(copy, "借记 DEBIT", "1", sum), "\(copy)")
    }
    till.ask(.reprintSlip(batch: 3))
    #expect(till.refusal == "PRN-023")
    till.tell(.printer(.status(.halted(.coverOpen))))
    till.ask(.reprintSlip(batch: nil))
    #expect(till.refusal == "PRN-011")
    // Nothing is stuck.
    till.tell(.printer(.status(.ready(paperLow: false))))
    till.ask(.reprintSlip(batch: nil))
    #expect(till.answers.last == .done)
  }

  @Test("where no slip is wanted none is printed, and it can be printed later")
  func notWanted() throws {
    var till = try Till.inService()
    till = try till.restarted { $0.printsSettlementSlips = false }
    till.start()
    till = SettlementSlipTests.settled(till)
    #expect(till.terminal.batch.batch.value == 2)
    #expect(SettlementSlipTests.slips(till).isEmpty)
    #expect(till.terminal.status.slipsOwed.isEmpty)
    till.ask(.reprintSlip(batch: nil))
    #expect(SettlementSlipTests.slips(till).count == 1)
  }
}
