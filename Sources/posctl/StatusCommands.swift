// SPDX-License-Identifier: Apache-2.0

import ArgumentParser
import Management

struct Status: ParsableCommand {
  static let configuration = CommandConfiguration(
    abstract: "One screen; the first red line is the cause of what is wrong.")
  @OptionGroup var common: Common
  @Option(
    help: "What became of this transaction instead; ends as sale does, with 1 if nobody knows it.")
  var reference: String?

  func run() throws {
    let client = try VarlinkClient(common)
    if let reference { return try tell(reference, client) }
    try client.call("GetStatus") { answer, _ in
      if common.json { return }
      if let status = answer["status"] { StatusScreen(status).show() }
      if let update = answer["update"] { UpdateScreen(update).showLine() }
    }
  }

  private func tell(_ reference: String, _ client: VarlinkClient) throws {
    var state: String?
    var isRunning = false
    try client.call("GetTransaction", [JSONMember("reference", .text(reference))]) { answer, _ in
      state = answer["transaction"]?["state"]?.text
      isRunning = answer["running"]?.boolean ?? false
      if common.json { return }
      if let row = answer["transaction"], row != .null { Screen.line(Screen.transaction(row)) }
      if isRunning { Screen.line("it still runs; ask again") }
    }
    // Once it has an outcome that is what counts, though its receipt may still be printing.
    if isRunning, state == nil { throw Ending.running }
    try Ending.end(in: state)
  }
}

struct Watch: ParsableCommand {
  static let configuration = CommandConfiguration(
    abstract: "A line now and at each change; ends with Ctrl-C.")
  @OptionGroup var common: Common

  func run() throws {
    try VarlinkClient(common).call("Watch", more: true) { answer, _ in
      if !common.json, let status = answer["status"] { StatusScreen(status).showLine() }
    }
  }
}

struct States: Query {
  static let configuration = CommandConfiguration(
    abstract: "The states of a terminal, what each allows and who leads out of it.")
  static let method = "GetStates"
  @OptionGroup var common: Common

  func show(_ answer: JSON) {
    Screen.line("| State | Allows | Who leads out of it |")
    Screen.line("|---|---|---|")
    for state in answer["states"]?.array ?? [] {
      let allowed = (state["allows"]?.array ?? []).compactMap(\.text).joined(separator: ", ")
      Screen.line("| \(state["name"]?.text ?? "") | \(allowed) | \(state["exit"]?.text ?? "") |")
    }
  }
}

/// The status as people read it.
struct StatusScreen {
  private let status: JSON

  init(_ status: JSON) { self.status = status }

  private func text(_ name: String) -> String { status[name]?.text ?? "" }
  private func list(_ name: String) -> [JSON] { status[name]?.array ?? [] }

  private var head: String {
    let mode = status["testMode"]?.boolean == true ? "  TEST MODE, no money moves" : ""
    return text("state") + mode
  }

  /// One line.
  func showLine() {
    let codes = list("problems").compactMap { $0["code"]?.text }
    let problems = codes.isEmpty ? "" : "  " + Screen.red(codes.joined(separator: " "))
    Screen.line(head + problems)
  }

  /// The whole screen.
  func show() {
    Screen.line(Screen.column("terminal", 12) + text("serial") + "  " + head)
    for problem in list("problems") { Screen.line(Screen.problem(problem)) }
    if !text("merchantName").isEmpty {
      Screen.line(
        Screen.column("merchant", 12) + text("merchantName") + "  " + text("merchantId") + "  "
          + text("terminalId"))
    }
    Screen.line(Screen.column("acquirer", 12) + Screen.endpoint(status["acquirer"]))
    Screen.backup(status["backup"])
    if status["candidate"]?["host"] != nil {
      Screen.line(
        Screen.column("candidate", 12) + Screen.endpoint(status["candidate"]) + "  "
          + text("candidateState"))
      Screen.backup(status["candidateBackup"])
    }
    if !text("application").isEmpty {
      Screen.line(Screen.column("application", 12) + text("application"))
    }
    for reason in list("rejection") {
      let field = reason["field"]?.text ?? ""
      Screen.line(
        Screen.red(Screen.column("rejected", 12) + field + ": " + (reason["reason"]?.text ?? "")))
    }
    owed("reversal", list("reversals"))
    owed("receipt", list("receiptsOwed"))
    owed("receipt?", list("receiptsDoubtful"))
    slips("slip", list("slipsOwed"))
    slips("slip?", list("slipsDoubtful"))
    if list("problems").isEmpty { Screen.line(Screen.column("problems", 12) + "none") }
  }

  private func slips(_ name: String, _ batches: [JSON]) {
    for batch in batches {
      Screen.line(Screen.red(Screen.column(name, 12)) + "of batch \(batch.integer ?? 0)")
    }
  }

  private func owed(_ name: String, _ rows: [JSON]) {
    for row in rows {
      Screen.line(Screen.red(Screen.column(name, 12)) + Screen.transaction(row))
    }
  }
}
