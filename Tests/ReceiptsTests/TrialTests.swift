// SPDX-License-Identifier: Apache-2.0

import Devices
import Foundation
import Receipts
import Testing

@Suite("A template that leaves something out is refused")
struct TrialTests {
  @Test("the shipped templates show all they must, in each language")
  func shipped() throws {
    let files = try Workshop.shipped()
    for language in SlipLanguage.allCases {
      for columns in Slips.papers {
        let slips = try Slips(files: files, language: language, columns: columns)
        #expect(slips == Slips.builtIn(language))
      }
    }
  }

  @Test("the built-in templates are those of the configuration")
  func builtIn() throws {
    let files = try Workshop.shipped()
    let path = repository + "/Sources/Receipts/BuiltInTemplates.swift"
    if ProcessInfo.processInfo.environment["POSD_REWRITE_GOLDEN"] == "1" {
      try source(of: files).write(toFile: path, atomically: true, encoding: .utf8)
    }
    #expect(try String(contentsOfFile: path, encoding: .utf8) == source(of: files))
    #expect(Slips.builtInFiles == files)
  }

  @Test(
    "what must be on a slip is missed by its name",
    arguments: [
      ("facts", "merchantNumber"), ("facts", "terminalNumber"), ("facts", "transactionType"),
      ("facts", "card"), ("facts", "batchNumber"), ("facts", "traceNumber"),
      ("facts", "referenceNumber"), ("facts", "approvalCode"), ("facts", "dateTime"),
      ("facts", "originalReference"), ("head", "merchantName"),
      ("payment", "response"), ("payment", "applicationIdentifier"),
      ("payment", "applicationLabel"), ("payment", "signatureLine"), ("declined", "response"),
      ("reversal", "response"), ("settlement", "net"), ("settlement", "debitSum"),
      ("settlement", "creditCount"), ("settlement", "verdict"), ("settlement", "outcome"),
      ("settlement", "label"), ("settlement", "refused"), ("commissioning", "fact"),
      ("commissioning", "check"), ("commissioning", "detail"),
    ])
  func lacking(name: String, field: String) throws {
    let text = try Workshop.changed(name, "[[\(field)]]", "")
    let fault = try #require(try Workshop.refusal(name, text))
    #expect(fault.kind == .lacking)
    #expect(fault.message.contains(" \(field),"), "\(fault.message)")
    #expect(fault.place.line > 1)
  }

  @Test("the statement of the PIN, both copies' names and both marks are missed as well")
  func statements() throws {
    for (name, old, new, missed) in [
      ("payment", "[[if pin]]", "[[if expiredCard]]", "there is no field"),
      ("payment", "[[zh:密码已验证]] [[en:PIN VERIFIED]]", "", "show pin,"),
      ("holder", "[[zh:持卡人存根]] [[en:CUSTOMER COPY]]", "", "show customerCopy,"),
      ("holder", "[[zh:商户存根]] [[en:MERCHANT COPY]]", "", "show merchantCopy,"),
      ("marks", "\"*** COPY 副本 ***\"", "", "show copy,"),
      ("marks", "[[if test]]", "[[if copy]]", "show test,"),
      ("commissioning", "[[if passed]]", "[[if check]]", "show passed,"),
      ("commissioning", "\"[[zh:全部通过]] [[en:ALL PASSED]]\"", "", "show allPassed,"),
      ("facts", "^^^[[amount]]^^^", "", "show amount,"),
      ("payment", "[[if signature]]", "[[if card]]", "a signatureLine where nobody signs"),
      (
        "declined", "[[include holder]]", "[[signatureLine]]\n[[include holder]]",
        "nothing was paid"
      ),
      ("marks", "[[if copy]]", "[[if columns 24]]", "neither a test nor a copy"),
    ] {
      let text = try Workshop.changed(name, old, new)
      let fault = try #require(try Workshop.refusal(name, text), "\(old)")
      #expect(fault.message.contains(missed), "\(fault.message)")
    }
  }

