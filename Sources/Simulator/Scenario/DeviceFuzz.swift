// SPDX-License-Identifier: Apache-2.0

import Assembly
import Clockwork
import Devices
import TerminalCore

/// Devices that are none, drawn from a seed: the whole terminal sells with one of them, and is to
/// end well. What breaks a rule traps, or is told.
public struct DeviceFuzz {
  /// What is attacked.
  public enum Target: String, CaseIterable, Sendable {
    /// The reports of a stripe reader.
    case stripe
    /// The reports of a SecureMag, clear and encrypted.
    case secureMag = "securemag"
    /// The answers of a chip reader.
    case chip
    /// What a printer answers.
    case printer
    /// The frames of a PIN pad.
    case pad
    /// The simulated printer itself, by what it is sent.
    case paper
  }

  /// How often something hostile was tried.
  public private(set) var executions: UInt64 = 0
  /// How many sales were approved, and documents printed, all the same.
  public private(set) var accepted: UInt64 = 0

  private let target: Target
  private var dice: Dice
  /// A shop in service, before its next sale.
  private let shop: World
  /// What the terminal sends to print a receipt.
  private let document: [UInt8]

  /// An attack; the same seed is the same attack.
  public init(_ target: Target, seed: UInt64) {
    self.target = target
    dice = Dice(seed: seed)
    var scenario = Scenario()
    scenario.shop = target == .chip ? .chips : .generic
    var run = ScenarioRun(scenario)
    guard run.open() == nil else { preconditionFailure("an honest shop goes into service") }
    shop = run.world
    var copy = shop
    copy.lines[Int(Port.printer.rawValue)].recorded = []
    copy.sell("fuzz/0", 1_200)
    document = copy.lines[Int(Port.printer.rawValue)].recorded ?? []
  }

  /// One execution; what went wrong, or nil.
  public mutating func execute() -> String? {
    executions += 1
    switch target {
    case .stripe, .chip: return sell(with: .reader)
    case .secureMag:
      let outputs = SecureMagOutput.allCases
      return sell(with: .reader, output: outputs[dice.below(outputs.count)])
    case .printer: return sell(with: .printer)
    case .pad: return sell(with: .pinPad)
    case .paper: return printSomething()
    }
  }

  private mutating func sell(with port: Port, output: SecureMagOutput? = nil) -> String? {
    var world = shop
    if let output {
      world.exchangeReader(output)
      world.pass(.seconds(2))
    }
    let rarity = [2, 8, 40, 200][dice.below(4)]
    world.lines[Int(port.rawValue)].hostility = Hostility(dice: dice.fork(), rarity: rarity)
    world.sell("fuzz/1", 1_200)
    let told = world.answerName
    if world.ledger.row("fuzz/1")?.state == "approved" { accepted += 1 }
    world.lines[Int(port.rawValue)].hostility = nil
    // What encrypts sells nothing here, hostile or not.
    if output == nil { world.exchange(port) } else { world.exchangeReader(.clear) }
    world.passBounded(.minutes(10))
    world.sell("fuzz/2", 700)
    if world.events > World.eventLimit { return "it never comes to rest" }
    guard world.ledger.row("fuzz/2")?.state == "approved" else {
      return "the next sale: \(world.contradicts(.state("")) ?? ""), \(world.answerName)"
    }
    if told == "done", world.ledger.row("fuzz/1")?.state == "reversed" {
      return "a sale that was told as one is none"
    }
    var approved: UInt64 = 0
    for row in world.ledger.rows where row.reference.utf8.starts(with: "fuzz/".utf8) {
      switch row.state {
      case "approved": approved += row.amount
      case "declined", "reversed", "not sent": break
      default: return "\(row.reference) stays \(row.state)"
      }
    }
    if let seen = world.contradicts(.held(approved)) { return "held \(seen) for \(approved)" }
    return nil
  }

  /// Bytes for the printer, mostly a receipt's; then it is switched off and on, and prints one.
  private mutating func printSomething() -> String? {
    var printer = PrinterModel()
    var now = Instant.start
    for _ in 0..<dice.within(1...3) {
      let bytes =
        dice.chance(1, in: 4)
        ? dice.bytes(dice.within(1...700)) : HostileAnswers.mutate(document, &dice)
      _ = printer.handle(.received(bytes), at: now)
      now = DeviceFuzz.idle(&printer, from: now)
    }
    if !printer.paper.isEmpty || !printer.receipts.isEmpty { accepted += 1 }
    if printer.unknownCommands.count > 64 { return "it remembers too much" }
    _ = printer.handle(.powerCut, at: now)
    _ = printer.handle(.powerOn, at: now)
    let before = printer.receipts.count
    _ = printer.handle(.received(document), at: now)
    _ = DeviceFuzz.idle(&printer, from: now)
    return printer.receipts.count == before + 1 ? nil : "it prints no receipt any more"
  }

  /// Lets the mechanism come to rest.
  private static func idle(_ printer: inout PrinterModel, from start: Instant) -> Instant {
    var now = start
    for _ in 0..<10_000 {
      guard let due = printer.deadline else { return now }
      now = max(now, due)
      _ = printer.handle(.deadlinePassed, at: now)
    }
    return now
  }
}

extension World {
  /// A whole sale, as far as it comes in three minutes.
  fileprivate mutating func sell(_ reference: String, _ amount: UInt64) {
    pass(.milliseconds(50))
    follow(.transact(.sale, reference: reference, amount: amount, original: ""))
    passBounded(.minutes(3))
  }

  /// Lets time go by, unless too much happens in it.
  fileprivate mutating func passBounded(_ interval: Interval) {
    let end = now + interval
    while events <= World.eventLimit, advance(to: end) {}
  }

  /// Somebody puts a good device in the place of a bad one.
  fileprivate mutating func exchange(_ port: Port) {
    pull(port)
    pass(.seconds(1))
    switch port {
    case .reader: takeCard()
    case .printer:
      perform(printer.handle(.powerCut, at: now))
      perform(printer.handle(.powerOn, at: now))
    case .pinPad:
      perform(pad.handle(.powerCut, at: now))
      perform(pad.handle(.powerOn, at: now))
    }
    plug(port)
  }
}
