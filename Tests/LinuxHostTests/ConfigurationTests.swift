// SPDX-License-Identifier: Apache-2.0

import Assembly
import Clockwork
import Foundation
import ISO8583
import LinuxHost
import TerminalCore
import Testing

@Suite("Configuration")
struct ConfigurationTests {
  private static let shipped = repository + "/Config"

  /// The shipped files in a folder of their own, one of them changed.
  private static func fault(
    in name: String, _ change: (String) -> String
  ) throws -> ConfigurationFault? {
    let folder = try Folder()
    for file in try shippedConfiguration() {
      let text = try String(contentsOfFile: shipped + "/" + file, encoding: .utf8)
      try folder.write(file, file == name ? change(text) : text)
    }
    do throws(ConfigurationFault) {
      _ = try Configuration(file: folder.path + "/posd.yaml", run: "/run/test")
      return nil
    } catch {
      var error = error
      error.place.file = String(error.place.file.dropFirst(folder.path.utf8.count + 1))
      return error
    }
  }

  private static func line(_ text: String, in name: String) throws -> Int {
    let file = try String(contentsOfFile: shipped + "/" + name, encoding: .utf8)
    let lines = file.split(separator: "\n", omittingEmptySubsequences: false)
    return (lines.firstIndex { $0.contains(text) } ?? -1) + 1
  }

