// SPDX-License-Identifier: Apache-2.0

import ArgumentParser

@main
struct Posctl: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "posctl",
    abstract: "Ask a payment terminal how it is, and tell it what to do.",
    discussion: """
      Exit codes: 0 done, 1 refused (the message has code, cause, remedy and who acts), 2 \
      declined or not completed, 3 posd does not answer, 4 the transaction has no end yet, 64 \
      wrong usage.
      """,
    version: "0.1.0",
    subcommands: [
      Status.self, States.self, Watch.self, Register.self, Network.self, Sale.self, Voiding.self,
      Refund.self, Preauth.self, Complete.self, Balance.self, Offline.self, Tip.self, Cancel.self,
      Commission.self, SignIn.self, SignOff.self, Settle.self, Download.self,
      Downloads.self, Queue.self, Transactions.self,
      Reprint.self, Trace.self, Replay.self, Counters.self, Keys.self,
      Chip.self, ReceiptShow.self, Expiry.self, DevicesShow.self, PrinterCommands.self,
      Examination.self, Update.self, Log.self,
    ])
}

/// What every command takes.
struct Common: ParsableArguments {
  @Option(help: "The socket of posd.")
  var socket = "/run/posd/control.sock"

  @Flag(help: "Print what posd answers, as JSON.")
  var json = false
}

/// How a command ends.
enum Ending {
  static let refused = ExitCode(1)
  static let notDone = ExitCode(2)
  static let unreachable = ExitCode(3)
  static let running = ExitCode(4)

  /// Ends the command as the state of its transaction wants it.
  static func end(in state: String?) throws {
    switch state {
    case "approved", "queued": return
    // What has been sent has no end yet; all other states are one for who asks.
    case "sent": throw running
    default: throw notDone
    }
  }
}
