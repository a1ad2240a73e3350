// SPDX-License-Identifier: Apache-2.0

import ArgumentParser
import Management

struct Trace: ParsableCommand {
  static let configuration = CommandConfiguration(
    abstract: "What happened lately, an event a line; card data is not in it.",
    discussion: "posctl trace > FILE keeps it for posctl replay FILE.")
  @OptionGroup var common: Common

  func run() throws {
    try VarlinkClient(common).call("Trace") { answer, _ in
      if common.json { return }
      Screen.line(answer["header"]?.text ?? "")
      for line in answer["lines"]?.array ?? [] { Screen.line(line.text ?? "") }
    }
  }
}

struct Counters: ParsableCommand {
  static let configuration = CommandConfiguration(
    abstract: "What the program has counted since its start.")
  @OptionGroup var common: Common

  func run() throws {
    try VarlinkClient(common).call("GetCounters") { answer, _ in
      if common.json { return }
      for (name, label) in [
        ("events", "events"), ("unexpectedEvents", "unexpected"), ("commits", "synced commits"),
        ("wakeUps", "wake-ups"),
      ] {
        Screen.line(Screen.column(label, 16) + String(answer[name]?.integer ?? 0))
      }
    }
  }
}
