// SPDX-License-Identifier: Apache-2.0

import ArgumentParser
import Simulator

/// Something that is attacked over and over from a seed.
protocol Attack {
  /// How often something hostile was tried.
  var executions: UInt64 { get }
  /// How many of them were taken.
  var accepted: UInt64 { get }
  /// One execution; what went wrong, or nil.
  mutating func execute() -> String?
}

extension KernelFuzz: Attack {}
extension DeviceFuzz: Attack {}
extension MetadataFuzz: Attack {}
extension BundleFuzz: Attack {}

/// How long an attack lasts and what it is drawn from.
struct AttackOptions: ParsableArguments {
  @Option(help: "How long, for each target.")
  var seconds: Int = 60

  @Option(help: "What the attack is drawn from.")
  var seed: UInt64 = 1

  func validate() throws {
    if seconds < 1 { throw ValidationError("--seconds takes 1 or more.") }
  }

  /// Attacks for that long and prints a line; exit code 1 where a rule is broken.
  func run(_ name: String, _ attack: some Attack) throws {
    var attack = attack
    let clock = ContinuousClock()
    let start = clock.now
    while clock.now - start < .seconds(seconds) {
      guard let problem = attack.execute() else { continue }
      print("\(name) seed \(seed) execution \(attack.executions): \(problem)")
      throw ExitCode.failure
    }
    let rate = Int(Double(attack.executions) / ((clock.now - start) / .seconds(1)))
    print(
      "\(name): \(attack.executions) executions, \(rate) executions/s, \(attack.accepted) taken")
  }
}
