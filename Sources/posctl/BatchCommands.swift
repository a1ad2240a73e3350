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
    try common.order(
      print ? "ReprintSlip" : "Settle", parameters, hasSteps: !print,
      done: print ? "printed" : "the batch is closed")
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
