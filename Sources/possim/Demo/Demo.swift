// SPDX-License-Identifier: Apache-2.0

import ArgumentParser
import Glibc
import LinuxHost

struct Demo: ParsableCommand {
  static let configuration = CommandConfiguration(
    abstract: "The main job on the real posd: from the first start to receipts, faults and a check."
  )

  @Option(help: "Configuration of posd.")
  var config = "Config/posd.yaml"

  @Flag(help: "Leave everything running and say what to try.")
  var stay = false

  @Flag(help: .hidden)
  var updatesAlone = false

  func run() throws {
    if updatesAlone { return try playUpdates() }
    // It mostly waits, so it is played beside the others and shown behind them.
    let third = try Child(
      [Stage.ownFolder + "/possim", "demo", "--updates-alone", "--config", config],
      output: "/tmp/posd-demo-updates.\(getpid())")
    defer { unsafe _ = unlink(third.output) }
    do {
      try playShops()
    } catch {
      third.end()
      throw error
    }
    let code = third.wait()
    Demo.tell(third.written)
    if code != 0 { throw ExitCode.failure }
  }

  /// What was written by somebody else, as it is.
  private static func tell(_ text: String) {
    for line in text.split(separator: "\n", omittingEmptySubsequences: false).dropLast() {
      say(String(line))
    }
  }

  private func playUpdates() throws {
    let folder = Stage.newFolder()
    let stage = try Stage(
      config: try Demo.updateConfiguration(from: config, in: folder + "/config"),
      shop: [
        "--management-port", "17444", "--acquirer-port", "17501", "--updates-port", "17600",
      ], folder: folder)
    try play(stage, leavesOpen: false, performUpdates)
  }

  private func playShops() throws {
    let stage = try Stage(config: config)
    try play(stage, leavesOpen: false, perform)
    let folder = stage.folder + "/config"
    let chips = try Stage(
      config: try Demo.chipConfiguration(from: config, in: folder),
      shop: ["--acquirer", "unionpay", "--reader", "chip"])
    try play(chips, leavesOpen: stay, performChips)
    if stay { chips.explain() }
  }

  private func play(
    _ stage: Stage, leavesOpen: Bool, _ work: (Stage) throws -> Void
  ) throws {
    var isWell = false
    defer { if !leavesOpen || !isWell { stage.close() } }
    do {
      try work(stage)
      isWell = true
    } catch {
      say("FAILED: \(error)")
      say(stage.logs)
      throw ExitCode.failure
    }
  }

  private func perform(_ stage: Stage) throws {
    try stage.step("the shop opens: reader, printer, PIN pad, acquirer and server") {
      try stage.openShop()
    }
    try stage.step("posd starts for the first time: factory, self-test, unregistered") {
      try stage.startTerminal()
      try stage.await("unregistered", problems: false)
    }
    try stage.step("a wrong port is tried and refused, with the cause") {
      try stage.posctl(["network", "set", "--acquirer", "localhost:1"], ends: 1)
    }
    try stage.step("the right one is tried, proven and kept") {
      try stage.posctl(["network", "set", "--acquirer", "localhost:17500"])
      try stage.posctl(["network", "commit"])
    }
    try stage.step("the merchant applies; the application is under review") {
      try stage.posctl([
        "register", "--acquirer", "Example Acquirer", "--merchant", "Example Shop",
        "--settlement-account", "test-account-1", "--place", "Shop 1",
      ])
      try stage.await("under review")
    }
    try stage.step("it is approved; parameters and keys are fetched") {
      try stage.await("commissioning")
    }
    try stage.step("a test sale of 1.00: swipe, PIN, approved, and its receipt") {
      try stage.posctl(["sale", "demo/1", "1.00"])
      try stage.showPaper()
    }
    try stage.step("the terminal goes into service") {
      try stage.posctl(["commission"])
    }
    try stage.step("a sale that the issuer declines") {
      try stage.posctl(["sale", "demo/2", "5.51"], ends: 2)
    }
    try stage.step("a sale that the host holds and never answers: reversed") {
      try stage.posctl(["sale", "demo/3", "102.02"], ends: 2)
      try stage.awaitNothingOwed()
      try stage.posctl(["transactions", "--reference", "demo/3"])
    }
    try stage.step("kill -9 while the acquirer is thinking about a sale") {
      try stage.killDuringSale(reference: "demo/4", amount: "101.03")
    }
    try stage.step("posd starts again, finds the sale without an end and reverses it") {
      try stage.startTerminal()
      try stage.awaitNothingOwed()
      try stage.posctl(["transactions", "--reference", "demo/4"])
    }
    try stage.step("a last sale, as if nothing had been") {
      try stage.posctl(["sale", "demo/5", "12.00"])
    }
    try batch(stage)
    try stage.step("the terminal's ledger against the acquirer's") {
      try stage.compareLedgers()
    }
  }

  /// What follows sales, and the end of two batches.
  private func batch(_ stage: Stage) throws {
    try stage.step("it is voided, and a part of another one is given back") {
      try stage.posctl(["void", "demo/6", "demo/5"])
      try stage.posctl(["sale", "demo/7", "10.00"])
      try stage.posctl(["refund", "demo/8", "3.00", "--original", "demo/7"])
      try stage.posctl(["refund", "demo/9", "8.00", "--original", "demo/7"], ends: 1)
    }
    try stage.step("the batch is settled, and balances") {
      try stage.posctl(["settle"])
      try stage.awaitNothingOwed()
      try stage.showSlip()
      try stage.showBatches()
    }
    try stage.step("of the next batch the acquirer says that it differs: kill -9 in its upload") {
      for number in 10...12 { try stage.posctl(["sale", "demo/\(number)", "\(number).00"]) }
      try stage.killDuringUpload()
    }
    try stage.step("posd starts again, goes on where it was and closes the batch") {
      try stage.startTerminal()
      try stage.awaitNothingOwed()
      try stage.showBatches()
    }
  }
}
