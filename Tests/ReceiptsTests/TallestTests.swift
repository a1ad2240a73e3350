// SPDX-License-Identifier: Apache-2.0

import Devices
import Foundation
import Receipts
import Testing

@Suite("A slip has room for all of itself, whatever is on it")
struct TallestTests {
  private func rows(_ count: Int) -> String { String(repeating: "x |\n", count: count) }

  /// Rows that stand on the slip where the first field is missing and the second is not.
  private func beside(_ pairs: [(String, String)], _ count: Int) -> String {
    pairs.map {
      "[[if \($0)]]\n[[else]]\n[[if \($1)]]\n\(rows(count))[[end]]\n[[end]]\n"
    }.joined()
  }

  @Test("a combination that no trial prints and that is too long is refused")
  func combination() throws {
    let pairs = [
      ("approvalCode", "response"), ("batchNumber", "entryLetter"),
      ("referenceNumber", "applicationIdentifier"),
    ]
    let slip = "[[include payment]]\n"
    // Any two of them have room, and nothing is on the slip when all of it is missing.
    let fault = try #require(try Workshop.refusal("sale", slip + beside(pairs, 120)))
    #expect(fault.kind == .tooLarge)
    #expect(
      fault.message == "the slip is longer than 360 rows or 1350 mm, on paper of 32 columns")
    #expect(try Workshop.refusal("sale", slip + beside(pairs, 90)) == nil)
  }

  @Test("of two sides of a condition the longer counts, and not both")
  func sides() throws {
    let slip = "[[include payment]]\n"
    let sides = "[[if approvalCode]]\n\(rows(180))[[else]]\n\(rows(180))[[end]]\n"
    #expect(try Workshop.refusal("sale", slip + sides) == nil)
    let flags = "[[if pin]]\n\(rows(180))[[end]]\n[[if expired]]\n"
    #expect(try Workshop.refusal("sale", slip + flags)?.kind == .syntax)
    // What excludes each other counts twice: the rule says so, and errs on this side alone.
    let both = "[[if pin]]\n\(rows(180))[[end]]\n[[if signature]]\n\(rows(180))[[end]]\n"
    #expect(try Workshop.refusal("sale", slip + both)?.kind == .tooLarge)
    let narrow =
      "[[if columns 33]]\n[[else]]\n\(rows(180))[[end]]\n[[if columns 33]]\n"
      + "\(rows(180))[[end]]\n"
    #expect(try Workshop.refusal("sale", slip + narrow) == nil)
  }

  @Test("a line that is large only when it has less text counts as large")
  func large() throws {
    // Both fill one bold row of 32 cells. Nothing asks for the number, so no trial goes without it.
    let line = "^^^[[amount]] [[merchantNumber]]^^^\n"
    let slip = "[[include payment]]\n"
    let long = slip + String(repeating: line, count: 260)
    let fault = try #require(try Workshop.refusal("sale", long))
    #expect(fault.kind == .tooLarge)
    #expect(try Workshop.refusal("sale", slip + String(repeating: line, count: 120)) == nil)
  }

  @Test("a line of more fields than are tried in any company counts twice")
  func manyFields() throws {
    let names = ["traceNumber", "batchNumber", "entryLetter", "approvalCode", "statusInformation"]
    func line(_ count: Int) -> String { names.prefix(count).map { "[[\($0)]]" }.joined() + " |\n" }
    let slip = "[[include payment]]\n"
    func refusal(_ fields: Int, times: Int) throws -> TemplateFault? {
      try Workshop.refusal("sale", slip + String(repeating: line(fields), count: times))
    }
    #expect(try refusal(5, times: 130)?.kind == .tooLarge)
    #expect(try refusal(5, times: 70) == nil)
    #expect(try refusal(4, times: 130) == nil)
  }

  @Test("lists are as long on either side of a condition")
  func lists() throws {
    let head = "[[include head]]\n"
    let rest = try Workshop.changed("settlement", head, head)
    let each = "[[each leftOut]]\n[[each added]]\n[[label]] |\n[[end]]\n[[end]]\n"
    let hidden = "[[if tests]]\n[[else]]\n[[if net]]\n\(each)\(each)[[end]]\n[[end]]\n"
    let fault = try #require(try Workshop.refusal("settlement", rest + hidden))
    #expect(fault.kind == .tooLarge)
  }

  @Test("a copy, a test and the original have the same room, and so the same template")
  func marks() throws {
    let text = "[[include payment]]\n[[each merchantNames]]\n[[merchantName]] |\n[[end]]\n"
    let slips = try Slips(files: try Workshop.files("sale", text), language: .both)
    let builtIn = Slips.builtIn()
    var values = Slips.example(.sale)
    let name = try #require(values[.merchantNames]?.first)
    var own: Set<Bool> = []
    for count in 120...200 {
      values[.merchantNames] = Array(repeating: name, count: count)
      func page(isTest: Bool, isCopy: Bool) -> SlipPage {
        slips.page(.sale, values, columns: 48, isTest: isTest, isCopy: isCopy)
      }
      let original = page(isTest: false, isCopy: false)
      own.insert(original.fault == nil)
      for (isTest, isCopy) in [(true, false), (false, true), (true, true)] {
        let marked = page(isTest: isTest, isCopy: isCopy)
        #expect(marked.fault == original.fault, "\(count)")
        let marks = ((isTest ? 1 : 0) + (isCopy ? 1 : 0)) * 2
        #expect(marked.lines.count == original.lines.count + marks, "\(count)")
        #expect(marked.lines.dropFirst(marks / 2).dropLast(marks / 2) == original.lines[...])
      }
      if original.fault != nil {
        let spare = builtIn.lines(.sale, values, columns: 48, isTest: false, isCopy: false)
        #expect(original.lines == spare)
      }
    }
    #expect(own == [true, false])
  }
}
