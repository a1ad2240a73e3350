// SPDX-License-Identifier: Apache-2.0

import ISO8583
import Simulator
import Testing

@Suite("Every kind of transaction at the acquirer, in both dialects")
struct AcquirerKindTests {
  @Test("a sale is held, declined by its cents, for an unknown card and without money")
  func sales() throws {
    for dialect in AcquirerDialect.allCases {
      var bench = try AcquirerBench(dialect)
      #expect(bench.tell(.sale, 1_200).code == "00")
      #expect(bench.tell(.sale, 1_205).code == "05")
      #expect(bench.host.heldTotal == 1_200)
      let part = bench.tell(.sale, 1_010)
      #expect(part.code == "10")
      #expect(AcquirerBench.text(part.answer?[4]) == "000000000505")
      bench.account = SimulatedShop.accounts[2]
      #expect(bench.tell(.sale, 60_000).code == "51")
      bench.account.pan = AcquirerBench.bytes("4000000000000001")
      bench.account.track = bench.account.pan + AcquirerBench.bytes("=30121010000")
      #expect(bench.tell(.sale, 1_200).code == "14")
      #expect(bench.host.heldTotal == 1_705)
    }
  }

  @Test("a void takes its sale back, once, whole and by the same card; otherwise it is refused")
  func voids() throws {
    for dialect in AcquirerDialect.allCases {
      var bench = try AcquirerBench(dialect)
      let sale = bench.tell(.sale, 1_200)
      var other = sale
      other.answer?[37] = AcquirerBench.bytes("999999999999")
      #expect(bench.tell(.saleVoid, 1_200, of: other).code == "25")
      #expect(bench.tell(.saleVoid, 1_100, of: sale).code == "64")
      bench.account = SimulatedShop.accounts[1]
      #expect(bench.tell(.saleVoid, 1_200, of: sale).code == "25")
      bench.account = SimulatedShop.accounts[0]
      #expect(bench.host.heldTotal == 1_200)
      let void = bench.tell(.saleVoid, 1_200, of: sale)
      #expect(void.code == "00")
      #expect(bench.host.heldTotal == 0)
      #expect(bench.again(void).code == "00")
      #expect(bench.tell(.saleVoid, 1_200, of: sale).code == "12")
      #expect(bench.tell(.refund, 1_200, of: sale).code == "12")
      let refunded = bench.tell(.sale, 500)
      #expect(bench.tell(.refund, 100, of: refunded).code == "00")
      #expect(bench.tell(.saleVoid, 500, of: refunded).code == "12")
      let declined = bench.tell(.sale, 1_205)
      #expect(bench.tell(.saleVoid, 1_205, of: declined).code == "25")
    }
  }

