// SPDX-License-Identifier: Apache-2.0

import Devices
import Foundation
import Receipts
import Testing

@Suite("A template that hides something where something else is missing is refused")
struct AbsenceTests {
  @Test("the amount stands on the slip whatever the acquirer leaves out")
  func hidden() throws {
    for (lines, missing) in [
      ("[[if approvalCode]]\n[[amount]]\n[[end]]", "approvalCode"),
      ("[[if response]]\n[[if approvalCode]]\n[[amount]]\n[[end]]\n[[end]]", "response"),
      (
        "[[if approvalCode]]\n[[amount]]\n[[else]]\n[[if response]]\n[[amount]]\n[[end]]\n[[end]]",
        "approvalCode, response"
      ),
      ("[[each merchantNames]]\n[[amount]]\n[[end]]", "merchantNames"),
      (
        "[[if approvalCode]]\n[[if entryLetter]]\n[[else]]\n[[amount]]\n[[end]]\n[[else]]\n"
          + "[[amount]]\n[[end]]", "amount"
      ),
    ] {
      let text = try Workshop.changed("facts", "^^^[[amount]]^^^", lines)
      let fault = try #require(try Workshop.refusal("facts", text), "\(lines)")
      #expect(fault.kind == .lacking)
      #expect(fault.message.contains("show amount,"), "\(fault.message)")
      #expect(fault.message.contains(missing), "\(fault.message)")
    }
  }

  @Test("the amount stands on the slip of a completion, which names what it completes")
  func completion() throws {
    let text =
      "[[if originalReference]]\nCOMPLETION OF [[originalReference]]\n[[else]]\n"
      + "[[include payment]]\n[[end]]\n"
    for kind in ["sale", "declined", "reversal"] {
      #expect(try Workshop.refusal(kind, text)?.kind == .lacking, "\(kind)")
    }
  }

