// SPDX-License-Identifier: Apache-2.0

import ArgumentParser
import Simulator

/// What a developer asks about updates.
struct UpdateCommands: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "updates",
    abstract: "Attack what reads an update, cut its power, and ask a slot engine.",
    subcommands: [Fuzz.self, Cuts.self, Planted.self, FetchBundle.self, RAUCCommand.self])

  struct Fuzz: ParsableCommand {
    static let configuration = CommandConfiguration(
      abstract: "Attack what reads an update with hostile bytes for a time.",
      discussion: "Prints executions; what breaks a rule is told, or traps. Exit code 1 then.")

    @OptionGroup var attack: AttackOptions

    @Option(help: "json, document, signed, bundle, boot or custom; all of them without.")
    var target: String?

    private static var names: [String] {
      MetadataFuzz.Target.allCases.map(\.rawValue) + BundleFuzz.Target.allCases.map(\.rawValue)
    }

    func validate() throws {
      if let target, !Fuzz.names.contains(target) {
        throw ValidationError("a target is one of \(Fuzz.names.joined(separator: ", "))")
      }
    }

    func run() throws {
      for target in MetadataFuzz.Target.allCases where isWanted(target.rawValue) {
        try attack.run(target.rawValue, MetadataFuzz(target, seed: attack.seed))
      }
      for target in BundleFuzz.Target.allCases where isWanted(target.rawValue) {
        try attack.run(target.rawValue, BundleFuzz(target, seed: attack.seed))
      }
    }

    private func isWanted(_ name: String) -> Bool { target == nil || target == name }
  }

  struct Cuts: ParsableCommand {
    static let configuration = CommandConfiguration(
      abstract: "Cut the power between any two steps of updates, and inside their writes.",
      discussion: """
        Each seed is a world: a version that is good, or dead, or cannot pay, or is not what was \
        signed, a supervisor, and a disk that keeps what it likes of what was not synced. In each \
        a verified slot must start at every start, never below the floor, and the version must be \
        kept or given up as it deserves. Exit code 1 where a world breaks a rule.
        """)

    @Argument(help: "Seeds, as 1..2000.", transform: Cuts.range)
    var seeds: ClosedRange<UInt64> = 1...2_000

    private static func range(_ text: String) throws -> ClosedRange<UInt64> {
      let parts = text.split(separator: ".", omittingEmptySubsequences: true)
      guard parts.count == 2, let first = UInt64(parts[0]), let last = UInt64(parts[1]),
        first <= last
      else { throw ValidationError("seeds are written as 1..2000") }
      return first...last
    }

    func run() throws {
      var cuts = 0
      var starts = 0
      for seed in seeds {
        var world = UpdateWorld(seed: seed)
        let report = world.run()
        cuts += report.cuts
        starts += report.starts
        if let violation = report.violation {
          print("seed \(seed): \(violation)")
          throw ExitCode.failure
        }
      }
      print("\(seeds.count) worlds of updates, \(cuts) power cuts, \(starts) starts: well")
    }
  }

  struct Planted: ParsableCommand {
    static let configuration = CommandConfiguration(
      abstract: "Plant each known mistake in the worlds of updates and see that it is found.")

    @Option(help: "Seeds that each mistake has to be found in.")
    var within: UInt64 = 500

    func run() throws {
      var missed = 0
      for fault in PlantedUpdateFault.allCases {
        var found: String?
        var seed: UInt64 = 0
        while found == nil, seed < within {
          seed += 1
          var world = UpdateWorld(seed: seed, planted: fault)
          found = world.run().violation
        }
        if let found {
          print("found  \(fault) at seed \(seed): \(found)")
        } else {
          missed += 1
          print("MISSED \(fault)")
        }
      }
      if missed > 0 { throw ExitCode.failure }
    }
  }
}
