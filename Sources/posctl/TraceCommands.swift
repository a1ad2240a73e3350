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
