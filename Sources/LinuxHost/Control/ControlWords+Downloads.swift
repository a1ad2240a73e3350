// SPDX-License-Identifier: Apache-2.0

import Management
import TerminalCore
import Wire

extension ControlWords {
  static func downloads(_ report: DownloadReport, _ catalogue: Catalogue) -> [JSONMember] {
    [
      JSONMember("sets", .array(report.lines.map { set($0, catalogue) })),
      JSONMember("staged", .integer(Int64(report.staged))),
      JSONMember("parameters", .array(report.parameters.map(parameter))),
      JSONMember("ignoredOrders", .array(report.ignoredOrders.map { .integer(Int64($0)) })),
    ]
  }

  private static func set(_ line: DownloadReport.Line, _ catalogue: Catalogue) -> JSON {
    .object([
      JSONMember("name", .text(line.set.name)),
      JSONMember("since", line.since.isEmpty ? .null : .text(line.since)),
      JSONMember("count", .integer(Int64(line.count))),
      JSONMember("skipped", .integer(Int64(line.skipped))),
      JSONMember("required", .boolean(line.isRequired)),
      JSONMember("ordered", .boolean(line.isOrdered)),
      JSONMember("running", .boolean(line.isRunning)),
      JSONMember("problem", line.problem.map { problem($0, catalogue) } ?? .null),
    ])
  }

  /// Two digits and a value: text where it is one, else hexadecimal digits.
  private static func parameter(_ bytes: [UInt8]) -> JSON {
    let code = String(decoding: bytes.prefix(2), as: UTF8.self)
    let value = Array(bytes.dropFirst(2))
    let isText = value.allSatisfy { (0x20...0x7E).contains($0) }
    return .object([
      JSONMember("code", .text(code)),
      JSONMember(
        "value", .text(isText ? String(decoding: value, as: UTF8.self) : Hex.text(value))),
    ])
  }
}
