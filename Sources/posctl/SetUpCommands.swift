// SPDX-License-Identifier: Apache-2.0

import ArgumentParser
import Management

struct Register: ParsableCommand {
  static let configuration = CommandConfiguration(
    abstract: "Apply for registration; the review is seen in status.")
  @OptionGroup var common: Common
  @Option(help: "The acquirer.") var acquirer: String
  @Option(help: "The merchant's name.") var merchant: String
  @Option(help: "The account that is credited.") var settlementAccount: String
  @Option(help: "Where the terminal stands.") var place: String

  func run() throws {
    let application = JSON.object([
      JSONMember("acquirer", .text(acquirer)), JSONMember("merchant", .text(merchant)),
      JSONMember("settlementAccount", .text(settlementAccount)),
      JSONMember("place", .text(place)),
    ])
    try VarlinkClient(common).call("Register", [JSONMember("application", application)]) { _, _ in
      if !common.json { Screen.line("the application has been taken and is under review") }
    }
  }
}

struct Commission: ParsableCommand {
  static let configuration = CommandConfiguration(
    abstract: "Go into service, after an approved and printed test sale.")
  @OptionGroup var common: Common

  func run() throws {
    try VarlinkClient(common).call("Commission") { _, _ in
      if !common.json { Screen.line("in service: from now on sales move money") }
    }
  }
}

struct Network: ParsableCommand {
  static let configuration = CommandConfiguration(
    abstract: "Where the acquirer is reached: tried first, kept only when it works.",
    subcommands: [Show.self, Set.self, Commit.self, Rollback.self])

  struct Show: ParsableCommand {
    @OptionGroup var common: Common

    func run() throws {
      try VarlinkClient(common).call("GetNetwork") { answer, _ in
        if common.json { return }
        Screen.line(Screen.column("committed", 12) + Screen.endpoint(answer["committed"]))
        Screen.backup(answer["committedBackup"])
        let state = answer["candidateState"]?.text ?? ""
        Screen.line(
          Screen.column("candidate", 12) + Screen.endpoint(answer["candidate"]) + "  " + state)
        Screen.backup(answer["candidateBackup"])
      }
    }
  }

  struct Set: ParsableCommand {
    @OptionGroup var common: Common
    @Option(help: "The acquirer's host, as host:port.") var acquirer: String
    @Option(help: "The host when that one cannot be reached, as host:port.") var backup: String?
    @Flag(help: "Do not encrypt; only where the line itself is protected.") var plain = false

    func run() throws {
      var parameters = [JSONMember("acquirer", try endpoint("--acquirer", acquirer))]
      if let backup { parameters.append(JSONMember("backup", try endpoint("--backup", backup))) }
      try VarlinkClient(common).call("SetNetwork", parameters) { _, _ in
        if !common.json { Screen.line("the acquirer has answered; network commit keeps this") }
      }
    }

    private func endpoint(_ option: String, _ text: String) throws -> JSON {
      guard let colon = text.lastIndex(of: ":"),
        let port = Int64(text[text.index(after: colon)...])
      else { throw ValidationError("\(option) takes host:port, as in host.example:5000.") }
      return .object([
        JSONMember("host", .text(String(text[..<colon]))), JSONMember("port", .integer(port)),
        JSONMember("tls", .boolean(!plain)),
      ])
    }
  }

  struct Commit: ParsableCommand {
    @OptionGroup var common: Common

    func run() throws {
      try VarlinkClient(common).call("CommitNetwork") { _, _ in
        if !common.json { Screen.line("kept") }
      }
    }
  }

  struct Rollback: ParsableCommand {
    @OptionGroup var common: Common

    func run() throws {
      try VarlinkClient(common).call("RollbackNetwork") { _, _ in
        if !common.json { Screen.line("the candidate is forgotten") }
      }
    }
  }
}
