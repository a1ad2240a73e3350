// SPDX-License-Identifier: Apache-2.0

import Devices
import Management
import Receipts
import TerminalCore

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
    let look =
      switch line.style {
      case .plain: "plain"
      case .bold: "bold"
      case .large: "large"
      }
    return .object([
      JSONMember("text", .text(line.text)), JSONMember("look", .text(look)),
      JSONMember("centred", .boolean(line.alignment == .centre)),
    ])
  }

  private static func value(_ text: SlipText, _ field: SlipField) -> JSON {
    .object([
      JSONMember("name", .text(field.rawValue)),
      JSONMember("chinese", .text(text.text(in: .chinese))),
      JSONMember("english", .text(text.text(in: .english))),
    ])
  }
}
