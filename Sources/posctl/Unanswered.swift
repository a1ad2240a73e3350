// SPDX-License-Identifier: Apache-2.0

import Management

/// What stands in the way of a question to posd. The words are the catalogue's, which only posd
/// reads: a test compares them.
struct Unanswered {
  /// Nobody is there.
  static let silent = Unanswered(
    code: "CTL-001", cause: "posd does not answer.", causeChinese: "posd 没有响应。",
    remedy: "See whether it runs (systemctl status posd) and whether you may use its socket.",
    remedyChinese: "请检查 posd 是否运行以及是否有权使用其套接字。", who: "technician")
  /// It is of another version.
  static let otherVersion = Unanswered(
    code: "CTL-002", cause: "posd does not understand the question: it is of another version.",
    causeChinese: "posd 无法识别该请求：版本不一致。",
    remedy: "Use the posctl that came with this posd.",
    remedyChinese: "请使用与该 posd 配套的 posctl。", who: "technician")

  let code: String
  let cause: String
  let causeChinese: String
  let remedy: String
  let remedyChinese: String
  let who: String

  /// As the control interface has a problem.
  func problem(_ evidence: String) -> JSON {
    .object([
      JSONMember("code", .text(code)), JSONMember("cause", .text(cause)),
      JSONMember("causeChinese", .text(causeChinese)), JSONMember("evidence", .text(evidence)),
      JSONMember("remedy", .text(remedy)), JSONMember("remedyChinese", .text(remedyChinese)),
      JSONMember("who", .text(who)),
    ])
  }
}