  @Test("lists that go through each other and print nothing end too")
  func endless() throws {
    let each = String(repeating: "[[each leftOut]]\n", count: 4)
    let text =
      try Workshop.changed("settlement", "[[zh:净额]]", "[[zh:净额]]")
      + each + "[[approvalCode]] |\n" + String(repeating: "[[end]]\n", count: 4)
    let fault = try #require(try Workshop.refusal("settlement", text))
    #expect(fault.kind == .tooLarge)
    #expect(
      fault.message == "the slip takes more than 20000 steps, on paper of 32 columns")
  }

  @Test("of many conditions each is tried alone, with another one, and the other way round")
  func many() throws {
    let names = [
      "approvalCode", "response", "entryLetter", "batchNumber", "referenceNumber",
      "applicationIdentifier",
    ]
    let harmless = names.map { "[[if \($0)]]\nx\n[[end]]\n" }.joined()
    let slip = "[[include payment]]\n"
    #expect(try Workshop.refusal("sale", harmless + slip) == nil)
    for (lines, missing) in [
      ("[[if batchNumber]]\n\(slip)[[end]]\n", "no batchNumber"),
      (
        "[[if batchNumber]]\n\(slip)[[else]]\n[[if entryLetter]]\n\(slip)[[end]]\n[[end]]\n",
        "no entryLetter, batchNumber"
      ),
      (
        "[[if batchNumber]]\n\(slip)[[else]]\n[[if entryLetter]]\n[[else]]\n\(slip)[[end]]\n"
          + "[[end]]\n", "no batchNumber"
      ),
    ] {
      let fault = try #require(try Workshop.refusal("sale", harmless + lines), "\(lines)")
      #expect(fault.message.contains("show merchantName,"), "\(fault.message)")
      #expect(fault.message.contains(missing), "\(fault.message)")
    }
  }

  @Test("nobody is asked to sign for nothing, nor where the PIN was verified, whatever is missing")
  func forbidden() throws {
    let line = "[[if approvalCode]]\n[[else]]\n[[signatureLine]]\n[[end]]\n[[include holder]]"
    let declined = try Workshop.changed("declined", "[[include holder]]", line)
    let unpaid = try #require(try Workshop.refusal("declined", declined))
    #expect(unpaid.message.contains("nothing was paid, where there is no approvalCode"))
    let payment = try Workshop.changed("payment", "[[include holder]]", line)
    let paid = try #require(try Workshop.refusal("payment", payment))
    #expect(paid.message.contains("a signatureLine where nobody signs, where there is no"))
  }

  @Test("the statement of the PIN and the place to sign do not depend on what else there is")
  func statements() throws {
    for (old, new, missed) in [
      ("[[if pin]]\n", "[[if pin]]\n[[if approvalCode]]\n", "show pin,"),
      ("[[if signature]]\n", "[[if signature]]\n[[if approvalCode]]\n", "show signatureLine,"),
    ] {
      var text = try Workshop.changed("payment", old, new)
      let end = old == "[[if pin]]\n" ? "[[if signature]]" : "[[if noVerification]]"
      text = text.replacingOccurrences(of: end, with: "[[end]]\n" + end)
      let fault = try #require(try Workshop.refusal("payment", text))
      #expect(fault.message.contains(missed), "\(fault.message)")
      #expect(fault.message.contains("no approvalCode"), "\(fault.message)")
    }
  }

  @Test("a line that asks for its own field alone hides nothing")
  func harmless() throws {
    let text = try Workshop.changed(
      "facts", "[[zh:授权码]] [[en:AUTH]] | [[approvalCode]]",
      "[[if approvalCode]]\n[[zh:授权码]] [[en:AUTH]] | [[approvalCode]]\n[[end]]")
    #expect(try Workshop.refusal("facts", text) == nil)
  }

  @Test("templates are tried on the terminal's own paper too")
  func paper() throws {
    let text = try Workshop.changed(
      "facts", "^^^[[amount]]^^^",
      "[[if columns 42]]\n[[amount]]\n[[else]]\n[[if columns 33]]\n[[else]]\n[[amount]]\n[[end]]\n"
        + "[[end]]")
    let files = try Workshop.files("facts", text)
    _ = try Slips(files: files, language: .both)
    #expect {
      try Slips(files: files, language: .both, columns: 36)
    } throws: { fault in
      (fault as? TemplateFault)?.message
        == "the slip does not show amount, in one row, on paper of 36 columns"
    }
    _ = try Slips(files: try Workshop.shipped(), language: .both, columns: 36)
  }

  @Test("lists that go through each other make no slip longer than a printer takes")
  func bounded() throws {
    let each = "[[each leftOut]]\n[[each leftOut]]\n[[each leftOut]]\n[[each leftOut]]\n"
    let text =
      try Workshop.changed("settlement", "[[zh:净额]]", "[[zh:净额]]")
      + each + "[[label]] |\n[[end]]\n[[end]]\n[[end]]\n[[end]]\n"
    let fault = try #require(try Workshop.refusal("settlement", text))
    #expect(fault.kind == .tooLarge)
    #expect(
      fault.message == "the slip is longer than 360 rows or 1350 mm, on paper of 32 columns")
    let marks = try Workshop.changed("marks", "[[if copy]]\n", "[[if copy]]\n" + rows(21))
    #expect(try Workshop.refusal("marks", marks)?.message == "the marks have more than 20 rows")
  }

  @Test("a slip that its template makes too long is printed whole by the built-in one")
  func tooLong() throws {
    let text =
      try Workshop.changed("sale", "[[include payment]]", "[[include payment]]\n")
      + "[[each merchantNames]]\n[[each merchantNames]]\n[[merchantName]] |\n[[end]]\n[[end]]\n"
    let slips = try Slips(files: try Workshop.files("sale", text), language: .both)
    var values = Slips.example(.sale)
    let few = slips.lines(.sale, values, columns: 48, isTest: true, isCopy: false)
    #expect(few != Slips.builtIn().lines(.sale, values, columns: 48, isTest: true, isCopy: false))
    let name = try #require(values[.merchantNames]?.first)
    values[.merchantNames] = Array(repeating: name, count: 20)
    let many = slips.lines(.sale, values, columns: 48, isTest: true, isCopy: false)
    #expect(many == Slips.builtIn().lines(.sale, values, columns: 48, isTest: true, isCopy: false))
    #expect(many.last?.text.contains("TEST") == true)
    #expect(many.contains { $0.text == "CNY 1,234,567.89" })
  }

  @Test("a preview of a slip that is too long ends at what a printer takes, with its marks")
  func cutOff() throws {
    let file = TemplateFile(name: "drawn", text: Array(rows(390).utf8))
    let template = try ReceiptTemplate("drawn", of: [file])
    let page = Slips.builtIn().page(
      template, Slips.example(.sale), columns: 48, isTest: true, isCopy: false)
    #expect(page.lines.count == 362)
    #expect(page.lines.last?.text.contains("TEST") == true)
    #expect(page.fault?.kind == .tooLarge)
    let short = try ReceiptTemplate(
      "drawn", of: [TemplateFile(name: "drawn", text: Array(rows(360).utf8))])
    let whole = Slips.builtIn().page(
      short, Slips.example(.sale), columns: 48, isTest: true, isCopy: true)
    #expect(whole.lines.count == 364)
    #expect(whole.fault == nil)
  }

  private func rows(_ count: Int) -> String { String(repeating: "x |\n", count: count) }
}
