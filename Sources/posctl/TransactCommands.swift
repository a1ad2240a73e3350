// SPDX-License-Identifier: Apache-2.0

import ArgumentParser
import Management

/// A command that does a transaction.
protocol Transacting: ParsableCommand {
  var common: Common { get }
  var reference: String { get }
  /// What is done.
  var wish: Wish { get }
}

/// What a transaction is asked to be, as people write it.
struct Wish {
  /// The kind, as the control interface has it.
  var kind: String
  /// As in 12.34, where the kind has one.
  var amount: String?
  /// The other parameters; those that were not given are left out.
  var texts: [(name: String, value: String?)] = []

  func parameters(_ reference: String) throws -> [JSONMember] {
    var parameters = [
      JSONMember("kind", .text(kind)), JSONMember("reference", .text(reference)),
    ]
    if let amount {
      guard let amount = Wish.minorUnits(amount) else {
        throw ValidationError("The amount is given as 12 or 12.34.")
      }
      parameters.append(JSONMember("amount", .integer(amount)))
    }
    for text in texts {
      if let value = text.value { parameters.append(JSONMember(text.name, .text(value))) }
    }
    return parameters
  }

  /// Minor units of an amount with at most two decimals.
  private static func minorUnits(_ text: String) -> Int64? {
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

extension Transacting {
  /// Has it done, tells its steps and how it ended.
  func run() throws {
    var state: String?
    let parameters = try wish.parameters(reference)
    try VarlinkClient(common).call("Transact", parameters, more: true) { answer, continues in
      if continues { return Screen.step(answer, common) }
      guard let row = answer["transaction"] else { return }
      state = row["state"]?.text
      if common.json { return }
      Screen.line(Screen.transaction(row))
      if let response = answer["response"], response["class"]?.text != "approved" {
        Screen.line(Screen.response(response))
      }
      if let problem = answer["problem"], problem["code"] != nil {
        Screen.line(Screen.problem(problem))
      }
    }
    try Ending.end(in: state)
  }

  static func about(_ abstract: String, name: String? = nil) -> CommandConfiguration {
    CommandConfiguration(
      commandName: name, abstract: abstract,
      discussion: """
        Ends with 0 when it was approved, or stands and is queued for the acquirer; with 2 when \
        not; and with 4 while the transaction of this reference has no end yet: ask again.
        """)
  }
}

struct Sale: Transacting {
  static let configuration = about("Sell; the same reference never sells twice.")
  @OptionGroup var common: Common
  @Argument(help: "Your own reference, as till-1/42; new for each sale.") var reference: String
  @Argument(help: "The amount, as 12.34.") var amount: String

  var wish: Wish { Wish(kind: "sale", amount: amount) }
}

struct Voiding: Transacting {
  static let configuration = about(
    "Take back a transaction of the open batch, in full.", name: "void")
  @OptionGroup var common: Common
  @Argument(help: "Your own reference, new for each void.") var reference: String
  @Argument(help: "The reference of what is taken back.") var original: String

  var wish: Wish { Wish(kind: "void", texts: [("original", original)]) }
}

struct Refund: Transacting {
  static let configuration = about("Give money back, in full or in part.")
  @OptionGroup var common: Common
  @Argument(help: "Your own reference, new for each refund.") var reference: String
  @Argument(help: "The amount, as 12.34.") var amount: String
  @Option(help: "The reference of the sale, if this terminal has it.") var original: String?
  @Option(help: "The retrieval reference on the sale's receipt, 12 characters.")
  var retrieval: String?
  @Option(help: "The approval code on the sale's receipt, 6 characters.") var approval: String?
  @Option(help: "The day of the sale, as MMDD.") var date: String?

  func validate() throws {
    let hasReceipt = retrieval != nil || approval != nil
    if original != nil, hasReceipt || date != nil {
      throw ValidationError("Give either --original or what the sale's receipt says.")
    }
    if hasReceipt != (date != nil) {
      throw ValidationError("--date goes with --retrieval or --approval.")
    }
  }

  var wish: Wish {
    Wish(
      kind: "refund", amount: amount,
      texts: [
        ("original", original), ("originalRetrieval", retrieval), ("originalApproval", approval),
        ("originalDate", date),
      ])
  }
}

struct Preauth: Transacting {
  static let configuration = about("Hold an amount for a later completion.")
  @OptionGroup var common: Common
  @Argument(help: "Your own reference, new for each one.") var reference: String
  @Argument(help: "The amount, as 12.34.") var amount: String

  var wish: Wish { Wish(kind: "pre-authorisation", amount: amount) }
}

struct Complete: Transacting {
  static let configuration = about("Take an amount that was held.")
  @OptionGroup var common: Common
  @Argument(help: "Your own reference, new for each completion.") var reference: String
  @Argument(help: "The amount, as 12.34.") var amount: String
  @Argument(help: "The reference of the pre-authorisation.") var original: String
  @Flag(help: "Tell the acquirer instead of asking.") var advice = false

  var wish: Wish {
    Wish(
      kind: advice ? "completion-advice" : "completion", amount: amount,
      texts: [("original", original)])
  }
}

struct Balance: Transacting {
  static let configuration = about("Ask what the card's account holds.")
  @OptionGroup var common: Common
  @Argument(help: "Your own reference, new for each question.") var reference: String

  var wish: Wish { Wish(kind: "balance") }
}

struct Offline: Transacting {
  static let configuration = about(
    "Sell without asking the acquirer, who is told afterwards.")
  @OptionGroup var common: Common
  @Argument(help: "Your own reference, new for each sale.") var reference: String
  @Argument(help: "The amount, as 12.34.") var amount: String

  var wish: Wish { Wish(kind: "offline-sale", amount: amount) }
}

struct Tip: Transacting {
  static let configuration = about(
    "Add a tip to a sale that the acquirer is told of afterwards.")
  @OptionGroup var common: Common
  @Argument(help: "Your own reference, new for each tip.") var reference: String
  @Argument(help: "The tip alone, as 1.20.") var amount: String
  @Argument(help: "The reference of the sale.") var original: String

  var wish: Wish { Wish(kind: "tip", amount: amount, texts: [("original", original)]) }
}
