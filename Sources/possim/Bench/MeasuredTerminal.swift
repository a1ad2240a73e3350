// SPDX-License-Identifier: Apache-2.0

import Glibc
import LinuxHost
import Management

/// The real posd in a hurried shop, and what the kernel and posd itself say of it.
final class MeasuredTerminal {
  /// One look at the program.
  struct Reading {
    var cpuMicroseconds: Int64
    var residentBytes: Int64
    var wakeUps: Int64
    var commits: Int64
  }

  private static let starts = 11
  private let config: String
  private let folder: String
  private let notify: NotifySocket
  private let shop: Child
  private let strings: ShopStrings
  private var terminal: Child
  private var calls = 0

  init(config: String, name: String = "posd-bench") throws {
    self.config = config
    folder = "/tmp/\(name).\(getpid())"
    unsafe _ = mkdir(folder, 0o700)
    shop = try Child(
      [
        Stage.ownFolder + "/possim", "serve", "--run", folder, "--quiet", "--hurry",
        "--review-seconds", "0",
      ], output: folder + "/shop.log")
    strings = ShopStrings(path: folder + "/shop.sock")
    while (try? strings("eager on")) == nil { usleep(10_000) }
    notify = try NotifySocket(path: folder + "/notify.sock")
    terminal = try MeasuredTerminal.start(config, folder)
    try notify.awaitReady()
  }

  private static func start(_ config: String, _ folder: String) throws -> Child {
    try Child(
      [
        Stage.ownFolder + "/posd", "--config", config, "--state", folder + "/state", "--run",
        folder,
      ], output: folder + "/posd.log")
  }

  func intoService() throws {
    try settle("unregistered")
    try posctl(["network", "set", "--acquirer", "localhost:17500"])
    try posctl(["network", "commit"])
    try posctl([
      "register", "--acquirer", "Example Acquirer", "--merchant", "Example Shop",
      "--settlement-account", "test-account-1", "--place", "Shop 1",
    ])
    try settle("commissioning")
    try posctl(["sale", "test/1", "1.00"])
    try posctl(["commission"])
    try settle("ready")
    // From here on a card is swiped once, when the terminal asks for it.
    _ = try strings("eager off")
  }

  func sell(_ reference: String) throws {
    let sale = try begin(["sale", reference, "12.00"])
    for _ in 0..<1_000 where !sale.written.contains("swipe card") { usleep(5_000) }
    _ = try strings("swipe")
    _ = try end(sale, "sale")
  }

  /// How long the last swipe took to become a request at the acquirer, and where it went.
  func requestDelay() throws -> RequestDelay {
    let moments = try strings("delay").compactMap { Int64($0) }
    let lines = try call(["trace"])["lines"]?.array ?? []
    guard moments.count == 2,
      let delay = RequestDelay(
        left: moments[0], came: moments[1], trace: lines.compactMap { $0.text })
    else { throw Child.Fault(description: "no delay: \(moments)") }
    return delay
  }

  /// How often one reading wakes the program.
  private(set) var turnsOfReading = 0

  func reading() throws -> Reading {
    let counters = try call(["counters"])
    let again = try call(["counters"])
    let wakeUps = again["wakeUps"]?.integer ?? 0
    turnsOfReading = Int(wakeUps - (counters["wakeUps"]?.integer ?? 0)) * 2
    return Reading(
      cpuMicroseconds: try cpuMicroseconds(), residentBytes: try residentBytes(),
      wakeUps: wakeUps, commits: again["commits"]?.integer ?? 0)
  }

  /// The middle of some starts, each after the program was ended by this signal.
  func medianStart(signal: Int32) throws -> Int64 {
    let clock = ContinuousClock()
    var times: [Int64] = []
    for _ in 0..<MeasuredTerminal.starts {
      terminal.end(signal)
      let began = clock.now
      terminal = try MeasuredTerminal.start(config, folder)
      try notify.awaitReady()
      let took = clock.now - began
      times.append(
        took.components.seconds * 1_000_000 + took.components.attoseconds / 1_000_000_000_000)
    }
    return times.sorted()[times.count / 2]
  }

