// SPDX-License-Identifier: Apache-2.0

import Glibc
import LinuxHost
import Management

/// The programs of the demonstration and what is done with them.
final class Stage {
  let config: String
  private let options: [String]
  let folder: String
  let programs: String
  private let clock = ContinuousClock()
  private let began: ContinuousClock.Instant
  private let shop: ShopStrings
  private var shopProcess: Child?
  var terminal: Child?
  private var calls = 0

  /// A shop opened with these options of `possim serve`.
  init(config: String, shop options: [String] = [], folder: String? = nil) throws {
    self.config = config
    self.options = options
    began = clock.now
    self.folder = folder ?? Stage.newFolder()
    programs = Stage.ownFolder
    shop = ShopStrings(path: self.folder + "/shop.sock")
  }

  /// A new folder below /tmp.
  static func newFolder() -> String {
    var template = Array("/tmp/posd-demo.XXXXXX".utf8CString)
    precondition(unsafe mkdtemp(&template) != nil, "everybody may make folders in /tmp")
    return String(decoding: template.dropLast().map { UInt8(bitPattern: $0) }, as: UTF8.self)
  }

  /// The other programs lie beside this one.
  static var ownFolder: String {
    var path = [CChar](repeating: 0, count: 4_096)
    let count = unsafe readlink("/proc/self/exe", &path, path.count)
    let text = String(
      decoding: path.prefix(max(0, count)).map { UInt8(bitPattern: $0) }, as: UTF8.self)
    return text.lastIndex(of: "/").map { String(text[..<$0]) } ?? "."
  }

  /// One thing that happens, in one line, and how long it took.
  func step(_ text: String, _ work: () throws -> Void) throws {
    let start = clock.now
    say("▶ " + text)
    try work()
    say("✔ " + seconds(clock.now - start))
  }

  private func seconds(_ duration: Duration) -> String {
    let milliseconds =
      duration.components.seconds * 1_000 + duration.components.attoseconds / 1_000_000_000_000_000
    let rest = String(milliseconds % 1_000)
    return "\(milliseconds / 1_000)." + String(repeating: "0", count: 3 - rest.count) + rest + " s"
  }

  func openShop() throws {
    shopProcess = try Child(
      [
        programs + "/possim", "serve", "--run", folder, "--quiet", "--review-seconds", "1",
        "--answer-seconds", "2", "--hurry",
      ] + options, output: folder + "/shop.log")
    try until("the shop opens") { (try? shop("eager on")) != nil }
  }

  func startTerminal() throws {
    terminal = try Child(
      [programs + "/posd", "--config", config, "--state", folder + "/state", "--run", folder],
      output: folder + "/posd.log")
    try until("posd answers") { (try? status()) != nil }
  }

  /// Runs posctl, shows what it says, and sees that it ends as it should.
  func posctl(_ words: [String], ends expected: Int32 = 0) throws {
    say("  $ posctl " + words.map { $0.contains(" ") ? "\"\($0)\"" : $0 }.joined(separator: " "))
    let child = try begin(words)
    let code = child.wait()
    for line in child.written.split(separator: "\n") { say("    " + line) }
    if code != expected { throw Child.Fault(description: "posctl ended with \(code)") }
  }

  private func begin(_ words: [String]) throws -> Child {
    calls += 1
    return try Child(
      [programs + "/posctl"] + words + ["--socket", folder + "/control.sock"],
      output: folder + "/call-\(calls).log")
  }

  func answer(_ words: [String]) throws -> JSON {
    let child = try begin(words + ["--json"])
    guard child.wait() == 0 else { throw Child.Fault(description: child.written) }
    return try JSON(parsing: Array(child.written.utf8).filter { $0 != 0x0A }, limit: 1_048_576)
  }

  private func status() throws -> JSON { try answer(["status"])["status"] ?? .null }

  /// Waits for a state, and for the devices where that is asked for.
  func await(_ state: String, problems allowed: Bool = true) throws {
    try until("the terminal is \(state)") {
      let status = try status()
      let problems = status["problems"]?.array ?? []
      return status["state"]?.text == state && (allowed || problems.isEmpty)
    }
    say("    " + state)
  }