  @Test("a reversed void lets the sale stand again, as does one that comes before its void")
  func reversedVoids() throws {
    for dialect in AcquirerDialect.allCases {
      var bench = try AcquirerBench(dialect)
      let sale = bench.tell(.sale, 1_200)
      let void = bench.tell(.saleVoid, 1_200, of: sale)
      #expect(bench.reverse(sale) == "12")
      for _ in 0..<2 { #expect(bench.reverse(void) == "00") }
      #expect(bench.host.heldTotal == 1_200)
      var early = try AcquirerBench(dialect)
      let stands = early.tell(.sale, 1_200)
      let copy = early
      let later = early.tell(.saleVoid, 1_200, of: stands)
      early.host = copy.host
      #expect(early.reverse(later) == "25")
      #expect(early.again(later).code == "12")
      #expect(early.host.heldTotal == 1_200)
    }
  }

  @Test("refunds never pay back more than the sale, and a repeated one pays once")
  func refunds() throws {
    for dialect in AcquirerDialect.allCases {
      var bench = try AcquirerBench(dialect)
      let before = bench.host.balance(of: bench.account)
      let sale = bench.tell(.sale, 1_200)
      let first = bench.tell(.refund, 500, of: sale)
      #expect(first.code == "00")
      #expect(bench.again(first).code == "94")
      #expect(bench.tell(.refund, 800, of: sale).code == "64")
      #expect(bench.tell(.refund, 700, of: sale).code == "00")
      #expect(bench.tell(.refund, 100, of: sale).code == "64")
      #expect(bench.host.balance(of: bench.account) == before)
      var unknown = sale
      unknown.answer?[37] = AcquirerBench.bytes("999999999999")
      let refused = bench.tell(.refund, 100, of: unknown)
      #expect(refused.code == "25")
      #expect(bench.again(refused).code == "25")
      #expect(bench.reverse(first) == "30")
    }
  }

  @Test("a held amount is let go, or completed once and up to the limit; each can be taken back")
  func preAuthorisations() throws {
    for dialect in AcquirerDialect.allCases {
      for kind in [Hold.Kind.completion, .completionAdvice] {
        var bench = try AcquirerBench(dialect)
        let held = bench.tell(.preAuthorisation, 10_000)
        #expect(held.code == "00")
        #expect(bench.tell(kind, 11_600, of: held).code == "61")
        #expect(bench.host.heldTotal == 10_000)
        let taken = bench.tell(kind, 11_500, of: held)
        #expect(taken.code == "00")
        #expect(bench.again(taken).code == (kind == .completion ? "00" : "94"))
        #expect(bench.host.heldTotal == 11_500)
        #expect(bench.tell(kind, 5_000, of: held).code == "12")
        #expect(bench.tell(.preAuthorisationVoid, 10_000, of: held).code == "12")
        #expect(bench.reverse(held) == "12")
        #expect(bench.tell(.completionVoid, 10_000, of: taken).code == "64")
        let back = bench.tell(.completionVoid, 11_500, of: taken)
        #expect(back.code == "00")
        #expect(bench.host.heldTotal == 10_000)
        #expect(bench.reverse(back) == "00")
        #expect(bench.host.heldTotal == 11_500)
      }
      var bench = try AcquirerBench(dialect)
      let held = bench.tell(.preAuthorisation, 10_000)
      let taken = bench.tell(.completion, 9_000, of: held)
      #expect(bench.reverse(taken) == "00")
      #expect(bench.host.heldTotal == 10_000)
      #expect(bench.tell(.preAuthorisationVoid, 9_000, of: held).code == "64")
      let gone = bench.tell(.preAuthorisationVoid, 10_000, of: held)
      #expect(gone.code == "00")
      #expect(bench.host.heldTotal == 0)
      #expect(bench.tell(.completion, 9_000, of: held).code == "12")
      #expect(bench.reverse(gone) == "00")
      #expect(bench.reverse(held) == "00")
      #expect(bench.host.heldTotal == 0)
    }
  }

  @Test("a completion that was voided and replaced cannot come back by a late reversal of its void")
  func lateReversal() throws {
    for dialect in AcquirerDialect.allCases {
      var bench = try AcquirerBench(dialect)
      let held = bench.tell(.preAuthorisation, 10_000)
      let first = bench.tell(.completion, 9_000, of: held)
      let void = bench.tell(.completionVoid, 9_000, of: first)
      #expect(bench.tell(.completion, 8_000, of: held).code == "00")
      #expect(bench.reverse(void) == "12")
      #expect(bench.host.heldTotal == 8_000)
    }
  }

  @Test("a sale told afterwards is held once; its tip replaces an earlier one and has to add up")
  func offline() throws {
    for dialect in AcquirerDialect.allCases {
      var bench = try AcquirerBench(dialect)
      let sale = bench.tell(.offlineSale, 2_000)
      #expect(sale.code == "00")
      #expect(bench.again(sale).code == "94")
      let tip = bench.tell(.tip, 2_300, of: sale, tip: 300)
      #expect(tip.code == "00")
      #expect(bench.again(tip).code == "94")
      #expect(bench.tell(.tip, 2_300, of: sale, tip: 400).code == "64")
      #expect(bench.host.heldTotal == 2_300)
      #expect(bench.tell(.tip, 2_200, of: sale, tip: 200).code == "00")
      #expect(bench.host.heldTotal == 2_200)
      #expect(bench.totals.domestic.debitCount + bench.totals.foreign.debitCount == 1)
      for told in [sale, tip] { #expect(bench.reverse(told) == "30") }
    }
  }

  @Test("a balance is told and holds nothing")
  func balance() throws {
    for dialect in AcquirerDialect.allCases {
      var bench = try AcquirerBench(dialect)
      _ = bench.tell(.sale, 1_200)
      let told = bench.tell(.balance, 0)
      #expect(told.code == "00")
      let start = dialect == .generic ? "0002" : "1002"
      #expect(AcquirerBench.text(told.answer?[54]) == start + "156C000099998800")
      #expect(bench.host.heldTotal == 1_200)
      #expect(bench.reverse(told) != "00")
    }
  }

  @Test("a message without one of its elements, with a wrong MAC or of no kind changes nothing")
  func incomplete() throws {
    for dialect in AcquirerDialect.allCases {
      var bench = try AcquirerBench(dialect)
      for element in [3, 4, 22, 35, 42, 49] {
        let told = bench.tell(.sale, 1_200, changes: [(element, nil)])
        #expect(["30", "12"].contains(told.code), "\(element)")
      }
      #expect(bench.host.remarks.count >= 5)
      #expect(bench.tell(.sale, 1_200, changes: [(3, "990000")]).code == "12")
      var told = bench.tell(.sale, 1_205)
      told.request[11] = AcquirerBench.bytes("000999")
      told.request[4] = AcquirerBench.bytes("000000001200")
      let answer = bench.exchange(told.request, key: nil)
      #expect(AcquirerBench.text(answer?[39]) == "A0")
      #expect(bench.host.heldTotal == 0)
    }
  }

  @Test("another request under a used trace number is refused, and the first stands")
  func usedTrace() throws {
    for dialect in AcquirerDialect.allCases {
      var bench = try AcquirerBench(dialect)
      let sale = bench.tell(.sale, 1_200)
      #expect(bench.again(sale).answer == sale.answer)
      let trace = AcquirerBench.text(sale.request[11])
      #expect(bench.tell(.sale, 1_300, changes: [(11, trace)]).code == "94")
      #expect(bench.host.heldTotal == 1_200)
    }
  }

  @Test("strict rules refuse an element too much; lenient ones remark it")
  func strict() throws {
    for dialect in AcquirerDialect.allCases {
      for isStrict in [true, false] {
        var rules = HostRules(dialect)
        rules.isStrict = isStrict
        var bench = try AcquirerBench(dialect, rules: rules)
        let told = bench.tell(.sale, 1_200, changes: [(38, "123456")])
        #expect(told.code == (isStrict ? "30" : "00"))
        #expect(bench.host.remarks.last?.superfluous == [38])
      }
    }
  }
}
