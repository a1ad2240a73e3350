// SPDX-License-Identifier: Apache-2.0

import ArgumentParser
import Management

struct Sale: ParsableCommand {
  static let configuration = CommandConfiguration(
    abstract: "Sell; the same reference never sells twice.",
    discussion: """
      Ends with 0 when the sale was approved, with 2 when it was not, and with 4 while the sale of \
      this reference has no end yet: ask again.
      """)
  @OptionGroup var common: Common
  @Argument(help: "Your own reference, as till-1/42; new for each sale.") var reference: String
  @Argument(help: "The amount, as 12.34.") var amount: String

  func run() throws {
    guard let amount = Sale.minorUnits(amount) else {
      throw ValidationError("The amount is given as 12 or 12.34.")
    }
    var state: String?
    let parameters = [
      JSONMember("reference", .text(reference)), JSONMember("amount", .integer(amount)),
    ]
    try VarlinkClient(common).call("Sale", parameters, more: true) { answer, continues in
      if continues {
        if !common.json { Screen.line("… " + (answer["text"]?.text ?? "")) }
        return
      }
      guard let row = answer["transaction"] else { return }
      state = row["state"]?.text
      if common.json { return }
      Screen.line(Screen.transaction(row))
      if let problem = answer["problem"], problem["code"] != nil {
        Screen.line(Screen.problem(problem))
      }
    }
    // What has been sent has no end yet; all other states are one for who sells.
    if state == "sent" { throw Ending.running }
    if state != "approved" { throw Ending.notDone }
  }

  /// Minor units of an amount with at most two decimals.
  static func minorUnits(_ text: String) -> Int64? {
    let parts = text.split(separator: ".", omittingEmptySubsequences: false)
    guard parts.count <= 2, let whole = parts.first, (1...10).contains(whole.utf8.count),
      text.utf8.allSatisfy({ ($0 >= 0x30 && $0 <= 0x39) || $0 == 0x2E }),
      let units = Int64(whole)
    else { return nil }
    if parts.count == 1 { return units * 100 }
    guard parts[1].utf8.count == 2, let cents = Int64(parts[1]) else { return nil }
    return units * 100 + cents
  }
}

struct Cancel: ParsableCommand {
  static let configuration = CommandConfiguration(
    abstract: "Give up what is being asked of the cardholder.")
  @OptionGroup var common: Common

  func run() throws {
    try VarlinkClient(common).call("Cancel") { _, _ in
      if !common.json { Screen.line("cancelled") }
    }
  }
}

struct Reversal: ParsableCommand {
  static let configuration = CommandConfiguration(
    abstract: "Reversals that the acquirer has not taken yet.",
    subcommands: [List.self, Send.self], defaultSubcommand: List.self)

  struct List: ParsableCommand {
    @OptionGroup var common: Common

    func run() throws {
      try VarlinkClient(common).call("ListReversals") { answer, _ in
        if common.json { return }
        let rows = answer["transactions"]?.array ?? []
        for row in rows { Screen.line(Screen.transaction(row)) }
        let failures = answer["failures"]?.integer ?? 0
        Screen.line(rows.isEmpty ? "none owed" : "tried in vain \(failures) times")
      }
    }
  }

  struct Send: ParsableCommand {
    @OptionGroup var common: Common

    func run() throws {
      try VarlinkClient(common).call("SendReversals") { _, _ in
        if !common.json { Screen.line("nothing is owed any more") }
      }
    }
  }
}

struct Transactions: ParsableCommand {
  static let configuration = CommandConfiguration(abstract: "What was sold, the newest first.")
  @OptionGroup var common: Common
  @Option(help: "How many at most.") var limit: Int64 = 20
  @Option(help: "Only the one with this reference.") var reference: String?

  func run() throws {
    let client = try VarlinkClient(common)
    if let reference {
      let wanted = [JSONMember("reference", .text(reference))]
      return try client.call("GetTransaction", wanted) { answer, _ in
        if !common.json, let row = answer["transaction"] { Screen.line(Screen.transaction(row)) }
      }
    }
    try client.call("ListTransactions", [JSONMember("limit", .integer(limit))]) { answer, _ in
      if common.json { return }
      for row in answer["transactions"]?.array ?? [] { Screen.line(Screen.transaction(row)) }
    }
  }
}

struct Reprint: ParsableCommand {
  static let configuration = CommandConfiguration(abstract: "Print a receipt again.")
  @OptionGroup var common: Common
  @Argument(help: "The reference of the transaction.") var reference: String

  func run() throws {
    let wanted = [JSONMember("reference", .text(reference))]
    try VarlinkClient(common).call("Reprint", wanted) { _, _ in
      if !common.json { Screen.line("printed") }
    }
  }
}
