// SPDX-License-Identifier: Apache-2.0

import ArgumentParser
import Management

struct Settle: ParsableCommand {
  static let configuration = CommandConfiguration(
    abstract: "Close the batch with the acquirer.")
  @OptionGroup var common: Common

  func run() throws { try common.ask("Settle", done: "the batch is closed") }
}

struct SignIn: ParsableCommand {
  static let configuration = CommandConfiguration(
    abstract: "Fetch new keys from the acquirer.")
  @OptionGroup var common: Common

  func run() throws { try common.ask("SignIn", done: "signed in") }
}

struct SignOff: ParsableCommand {
  static let configuration = CommandConfiguration(
    abstract: "Leave the acquirer until the next sign-in.")
  @OptionGroup var common: Common

  func run() throws { try common.ask("SignOff", done: "signed off") }
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

extension Common {
  /// Asks for what is told step by step and has no transaction of its own.
  fileprivate func ask(_ method: String, done: String) throws {
    try VarlinkClient(self).call(method, more: true) { answer, continues in
      if continues { return Transacting.step(answer, self) }
      if !json { Screen.line(done) }
    }
  }
}
