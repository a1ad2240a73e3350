// SPDX-License-Identifier: Apache-2.0

import Clockwork
import Devices
import ISO8583
import Simulator
import TerminalCore
import Testing

@Suite("What is an answer to what")
struct AnswerTests {
  private static func bytes(_ text: String) -> [UInt8] { Array(text.utf8) }

  /// The reversals among what was sent.
  private static func reversals(_ till: Till) -> [Message] {
    let codec = Codec(table: .standard1987ASCII)
    return till.sent.compactMap { try? codec.decode(Array($0.dropFirst(2))) }
      .filter { $0.mti == bytes("0400") }
  }

  @Test(
    "an answer with another trace number, terminal, merchant, kind, amount or currency is none",
    arguments: [
      (3, "200000"), (3, nil), (4, "000000001201"), (4, nil), (11, "000077"), (25, "06"),
      (37, "            "), (41, "10000002"), (41, nil), (42, "898000000000002"), (42, nil),
      (49, "840"),
    ] as [(Int, String?)])
  func mismatch(_ element: Int, _ value: String?) throws {
    var till = try Till.inService()
    till.changes = [AnswerChange(elements: [(element, value.map(AnswerTests.bytes))])]
    till.sell("till/1", 1_200)
    till.wait(.seconds(60))
    #expect(till.row("till/1")?.state == "reversed")
    #expect(till.row("till/1")?.reversalReason == "06")
    #expect(till.acquirer.heldTotal == 100)
  }

  @Test("a host that does not repeat condition and currency is understood")
  func notRepeated() throws {
    var till = try Till.inService()
    till.changes = [AnswerChange(elements: [(25, nil), (49, nil), (37, nil)])]
    till.sell("till/1", 1_200)
    #expect(till.row("till/1")?.state == "approved")
  }

  @Test("an approval without a MAC decides nothing, whatever its code", arguments: [1_200, 1_211])
  func unsigned(_ amount: UInt64) throws {
    for signing in AnswerSigning.allCases {
      var till = try Till.inService(signing: signing)
      till.changes = [AnswerChange(hasMAC: false)]
      till.sell("till/1", amount)
      till.wait(.seconds(60))
      #expect(till.row("till/1")?.state == "reversed")
      #expect(till.row("till/1")?.reversalReason == "A0")
      #expect(till.acquirer.heldTotal == 100)
    }
  }

  @Test("a decline without a MAC is one, unless the acquirer signs declines as well")
  func unsignedDecline() throws {
    var till = try Till.inService()
    till.changes = [AnswerChange(hasMAC: false)]
    till.sell("till/1", 1_251)
    #expect(till.row("till/1")?.state == "declined")
    #expect(till.row("till/1")?.responseCode == "51")
    var strict = try Till.inService(signing: .everything)
    strict.changes = [AnswerChange(hasMAC: false)]
    strict.sell("till/1", 1_251)
    strict.wait(.seconds(60))
    #expect(strict.row("till/1")?.state == "reversed")
  }

  @Test("a reversal is done only when the acquirer has signed that it is")
  func unsignedReversal() throws {
    var till = try Till.inService()
    till.sell("till/1", 10_202)
    till.changes = [AnswerChange(hasMAC: false), AnswerChange(hasMAC: false)]
    till.wait(.seconds(22))
    #expect(till.row("till/1")?.state == "reversal owed")
    till.wait(.seconds(60))
    #expect(till.row("till/1")?.state == "reversed")
    let reasons = AnswerTests.reversals(till).map { $0[39] }
    #expect(reasons == [[UInt8]](repeating: AnswerTests.bytes("98"), count: 3))
  }

  @Test(
    "that there is nothing to reverse ends a reversal unsigned, where TLS says whose word it is")
  func unsignedRefusal() throws {
    for (signing, usesTLS, isEnded) in [
      (AnswerSigning.approvals, true, true), (.approvals, false, false),
      (.everything, true, false), (.everything, false, false),
    ] {
      for code in ["12", "25"] {
        var till = try Till.inService(signing: signing, usesTLS: usesTLS)
        till.sell("till/1", 10_202)
        till.changes = [AnswerChange](
          repeating: AnswerChange(
            elements: [(39, AnswerTests.bytes(code))], hasMAC: false), count: 50)
        till.wait(.seconds(90))
        #expect(till.row("till/1")?.state == (isEnded ? "reversed" : "reversal owed"))
      }
    }
  }

  @Test("a refused reversal goes out again as 06, and the journal knows it over a restart")
  func refusedReversal() throws {
    var till = try Till.inService()
    till.sell("till/1", 10_202)
    till.changes = [AnswerChange](
      repeating: AnswerChange(elements: [(39, AnswerTests.bytes("05"))]), count: 3)
    till.wait(.seconds(21))
    #expect(till.row("till/1")?.state == "reversal owed")
    #expect(till.row("till/1")?.reversalReason == "06")
    let rows = till.journal.compactMap { $0.rows.first }.map { $0.reversalReason }
    #expect(rows == ["", "98", "06"])
    #expect(AnswerTests.reversals(till).map { $0[39] } == [AnswerTests.bytes("98")])
    var again = try till.restarted()
    again.start()
    again.wait(.seconds(60))
    #expect(again.row("till/1")?.state == "reversed")
    #expect(AnswerTests.reversals(again).map { $0[39] } == [AnswerTests.bytes("06")])
    till.wait(.seconds(200))
    #expect(till.row("till/1")?.state == "reversed")
    #expect(AnswerTests.reversals(till).count == 4)
    #expect(till.acquirer.heldTotal == 100)
  }

  @Test("a reversal has card, amount, reason and the approval code when it is known, no secret")
  func reversal() throws {
    var till = try Till.inService()
    till.sell("till/1", 110)
    till.wait(.seconds(60))
    let reversal = try #require(AnswerTests.reversals(till).last)
    #expect(reversal[2] == SimulatedShop.accounts[0].pan)
    #expect(reversal[4] == AnswerTests.bytes("000000000110"))
    #expect(reversal[38] == till.acquirer.holds.last?.approvalCode)
    #expect(reversal[39] == AnswerTests.bytes("06"))
    for element in [35, 37, 52, 62] { #expect(reversal[element] == nil) }
    #expect(till.acquirer.refusedFrames == 0)
  }
}
