// SPDX-License-Identifier: Apache-2.0

import Clockwork
import ISO8583
import Simulator
import Testing

@Suite("Settlement at the acquirer, in both dialects")
struct AcquirerSettlementTests {
  @Test("equal totals agree, the batch is closed, and the next one begins")
  func agreement() throws {
    for dialect in AcquirerDialect.allCases {
      var bench = try AcquirerBench(dialect)
      let sale = bench.tell(.sale, 1_200)
      let other = bench.tell(.sale, 800)
      _ = bench.tell(.saleVoid, 1_200, of: sale)
      _ = bench.tell(.refund, 300, of: other)
      _ = bench.reverse(bench.tell(.sale, 500))
      let expected = BatchSums(
        debitAmount: 2_000, debitCount: 2, creditAmount: 1_500, creditCount: 2)
      #expect(bench.totals.domestic == expected)
      let agreed = dialect == .generic ? "00" : "11"
      #expect(bench.end(0) == "12")
      let trace = bench.nextTrace()
      for _ in 0..<2 {
        #expect(bench.settle(HostTotals(domestic: expected), trace: trace) == agreed)
      }
      for _ in 0..<2 { #expect(bench.end(0) == "00") }
      #expect(bench.settle(HostTotals(domestic: expected), trace: trace) == agreed)
      let batch = try #require(bench.host.batches.last)
      #expect(batch.isClosed && batch.settled?.domestic == expected)
      #expect(bench.tell(.sale, 1_200).code == "77")
      bench.batch = bench.host.openBatch(of: AcquirerBench.bytes("10000001"))
      #expect(bench.batch == 2)
      #expect(bench.tell(.sale, 1_200).code == "00")
      #expect(bench.tell(.saleVoid, 800, of: other).code == "22")
      #expect(bench.tell(.refund, 500, of: other).code == "00")
      #expect(bench.totals.domestic.creditAmount == 500)
    }
  }

  @Test("where totals differ, the upload corrects them; each record counts once")
  func difference() throws {
    for dialect in AcquirerDialect.allCases {
      var bench = try AcquirerBench(dialect)
      let first = bench.tell(.sale, 1_200)
      let forgotten = bench.tell(.sale, 800)
      let void = bench.tell(.saleVoid, 1_200, of: first)
      var invented = bench.tell(.sale, 705)
      invented.answer?[37] = AcquirerBench.bytes("999999999999")
      let records = [first, void, invented]
      #expect(bench.upload([first]) == "12")
      let told = HostTotals(
        domestic: BatchSums(
          debitAmount: 1_905, debitCount: 2, creditAmount: 1_200, creditCount: 1))
      #expect(bench.settle(told) == (dialect == .generic ? "95" : "21"))
      #expect(bench.upload(records) == "00")
      #expect(bench.upload(records) == "94")
      #expect(bench.end(3) == "00")
      let batch = try #require(bench.host.batches.last)
      #expect(batch.uploaded.count == 3)
      #expect(batch.told == told && batch.settled == told)
      #expect(batch.unknownHere == [invented.stan])
      #expect(batch.unknownThere == [forgotten.stan])
      #expect(bench.upload([first]) == "94")
      #expect(bench.upload([forgotten]) == "77")
    }
  }

  @Test("a tip that never came is heard of by its record in the upload, once, beside its sale's")
  func tipByUpload() throws {
    for dialect in AcquirerDialect.allCases {
      var bench = try AcquirerBench(dialect)
      let sale = bench.tell(.offlineSale, 1_400)
      let told = HostTotals(domestic: BatchSums(debitAmount: 1_750, debitCount: 1))
      #expect(bench.settle(told) == (dialect == .generic ? "95" : "21"))
      #expect(bench.upload([sale]) == "00")
      #expect(bench.totals.domestic.debitAmount == 1_400)
      #expect(bench.uploadTip(350, of: sale) == "00")
      #expect(bench.totals.domestic.debitAmount == 1_750)
      #expect(bench.end(2) == "00")
      let batch = try #require(bench.host.batches.last)
      #expect(batch.settled == told && batch.unknownHere == [])
    }
  }

  @Test("totals that differ on the foreign side alone leave the domestic side as it is")
  func foreign() throws {
    var bench = try AcquirerBench(.unionPay)
    _ = bench.tell(.sale, 1_200)
    bench.account = SimulatedShop.accounts[1]
    let sale = bench.tell(.sale, 800)
    var told = bench.totals
    #expect(told.foreign.debitAmount == 800 && told.domestic.debitAmount == 1_200)
    told.foreign.debitAmount = 900
    #expect(bench.settle(told) == "12")
    var record = sale
    record.amount = 900
    #expect(bench.upload([record]) == "00")
    #expect(bench.end(1) == "00")
    #expect(bench.host.batches.last?.settled == told)
    #expect(bench.host.batches.last?.announcedCount == 1)
  }

  @Test("in any sequence nothing is held twice, and totals and balances follow from the ledger")
  func sequences() throws {
    for dialect in AcquirerDialect.allCases {
      for seed in UInt64(1)...25 {
        var dice = Dice(seed: seed)
        var bench = try AcquirerBench(dialect)
        var told: [AcquirerBench.Told] = []
        for _ in 0..<40 {
          let before = bench.host
          let kind = Hold.Kind.allCases[dice.below(Hold.Kind.allCases.count)]
          let original = told.isEmpty ? nil : told[dice.below(told.count)]
          switch dice.below(4) {
          case 0 where original != nil:
            if let original { _ = bench.again(original) }
            #expect(bench.host.holds.map { $0.state } == before.holds.map { $0.state })
            #expect(bench.host.heldTotal == before.heldTotal)
          case 1 where original != nil:
            if let original { _ = bench.reverse(original) }
          case 2:
            // A request and its own reversal leave what was there.
            let passing = bench.tell(kind, original?.amount ?? 1_000, of: original)
            if kind.isReversible { _ = bench.reverse(passing) }
            if kind.isReversible { #expect(bench.host.heldTotal == before.heldTotal, "\(seed)") }
          default:
            let amount = original?.amount ?? UInt64(dice.within(1...90)) * 100
            told.append(bench.tell(kind, amount, of: kind == .sale ? nil : original))
          }
          try check(bench)
        }
      }
    }
  }

  private func check(_ bench: AcquirerBench) throws {
    var sums = BatchSums()
    for hold in bench.host.holds where hold.state == .approved || hold.state == .voided {
      if [.sale, .completion, .completionAdvice, .offlineSale].contains(hold.kind) {
        sums.debitAmount += hold.amount + hold.tip
        sums.debitCount += 1
      }
      if [.saleVoid, .completionVoid, .refund].contains(hold.kind) {
        sums.creditAmount += hold.amount
        sums.creditCount += 1
      }
    }
    #expect(bench.totals.domestic == sums)
    let refunds = bench.host.holds.filter { $0.kind == .refund && $0.state == .approved }
    let balance = bench.account.balance + refunds.reduce(0) { $0 + $1.amount }
    #expect(bench.host.balance(of: bench.account) == balance - bench.host.heldTotal)
    for (index, hold) in bench.host.holds.enumerated() {
      let back = refunds.filter { $0.original == index }.reduce(0) { $0 + $1.amount }
      #expect(back <= hold.amount + hold.tip)
      let same = bench.host.holds.filter { $0.stan == hold.stan && $0.batch == hold.batch }
      #expect(same.count == 1)
    }
  }
}