  @Test("the copy of a test slip says both, and the marks differ")
  func marks() throws {
    let copyAlone = "[[if copy]]\n\"COPY\"\n[[else]]\n[[if test]]\n\"TEST\"\n[[end]]\n[[end]]\n"
    #expect(try Workshop.refusal("marks", copyAlone)?.message.contains("show test,") == true)
    let testAlone = "[[if test]]\n\"TEST\"\n[[else]]\n[[if copy]]\n\"COPY\"\n[[end]]\n[[end]]\n"
    #expect(try Workshop.refusal("marks", testAlone)?.message.contains("show copy,") == true)
    let same = "[[if test]]\n\"MARK\"\n[[end]]\n[[if copy]]\n\"MARK\"\n[[end]]\n"
    #expect(try Workshop.refusal("marks", same) != nil)
    let good = "[[if test]]\n\"TEST\"\n[[end]]\n[[if copy]]\n\"COPY\"\n[[end]]\n"
    #expect(try Workshop.refusal("marks", good) == nil)
  }

  @Test("no value of a slip can take its marks away, and no mark a part of the slip")
  func apart() throws {
    let text =
      "[[if test]]\n\"TEST\"\n[[end]]\n[[if copy]]\n[[if merchantCopy]]\n[[else]]\n"
      + "\"COPY\"\n[[end]]\n[[end]]\n"
    var files = try Workshop.shipped().filter { $0.name != "marks" }
    files.append(TemplateFile(name: "marks", text: Array(text.utf8)))
    let slips = try Slips(files: files, language: .both)
    let values = Slips.example(.sale)
    let plain = slips.lines(.sale, values, columns: 48, isTest: false, isCopy: false)
    let copy = slips.lines(.sale, values, columns: 48, isTest: true, isCopy: true)
    #expect(copy.filter { $0.text.contains("COPY") }.count == 2 + 1)
    #expect(copy.filter { $0.text.contains("TEST") }.count == 2)
    #expect(plain.allSatisfy { line in copy.contains { $0.text == line.text } })
  }

  @Test("a signature is no PIN, and a sum is as wide as a large shop's")
  func wide() throws {
    let pin = try Workshop.changed("payment", "[[if pin]]", "[[if noVerification]]\n[[else]]")
    #expect(try Workshop.refusal("payment", pin)?.message.contains("show pin,") == true)
    for width in ["* 5 8; text: nowrap", "* 5 8"] {
      let narrow = try Workshop.changed("settlement", "{width: fit 5 13}", "{width: \(width)}")
      #expect(try Workshop.refusal("settlement", narrow)?.kind == .lacking, "\(width)")
    }
  }

  @Test("a field that a condition or a narrow column hides is missed")
  func hidden() throws {
    for (old, new) in [
      ("^^^[[amount]]^^^", "[[if test]]\n[[amount]]\n[[end]]"),
      ("^^^[[amount]]^^^", "{width: 8 *}\n[[amount]] | a"),
      ("^^^[[amount]]^^^", "{width: 0 *}\n[[amount]] | a"),
    ] {
      let fault = try Workshop.refusal("facts", try Workshop.changed("facts", old, new))
      #expect(fault?.message.contains("amount") == true, "\(new)")
    }
  }

  @Test("the last four digits may stand for the masked number, where the law wants it")
  func lastFour() throws {
    let text = try Workshop.changed("facts", "[[card]]", "[[cardLastFour]]")
    #expect(try Workshop.refusal("facts", text) == nil)
  }

  @Test("a template that is not there is missed by its name")
  func missing() throws {
    let files = try Workshop.shipped().filter { $0.name != "refund" }
    #expect {
      try Slips(files: files, language: .both)
    } throws: { fault in
      (fault as? TemplateFault)?.message == "there is no template refund"
    }
  }

  /// The file of the built-in templates.
  private func source(of files: [TemplateFile]) -> String {
    var text = """
      // SPDX-License-Identifier: Apache-2.0

      /// The templates of `Config/receipts`, for where there are no files; a test holds them
      /// against each other and writes this file.
      enum BuiltInTemplates {
        static var files: [TemplateFile] {
          [

      """
    for file in files {
      text += "      TemplateFile(name: \"\(file.name)\", text: Array(\(file.name).utf8)),\n"
    }
    text += "    ]\n  }\n"
    for file in files {
      let lines = String(decoding: file.text, as: UTF8.self).split(
        separator: "\n", omittingEmptySubsequences: false)
      text += "\n  private static var \(file.name): String {\n    #\"\"\"\n"
      for line in lines { text += line.isEmpty ? "\n" : "    \(line)\n" }
      text += "    \"\"\"#\n  }\n"
    }
    return text + "}\n"
  }
}
