// SPDX-License-Identifier: Apache-2.0

import Glibc
import LinuxHost

/// From the last byte of a swipe's report to the first byte of the request at the acquirer, through
/// the real posd: with no PIN to enter between them, since nobody types that fast.
struct DelayFigures {
  let config: String
  let sales: Int

  /// The line of the table.
  func print(to figures: Figures) throws {
    let made = try middle(connection: "short")
    let kept = try middle(connection: "long")
    let entry = try LedgerFigures.syncedEntry()
    figures.line(
      "last byte of a swipe's report to the 0200's first at the acquirer", "≤ 3 ms",
      "\(Figures.milliseconds(kept.whole)) on an open connection (\(kept.told)), "
        + "\(Figures.milliseconds(made.whole)) with one made for it (\(made.told)); "
        + "a synced entry alone \(Figures.milliseconds(entry, digits: 2))")
  }

  /// The sale in the middle of some, on a connection of this kind.
  private func middle(connection: String) throws -> RequestDelay {
    let folder = "/tmp/posd-bench-\(connection).\(getpid())"
    defer { Self.run(["rm", "-rf", folder]) }
    let from = config.split(separator: "/", omittingEmptySubsequences: false).dropLast()
    Self.run(["cp", "-r", from.joined(separator: "/"), folder])
    try Self.change(
      folder + "/acquirers/generic.yaml",
      [
        ("pin: always", "pin: by-service-code"),
        (
          "connection: short",
          connection == "short"
            ? "connection: short"
            : "connection: long\n  idle-seconds: 900\n  in-flight: 1\n  keep-alive: none"
        ),
      ])
    let terminal = try MeasuredTerminal(
      config: folder + "/posd.yaml", name: "posd-bench-run-" + connection)
    defer { terminal.close() }
    try terminal.intoService()
    var delays: [RequestDelay] = []
    for number in 0..<sales {
      try terminal.sell("delay/\(number)")
      delays.append(try terminal.requestDelay())
    }
    return delays.sorted { $0.whole < $1.whole }[delays.count / 2]
  }

  private static func change(_ file: String, _ words: [(old: String, new: String)]) throws {
    guard let bytes = FileSystem.read(file, limit: 1_048_576) else {
      throw Child.Fault(description: file + " cannot be read")
    }
    var text = String(decoding: bytes, as: UTF8.self)
    for (old, new) in words {
      let parts = text.split(separator: old, omittingEmptySubsequences: false)
      if parts.count != 2 { throw Child.Fault(description: file + " has no " + old) }
      text = parts.joined(separator: new)
    }
    unsafe _ = unlink(file)
    if !FileSystem.create(file, Array(text.utf8)) {
      throw Child.Fault(description: file + " cannot be written")
    }
  }

  private static func run(_ words: [String]) {
    guard let child = try? Child(words, output: "/dev/null") else { return }
    _ = child.wait()
  }
}
