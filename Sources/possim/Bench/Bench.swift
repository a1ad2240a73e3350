// SPDX-License-Identifier: Apache-2.0

import ArgumentParser
import Glibc
import LinuxHost

struct Bench: ParsableCommand {
  static let configuration = CommandConfiguration(
    abstract: "Measure the figures of the README's table on this machine.")

  @Option(help: "Configuration of posd.")
  var config = "Config/posd.yaml"

  @Option(help: "Sales that are measured.")
  var sales = 20

  @Option(help: "How long the idle terminal is watched, seconds.")
  var idleSeconds: UInt32 = 60

  @Flag(help: "Only the figures of the cryptography.")
  var crypto = false

  func run() throws {
    let figures = Figures()
    figures.head()
    try CryptoFigures().print(to: figures)
    if crypto { return }
    try figures.size()
    let terminal = try MeasuredTerminal(config: config)
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
    sleep(idleSeconds)
    let later = try terminal.reading()
    // Each reading wakes the program itself: for the connection, the question and its end.
    let turns = later.wakeUps - idle.wakeUps - Int64(terminal.turnsOfReading)
    figures.line(
      "idle wake-ups a minute", "≤ 2", Figures.ratio(turns * 60, Int64(idleSeconds)))
    try terminal.fillLedger(transactions: 100_000)
    figures.line(
      "start to READY, 100,000 transactions", "≤ 50 ms",
      Figures.milliseconds(try terminal.medianStart(signal: SIGTERM)))
    figures.line(
      "kill -9 to READY, 100,000 transactions", "≤ 50 ms",
      Figures.milliseconds(try terminal.medianStart(signal: SIGKILL)))
    figures.simulator()
  }
}
