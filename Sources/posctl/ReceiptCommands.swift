// SPDX-License-Identifier: Apache-2.0

import ArgumentParser
import Devices
import LinuxHost
import Management
import Receipts

struct ReceiptShow: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "receipt", abstract: "See a receipt without printing it, and try templates.",
    subcommands: [Render.self, Preview.self, Check.self])

  struct Render: ParsableCommand {
    static let configuration = CommandConfiguration(
      abstract: "Show the receipt of a transaction, as a copy of it would be printed.")
    @OptionGroup var common: Common
    @OptionGroup var output: ReceiptOutput
    @Argument(help: "The reference of the transaction.") var reference: String
    @Flag(help: "The cardholder's copy.") var customer = false
    @Option(help: "Lay it out by this template instead of the terminal's own.")
    var template: String?

    func run() throws {
      let parameters = [
        JSONMember("reference", .text(reference)), JSONMember("customer", .boolean(customer)),
      ]
      try VarlinkClient(common).call("GetReceipt", parameters) { answer, _ in
        let columns = Int(answer["columns"]?.integer ?? 0)
        guard (24...96).contains(columns) else {
          throw ReceiptOutput.complain("CTL-002", "a receipt of \(columns) columns")
        }
        if let template {
          let page = try lay(template, answer, columns)
          if !common.json || output.png != nil { try output.show(page.lines, columns: columns) }
          return try ReceiptOutput.judge(page, of: template)
        }
        if common.json, output.png == nil { return }
        try output.show(printed(answer), columns: columns)
      }
    }

    private func printed(_ answer: JSON) -> [PrintLine] {
      (answer["lines"]?.array ?? []).map { line in
        PrintLine(
          line["text"]?.text ?? "", style: style(line),
          alignment: line["centred"]?.boolean == true ? .centre : .left)
      }
    }

    private func style(_ line: JSON) -> PrintLine.Style {
      let module = UInt8(clamping: line["module"]?.integer ?? 0)
      switch line["look"]?.text {
      case "bold": return .bold
      case "large": return .large
      case "qrCode":
        let level = QRCode.Level(name: line["level"]?.text ?? "") ?? .low
        return .qrCode(QRCode(level: level, cell: module))
      case "barCode":
        let height = UInt8(clamping: line["height"]?.integer ?? 0)
        return .barCode(BarCode(module: module, height: height))
      default: return .plain
      }
    }

    private func lay(_ file: String, _ answer: JSON, _ columns: Int) throws -> SlipPage {
      var values = SlipValues()
      for value in answer["values"]?.array ?? [] {
        guard let field = SlipField(rawValue: value["name"]?.text ?? "") else { continue }
        values[field] = SlipText(value["chinese"]?.text ?? "", value["english"]?.text ?? "")
      }
      for flag in answer["flags"]?.array ?? [] {
        if let flag = SlipFlag(rawValue: flag.text ?? "") { values[flag] = true }
      }
      values[.merchantNames] = (answer["merchantNames"]?.array ?? []).map { name in
        var item = SlipValues()
        item[.merchantName] = SlipText(name.text ?? "")
        return item
      }
      let language = SlipLanguage(rawValue: answer["language"]?.text ?? "") ?? .both
      let template = try ReceiptOutput.template(file)
      return Slips.builtIn(language).page(
        template, values, columns: columns, isTest: answer["test"]?.boolean == true, isCopy: true)
    }
  }

  struct Preview: ParsableCommand {
    static let configuration = CommandConfiguration(
      abstract: "Show what a template makes of an example; needs no posd.")
    @OptionGroup var output: ReceiptOutput
    @Argument(help: "The template: a file, or the name of a built-in one, as sale.")
    var template: String
    @Option(
      help: "Whose example: sale, refund, void, declined, reversal, settlement or commissioning",
      transform: Preview.kind)
    var kind: SlipKind = .sale
    @Option(help: "Columns of the paper, 24 to 96.") var columns = 48
    @Option(help: "chinese, english or both.", transform: Preview.language)
    var language: SlipLanguage = .both
    @Flag(help: "As a test.") var test = false

    private static func kind(_ name: String) throws -> SlipKind {
      guard let kind = SlipKind(rawValue: name) else {
        throw ValidationError(
          "a kind is sale, refund, void, declined, reversal, settlement or commissioning")
      }
      return kind
    }

    private static func language(_ name: String) throws -> SlipLanguage {
      guard let language = SlipLanguage(rawValue: name) else {
        throw ValidationError("a language is chinese, english or both")
      }
      return language
    }

    func validate() throws {
      guard (24...96).contains(columns) else { throw ValidationError("--columns takes 24 to 96.") }
    }

    func run() throws {
      let slips = Slips.builtIn(language)
      let page: SlipPage
      if let kind = SlipKind(rawValue: template) {
        page = slips.page(
          kind, Slips.example(kind), columns: columns, isTest: test, isCopy: false)
      } else {
        page = slips.page(
          try ReceiptOutput.template(template), Slips.example(kind), columns: columns,
          isTest: test, isCopy: false)
      }
      try output.show(page.lines, columns: columns)
      try ReceiptOutput.judge(page, of: template)
    }
  }

  struct Check: ParsableCommand {
    static let configuration = CommandConfiguration(
      abstract: "Read a folder of templates as posd would; needs no posd.")
    @Argument(help: "The folder.") var folder: String
    @Option(help: "Columns of another paper beside 32, 42 and 48, from 24 to 96.")
    var columns = 48

    func validate() throws {
      guard (24...96).contains(columns) else { throw ValidationError("--columns takes 24 to 96.") }
    }

    func run() throws {
      for paper in Slips.papers + (Slips.papers.contains(columns) ? [] : [columns]) {
        for language in SlipLanguage.allCases {
          do throws(ConfigurationFault) {
            _ = try SlipTemplates.slips(in: folder, language: language, columns: paper)
          } catch {
            throw ReceiptOutput.complain(
              error.code, error.evidence + " (language: " + language.rawValue + ")")
          }
        }
      }
      Screen.line("the templates show all they must, in each language")
    }
  }
}

