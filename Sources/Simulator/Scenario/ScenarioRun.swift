// SPDX-License-Identifier: Apache-2.0

import Assembly
public import Clockwork
import Devices
import TerminalCore

/// A scenario as it goes by, in a world without weather.
public struct ScenarioRun: Sendable {
  /// What became of a line.
  public struct Told: Hashable, Sendable {
    /// Which line, counted from 1.
    public let line: Int
    /// As it is written.
    public let text: String
    /// When it was done, virtual time since the first start.
    public let at: Instant
    /// What was seen instead of what it wants; nil where all is well.
    public let seen: String?
  }

  let scenario: Scenario
  var world: World

  /// The shop before anything has happened in it.
  public init(_ scenario: Scenario, tellsStory: Bool = false) {
    self.scenario = scenario
    world = World(
      flavour: scenario.shop == .generic ? .generic : .unionPay,
      readsChips: scenario.shop == .chips, tellsStory: tellsStory)
    world.usePrinter(isPlain: scenario.isPrinterPlain, isNarrow: scenario.isPrinterNarrow)
  }

  /// What happened, a line each, where that was asked for.
  public var story: [String] { world.story }

  /// Does line after line, until one is not as it says.
  public mutating func run() -> [Told] {
    var told: [Told] = []
    for line in scenario.lines {
      let seen = perform(line.step)
      told.append(Told(line: line.number, text: line.text, at: world.now, seen: seen))
      if seen != nil { break }
    }
    return told
  }

  /// Does one line; what was seen instead of what it wants.
  private mutating func perform(_ step: Scenario.Step) -> String? {
    switch step {
    case .open: return open()
    case .boot:
      world.powerOn()
      world.pass(.seconds(5))
    case .request(let request):
      // People take a moment to see what the last one has come to.
      world.pass(.milliseconds(50))
      world.follow(request)
    case .act(let act):
      world.act(act)
      // What people do is done before they do the next thing.
      world.pass(.milliseconds(20))
    case .wait(let interval): world.pass(interval)
    case .expect(let expectation, let limit):
      let end = world.now + limit
      while let seen = world.contradicts(expectation) {
        if !world.advance(to: end) { return seen }
      }
    }
    return nil
  }

  /// From the first start into service; what is in the way.
  mutating func open() -> String? {
    world.powerOn()
    let host = Endpoint(host: "acquirer.example", port: 5_000, usesTLS: true)
    let steps: [(ControlRequest?, ScenarioClaim)] = [
      (.setNetwork(NetworkSettings(acquirer: host)), .answer("done")),
      (.commitNetwork, .answer("done")),
      (.register(SimulatedShop.application(place: "Shop 1")), .state("commissioning")),
      // What has to be downloaded first.
      (nil, .clean),
      (
        .transact(
          TransactionRequest(.sale, reference: "test/1", amount: 100), earlier: nil, original: nil),
        .answer("done")
      ),
      (.commission, .state("ready")),
    ]
    world.pass(.seconds(5))
    for (request, wanted) in steps {
      if let request { world.handsAsk(request) }
      let end = world.now + .minutes(5)
      while let seen = world.contradicts(wanted) {
        if !world.advance(to: end) { return seen }
      }
    }
    world.pass(.seconds(5))
    world.forget()
    return nil
  }
}
