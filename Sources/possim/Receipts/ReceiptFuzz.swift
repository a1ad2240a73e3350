// SPDX-License-Identifier: Apache-2.0

import ArgumentParser
import Simulator

extension TemplateFuzz: Attack {}

/// What a person asks about receipts.
struct ReceiptTrials: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "receipt", abstract: "Attack the templates of receipts.",
    subcommands: [Fuzz.self])

  struct Fuzz: ParsableCommand {
    static let configuration = CommandConfiguration(
      abstract: "Read hostile templates, and print hostile values by them, for a time.",
      discussion: "Prints executions; what breaks a rule is told, or traps. Exit code 1 then.")

    @OptionGroup var attack: AttackOptions

    func run() throws {
      try attack.run("templates", TemplateFuzz(seed: attack.seed))
    }
  }
}
