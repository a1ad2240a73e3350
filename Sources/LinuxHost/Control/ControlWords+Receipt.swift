// SPDX-License-Identifier: Apache-2.0

public import Devices
import Management
import Receipts
import TerminalCore

extension QRCode.Level {
  /// The level's name in the control interface.
  public var name: String {
    switch self {
    case .low: "L"
    case .medium: "M"
    case .quartile: "Q"
    case .high: "H"
    }
  }

  /// The level of this name.
  public init?(name: String) {
    guard let level = QRCode.Level.allCases.first(where: { $0.name == name }) else { return nil }
    self = level
  }
}

extension ControlWords {
  /// A receipt, laid out and by its values.
  static func receipt(_ receipt: Receipt) -> [JSONMember] {
    let values = receipt.values
    let names = (values[.merchantNames] ?? []).compactMap { $0[.merchantName] }
    return [
      JSONMember("kind", .text(receipt.kind.rawValue)),
      JSONMember("columns", .integer(Int64(receipt.columns))),
      JSONMember("language", .text(receipt.slips.language.rawValue)),
      JSONMember("test", .boolean(receipt.isTest)),
      JSONMember("lines", .array(receipt.lines(isCopy: true).map(line))),
      JSONMember("merchantNames", .array(names.map { .text($0.text(in: .both)) })),
      JSONMember(
        "values",
        .array(
          values.fields.compactMap { field in
            values[field].map { value($0, field) }
          })),
      JSONMember(
        "flags",
        .array(SlipFlag.allCases.filter { values[$0] }.map { .text($0.rawValue) })),
    ]
  }

  private static func line(_ line: PrintLine) -> JSON {
    var code: [JSONMember] = []
    let look: String
    switch line.style {
    case .plain: look = "plain"
    case .bold: look = "bold"
    case .large: look = "large"
    case .qrCode(let drawn):
      look = "qrCode"
      code = [
        JSONMember("module", .integer(Int64(drawn.cell))),
        JSONMember("level", .text(drawn.level.name)),
      ]
    case .barCode(let drawn):
      look = "barCode"
      code = [
        JSONMember("module", .integer(Int64(drawn.module))),
        JSONMember("height", .integer(Int64(drawn.height))),
      ]
    }
    return .object(
      [
        JSONMember("text", .text(line.text)), JSONMember("look", .text(look)),
        JSONMember("centred", .boolean(line.alignment == .centre)),
      ] + code)
  }

  private static func value(_ text: SlipText, _ field: SlipField) -> JSON {
    .object([
      JSONMember("name", .text(field.rawValue)),
      JSONMember("chinese", .text(text.text(in: .chinese))),
      JSONMember("english", .text(text.text(in: .english))),
    ])
  }
}
