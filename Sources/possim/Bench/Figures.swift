// SPDX-License-Identifier: Apache-2.0

import Glibc
import LinuxHost
import Simulator

/// The lines of the table.
struct Figures {
  func head() {
    say("| Figure | Limit | Measured |")
    say("|---|---|---|")
  }

  func line(_ name: String, _ limit: String, _ measured: String) {
    say("| \(name) | \(limit) | \(measured) |")
  }

  /// The size of posd without its symbols.
  func size() throws {
    let stripped = "/tmp/posd-stripped.\(getpid())"
    let child = try Child(
      ["strip", "-o", stripped, Stage.ownFolder + "/posd"], output: "/dev/null")
    guard child.wait() == 0 else { throw Child.Fault(description: "strip does not work") }
    defer { unsafe _ = unlink(stripped) }
    var about = stat()
    guard unsafe stat(stripped, &about) == 0 else { throw SystemFault(code: errno) }
    line("posd stripped", "≤ 16 MB", Figures.megabytes(Int64(about.st_size)))
  }

  /// Worlds with all drivers inside, for three seconds.
  func simulator() {
    let clock = ContinuousClock()
    let began = clock.now
    var events: UInt64 = 0
    var seed: UInt64 = 0
    while clock.now - began < .seconds(3) {
      seed += 1
      var world = World(seed: seed)
      events += world.run().events
    }
    let took = clock.now - began
    let microseconds =
      took.components.seconds * 1_000_000 + took.components.attoseconds / 1_000_000_000_000
    let rate = events * 1_000_000 / UInt64(microseconds)
    line("simulator, all drivers inside", "≥ 100,000 events/s", "\(rate) events/s")
  }

  static func megabytes(_ bytes: Int64) -> String {
    "\(bytes / 1_000_000).\(bytes % 1_000_000 / 100_000) MB"
  }

  static func milliseconds(_ microseconds: Int64) -> String {
    milliseconds(microseconds, digits: 1)
  }

  /// So many digits behind the point, 1 to 3.
  static func milliseconds(_ microseconds: Int64, digits: Int) -> String {
    let rest = String(1_000 + microseconds % 1_000).dropFirst().prefix(digits)
    return "\(microseconds / 1_000)." + rest + " ms"
  }

  static func ratio(_ count: Int64, _ of: Int64) -> String {
    "\(count / of).\(count * 10 / of % 10)"
  }
}
