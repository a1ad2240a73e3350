// SPDX-License-Identifier: Apache-2.0

import ArgumentParser
import Glibc
import Management

struct Transactions: ParsableCommand {
  static let configuration = CommandConfiguration(
    abstract: "What was done, the newest first.",
    discussion: "Without an option the newest 20; of a day or a batch all.")
  /// The longest page that posd answers.
  private static let page: Int64 = 1_000

  @OptionGroup var common: Common
  @Flag(help: "Only those of today, where the terminal stands.") var today = false
  @Option(help: "Only those of this batch.") var batch: Int64?
  @Option(help: "Only the one with this reference.") var reference: String?
  @Option(help: "How many at most.") var limit: Int64?

  func validate() throws {
    let choices = [today, batch != nil, reference != nil].filter { $0 }
    if choices.count > 1 {
      throw ValidationError("Give one of --today, --batch and --reference.")
    }
    if let limit, limit < 1 { throw ValidationError("--limit takes 1 or more.") }
  }

  func run() throws {
    let client = try VarlinkClient(common)
    if let reference {
      let wanted = [JSONMember("reference", .text(reference))]
      return try client.call("GetTransaction", wanted) { answer, _ in
        if common.json { return }
        guard let row = answer["transaction"], row != .null else {
          return Screen.line("it runs, and nothing has left yet")
        }
        Screen.line(Screen.transaction(row))
      }
    }
    var choice: [JSONMember] = []
    if today { choice.append(JSONMember("day", .text("today"))) }
    if let batch { choice.append(JSONMember("batch", .integer(batch))) }
    var left = limit ?? (choice.isEmpty ? 20 : .max)
    var next: JSON?
    repeat {
      var wanted = choice + [JSONMember("limit", .integer(min(left, Transactions.page)))]
      if let next { wanted.append(JSONMember("before", next)) }
      try client.call("ListTransactions", wanted) { answer, _ in
        let rows = answer["transactions"]?.array ?? []
        left -= Int64(rows.count)
        next = answer["next"] == .null ? nil : answer["next"]
        if common.json { return }
        for row in rows { Screen.line(Screen.transaction(row)) }
      }
    } while next != nil && left > 0
  }
}

struct Queue: ParsableCommand {
  static let configuration = CommandConfiguration(
    abstract: "What waits for the acquirer, and what was delivered lately.",
    subcommands: [List.self, Send.self, Park.self, Unpark.self, Close.self],
    defaultSubcommand: List.self)

  struct List: Query {
    static let configuration = CommandConfiguration(
      abstract: "What waits, the oldest first, and why.")
    static let method = "ListQueue"
    @OptionGroup var common: Common
    @Option(help: "How many at most, 1 to 1000.") var limit: Int64 = 100

    func parameters() -> [JSONMember] { [JSONMember("limit", .integer(limit))] }

    func show(_ answer: JSON) {
      let items = answer["items"]?.array ?? []
      for item in items { Screen.line(Screen.queued(item)) }
      let more = (answer["total"]?.integer ?? 0) - Int64(items.count)
      if more > 0 { Screen.line("and \(more) more") }
      if items.isEmpty { Screen.line("nothing waits") }
      if let seconds = answer["nextTry"]?.integer { Screen.line("tried next in \(seconds) s") }
      for delivery in answer["delivered"]?.array ?? [] {
        Screen.line(Screen.delivered(delivery))
      }
      for item in answer["closed"]?.array ?? [] { Screen.line(Screen.closed(item)) }
    }
  }

  struct Send: Order {
    static let configuration = CommandConfiguration(abstract: "Send what waits now.")
    static let method = "SendQueue"
    @OptionGroup var common: Common

    var done: String { "nothing waits any more" }
  }

  struct Park: ReferenceOrder {
    static let configuration = CommandConfiguration(
      abstract: "Take out of the queue what was settled with the acquirer in another way.")
    static let method = "Park"
    @OptionGroup var common: Common
    @Argument(help: "The reference of the transaction.") var reference: String

    var done: String { "parked" }
  }

  struct Unpark: ReferenceOrder {
    static let configuration = CommandConfiguration(
      abstract: "Put back into the queue what was parked.")
    static let method = "Unpark"
    @OptionGroup var common: Common
    @Argument(help: "The reference of the transaction.") var reference: String

    var done: String { "queued again" }
  }

  struct Close: Order {
    static let configuration = CommandConfiguration(
      abstract: "Close for good what was parked, since it was settled by hand.",
      discussion: "It is never sent again. What was settled, who decided it and when is kept.")
    static let method = "Close"
    @OptionGroup var common: Common
    @Argument(help: "The reference of the transaction.") var reference: String
    @Option(help: "What was agreed, and with whom.") var reason: String
    @Option(help: "Who decided it; else whoever is logged in.") var by: String?

    var done: String { "closed" }

    func parameters() throws -> [JSONMember] {
      // Behind sudo stands a person.
      let user = by ?? Close.environment("SUDO_USER") ?? Close.environment("USER") ?? ""
      return [
        JSONMember("reference", .text(reference)), JSONMember("reason", .text(reason)),
        JSONMember("by", .text(user)),
      ]
    }

    private static func environment(_ name: String) -> String? {
      unsafe getenv(name).map { unsafe String(cString: $0) }
    }
  }
}
