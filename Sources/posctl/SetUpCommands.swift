// SPDX-License-Identifier: Apache-2.0

import ArgumentParser
import Management

struct Register: Order {
  static let configuration = CommandConfiguration(
    abstract: "Apply for registration; the review is seen in status.")
  static let method = "Register"
  @OptionGroup var common: Common
  @Option(help: "The acquirer.") var acquirer: String
  @Option(help: "The merchant's name.") var merchant: String
  @Option(help: "The account that is credited.") var settlementAccount: String
  @Option(help: "Where the terminal stands.") var place: String

  var done: String { "the application has been taken and is under review" }

  func parameters() -> [JSONMember] {
    let application = JSON.object([
      JSONMember("acquirer", .text(acquirer)), JSONMember("merchant", .text(merchant)),
      JSONMember("settlementAccount", .text(settlementAccount)),
      JSONMember("place", .text(place)),
    ])
    return [JSONMember("application", application)]
  }
}

struct Commission: Order {
  static let configuration = CommandConfiguration(
    abstract: "Go into service, after an approved and printed test sale.")
  static let method = "Commission"
  @OptionGroup var common: Common

  var done: String { "in service: from now on sales move money" }
}

struct Network: ParsableCommand {
  static let configuration = CommandConfiguration(
    abstract: "Where the acquirer is reached: tried first, kept only when it works.",
    subcommands: [Show.self, Set.self, Commit.self, Rollback.self, Test.self])

  struct Show: Query {
    static let method = "GetNetwork"
    @OptionGroup var common: Common

    func show(_ answer: JSON) {
      Screen.line(Screen.column("committed", 12) + Screen.endpoint(answer["committed"]))
      Screen.backup(answer["committedBackup"])
      let state = answer["candidateState"]?.text ?? ""
      Screen.line(
        Screen.column("candidate", 12) + Screen.endpoint(answer["candidate"]) + "  " + state)
      Screen.backup(answer["candidateBackup"])
    }
  }

  struct Set: Order {
    static let method = "SetNetwork"
    @OptionGroup var common: Common
    @Option(help: "The acquirer's host, as host:port.") var acquirer: String
    @Option(help: "The host when that one cannot be reached, as host:port.") var backup: String?
    @Flag(help: "Do not encrypt; only where the line itself is protected.") var plain = false

    var done: String { "the acquirer has answered; network commit keeps this" }

    func parameters() throws -> [JSONMember] {
      var parameters = [JSONMember("acquirer", try endpoint("--acquirer", acquirer))]
      if let backup { parameters.append(JSONMember("backup", try endpoint("--backup", backup))) }
      return parameters
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

  struct Commit: Order {
    static let method = "CommitNetwork"
    @OptionGroup var common: Common

    var done: String { "kept" }
  }

  struct Rollback: Order {
    static let method = "RollbackNetwork"
    @OptionGroup var common: Common

    var done: String { "the candidate is forgotten" }
  }

  struct Test: Order {
    static let configuration = CommandConfiguration(
      abstract: "Ask the acquirer whether it is there, with the settings that are kept.")
    static let method = "TestNetwork"
    static let hasSteps = true
    @OptionGroup var common: Common

    var done: String { "the acquirer has answered" }
  }
}
