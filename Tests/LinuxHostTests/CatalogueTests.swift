// SPDX-License-Identifier: Apache-2.0

import Devices
import Foundation
import Receipts
import Testing

@testable import LinuxHost
@testable import TerminalCore

@Suite("The catalogue of errors")
struct CatalogueTests {
  private static func catalogue() throws -> Catalogue {
    try Catalogue(file: repository + "/Config/errors.yaml")
  }

  /// Every code that stands in a source of what ships, as in "NET-005" or "CFG-001 file".
  private static func codesInSources() throws -> Set<String> {
    var codes: Set<String> = []
    let pattern = try Regex(#""([A-Z]{3}-[0-9]{3})[ "]"#)
    for folder in ["Sources/TerminalCore", "Sources/LinuxHost", "Sources/posd", "Sources/posctl"] {
      let root = repository + "/" + folder
      for case let name as String in FileManager.default.enumerator(atPath: root) ?? .init()
      where name.hasSuffix(".swift") {
        let text = try String(contentsOfFile: root + "/" + name, encoding: .utf8)
        for match in text.matches(of: pattern) {
          if let code = match.output[1].substring { codes.insert(String(code)) }
        }
      }
    }
    return codes
  }

  @Test("every code that can be met has an entry, and every entry can be met")
  func complete() throws {
    let entries = Set(try CatalogueTests.catalogue().entries.map { $0.code })
    let codes = try CatalogueTests.codesInSources()
    #expect(codes.count > 50)
    #expect(codes.subtracting(entries).sorted() == [])
    #expect(entries.subtracting(codes).sorted() == [])
  }

  @Test("every entry says cause and remedy in English and in Chinese, and who acts")
  func entries() throws {
    let people = [
      "clerk", "cardholder", "merchant", "technician", "acquirer", "operator", "maker",
    ]
    for entry in try CatalogueTests.catalogue().entries {
      for texts in [entry.cause, entry.remedy] {
        #expect(texts.english.last == ".", "\(entry.code)")
        #expect(texts.english.utf8.allSatisfy { $0 < 0x80 }, "\(entry.code)")
        #expect(texts.chinese.unicodeScalars.contains { $0.value > 0x4E00 }, "\(entry.code)")
      }
      #expect(people.contains(entry.who))
      #expect(entry.cause != entry.remedy)
    }
  }

  @Test("what posctl says without posd is what the catalogue says")
  func withoutPosd() throws {
    let file = repository + "/Sources/posctl/OwnProblem.swift"
    // A sentence that is longer than a line stands in two parts.
    let words = try String(contentsOfFile: file, encoding: .utf8)
      .replacing(try Regex(#""\n\s*\+ ""#), with: "")
    let codes = Set(
      words.matches(of: try Regex(#"code: "([A-Z]{3}-[0-9]{3})""#))
        .compactMap { $0.output[1].substring.map(String.init) })
    #expect(codes.isSuperset(of: ["CTL-001", "CTL-002", "CFG-001", "TPL-303", "PIC-002"]))
    for code in codes {
      let entry = try #require(CatalogueTests.catalogue().entry(code))
      for text in [
        code, entry.cause.english, entry.cause.chinese, entry.remedy.english,
        entry.remedy.chinese, entry.who,
      ] {
        #expect(words.contains("\"\(text)\""), "\(code): \(text)")
      }
    }
  }

  @Test("a code that stands twice, has no remedy or names nobody is refused")
  func refused() throws {
    let folder = try Folder()
    let good = """
      errors:
        - code: TST-001
          cause: { en: "A.", zh: "甲。" }
          remedy: { en: "B.", zh: "乙。" }
          who: clerk

      """
    func message(_ text: String) throws -> String? {
      let file = try folder.write("errors.yaml", text)
      do throws(ConfigurationFault) {
        _ = try Catalogue(file: file)
        return nil
      } catch {
        return error.message
      }
    }
    #expect(try message(good) == nil)
    let entry = good.split(separator: "\n").dropFirst().joined(separator: "\n")
    #expect(try message(good + entry + "\n") == "TST-001 stands here twice")
    #expect(
      try message(good.replacingOccurrences(of: "who: clerk", with: "who: nobody"))?
        .contains("who must be one of") == true)
    #expect(
      try message(good.replacingOccurrences(of: #", zh: "乙。""#, with: ""))?
        .contains("zh is missing") == true)
  }

  @Test("what is told of a slip that is too long names it, its template and how many there were")
  func overfull() throws {
    let text = String(repeating: "x |\n", count: 400)
    let file = TemplateFile(name: "long", text: Array(text.utf8))
    let page = Slips.builtIn().page(
      try ReceiptTemplate("long", of: [file]), Slips.example(.sale), columns: 48, isTest: false,
      isCopy: false)
    var slips = OverfullSlips()
    _ = slips.lines(of: page, "till/1")
    let flaw = "the slip is longer than 360 rows or 1350 mm, on paper of 48 columns"
    #expect(Problem.slipsTooLong(slips).evidence == "till/1, template long: " + flaw)
    // Printed again it is the same slip.
    _ = slips.lines(of: page, "till/1")
    _ = slips.lines(of: page, "till/2")
    #expect(Problem.slipsTooLong(slips).evidence == "till/2 and 1 more, template long: " + flaw)
  }

  @Test("what is told of a key and of a batch names both")
  func evidence() throws {
    let name: [UInt8] = [
      0x9F, 0x06, 5, 0xA0, 0, 0, 3, 0x33, 0x9F, 0x22, 1, 0x0B, 0xDF, 0x05, 4, 0x20, 0x26, 0x10,
      0x31,
    ]
    let key = try #require(KeyName(name))
    let text = "A000000333 key 0B, last day 2026-10-31"
    #expect(Problem.keyEnds(key, others: 0).evidence == text)
    #expect(Problem.keyOver(key, others: 2).evidence == text + " and 2 more")
    let own = try #require(BatchNumber(3))
    let acquirer = try #require(BatchNumber(777))
    #expect(
      Problem.otherBatch(own: own, acquirer: acquirer).evidence == "batch 3 here, 777 there")
  }
}