  @Test("the shipped files are read, with the folder of --run put in")
  func shipped() throws {
    let configuration = try Configuration(
      file: ConfigurationTests.shipped + "/posd.yaml", run: "/run/test")
    #expect(configuration.serial == "SIM00001")
    #expect(configuration.controlSocket == "/run/test/control.sock")
    #expect(configuration.columns == 48)
    #expect(configuration.ports[.reader] == .simulatedUSB(path: "/run/test/reader.sock"))
    #expect(
      configuration.ports[.pinPad]
        == .serial(path: "/run/test/pin-pad.tty", baud: 9_600, flow: .none))
    #expect(configuration.acquirer.reversalPauses == [5, 15, 60, 300])
    #expect(configuration.secureElement == .file(deviceSecret: "/run/test/device.secret"))
  }

  @Test("a board file without a word on pictures is one of a printer that draws none")
  func olderBoard() throws {
    let fault = try ConfigurationTests.fault(in: "boards/demo.yaml") {
      $0.replacingOccurrences(of: "  picture-rows: 255\n", with: "")
    }
    #expect(fault == nil)
  }

  @Test("a settlement slip is printed, with the stanza or without, unless it says that it is not")
  func settlementSlip() throws {
    let stanza = "settlement:\n  print-slip: true\n"
    for (words, prints) in [
      (stanza, true), ("", true), ("settlement:\n  print-slip: false\n", false),
    ] {
      let folder = try Folder()
      for file in try shippedConfiguration() {
        let text = try String(
          contentsOfFile: ConfigurationTests.shipped + "/" + file, encoding: .utf8)
        if file == "posd.yaml" { #expect(text.contains(stanza)) }
        try folder.write(file, text.replacingOccurrences(of: stanza, with: words))
      }
      let configuration = try Configuration(file: folder.path + "/posd.yaml", run: "/run/test")
      #expect(configuration.printsSettlementSlips == prints)
    }
    let fault = try ConfigurationTests.fault(in: "posd.yaml") {
      $0.replacingOccurrences(of: "print-slip: true", with: "print-slip: perhaps")
    }
    #expect(fault?.place.line == (try ConfigurationTests.line("print-slip", in: "posd.yaml")))
  }

  @Test("what no account number begins with is refused where it stands")
  func domesticPrefixes() throws {
    for wrong in ["62x", "-62", "1234567890123", " 62"] {
      let fault = try ConfigurationTests.fault(in: "acquirers/generic.yaml") {
        $0.replacingOccurrences(
          of: "batch-limit: 300", with: "batch-limit: 300\ndomestic-prefixes: [\"\(wrong)\"]")
      }
      let line = try ConfigurationTests.line("batch-limit", in: "acquirers/generic.yaml")
      #expect(fault?.place.line == line + 1, "\(wrong)")
      #expect(fault?.message.hasPrefix("domestic-prefixes") == true, "\(wrong)")
    }
    for right in ["62", "4012", "123456789012"] {
      let fault = try ConfigurationTests.fault(in: "acquirers/generic.yaml") {
        $0.replacingOccurrences(
          of: "batch-limit: 300", with: "batch-limit: 300\ndomestic-prefixes: [\"\(right)\"]")
      }
      #expect(fault == nil, "\(right)")
    }
  }

  @Test("secrets may be in a token, and are in files when the kind is not said")
  func secureElement() throws {
    let files = "  kind: file\n  device-secret: ${RUN}/device.secret\n"
    func settings(_ stanza: String) throws -> SecureElementSettings {
      let folder = try Folder()
      for file in try shippedConfiguration() {
        let text = try String(
          contentsOfFile: ConfigurationTests.shipped + "/" + file, encoding: .utf8)
        try folder.write(file, text.replacingOccurrences(of: files, with: stanza))
      }
      return try Configuration(file: folder.path + "/posd.yaml", run: "/r").secureElement
    }
    #expect(try settings("  device-secret: /d\n") == .file(deviceSecret: "/d"))
    #expect(
      try settings("  kind: pkcs11\n  module: /m.so\n  token: 令牌\n  pin-file: ${RUN}/pin\n")
        == .pkcs11(module: "/m.so", token: "令牌", pinFile: "/r/pin"))
  }

  @Test("the board of real devices is read too")
  func reference() throws {
    #expect(
      try ConfigurationTests.fault(in: "boards/demo.yaml") { _ in
        (try? String(
          contentsOfFile: ConfigurationTests.shipped + "/boards/reference.yaml", encoding: .utf8))
          ?? ""
      } == nil)
  }

  @Test("the shipped acquirer's table is the standard table")
  func standardTable() throws {
    let profile = try AcquirerProfile(
      file: ConfigurationTests.shipped + "/acquirers/generic.yaml")
    #expect(profile.dialect.table == MessageTable.standard1987ASCII)
  }

  private typealias Mistake = (file: String, from: String, to: String, near: String, says: String)

  private static let known: [Mistake] = [
    (
      "posd.yaml", "  serial:", "  serail:", "serial:",
      "unknown key terminal.serail; did you mean serial?"
    ),
    (
      "posd.yaml", "review-seconds: 1", "review-seconds: soon", "review-seconds",
      "management.review-seconds must be a number 1...86400"
    ),
    (
      "posd.yaml", "timeout-seconds: 20", "timeout-seconds: 0", "timeout-seconds",
      "management.timeout-seconds must be a number 1...300"
    ),
    (
      "posd.yaml", "timeout-seconds: 20", "timeout-seconds: [20]", "timeout-seconds",
      "management.timeout-seconds must be a number 1...300"
    ),
    (
      "posd.yaml", "${RUN}/control.sock", "${RUM}/control.sock", "control.sock",
      "control.socket: unknown substitution in ${RUM}/control.sock"
    ),
    (
      "posd.yaml", "control:\n", "control:\n  colour: red\n", "colour",
      "unknown key control.colour; did you mean socket?"
    ),
    (
      "posd.yaml", "  connect-seconds: 10\n", "  connect-seconds: 10\n  connect-seconds: 9\n",
      "connect-seconds: 9", "connect-seconds stands here twice"
    ),
    (
      "posd.yaml", "board: boards/demo.yaml", "board: &x boards/demo.yaml\nbored: *x", "bored",
      "aliases and other special nodes are not allowed"
    ),
    ("posd.yaml", "control:", "control: 7\nother:", "control: 7", "control must be a map of keys"),
    (
      "posd.yaml", "kind: file", "kind: paper", "kind: paper",
      "secure-element.kind must be one of file, pkcs11"
    ),
    (
      "posd.yaml", "kind: file", "kind: file\n  pin-file: /p", "pin-file: /p",
      "unknown key secure-element.pin-file; did you mean kind?"
    ),
    (
      "posd.yaml", "kind: file\n", "kind: pkcs11 # this\n  module: m.so\n  token: t\n", "# this",
      "secure-element.module must be a path from /"
    ),
    (
      "posd.yaml", "kind: file\n",
      "kind: pkcs11 # this\n  module: /m\n  token: \(String(repeating: "t", count: 33))\n",
      "# this", "secure-element.token must be a label of at most 32 bytes"
    ),
    (
      "boards/demo.yaml", "driver: card-reader-hid", "driver: card-reader-hit", "card-reader-hit",
      "reader.driver must be one of card-reader-hid"
    ),
    (
      "boards/demo.yaml", "columns: 48", "columns: 480", "columns",
      "printer.columns must be a number 32...64"
    ),
    (
      "boards/demo.yaml", "cutter: true", "cutter: yes", "cutter",
      "printer.cutter must be one of true, false"
    ),
    (
      "boards/demo.yaml", "baud: 115200", "baud: 115201", "baud: 115201",
      "printer.baud must be one of 1200, 1800, 2400, 4800, 9600, 19200, 38400, 57600, 115200, "
        + "230400, 460800, 500000, 576000, 921600"
    ),
    (
      "boards/demo.yaml", "baud: 9600", "baud: fast", "baud: fast",
      "pin-pad.baud must be one of 1200, 1800, 2400, 4800, 9600, 19200, 38400, 57600, 115200, "
        + "230400, 460800, 500000, 576000, 921600"
    ),
    (
      "acquirers/generic.yaml", "  pin: always", "  pin: maybe", "pin: maybe",
      "sale.pin must be one of always, by-service-code"
    ),
    (
      "acquirers/generic.yaml", "[5, 15, 60, 300]", "[5, x]", "reversal-pauses",
      "reversal-pauses-seconds holds numbers 1...86400"
    ),
    (
      "acquirers/generic.yaml", "[5, 15, 60, 300]", "[]", "reversal-pauses",
      "reversal-pauses-seconds must be a list of numbers"
    ),
    (
      "acquirers/generic.yaml", #"code: "05""#, #"code: "0500""#, #"code: "0500""#,
      "code has two characters, each 0-9 or A-Z"
    ),
    (
      "acquirers/generic.yaml", #"code: "05""#, #"code: "04""#, #"en: "Not honoured""#,
      "code 04 stands here twice"
    ),
    (
      "acquirers/generic.yaml", #"code: "00", class: approved"#, #"code: "00", class: declined"#,
      #"code: "00""#, "class of code 00 is approved"
    ),
    (
      "acquirers/generic.yaml", "class: approved-in-part", "class: approved", #"code: "10""#,
      "class approved-in-part is that of code 10"
    ),
    (
      "acquirers/generic.yaml", #"code: "51", class: declined"#, #"code: "51", class: refused"#,
      #"code: "51""#,
      "responses.class must be one of approved, approved-in-part, declined, wrong-pin, "
        + "call-acquirer, host-trouble, sign-in, set-up"
    ),
  ]

  @Test(
    "each mistake is named with file, line, column, key and the nearest right key",
    arguments: known.indices)
  func mistakes(_ index: Int) throws {
    let mistake = ConfigurationTests.known[index]
    var changed = ""
    let found = try ConfigurationTests.fault(in: mistake.file) { text in
      changed = text.replacingOccurrences(of: mistake.from, with: mistake.to)
      return changed
    }
    let fault = try #require(found)
    #expect(fault.message == mistake.says)
    #expect(fault.place.file == mistake.file)
    let lines = changed.split(separator: "\n", omittingEmptySubsequences: false).map(String.init)
    let expected = mistake.near == "serial:" ? "serail:" : mistake.near
    #expect(fault.place.line == (lines.firstIndex { $0.contains(expected) } ?? -1) + 1)
    #expect(fault.place.column >= 1)
    #expect(
      fault.text.hasPrefix("CFG-001 \(mistake.file):\(fault.place.line):\(fault.place.column): "))
  }

  @Test("a missing key is named with the map it is missing from")
  func missing() throws {
    let found = try ConfigurationTests.fault(in: "posd.yaml") {
      $0.replacingOccurrences(of: "  connect-seconds: 10\n", with: "")
    }
    let fault = try #require(found)
    #expect(fault.message == "acquirer-link.connect-seconds is missing")
    #expect(
      fault.place.line == (try ConfigurationTests.line("acquirer-link:", in: "posd.yaml")) + 1)
  }

  @Test("a file that is not there, not YAML, not text, empty or endless is named")
  func unreadable() throws {
    let folder = try Folder()
    func fault(_ bytes: [UInt8]) throws -> String {
      let file = try folder.write("posd.yaml", bytes)
      do throws(ConfigurationFault) {
        _ = try Configuration(file: file, run: "/run")
        return ""
      } catch {
        return error.message
      }
    }
    #expect(throws: ConfigurationFault.self) {
      try Configuration(file: folder.path + "/nothing.yaml", run: "/run")
    }
    #expect(try fault([]) == "expected a document; the file is empty")
    #expect(try fault(Array("a: b: c".utf8)).contains("mapping values"))
    #expect(try fault([0x61, 0x3A, 0x20, 0xFF, 0xFE]).contains("UTF-8"))
    #expect(try fault(Array("- 1".utf8)) == "the file must be a map of keys")
    #expect(try fault(Array("a: 1\n---\nb: 2".utf8)).contains("one document is allowed"))
    #expect(try fault([UInt8](repeating: 0x20, count: 262_145)).contains("longer than"))
    let deep = String(repeating: "[", count: 100) + String(repeating: "]", count: 100)
    #expect(try fault(Array(("a: " + deep).utf8)) == "nested too deep")
  }

  @Test("cut short at any byte or changed at random, no file crashes the reader")
  func noise() throws {
    let folder = try Folder()
    let text = try String(
      contentsOfFile: ConfigurationTests.shipped + "/acquirers/generic.yaml", encoding: .utf8)
    let bytes = Array(text.utf8)
    var read = 0
    var dice = Dice(seed: 4)
    for round in 0..<600 {
      var changed = bytes
      if round < 300 {
        changed = Array(bytes.prefix(dice.below(bytes.count)))
      } else {
        for _ in 0...dice.below(3) { changed[dice.below(changed.count)] = UInt8(dice.below(256)) }
      }
      let file = try folder.write("acquirer.yaml", changed)
      if (try? AcquirerProfile(file: file)) != nil { read += 1 }
    }
    // A changed letter of a text is a change nobody can see; most others are refused.
    #expect(read < 300)
  }
}
