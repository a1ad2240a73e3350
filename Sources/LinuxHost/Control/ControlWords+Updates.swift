// SPDX-License-Identifier: Apache-2.0

import Management
import Updates

extension ControlWords {
  static func update(_ report: UpdateReport, _ catalogue: Catalogue) -> JSON {
    let history = report.history.map { outcome in
      JSON.object([
        JSONMember("version", .text(outcome.version.description)),
        JSONMember("code", .text(outcome.code.description)),
        JSONMember("seconds", .integer(outcome.seconds)),
      ])
    }
    let told =
      report.objection.map { problem($0.code, $0.evidence, catalogue) }
      ?? report.problem.map { problem($0.code, $0.evidence, catalogue) }
    return .object([
      JSONMember("available", .boolean(report.isHere)),
      JSONMember("version", .text(report.version)), JSONMember("slot", .text(report.slot)),
      JSONMember("cause", .text(report.cause)), JSONMember("stage", .text(report.stage.code)),
      JSONMember("progress", .integer(report.progress)), JSONMember("code", .text(report.code)),
      JSONMember("offered", .text(report.offered)), JSONMember("size", .integer(report.size)),
      JSONMember("note", .text(report.noteEnglish)),
      JSONMember("noteChinese", .text(report.noteChinese)),
      JSONMember("locks", .array(report.locks.map { .text($0.code) })),
      JSONMember("notice", report.notice.map { .integer($0) } ?? .null),
      JSONMember("minutes", .integer(report.minutes)),
      JSONMember("problem", told ?? .null), JSONMember("history", .array(history)),
    ])
  }
}
