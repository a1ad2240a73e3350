// SPDX-License-Identifier: Apache-2.0

import ArgumentParser
import Management

struct Settle: ParsableCommand {
  static let configuration = CommandConfiguration(
    abstract: "Close the batch with the acquirer, or print the slip of a closed one again.")
  @OptionGroup var common: Common
  @Flag(help: "Close nothing: print the slip of the batch that was closed last.")
  var print = false
  @Option(help: "With --print: the slip of this batch.") var batch: Int64?

  func validate() throws {
    if batch != nil, !print { throw ValidationError("--batch goes with --print.") }
    if let batch, !(1...999_999).contains(batch) {
      throw ValidationError("--batch takes 1 to 999999.")
    }
  }

  func run() throws {
    let parameters = batch.map { [JSONMember("batch", .integer($0))] } ?? []
    if print { return try common.order("ReprintSlip", parameters, done: "printed") }
    try VarlinkClient(common).call("Settle", more: true) { answer, continues in
      if continues { return Screen.step(answer, common) }
      if !common.json { show(answer["batch"] ?? .null) }
    }
  }

  private func show(_ batch: JSON) {
    Screen.line("batch \(batch["number"]?.integer ?? 0) is closed")
    for (name, title) in [("own", "own cards"), ("foreign", "others")] {
      Screen.line(Screen.column(title, 12) + Screen.batchSide(batch[name] ?? .null))
    }
    let uploaded = batch["uploaded"]?.integer ?? 0
    let refused = batch["refused"]?.integer ?? 0
    if uploaded > 0 { Screen.line("uploaded \(uploaded), of which \(refused) were refused") }
    let parked = batch["parked"]?.integer ?? 0
    if parked > 0 {
      let items = parked == 1 ? "1 parked item is" : "\(parked) parked items are"
      Screen.line(Screen.red(items + " not in the totals: see posctl queue list"))
    }
  }
}

struct SignIn: Order {
  static let configuration = CommandConfiguration(
    abstract: "Fetch new keys from the acquirer.")
  static let method = "SignIn"
  static let hasSteps = true
  @OptionGroup var common: Common

  var done: String { "signed in" }
}

struct SignOff: Order {
  static let configuration = CommandConfiguration(
    abstract: "Leave the acquirer until the next sign-in.")
  static let method = "SignOff"
  static let hasSteps = true
  @OptionGroup var common: Common

  var done: String { "signed off" }
}

struct Cancel: Order {
  static let configuration = CommandConfiguration(
    abstract: "Give up what is being asked of the cardholder.")
  static let method = "Cancel"
  @OptionGroup var common: Common

  var done: String { "cancelled" }
}

struct Reprint: ReferenceOrder {
  static let configuration = CommandConfiguration(abstract: "Print a receipt again.")
  static let method = "Reprint"
  @OptionGroup var common: Common
  @Argument(help: "The reference of the transaction.") var reference: String

  var done: String { "printed" }
}
