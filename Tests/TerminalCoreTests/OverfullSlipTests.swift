// SPDX-License-Identifier: Apache-2.0

import Devices
import Receipts
import Simulator
import TerminalCore
import Testing

@Suite("Slips that are longer than their template gets on paper")
struct OverfullSlipTests {
  /// Slips whose sale has many rows, three times as many where the type has a long name.
  private static func slips() throws -> Slips {
    var text = "[[include payment]]\n{width: 9 *}\n"
    for _ in 0..<250 { text += "[[transactionType]] | x\n" }
    var files = Slips.builtInFiles.filter { $0.name != "sale" }
    files.append(TemplateFile(name: "sale", text: Array(text.utf8)))
    return try Slips(files: files, language: .both)
  }

  @Test("the merchant has the slip all the same, and the operator is told which template it was")
  func told() throws {
    let own = try OverfullSlipTests.slips()
    var till = try Till.inService { $0.slips = own }
    till.sell("till/1", 1_200)
    #expect(till.papers.last.map { $0.lines.count > 250 } == true)
    #expect(till.terminal.status.problems.isEmpty)
    till.transact(TransactionRequest(.preAuthorisation, reference: "till/2", amount: 5_000))
    #expect(till.row("till/2")?.receipt == "printed")
    let paper = try #require(till.papers.last)
    #expect(paper.lines.count < 60)
    for words in ["CNY 50.00", "PRE-AUTHORISATION", "MERCHANT COPY"] {
      #expect(paper.lines.contains { $0.text.contains(words) }, "\(words)")
    }
    let problem = try #require(till.terminal.status.problems.first)
    #expect(problem.code == "PRN-025")
    guard case .slipsTooLong(let slips) = problem else { return }
    #expect(slips.last == "till/2" && slips.template == "sale" && slips.count == 1)
    #expect(slips.flaw == "the slip is longer than 360 rows or 1350 mm, on paper of 48 columns")
    // Its copy has the same template, and is no other slip.
    till.ask(.reprint(reference: "till/2", row: till.row("till/2")))
    #expect(till.papers.last?.lines.count == paper.lines.count + 2)
    till.transact(TransactionRequest(.preAuthorisation, reference: "till/3", amount: 5_000))
    guard case .slipsTooLong(let both) = till.terminal.status.problems.first else { return }
    #expect(both.last == "till/3" && both.count == 2)
  }
}
