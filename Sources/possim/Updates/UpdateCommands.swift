// SPDX-License-Identifier: Apache-2.0

import ArgumentParser
import Simulator

/// What a developer asks about update metadata.
struct UpdateMetadata: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "updates", abstract: "Attack the client of update repositories.",
    subcommands: [Fuzz.self])

  struct Fuzz: ParsableCommand {
    static let configuration = CommandConfiguration(
      abstract: "Attack the client with hostile metadata for a time.",
      discussion: "Prints executions; what breaks a rule is told, or traps. Exit code 1 then.")

    @OptionGroup var attack: AttackOptions

    @Option(help: "json, document or signed; all of them without.", transform: Fuzz.target)
    var target: MetadataFuzz.Target?

    private static func target(_ name: String) throws -> MetadataFuzz.Target {
      guard let target = MetadataFuzz.Target(rawValue: name) else {
        throw ValidationError("a target is json, document or signed")
      }
      return target
    }

    func run() throws {
      for target in target.map({ [$0] }) ?? MetadataFuzz.Target.allCases {
        try attack.run(target.rawValue, MetadataFuzz(target, seed: attack.seed))
      }
    }
  }
}