/// Where a receipt is shown.
struct ReceiptOutput: ParsableArguments {
  @Flag(help: "As text; what is done without --png.") var text = false
  @Option(help: "As a picture, in this file.") var png: String?
  @Option(help: "The folder of the picture's fonts.") var fonts = "/usr/share/fonts/X11/misc"

  func show(_ lines: [PrintLine], columns: Int) throws {
    if text || png == nil {
      for line in lines { Screen.line(ReceiptOutput.row(line, columns)) }
    }
    guard let png else { return }
    guard let font = BitmapFont(folder: fonts) else {
      throw ReceiptOutput.complain(
        "PIC-001", "\(fonts) has no \(BitmapFont.latinFile) and \(BitmapFont.chineseFile)")
    }
    if !ReceiptPicture(lines, columns: columns, font: font).write(to: png) {
      throw ReceiptOutput.complain("PIC-002", "\(png) cannot be written")
    }
  }

  static func template(_ file: String) throws -> ReceiptTemplate {
    do throws(ConfigurationFault) {
      return try SlipTemplates.template(file: file)
    } catch {
      throw complain(error.code, error.evidence)
    }
  }

  /// Whoever looks at a slip must not take it for a whole one when its end is missing.
  static func judge(_ page: SlipPage, of file: String) throws {
    guard let fault = page.fault else { return }
    let told = SlipTemplates.fault(fault, file: file)
    throw complain(told.code, told.evidence)
  }

  /// Says what stands in the way in the catalogue's words.
  static func complain(_ code: String, _ evidence: String) -> ExitCode {
    let words = OwnProblem.words(code)
    Screen.complaint(words.map { Screen.problem($0.problem(evidence)) } ?? code + " " + evidence)
    return Ending.refused
  }

  /// A line as text: large print has a blank behind each cell, as much as it is wider, and a code
  /// says what is in it.
  private static func row(_ line: PrintLine, _ columns: Int) -> String {
    switch line.style {
    case .plain, .bold, .large: break
    case .qrCode: return "[QR code: " + line.text + "]"
    case .barCode: return "[Code 128: " + line.text + "]"
    }
    var text = ""
    for scalar in line.text.unicodeScalars {
      text.unicodeScalars.append(scalar)
      if line.style == .large {
        text += String(repeating: " ", count: Devices.columns(of: scalar))
      }
    }
    let spare = columns - Devices.columns(of: text)
    return String(repeating: " ", count: line.alignment == .centre ? max(0, spare / 2) : 0) + text
  }
}