  /// Puts old transactions of these numbers into the ledger, of so many in the end.
  func fillLedger(_ numbers: ClosedRange<Int>, of count: Int) throws {
    terminal.end(SIGTERM)
    try FilledLedger.add(numbers, of: count, to: folder + "/state/ledger.db")
    terminal = try MeasuredTerminal.start(config, folder)
    try notify.awaitReady()
    let rows = try call(["transactions", "--limit", "1000"])["transactions"]?.array ?? []
    if rows.count < 1_000 { throw Child.Fault(description: "the ledger was not filled") }
  }

  /// The middle of some calls of a command, from its start to its end, with what it printed.
  func medianCall(_ words: [String]) throws -> (microseconds: Int64, answer: JSON) {
    let clock = ContinuousClock()
    var times: [Int64] = []
    var answer = JSON.null
    for _ in 0..<MeasuredTerminal.starts {
      let began = clock.now
      let child = try begin(words)
      let code = child.wait()
      let took = clock.now - began
      // To read its answer is not the command's own time.
      answer = try self.answer(of: child, code, words.joined(separator: " "))
      times.append(
        took.components.seconds * 1_000_000 + took.components.attoseconds / 1_000_000_000_000)
    }
    return (times.sorted()[times.count / 2], answer)
  }

  /// Ends posd alone; its state folder is then another's to open.
  func stop() -> String {
    terminal.end(SIGTERM)
    return folder + "/state"
  }

  func close() {
    terminal.end()
    shop.end()
  }

  private func posctl(_ words: [String]) throws { _ = try call(words) }

  private func call(_ words: [String]) throws -> JSON {
    try end(begin(words), words.joined(separator: " "))
  }

  private func begin(_ words: [String]) throws -> Child {
    calls += 1
    notify.drain()
    return try Child(
      [Stage.ownFolder + "/posctl"] + words + ["--json", "--socket", folder + "/control.sock"],
      output: folder + "/call-\(calls).log")
  }

  private func end(_ child: Child, _ what: String) throws -> JSON {
    try answer(of: child, child.wait(), what)
  }

  private func answer(of child: Child, _ code: Int32, _ what: String) throws -> JSON {
    if code != 0 { throw Child.Fault(description: what + ": " + child.written) }
    let lines = child.written.split(separator: "\n")
    return try JSON(parsing: Array((lines.last ?? "null").utf8), limit: 1_048_576)
  }

  private func settle(_ state: String) throws {
    for _ in 0..<1_000 {
      let status = try call(["status"])["status"] ?? .null
      if status["state"]?.text == state, status["problems"]?.array == [] { return }
      usleep(20_000)
    }
    throw Child.Fault(description: "the terminal does not become \(state)")
  }

  /// proc(5): the first number of schedstat is the time on the processor, in nanoseconds.
  private func cpuMicroseconds() throws -> Int64 {
    let words = try proc("schedstat").split(separator: " ")
    guard let nanoseconds = words.first.flatMap({ Int64($0) }) else {
      throw Child.Fault(description: "no schedstat")
    }
    return nanoseconds / 1_000
  }

  private func residentBytes() throws -> Int64 {
    for line in try proc("status").split(separator: "\n") where line.hasPrefix("VmRSS:") {
      let digits = line.filter { $0 >= "0" && $0 <= "9" }
      return (Int64(digits) ?? 0) * 1_024
    }
    throw Child.Fault(description: "no VmRSS")
  }

  private func proc(_ name: String) throws -> String {
    guard let bytes = FileSystem.read("/proc/\(terminal.process)/" + name, limit: 65_536) else {
      throw Child.Fault(description: "/proc cannot be read")
    }
    return String(decoding: bytes, as: UTF8.self)
  }
}
