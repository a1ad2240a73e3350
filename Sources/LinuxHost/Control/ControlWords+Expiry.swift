// SPDX-License-Identifier: Apache-2.0

import Management

extension ControlWords {
  static func expiry(_ report: ExpiryReport, _ catalogue: Catalogue) -> [JSONMember] {
    let items = report.items.map { item in
      JSON.object([
        JSONMember("name", .text(item.name)), JSONMember("kind", .text(item.kind.word)),
        JSONMember("source", .text(item.source)), JSONMember("lastDay", .text(item.lastDay)),
        JSONMember("daysLeft", report.daysLeft(item).map { .integer($0) } ?? .null),
        JSONMember("state", .text(report.state(item).word)),
      ])
    }
    let unread = report.unread.map { file in
      JSON.object([
        JSONMember("use", .text(file.use)), JSONMember("source", .text(file.file)),
        JSONMember("reason", .text(file.reason)),
      ])
    }
    let clock = Doctor.clockFinding(unixSeconds: report.now)
    return [
      JSONMember("items", .array(items)), JSONMember("unread", .array(unread)),
      JSONMember(
        "clock", clock.map { problem($0.code, $0.evidence, catalogue) } ?? .null),
    ]
  }
}
