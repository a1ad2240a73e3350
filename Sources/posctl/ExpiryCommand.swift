// SPDX-License-Identifier: Apache-2.0

import ArgumentParser
import Management

struct Expiry: ParsableCommand {
  static let configuration = CommandConfiguration(
    abstract: "Certificates, keys and update metadata with a last day, the nearest first.",
    discussion: """
      soon is 90 days or less, very soon 7; a certificate that ends within 30 days is in the \
      status too. What never ends is not listed. Exit code 0 when nothing is over, 1 when \
      something is, or when that cannot be known: a file cannot be read, the clock not believed.
      """)
  @OptionGroup var common: Common

  func run() throws {
    var isWell = true
    try VarlinkClient(common).call("GetExpiry") { answer, _ in
      let items = answer["items"]?.array ?? []
      let unread = answer["unread"]?.array ?? []
      let isClockWrong = answer["clock"]?["code"] != nil
      let isOver = items.contains { $0["state"]?.text == "over" }
      isWell = !isOver && unread.isEmpty && !isClockWrong
      if common.json { return }
      if isClockWrong, let problem = answer["clock"] { Screen.line(Screen.problem(problem)) }
      for item in items { Screen.line(Expiry.line(item)) }
      for file in unread { Screen.line(Expiry.unread(file)) }
      if items.isEmpty, unread.isEmpty { Screen.line("nothing has a last day") }
    }
    if !isWell { throw Ending.refused }
  }

  private static func line(_ item: JSON) -> String {
    func text(_ name: String) -> String { item[name]?.text ?? "" }
    let left = item["daysLeft"]?.integer.map { "\($0) d" } ?? "?"
    let state = Screen.column(text("state"), 11)
    let isUrgent = ["very soon", "over"].contains(text("state"))
    return Screen.column(text("lastDay"), 12) + Screen.column(left, 8)
      + (isUrgent ? Screen.red(state) : state) + Screen.column(text("name"), 46) + text("source")
  }

  private static func unread(_ file: JSON) -> String {
    func text(_ name: String) -> String { file[name]?.text ?? "" }
    return Screen.red(Screen.column("?", 20) + Screen.column("unknown", 11))
      + Screen.column(text("use"), 46) + text("source") + " " + text("reason")
  }
}
