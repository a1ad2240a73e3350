// SPDX-License-Identifier: Apache-2.0

import ArgumentParser
import LinuxHost
import Simulator

extension EMV {
  struct Fuzz: ParsableCommand {
    static let configuration = CommandConfiguration(
      abstract: "Attack the kernel with hostile data, certificates and cards for a time.",
      discussion: "Prints executions; what breaks a rule is told, or traps. Exit code 1 then.")

    @OptionGroup var attack: AttackOptions

    @Option(help: "tlv, certificate or card; all of them without.", transform: Fuzz.target)
    var target: KernelFuzz.Target?

    private static func target(_ name: String) throws -> KernelFuzz.Target {
      guard let target = KernelFuzz.Target(rawValue: name) else {
        throw ValidationError("a target is tlv, certificate or card")
      }
      return target
    }

    func run() throws {
      for target in target.map({ [$0] }) ?? KernelFuzz.Target.allCases {
        try attack.run(target.rawValue, KernelFuzz(target, seed: attack.seed))
      }
    }
  }
}
