// SPDX-License-Identifier: Apache-2.0

import ArgumentParser
import Management

/// What the commands that do a transaction have in common.
struct Transacting {
  static let codes = """
    Ends with 0 when it was approved, or stands and is queued for the acquirer; with 2 when not; \
    and with 4 while the transaction of this reference has no end yet: ask again.
    """
  private let common: Common
  private var parameters: [JSONMember]

  init(_ common: Common, _ kind: String, reference: String) {
    self.common = common
    parameters = [JSONMember("kind", .text(kind)), JSONMember("reference", .text(reference))]
  }

  /// Adds an amount as people write it.
  mutating func add(amount: String) throws {
    guard let amount = Transacting.minorUnits(amount) else {
      throw ValidationError("The amount is given as 12 or 12.34.")
    }
    parameters.append(JSONMember("amount", .integer(amount)))
  }

  /// Adds a text, if there is one.
  mutating func add(_ name: String, _ text: String?) {
    if let text { parameters.append(JSONMember(name, .text(text))) }
  }

  /// Has it done, tells its steps and how it ended.
  func run() throws {
    var state: String?
    try VarlinkClient(common).call("Transact", parameters, more: true) { answer, continues in
      if continues { return Transacting.step(answer, common) }
      guard let row = answer["transaction"] else { return }
      state = row["state"]?.text
      if common.json { return }
      Screen.line(Screen.transaction(row))
      if let problem = answer["problem"], problem["code"] != nil {
        Screen.line(Screen.problem(problem))
      }
    }
    try Transacting.end(in: state)
  }

  /// One step of what goes on.
  static func step(_ answer: JSON, _ common: Common) {
    if !common.json { Screen.line("… " + (answer["text"]?.text ?? "")) }
  }

  /// Ends the command as the state of its transaction wants it.
  static func end(in state: String?) throws {
    switch state {
    case "approved", "queued": return
    // What has been sent has no end yet; all other states are one for who asks.
    case "sent": throw Ending.running
    default: throw Ending.notDone
    }
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

struct Sale: ParsableCommand {
  static let configuration = CommandConfiguration(
    abstract: "Sell; the same reference never sells twice.", discussion: Transacting.codes)
  @OptionGroup var common: Common
  @Argument(help: "Your own reference, as till-1/42; new for each sale.") var reference: String
  @Argument(help: "The amount, as 12.34.") var amount: String

  func run() throws {
    var transaction = Transacting(common, "sale", reference: reference)
    try transaction.add(amount: amount)
    try transaction.run()
  }
}

struct Voiding: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "void", abstract: "Take back a transaction of the open batch, in full.",
    discussion: Transacting.codes)
  @OptionGroup var common: Common
  @Argument(help: "Your own reference, new for each void.") var reference: String
  @Argument(help: "The reference of what is taken back.") var original: String

  func run() throws {
    var transaction = Transacting(common, "void", reference: reference)
    transaction.add("original", original)
    try transaction.run()
  }
}

struct Refund: ParsableCommand {
  static let configuration = CommandConfiguration(
    abstract: "Give money back, in full or in part.", discussion: Transacting.codes)
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

  func run() throws {
    var transaction = Transacting(common, "refund", reference: reference)
    try transaction.add(amount: amount)
    transaction.add("original", original)
    transaction.add("originalRetrieval", retrieval)
    transaction.add("originalApproval", approval)
    transaction.add("originalDate", date)
    try transaction.run()
  }
}

struct Preauth: ParsableCommand {
  static let configuration = CommandConfiguration(
    abstract: "Hold an amount for a later completion.", discussion: Transacting.codes)
  @OptionGroup var common: Common
  @Argument(help: "Your own reference, new for each one.") var reference: String
  @Argument(help: "The amount, as 12.34.") var amount: String

  func run() throws {
    var transaction = Transacting(common, "pre-authorisation", reference: reference)
    try transaction.add(amount: amount)
    try transaction.run()
  }
}

struct Complete: ParsableCommand {
  static let configuration = CommandConfiguration(
    abstract: "Take an amount that was held.", discussion: Transacting.codes)
  @OptionGroup var common: Common
  @Argument(help: "Your own reference, new for each completion.") var reference: String
  @Argument(help: "The amount, as 12.34.") var amount: String
  @Argument(help: "The reference of the pre-authorisation.") var original: String
  @Flag(help: "Tell the acquirer instead of asking.") var advice = false

  func run() throws {
    let kind = advice ? "completion-advice" : "completion"
    var transaction = Transacting(common, kind, reference: reference)
    try transaction.add(amount: amount)
    transaction.add("original", original)
    try transaction.run()
  }
}

struct Balance: ParsableCommand {
  static let configuration = CommandConfiguration(
    abstract: "Ask what the card's account holds.", discussion: Transacting.codes)
  @OptionGroup var common: Common
  @Argument(help: "Your own reference, new for each question.") var reference: String

  func run() throws { try Transacting(common, "balance", reference: reference).run() }
}

struct Offline: ParsableCommand {
  static let configuration = CommandConfiguration(
    abstract: "Sell without asking the acquirer, who is told afterwards.",
    discussion: Transacting.codes)
  @OptionGroup var common: Common
  @Argument(help: "Your own reference, new for each sale.") var reference: String
  @Argument(help: "The amount, as 12.34.") var amount: String

  func run() throws {
    var transaction = Transacting(common, "offline-sale", reference: reference)
    try transaction.add(amount: amount)
    try transaction.run()
  }
}

struct Tip: ParsableCommand {
  static let configuration = CommandConfiguration(
    abstract: "Add a tip to a sale that the acquirer is told of afterwards.",
    discussion: Transacting.codes)
  @OptionGroup var common: Common
  @Argument(help: "Your own reference, new for each tip.") var reference: String
  @Argument(help: "The tip alone, as 1.20.") var amount: String
  @Argument(help: "The reference of the sale.") var original: String

  func run() throws {
    var transaction = Transacting(common, "tip", reference: reference)
    try transaction.add(amount: amount)
    transaction.add("original", original)
    try transaction.run()
  }
}
