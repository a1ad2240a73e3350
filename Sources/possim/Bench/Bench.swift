// SPDX-License-Identifier: Apache-2.0

import ArgumentParser
import Glibc
import LinuxHost
import Management

struct Bench: ParsableCommand {
  static let configuration = CommandConfiguration(
    abstract: "Measure the figures of the README's table on this machine.")

  private static let transactions = 1_000_000
  private static let advices = 100_000

  @Option(help: "Configuration of posd.")
  var config = "Config/posd.yaml"

  @Option(help: "Sales that are measured.")
  var sales = 20

  @Option(help: "How long the idle terminal is watched, seconds.")
  var idleSeconds: UInt32 = 60

  @Flag(help: "Only the figures of the cryptography.")
  var crypto = false

  @Flag(help: "Only the figures of the messages to the acquirer.")
  var codec = false

  @Flag(help: "Only the figures of the chip.")
  var kernel = false

  @Flag(help: "Only the figures of receipts.")
  var receipt = false

  @Flag(help: "Only the time from a swipe to the request.")
  var delay = false

  @Flag(help: "Only the figures of updates.")
  var updates = false

  func run() throws {
    let figures = Figures()
    figures.head()
    if updates { return try UpdateFigures().print(to: figures) }
    if delay { return try DelayFigures(config: config, sales: sales).print(to: figures) }
    if !crypto, !codec, !kernel { try ReceiptFigures().print(to: figures) }
    if receipt { return }
    if !kernel { try CodecFigures().print(to: figures) }
    if codec { return }
    if !crypto { try KernelFigures().print(to: figures) }
    if kernel { return }
    try CryptoFigures().print(to: figures)
    if crypto { return }
    try figures.size()
    let terminal = try MeasuredTerminal(config: config)
    // Once closed it stays closed.
    defer { terminal.close() }
    try terminal.intoService()
    let before = try terminal.reading()
    for number in 0..<sales { try terminal.sell("bench/\(number)") }
    let after = try terminal.reading()
    figures.line(
      "CPU of posd for one sale", "≤ 2 ms",
      Figures.milliseconds((after.cpuMicroseconds - before.cpuMicroseconds) / Int64(sales)))
    figures.line(
      "syncs an online sale", "≤ 3",
      Figures.ratio(after.commits - before.commits, Int64(sales)))
    figures.line("RSS in service", "≤ 16 MB", Figures.megabytes(after.residentBytes))
    sleep(2)
    let idle = try terminal.reading()
    let drain = try watchIdle()
    let later = try terminal.reading()
    // Each reading wakes the program itself: for the connection, the question and its end.
    let turns = later.wakeUps - idle.wakeUps - Int64(terminal.turnsOfReading)
    figures.line(
      "idle wake-ups a minute", "≤ 2", Figures.ratio(turns * 60, drain.seconds))
    try terminal.fillLedger(1...FilledLedger.largeCount, of: Bench.transactions)
    figures.line(
      "start to READY, 100,000 transactions", "≤ 50 ms",
      Figures.milliseconds(try terminal.medianStart(signal: SIGTERM)))
    figures.line(
      "kill -9 to READY, 100,000 transactions", "≤ 50 ms",
      Figures.milliseconds(try terminal.medianStart(signal: SIGKILL)))
    try ledger(terminal, figures)
    figures.line(
      "draining \(Bench.advices) advices, a synced commit each", "bounded memory",
      Figures.milliseconds(drain.figure.microseconds) + ", RSS "
        + Figures.megabytes(drain.figure.residentBefore) + " before, "
        + Figures.megabytes(drain.figure.residentAfter) + " after")
    terminal.close()
    try DelayFigures(config: config, sales: sales).print(to: figures)
    try UpdateFigures().print(to: figures)
    figures.simulator()
  }

  /// What lists and totals cost in a ledger of years.
  private func ledger(_ terminal: MeasuredTerminal, _ figures: Figures) throws {
    try terminal.fillLedger(
      FilledLedger.largeCount + 1...Bench.transactions, of: Bench.transactions)
    let (took, answer) = try terminal.medianCall(["transactions", "--today", "--limit", "1000"])
    figures.line(
      "posctl transactions --today: \(answer["transactions"]?.array?.count ?? 0) of 1,000,000",
      "≤ 50 ms", Figures.milliseconds(took))
    let folder = terminal.stop()
    figures.line(
      "totals of a batch of 1,000, of 1,000,000 (the query)", "≤ 100 ms",
      Figures.milliseconds(try LedgerFigures.totals(folder, batch: 500, count: 1_000)))
    figures.line(
      "totals of a batch of 100,000, of 1,000,000 (the query)", "≤ 100 ms",
      Figures.milliseconds(
        try LedgerFigures.totals(
          folder, batch: FilledLedger.largeBatch, count: FilledLedger.largeCount)))
  }

  /// Leaves the terminal alone, and meanwhile empties a queue in a ledger of its own: of posd only
  /// the wake-ups are counted, not the time.
  private func watchIdle() throws -> (figure: LedgerFigures.Drain, seconds: Int64) {
    let clock = ContinuousClock()
    let began = clock.now
    let figure = try LedgerFigures.drain(Bench.advices)
    let left = Int64(idleSeconds) - (clock.now - began).components.seconds
    if left > 0 { sleep(UInt32(left)) }
    return (figure, max(1, (clock.now - began).components.seconds))
  }
}
