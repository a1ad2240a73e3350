// SPDX-License-Identifier: Apache-2.0

import ArgumentParser
import Management

struct Download: Order {
  static let configuration = CommandConfiguration(
    abstract: "Download parameters, keys, applications, the black list or contactless limits now.")
  @OptionGroup var common: Common
  @Argument(help: "parameters, keys, applications, black-list or contactless.") var set: String

  static let method = "Download"
  static let hasSteps = true

  var done: String { "the \(set) of the acquirer are in force" }

  func parameters() throws -> [JSONMember] { [JSONMember("set", .text(set))] }
}

struct Downloads: Query {
  static let configuration = CommandConfiguration(
    abstract: "What is in force of what is downloaded, since when, and what is still to come.")
  @OptionGroup var common: Common

  static let method = "GetDownloads"

  func show(_ answer: JSON) {
    let sets = answer["sets"]?.array ?? []
    if sets.isEmpty { Screen.line("this acquirer has no downloads") }
    for set in sets { line(set, staged: answer["staged"]?.integer ?? 0) }
    for parameter in answer["parameters"]?.array ?? [] {
      Screen.line(
        Screen.column("parameter", 14) + Screen.column(parameter["code"]?.text ?? "", 4)
          + (parameter["value"]?.text ?? ""))
    }
    for order in answer["ignoredOrders"]?.array ?? [] {
      Screen.line(Screen.column("order", 14) + "\(order.integer ?? 0) means nothing here")
    }
  }

  private func line(_ set: JSON, staged: Int64) {
    func has(_ name: String) -> Bool { set[name]?.boolean == true }
    var line = Screen.column(set["name"]?.text ?? "", 14)
    if let since = set["since"]?.text {
      line += Screen.column("\(set["count"]?.integer ?? 0) entries", 13) + "since " + since
    } else {
      line += has("required") ? Screen.red("missing") : "none"
    }
    if has("running") { line += ", \(staged) of the next have come" }
    if has("ordered") { line += ", ordered" }
    Screen.line(line)
    if let problem = set["problem"], problem != .null { Screen.line(Screen.problem(problem)) }
  }
}
