// SPDX-License-Identifier: Apache-2.0

import Clockwork
import Devices
import Simulator
import TerminalCore
import Testing
import Wire

/// What one class of response codes does to a sale.
struct ClassCase: Sendable {
  var kind: ResponseClass
  /// The cents of the amount are the code.
  var amount: UInt64
  var code: String
  /// Where the sale is when the clerk is told.
  var state: String
  /// The problem that the clerk is told, or nil.
  var problem: String?
  var papers = 0
  /// Whether the cardholder may read the code's own text.
  var isForCardholder = true
  var who: String

  static let all = [
    ClassCase(
      kind: .approved, amount: 1_200, code: "00", state: "approved", papers: 1, who: "nobody"),
    ClassCase(
      kind: .approvedInPart, amount: 110, code: "10", state: "reversal owed", problem: "TXN-012",
      who: "nobody"),
    ClassCase(kind: .declined, amount: 151, code: "51", state: "declined", who: "cardholder"),
    ClassCase(kind: .wrongPIN, amount: 155, code: "55", state: "declined", who: "cardholder"),
    ClassCase(
      kind: .callAcquirer, amount: 141, code: "41", state: "declined", isForCardholder: false,
      who: "merchant"),
    ClassCase(kind: .hostTrouble, amount: 191, code: "91", state: "declined", who: "clerk"),
    ClassCase(kind: .signIn, amount: 177, code: "77", state: "declined", who: "clerk"),
    ClassCase(kind: .setUp, amount: 130, code: "30", state: "declined", who: "operator"),
  ]
}

@Suite("What the classes of response codes come to")
struct ResponseTests {
  @Test("every class has its case")
  func complete() {
    #expect(ClassCase.all.map { $0.kind } == ResponseClass.allCases)
  }

  @Test("clerk, receipt and cardholder get what the class says", arguments: ClassCase.all)
  func outcome(_ expected: ClassCase) throws {
    for flavour in ShopFlavour.allCases {
      var till = try Till.inService(flavour: flavour)
      till.sell("till/1", expected.amount)
      guard case .transaction(let row, let problem) = till.answers.last else {
        Issue.record("the clerk is told nothing")
        return
      }
      #expect(row.state == expected.state)
      #expect(row.responseCode == expected.code)
      #expect(problem?.code == expected.problem)
      #expect(till.papers.count == expected.papers)
      let response = till.settings.responses.response(to: row.responseCode)
      #expect(response.kind == expected.kind)
      #expect(response.kind.tellsCardholder == expected.isForCardholder)
      #expect(response.kind.who == expected.who)
      // Whatever it was: the next sale goes, and nothing is held but what was approved.
      till.wait(.seconds(30))
      #expect(till.terminal.status.reversals.isEmpty)
      let held = till.acquirer.heldTotal
      #expect(held == (expected.kind == .approved ? 1_300 : 100))
      till.sell("till/2", 500)
      #expect(till.row("till/2")?.state == "approved")
    }
  }

  @Test("F16: a part is said with its amount, taken back at once, and the record keeps the 10")
  func part() throws {
    var till = try Till.inService()
    till.sell("till/1", 910)
    guard case .transaction(_, .approvedInPart(let amount)) = till.answers.last else {
      Issue.record("\(String(describing: till.answers.last))")
      return
    }
    #expect(amount == 455)
    till.wait(.seconds(5))
    #expect(till.row("till/1")?.state == "reversed")
    #expect(till.row("till/1")?.reversalReason == "06")
    #expect(till.row("till/1")?.responseCode == "10")
    #expect(till.row("till/1")?.deliveryCode == "00")
    #expect(till.row("till/1")?.receipt == "none")
    #expect(till.acquirer.heldTotal == 100)
    till.ask(
      .reprint(reference: "till/1", row: till.row("till/1")))
    #expect(till.refusal == "PRN-020")
  }

  @Test("F18: a wrong PIN three times is three trace numbers and no reversal")
  func wrongPIN() throws {
    var till = try Till.inService()
    for number in 1...3 { till.sell("till/\(number)", 155) }
    let traces = (1...3).compactMap { till.row("till/\($0)")?.stan }
    #expect(traces.count == 3 && traces[1] == traces[0] + 1 && traces[2] == traces[1] + 1)
    #expect(till.terminal.status.reversals.isEmpty)
  }

  @Test("F41: trace number 999999 is followed by 000001")
  func lastTrace() throws {
    var till = try Till.inService()
    var counter = FieldWriter()
    // A start goes on sixteen numbers behind the one it finds.
    counter.write(1, 999_983)
    till.records.removeAll { $0.key == "counters" }
    till.records.append(RecordUpdate(key: "counters", isLive: true, body: counter.bytes))
    till = try till.restarted()
    till.start()
    till.sell("till/1", 500)
    #expect(till.row("till/1")?.stan == 999_999)
    till.sell("till/2", 500)
    #expect(till.row("till/2")?.stan == 1)
    #expect(till.row("till/2")?.state == "approved")
  }
}
