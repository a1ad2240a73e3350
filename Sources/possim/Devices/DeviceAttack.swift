// SPDX-License-Identifier: Apache-2.0

import ArgumentParser
import Simulator

struct DeviceCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "devices", abstract: "Attack the terminal with devices that are none.",
    subcommands: [Fuzz.self])
}

extension DeviceCommand {
  struct Fuzz: ParsableCommand {
    static let configuration = CommandConfiguration(
      abstract: "Let the terminal sell with hostile readers, printers and PIN pads for a time.",
      discussion: "Prints executions; what breaks a rule is told, or traps. Exit code 1 then.")

    @OptionGroup var attack: AttackOptions

    @Option(
      help: "stripe, securemag, chip, printer, pad or paper; all of them without.",
      transform: Fuzz.target)
    var target: DeviceFuzz.Target?

    private static func target(_ name: String) throws -> DeviceFuzz.Target {
      guard let target = DeviceFuzz.Target(rawValue: name) else {
        throw ValidationError("a target is stripe, securemag, chip, printer, pad or paper")
      }
      return target
    }

    func run() throws {
      for target in target.map({ [$0] }) ?? DeviceFuzz.Target.allCases {
        try attack.run(target.rawValue, DeviceFuzz(target, seed: attack.seed))
      }
    }
  }
}
