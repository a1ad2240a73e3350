// SPDX-License-Identifier: Apache-2.0

import Foundation
import Testing

@Suite("A tidy house")
struct TidyTests {
  private typealias File = Repository.File

  /// A file that breaks a rule, to see that the rule bites.
  private static func bad(_ path: String, _ text: String) -> File { File(path: path, text: text) }

  private static func isMade(_ file: File) -> Bool {
    file.name.hasPrefix("GBKHanzi") || file.name == "PaperGlyphs.swift"
      || file.path.hasPrefix("Tests/Fixtures/")
  }

  @Test("the repository is read at all")
  func read() {
    #expect(Repository.swift.count > 150)
    #expect(Repository.files.contains { $0.path == "Config/errors.yaml" })
  }

  @Test("the top level holds what it should and nothing else")
  func topLevel() {
    let visible = Repository.folders.filter { !$0.hasPrefix(".") && $0 != "Package.resolved" }
    #expect(
      visible.sorted()
        == ["Config", "Drivers", "Firmware", "Package.swift", "README.md", "Sources", "Tests"])
  }

  @Test("lines, files and functions are short")
  func lengths() {
    let files = Repository.swift.filter { !TidyTests.isMade($0) }
    #expect(files.flatMap(Rule.lineLength) == [])
    #expect(files.flatMap(Rule.fileLength) == [])
    #expect(files.flatMap(Rule.functionLength) == [])
    let long = String(repeating: "x", count: 101)
    #expect(Rule.lineLength(TidyTests.bad("a.swift", "\n" + long)) == ["a.swift:2"])
    let many = String(repeating: "\n", count: 400)
    #expect(Rule.fileLength(TidyTests.bad("a.swift", many)).count == 1)
    let body = String(repeating: "    work()\n", count: 70)
    let function = "  func a() {\n" + body + "  }"
    #expect(Rule.functionLength(TidyTests.bad("a.swift", function)) == ["a.swift:1"])
  }

  @Test("every source says its licence")
  func licences() {
    let suffixes = [
      ".swift", ".c", ".h", ".py", ".yaml", ".varlink", ".modulemap", ".service", ".rules",
    ]
    let files = Repository.files.filter { file in
      (suffixes.contains { file.path.hasSuffix($0) }
        && !file.path.hasPrefix("Tests/Fixtures/receipts"))
        || (file.path.hasPrefix("Firmware/") && !file.name.contains("."))
    }
    #expect(files.count > 200)
    #expect(files.flatMap(Rule.licence) == [])
    #expect(Rule.licence(TidyTests.bad("a.swift", "import Wire")) == ["a.swift"])
  }

  @Test("below the line there is no operating system, no clock and no chance")
  func belowTheLine() {
    let files = Repository.swift.filter { Repository.below.contains($0.target) }
    #expect(Set(files.map { $0.target }) == Set(Repository.below))
    #expect(files.flatMap(Rule.belowTheLine) == [])
    for text in [
      "import Foundation", "public import Glibc", "let x: any P = y", "x = Int.random(in: y)",
    ] {
      #expect(!Rule.belowTheLine(TidyTests.bad("Sources/Wire/a.swift", text)).isEmpty)
    }
    #expect(Rule.belowTheLine(TidyTests.bad("a.swift", "// in any order")).isEmpty)
  }

  @Test("dependencies point downwards")
  func house() {
    #expect(Repository.swift.flatMap(Rule.house) == [])
    let bad = [
      ("Drivers/CardReaderHID/a.swift", "import USBTransport"),
      ("Drivers/CardReaderHID/a.swift", "import TerminalCore"),
      ("Sources/TerminalCore/a.swift", "import PrinterESCPOS"),
      ("Sources/Wire/a.swift", "import Clockwork"),
      ("Sources/Assembly/a.swift", "import Simulator"),
      ("Sources/LinuxHost/a.swift", "import SerialTransport"),
    ]
    for (path, text) in bad { #expect(Rule.house(TidyTests.bad(path, text)).count == 1) }
  }

  @Test("drivers and core meet in one place")
  func meeting() {
    #expect(Repository.swift.flatMap(Rule.meeting) == [])
    let bad = TidyTests.bad("Sources/Assembly/Firmware.swift", "import PINPadSerial")
    #expect(Rule.meeting(bad).count == 1)
  }

  @Test("no part of a terminal can take a clear PIN or see the bytes of a key")
  func clearPIN() {
    #expect(Repository.swift.flatMap(Rule.clearPIN) == [])
    let bad = [
      ("Sources/posd/a.swift", "import PINPadCrypto"),
      ("Sources/TerminalCore/a.swift", "public import PINPadCrypto"),
      ("Sources/LinuxHost/a.swift", "let bytes = key.material.secret"),
    ]
    for (path, text) in bad { #expect(Rule.clearPIN(TidyTests.bad(path, text)).count == 1) }
  }

  @Test("nothing is left lying about, nothing traps by sloth, nothing names somebody's machine")
  func leftovers() {
    let files = Repository.files.filter { !$0.path.hasPrefix("Tests/Fixtures/") }
    #expect(files.flatMap(Rule.leftovers) == [])
    let shipped = Repository.swift.filter { !$0.path.hasPrefix("Tests/") }
    #expect(shipped.flatMap(Rule.traps) == [])
    #expect(files.flatMap(Rule.paths) == [])
    #expect(Rule.leftovers(TidyTests.bad("a", "// TO" + "DO later")).count == 1)
    #expect(Rule.traps(TidyTests.bad("a", "let x = try! y()")).count == 1)
    #expect(Rule.paths(TidyTests.bad("a", "cd /ho" + "me/me")).count == 1)
  }

  @Test("no card number but published test cards stands anywhere")
  func cards() {
    #expect(Repository.files.flatMap(Rule.cardNumbers) == [])
    // Another published test card, which is not on the list.
    let stranger = "378282246310" + "005"
    #expect(Rule.cardNumbers(TidyTests.bad("a", "pan = \"\(stranger)\"")).count == 1)
    #expect(Rule.cardNumbers(TidyTests.bad("a", "4111111111111111")).isEmpty)
    #expect(Rule.testCards.allSatisfy { Rule.isCard($0) })
  }

  @Test("a module is not named like a type inside it")
  func names() {
    for target in Set(Repository.swift.map { $0.target }) {
      guard let module = target.split(separator: "/").last, target.hasPrefix("Sources/") else {
        continue
      }
      if ["posd", "posctl", "possim", "tuf-client", "posd-boot"].contains(module) { continue }
      let kinds = ["struct", "enum", "class", "protocol"]
      let declared = Repository.swift.filter { $0.target == target }.flatMap { $0.lines }.filter {
        line in
        kinds.contains { line.contains("\($0) \(module) ") || line.contains("\($0) \(module):") }
      }
      #expect(declared == [], "\(target)")
    }
  }

  @Test("every driver and transport says what it is for")
  func readmes() {
    let targets = Set(Repository.swift.filter { $0.path.hasPrefix("Drivers/") }.map { $0.target })
    #expect(targets.count >= 5)
    for target in targets {
      let text = Repository.files.first { $0.path == target + "/README.md" }?.text
      #expect(Rule.readme(text), "\(target)")
    }
    #expect(!Rule.readme("# A stub"))
    #expect(!Rule.readme(nil))
  }

  @Test("every fixture is read by some test or script")
  func fixtures() {
    let readers = Repository.files.filter {
      $0.path.hasPrefix("Tests/") && ($0.isSwift || $0.path.hasSuffix(".py"))
    }.map { $0.text }.joined()
    let fixtures = Repository.files.filter {
      $0.path.hasPrefix("Tests/Fixtures/") && !$0.path.hasSuffix(".py")
    }
    #expect(fixtures.count >= 10)
    for fixture in fixtures {
      // A file is named, or made of a name and a width as the receipts are.
      let stem = fixture.name.split(separator: ".")[0]
      let parts = stem.split(separator: "-")
      let base =
        parts.last.flatMap { Int($0) } == nil
        ? String(stem) : parts.dropLast().joined(separator: "-")
      let isNamed =
        readers.contains(fixture.name) || readers.contains("\"" + base)
        || readers.contains(String(parts[0]))
      #expect(isNamed, "\(fixture.path)")
    }
  }

  @Test("every key of a shipped configuration file is read by the code")
  func keys() throws {
    let code = Repository.swift.filter { $0.path.hasPrefix("Sources/LinuxHost/") }
      .map { $0.text }.joined()
    let files = Repository.files.filter { $0.path.hasPrefix("Config/") }
    #expect(files.count >= 5)
    let pattern = try Regex(#"^[ -]*(?:\{ )?([a-z][a-z-]*):"#)
    var keys: Set<String> = []
    for line in files.flatMap({ $0.lines }) {
      if let match = line.firstMatch(of: pattern), let key = match.output[1].substring {
        keys.insert(String(key))
      }
    }
    #expect(keys.count > 30)
    for key in keys { #expect(code.contains("\"\(key)\""), "\(key)") }
  }
}
