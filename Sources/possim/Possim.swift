// SPDX-License-Identifier: Apache-2.0

import ArgumentParser

@main
struct Possim: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "possim",
    abstract: "A shop that does not exist: devices, acquirer, customers and weather for posd.",
    subcommands: [
      Demo.self, Run.self, Search.self, Planted.self, Serve.self, Bench.self, Crypto.self,
      Messages.self, Card.self, EMV.self, UpdateCommands.self, ReceiptTrials.self,
      PrinterTrials.self, PlayScenario.self, DeviceCommand.self,
    ])
}
