// SPDX-License-Identifier: Apache-2.0

import Devices
import Foundation
import LinuxHost
import Management
import Receipts
import TerminalCore
import Testing

@Suite("Templates as files")
struct SlipTemplateTests {
  /// What posd says of the shipped configuration with these words in the place of others: of the
  /// configuration, which it does not start with, and of the templates, without which it does.
  private static func faults(
    _ name: String, _ old: String, _ new: String, without missing: String = ""
  ) throws -> (configuration: String?, templates: String?, slips: Slips?) {
    let folder = try Folder()
    for file in try shippedConfiguration() where file != missing {
      let text = try String(contentsOfFile: repository + "/Config/" + file, encoding: .utf8)
      #expect(file != name || text.contains(old))
      try folder.write(file, file == name ? text.replacingOccurrences(of: old, with: new) : text)
    }
    func told(_ fault: ConfigurationFault?) -> String? {
      fault?.text.replacingOccurrences(of: folder.path + "/", with: "")
    }
    do throws(ConfigurationFault) {
      let read = try Configuration(file: folder.path + "/posd.yaml", run: "/run/test")
      return (nil, told(read.refusedTemplates), read.slips)
    } catch {
      return (told(error), nil, nil)
    }
  }

  private static func fault(
    _ name: String, _ old: String, _ new: String, without missing: String = ""
  ) throws -> String? {
    let found = try faults(name, old, new, without: missing)
    #expect(found.configuration == nil)
    #expect(found.slips == Slips.builtIn(.both))
    return found.templates
  }

  @Test(
    "a template that is wrong is named with code, file, line and column, and built-in slips print")
  func faults() throws {
    for (name, old, new, fault) in [
      (
        "facts", "[[amount]]", "[[expiry]]",
        "TPL-301 receipts/facts.receipt:17:4: expiry may stand on no slip"
      ),
      (
        "sale", "[[include payment]]", "a { b",
        "TPL-302 receipts/sale.receipt:3:3: a brace inside text; \\{ and \\} print one"
      ),
      (
        "sale", "[[include payment]]", String(repeating: "a\n", count: 400),
        "TPL-303 receipts/sale.receipt:1:1: longer than 400 lines"
      ),
      (
        "facts", "[[traceNumber]]", "",
        "TPL-304 receipts/sale.receipt:3:1: the slip does not show traceNumber, in one row, on "
          + "paper of 32 columns"
      ),
      (
        "sale", "payment", "payments",
        "TPL-305 receipts/sale.receipt:3:1: there is no template payments"
      ),
    ] {
      #expect(try SlipTemplateTests.fault("receipts/\(name).receipt", old, new) == fault)
    }
    #expect(
      try SlipTemplateTests.fault("", "", "", without: "receipts/void.receipt")
        == "TPL-305 receipts/void.receipt:1:1: there is no template void")
    #expect(
      try SlipTemplateTests.fault("posd.yaml", "folder: receipts", "folder: elsewhere")
        == "CFG-001 elsewhere:1:1: cannot be read")
    #expect(
      try SlipTemplateTests.faults("posd.yaml", "language: both", "language: latin")
        .configuration?.hasPrefix("CFG-001 posd.yaml") == true)
    let english = try SlipTemplateTests.faults("posd.yaml", "language: both", "language: english")
    #expect(english.configuration == nil && english.templates == nil)
    #expect(english.slips == Slips.builtIn(.english))
  }

  @Test(
    "a terminal prints by its own templates, in its own language, and else by the built-in ones")
  func chosen() throws {
    let shipped = try Configuration(file: repository + "/Config/posd.yaml", run: "/run/test")
    #expect(shipped.slips == Slips.builtIn(.both))
    let english = try SlipTemplates.slips(
      in: repository + "/Config/receipts", language: .english, columns: 48)
    #expect(english == Slips.builtIn(.english))
    #expect(english != shipped.slips)
  }

  @Test("a template alone takes what it includes from beside it, and else what is built in")
  func alone() throws {
    let folder = try Folder()
    let file = try folder.write("mine.receipt", "[[include head]]\n[[include tail]]\n")
    try folder.write("tail.receipt", "the end |\n")
    let template = try SlipTemplates.template(file: file)
    let rows = template.lines(Slips.example(.sale), in: .both, columns: 32).map { $0.text }
    #expect(rows.first == "示例商户 EXAMPLE SHOP")
    #expect(rows.last == "the end")
    try folder.write("tail.receipt", "\\q")
    #expect {
      try SlipTemplates.template(file: file)
    } throws: { fault in
      (fault as? ConfigurationFault)?.text
        == "TPL-302 \(folder.path)/tail.receipt:1:1: an escape that ReceiptLine does not have"
    }
  }

  @Test("a receipt is told with its lines and its values, of the card the masked number alone")
  func told() throws {
    var data = SaleReceiptData()
    data.merchantName = ["SHOP"]
    data.maskedPAN = "4111111111111111"
    data.amount = "CNY 1.00"
    data.verification = .pin
    let receipt = Receipt(
      kind: .sale, values: data.values, isTest: true, slips: .builtIn(), columns: 48)
    let talk = try ControlTests.Talk()
    talk.house.receipts = .success(receipt)
    talk.say("GetReceipt", #"{"reference":"a","customer":true}"#)
    let answer = try #require(try talk.answers().first?["parameters"])
    #expect(talk.house.holders == [.cardholder])
    let texts = (answer["lines"]?.array ?? []).map { $0["text"]?.text ?? "" }
    #expect(texts == receipt.lines(isCopy: true).map { $0.text })
    #expect(texts.contains { $0.contains("COPY") })
    #expect(texts.contains { $0.contains("411111******1111") })
    let words = String(decoding: answer.encoded, as: UTF8.self)
    #expect(!words.contains("4111111111111111"))
    #expect(answer["flags"]?.array?.map { $0.text } == ["merchantCopy", "pin"])
    #expect(try talk.refused("GetReceipt", #"{"reference":"a","customer":1}"#) == "customer")
    #expect(try talk.refused("GetReceipt", "{}") == "reference")
  }
}
