// SPDX-License-Identifier: Apache-2.0

import ArgumentParser
import Simulator

struct Search: ParsableCommand {
  static let configuration = CommandConfiguration(
    abstract: "Run the worlds of many seeds and stop at the first that breaks an invariant.")

  @Argument(help: "The seeds, as in 1..1000.")
  var seeds: String

  @Flag(help: "Print a line for each world: seed, digest, events.")
  var lines = false

  func validate() throws {
    if range == nil { throw ValidationError("Seeds are given as FIRST..LAST, as in 1..1000.") }
  }

  private var range: ClosedRange<UInt64>? {
    let parts = seeds.split(separator: ".", omittingEmptySubsequences: true)
    guard parts.count == 2, let first = UInt64(parts[0]), let last = UInt64(parts[1]),
      first <= last
    else { return nil }
    return first...last
  }

  func run() throws {
    guard let range else { return }
    var sightings = Sightings()
    var events: UInt64 = 0
    var sales: UInt64 = 0
    let clock = ContinuousClock()
    let began = clock.now
    for seed in range {
      var world = World(seed: seed)
      let report = world.run()
      sightings.add(report.sightings)
      events += report.events
      sales += UInt64(report.sales)
      if lines { print(report.line) }
      if report.violation != nil {
        print(report.line)
        print("its story: possim run \(seed)")
        throw ExitCode.failure
      }
    }
    try conclude(range, sightings, events, sales, clock.now - began)
  }

  private func conclude(
    _ range: ClosedRange<UInt64>, _ sightings: Sightings, _ events: UInt64, _ sales: UInt64,
    _ took: Duration
  ) throws {
    let seconds = Double(took.components.seconds) + Double(took.components.attoseconds) / 1e18
    print("\(range.count) worlds well, \(sales) sales, \(events) events, \(Int(seconds)) s,")
    print("\(Int(Double(events) / max(seconds, 0.001))) events a second")
    for fault in Fault.allCases { print("  met \(sightings[fault]) times: \(fault.name)") }
    for sighting in Sighting.allCases {
      print("  sighting \(sighting.name): \(sightings[sighting]) worlds")
    }
    for (commands, worlds) in sightings.pulls.enumerated() {
      print("  sighting card pulled behind \(commands) commands: \(worlds) worlds")
    }
    let unpulled = sightings.unpulled.map { "card pulled behind \($0) commands" }
    let never = sightings.missing.map(\.name) + sightings.unseen.map(\.name) + unpulled
    if range.count >= World.seedsForAll, !never.isEmpty {
      print("never met: \(never.joined(separator: ", "))")
      throw ExitCode.failure
    }
  }
}