  /// Waits until neither a reversal nor a receipt is owed and every device is there.
  func awaitNothingOwed() throws {
    try until("nothing is owed") {
      let status = try status()
      let owed = ["reversals", "receiptsOwed", "slipsOwed", "problems"]
      return owed.allSatisfy { status[$0]?.array == [] } && status["state"]?.text == "ready"
    }
  }

  /// Waits until no device is missing and nothing must be downloaded first.
  func awaitNoProblems() throws {
    try until("nothing is wrong") { try status()["problems"]?.array == [] }
  }

  /// Puts another reader in the place of the one there is.
  func exchangeReader(_ name: String) throws {
    _ = try shop("reader " + name)
    try awaitNoProblems()
  }

  func showPaper() throws {
    for line in try shop("paper show") { say("    │ " + line) }
  }

  /// What the last settlement slip says, without its head.
  func showSlip() throws {
    let paper = try shop("paper show")
    guard let head = paper.lastIndex(where: { $0.contains("SETTLEMENT") }) else {
      throw Child.Fault(description: "no settlement slip was printed")
    }
    let words = ["SETTLEMENT", "BATCH", "SALE", "VOID", "REFUND", "NET", "BALANCED"]
    for line in paper[head...] where words.contains(where: { line.contains($0) }) {
      say("    │ " + line)
    }
  }

  /// Begins a sale and kills posd as soon as the acquirer has it.
  func killDuringSale(reference: String, amount: String) throws {
    let before = try shop("ledger").count
    say("  $ posctl sale \(reference) \(amount) &")
    let sale = try begin(["sale", reference, amount])
    try until("the acquirer has the sale") { try shop("ledger").count > before }
    terminal?.end(SIGKILL)
    say("    killed; posctl ended with \(sale.wait())")
  }

  /// Begins to settle with an acquirer that wants the whole batch told, and kills posd in between.
  func killDuringUpload() throws {
    _ = try shop("dispute on")
    _ = try shop("uploads 1")
    say("  $ posctl settle &")
    let settling = try begin(["settle"])
    try until("a part of the batch is uploaded") {
      try shop("batches").last?.split(separator: " ").dropFirst(3).first.map { $0 >= "2" } == true
    }
    terminal?.end(SIGKILL)
    say("    killed; posctl ended with \(settling.wait())")
    try showBatches()
    _ = try shop("uploads all")
  }

  func showBatches() throws {
    for line in try shop("batches") {
      let words = line.split(separator: " ").map(String.init)
      say(
        "    acquirer's batch \(words[0]): \(words[1]), \(words[2]), \(words[3]) uploaded, "
          + "debit \(words[4]), credit \(words[5])")
    }
  }

  /// Sees that both ledgers say the same of every trace number.
  func compareLedgers() throws {
    let rows = try answer(["transactions", "--limit", "100"])["transactions"]?.array ?? []
    let comparison = LedgerComparison(rows: rows, holds: try shop("ledger"))
    for line in comparison.lines { say("    " + line) }
    if !comparison.agrees { throw Child.Fault(description: "the ledgers differ") }
    say("    they agree; \(seconds(clock.now - began)) in all")
  }

  func until(_ what: String, _ isSo: () throws -> Bool) throws {
    let start = clock.now
    while clock.now - start < .seconds(20) {
      if (try? isSo()) == true { return }
      usleep(20_000)
    }
    throw Child.Fault(description: "20 s have passed and still not: \(what)")
  }

  var logs: String {
    [folder + "/posd.log", folder + "/shop.log"].map { path in
      path + ":\n" + String(decoding: FileSystem.read(path, limit: 1_048_576) ?? [], as: UTF8.self)
    }.joined()
  }

  func explain() {
    let socket = "--socket \(folder)/control.sock"
    say(
      """

      Everything is still running. Try:
        \(programs)/posctl status \(socket)
        \(programs)/posctl sale mine/1 8.00 \(socket)
        \(programs)/posctl sale mine/2 5.55 \(socket)         # the cents are the issuer's answer
        \(programs)/posctl trace \(socket)
      and, with the shop's strings in your hand:
        echo "unplug reader" | socat - UNIX-CONNECT:\(folder)/shop.sock
        echo "paper after 5" | socat - UNIX-CONNECT:\(folder)/shop.sock
      The end: kill \(terminal?.process ?? 0) \(shopProcess?.process ?? 0)
      """)
  }

  func close() {
    terminal?.end()
    shopProcess?.end()
  }
}
