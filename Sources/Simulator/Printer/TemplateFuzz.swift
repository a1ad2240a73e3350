// SPDX-License-Identifier: Apache-2.0

import Clockwork
import Devices
import Receipts

/// Hostile templates and hostile values for slips, drawn from a seed. What breaks a rule traps, or
/// is told.
public struct TemplateFuzz {
  /// How often something hostile was tried.
  public private(set) var executions: UInt64 = 0
  /// How many of them were well formed.
  public private(set) var accepted: UInt64 = 0
  /// How many would have been taken by a terminal.
  public private(set) var taken: UInt64 = 0

  private var dice: Dice
  private let files = Slips.builtInFiles

  /// What is put into templates beside noise.
  private static let words = [
    "[[", "]]", "[[end]]\n", "[[else]]\n", "[[if test]]\n", "[[if columns 30]]\n",
    "[[each groups]]\n", "[[each merchantNames]]\n", "[[include facts]]\n", "[[include sale]]\n",
    "[[amount]]", "[[zh:", "[[en:x]]", "[[signatureLine]]", "{width: fit 3 9}\n",
    "{code: [[amount]]}\n", "{option: qrcode 8 h; code: [[card]]x}\n", "{option: hri 240 4}\n",
    "{width: 1 * 0 40}\n", "{text: nowrap}\n", "{text: words; border: none}\n", "{", "}", "|", "\\",
    "\\n", "\"", "^^^", "^", "~", "---\n", "===\n", "\r\n", "\r", "汉", "\u{FEFF}", "\u{301}",
  ]

  /// An attack; the same seed is the same attack.
  public init(seed: UInt64) { dice = Dice(seed: seed) }

  /// One execution; what went wrong, or nil.
  public mutating func execute() -> String? {
    executions += 1
    var files = files
    let target = dice.below(files.count)
    files[target].text = hostile(files[target].text)
    let name = Slips.names[dice.below(Slips.names.count)]
    do throws(TemplateFault) {
      let template = try ReceiptTemplate(name, of: files)
      accepted += 1
      if let problem = printed(template) { return problem }
    } catch {
      return misplaced(error, files)
    }
    if dice.chance(1, in: 4) {
      do throws(TemplateFault) {
        let slips = try Slips(files: files, language: language())
        taken += 1
        return amiss(slips)
      } catch {
        return misplaced(error, files)
      }
    }
    return nil
  }

  private mutating func hostile(_ text: [UInt8]) -> [UInt8] {
    var text = text
    for _ in 0..<dice.within(1...3) {
      if dice.chance(1, in: 3) {
        text = HostileAnswers.mutate(text, &dice)
      } else {
        let word = TemplateFuzz.words[dice.below(TemplateFuzz.words.count)]
        text.insert(contentsOf: Array(word.utf8), at: dice.below(text.count + 1))
      }
    }
    return text
  }

  private mutating func language() -> SlipLanguage {
    SlipLanguage.allCases[dice.below(SlipLanguage.allCases.count)]
  }

  /// A slip with hostile values; none of its rows is wider than the paper or disturbs the printer.
  private mutating func printed(_ template: ReceiptTemplate) -> String? {
    let paper = dice.within(24...96)
    var values = Slips.example(SlipKind.allCases[dice.below(SlipKind.allCases.count)])
    for field in values.fields where dice.chance(1, in: 3) {
      values[field] = SlipText(value(), value())
    }
    let lines = template.lines(values, in: language(), columns: paper)
    let dots = lines.reduce(0) { $0 + $1.heightInDots }
    if lines.count > PrintJob.mostLines || dots > PrintJob.mostDots {
      return "a slip is longer than a printer takes"
    }
    for line in lines {
      if width(of: line) > paper * PrintLine.cellDots { return "a row is wider than the paper" }
      if line.text.unicodeScalars.contains(where: { $0.value < 0x20 || $0.value == 0x7F }) {
        return "a control character on paper"
      }
    }
    return nil
  }

  /// Dots of a row, with the quiet zone of a code.
  private func width(of line: PrintLine) -> Int {
    switch line.style {
    case .plain, .bold: return columns(of: line.text) * PrintLine.cellDots
    case .large: return columns(of: line.text) * PrintLine.cellDots * 2
    case .qrCode(let code):
      let modules = QRCode.modules(line.text, code.level).map { $0 + 2 * QRCode.quiet }
      return modules.map { $0 * Int(code.cell) } ?? .max
    case .barCode(let code):
      let modules = Code128(line.text).map { $0.modules + 2 * BarCode.quiet }
      return modules.map { $0 * Int(code.module) } ?? .max
    }
  }

  private mutating func value() -> String {
    let pool = [
      "A", "|", "{", "}", "\\", "\"", "^", "_", "[[amount]]", "\n", "\u{1B}", "汉", " ", "𠀀",
    ]
    var value = ""
    for _ in 0..<dice.below(dice.chance(1, in: 8) ? 200 : 12) {
      value += pool[dice.below(pool.count)]
    }
    return value
  }

  /// Templates that were taken show the amount of a payment, whatever was done to them.
  private func amiss(_ slips: Slips) -> String? {
    let lines = slips.lines(
      .sale, Slips.example(.sale), columns: 48, isTest: true, isCopy: true)
    let amount = Slips.example(.sale)[.amount]?.text(in: .both)
    return lines.contains { $0.text == amount } || lines.contains { contains($0.text, amount) }
      ? nil : "a sale's slip has no amount"
  }

  private func contains(_ row: String, _ text: String?) -> Bool {
    let row = Array(row.utf8)
    let text = Array((text ?? "").utf8)
    if text.count > row.count { return false }
    return (0...(row.count - text.count)).contains { row[$0...].starts(with: text) }
  }

  /// A fault names a line that is there.
  private func misplaced(_ fault: TemplateFault, _ files: [TemplateFile]) -> String? {
    if fault.kind == .missing, fault.place.line == 1 { return nil }
    guard let file = files.first(where: { $0.name == fault.place.name }) else {
      return "a fault in no file"
    }
    let lines = file.text.count { $0 == 0x0A || $0 == 0x0D } + 1
    return (1...lines).contains(fault.place.line) && fault.place.column >= 1
      ? nil : "a fault in no line"
  }
}
