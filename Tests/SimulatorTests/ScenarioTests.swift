// SPDX-License-Identifier: Apache-2.0

import Foundation
import Simulator
import Testing

@Suite("Scenarios: what happens to a shop, line by line")
struct ScenarioTests {
  private static let folder = URL(filePath: #filePath).deletingLastPathComponent()
    .deletingLastPathComponent().appending(path: "Fixtures/scenarios")

  private static let files: [String] = {
    let names = try? FileManager.default.contentsOfDirectory(atPath: folder.path)
    return (names ?? []).filter { $0.hasSuffix(".scenario") }.sorted()
  }()

  private static func run(_ text: String) throws -> [ScenarioRun.Told] {
    var run = ScenarioRun(try Scenario(text: Array(text.utf8)))
    return run.run()
  }

  @Test("there are forty and more")
  func number() {
    #expect(ScenarioTests.files.count >= 40)
  }

  @Test("each goes as its lines say", arguments: files)
  func goes(_ file: String) throws {
    let path = ScenarioTests.folder.appending(path: file)
    let text = try String(contentsOf: path, encoding: .utf8)
    #expect(text.hasPrefix("# "), "the first line says what it is about")
    let told = try ScenarioTests.run(text)
    for line in told where line.seen != nil {
      Issue.record("\(file):\(line.line): \(line.text); seen: \(line.seen ?? "")")
    }
    #expect(text.contains("expect ") || text.contains("within "))
  }

  @Test("a line that is not so ends it, with what was seen")
  func contradicted() throws {
    let wrong: [(String, String)] = [
      ("expect held 13.00", "1200"), ("expect till/1 declined", "approved, receipt printed"),
      ("expect till/1 approved receipt owed", "approved, receipt printed"),
      ("expect till/9 approved", "no transaction"), ("expect state locked", "ready"),
      ("expect answer CRD-004", "done"), ("expect status RDR-001", "nothing"),
      ("expect receipts 2", "1"), ("expect sent 2", "1"), ("within 5 s no paper 12.00", "12.00"),
      ("expect no told enter PIN", "enter PIN"),
    ]
    let day = "open\nsell till/1 12.00\nwithin 60 s till/1 approved receipt printed\nwait 1 s\n"
    for (line, seen) in wrong {
      let told = try ScenarioTests.run(day + line + "\nwait 1 s\n")
      #expect(told.last?.line == 5, "\(line)")
      #expect(told.last?.seen?.contains(seen) == true, "\(line): \(told.last?.seen ?? "nil")")
      #expect(told.dropLast().allSatisfy { $0.seen == nil })
    }
  }

  @Test("an expectation holds once it is so, and not before")
  func within() throws {
    let early = try ScenarioTests.run("open\nsell till/1 12.00\nwithin 1 s till/1 approved\n")
    #expect(early.last?.seen != nil)
    let late = try ScenarioTests.run("open\nsell till/1 12.00\nwithin 60 s till/1 approved\n")
    #expect(late.last?.seen == nil)
  }

  @Test("a file that cannot be used says the line, the word and what may stand there")
  func faults() {
    let wrong: [(String, Int, Int, String)] = [
      ("", 1, 1, "something that happens"), ("open\n\nfly\n", 3, 1, "something that happens"),
      ("open\nsell till/1\n", 2, 3, "an amount"), ("open\nsell till/1 12\n", 2, 3, "an amount"),
      ("open\nshop chips\n", 2, 2, "above"), ("shop bakery\nopen\n", 1, 2, "generic"),
      ("open\nprinter paper torn\n", 2, 2, "unplug"), ("open\nwait 5 h\n", 2, 3, "ms, s or min"),
      ("open\nopen wide\n", 2, 2, "the end"), ("open\ncard 3\n", 2, 2, "0, 1 or 2"),
      ("open\nto reader unplug\n", 2, 3, "change"), ("open\nexpect no state ready\n", 2, 3, "told"),
      ("open\nwithin 5 s\n", 2, 4, "what has to be so"), ("open\nreader cut at 5\n", 2, 4, "byte"),
      ("open\nreader securemag\n", 2, 2, "securemag"),
      ("open\nexpect till/1\n", 2, 3, "state"), ("open\nprinter plain\n", 2, 3, "above"),
    ]
    for (text, line, word, wanted) in wrong {
      let fault = #expect(throws: ScenarioFault.self) { try Scenario(text: Array(text.utf8)) }
      #expect(fault?.line == line && fault?.word == word, "\(text): \(fault?.text ?? "")")
      #expect(fault?.wanted.contains(wanted) == true, "\(text): \(fault?.text ?? "")")
    }
  }

  @Test("one scenario is one history")
  func once() throws {
    let text = "open\nsell till/1 12.00\nwait 60 s\n"
    #expect(try ScenarioTests.run(text) == ScenarioTests.run(text))
  }
}
