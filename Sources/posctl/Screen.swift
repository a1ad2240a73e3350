// SPDX-License-Identifier: Apache-2.0

import Devices
import Glibc
import LinuxHost
import Management

/// What people read.
enum Screen {
  /// Whether the other end shows colours.
  static let hasColours = isatty(STDOUT_FILENO) == 1

  static func line(_ text: String) { part(text + "\n") }

  static func part(_ text: String) {
    var rest = Array(text.utf8)[...]
    // A reader that is gone has seen enough; one that is slow, on an output that does not block, is
    // waited for: half an answer must not look like a whole one.
    while !rest.isEmpty, case .success(let count) = writeSome(STDOUT_FILENO, rest) {
      rest = rest.dropFirst(count)
      if count == 0 { wait(STDOUT_FILENO, Int16(POLLOUT)) }
    }
  }

  /// Waits until a descriptor can be read or written, or is broken: what follows says which.
  static func wait(_ descriptor: Int32, _ events: Int16) {
    var entry = pollfd(fd: descriptor, events: events, revents: 0)
    unsafe _ = poll(&entry, 1, -1)
  }

  /// A sentence on standard error.
  static func complaint(_ text: String) {
    // There is nobody to tell that standard error is gone.
    _ = writeSome(STDERR_FILENO, Array((text + "\n").utf8)[...])
  }

  /// One step of what goes on.
  static func step(_ answer: JSON, _ common: Common) {
    if !common.json { line("… " + (answer["text"]?.text ?? "")) }
  }

  static func red(_ text: String) -> String { hasColours ? "\u{1B}[31m\(text)\u{1B}[0m" : text }

  /// A text and so many blanks that the next column begins where it should.
  static func column(_ text: String, _ width: Int) -> String {
    text + String(repeating: " ", count: max(1, width - columns(of: text)))
  }

  /// Minor units as money: 1234 is 12.34.
  static func money(_ amount: Int64) -> String {
    let cents = amount % 100
    return "\(amount / 100)." + (cents < 10 ? "0\(cents)" : "\(cents)")
  }

  static func problem(_ problem: JSON) -> String {
    func text(_ name: String) -> String { problem[name]?.text ?? "" }
    var lines = [red(text("code") + "  " + text("cause"))]
    if !text("causeChinese").isEmpty { lines.append("         " + text("causeChinese")) }
    if !text("evidence").isEmpty { lines.append("  saw  " + text("evidence")) }
    lines.append("  do   " + text("remedy"))
    if !text("remedyChinese").isEmpty { lines.append("       " + text("remedyChinese")) }
    lines.append("  who  " + text("who"))
    return lines.joined(separator: "\n")
  }

  static func transaction(_ row: JSON) -> String {
    func text(_ name: String) -> String { row[name]?.text ?? "" }
    let amount = money(row["amount"]?.integer ?? 0)
    var line = column(text("localTime"), 21) + column(text("reference"), 14)
    line += column(amount, 10) + column(text("state"), 15)
    line += column("receipt " + text("receipt"), 18)
    line += "trace \(row["stan"]?.integer ?? 0)"
    if !text("maskedPan").isEmpty { line += "  " + text("maskedPan") }
    if !text("responseCode").isEmpty { line += "  answer " + text("responseCode") }
    if !text("kind").isEmpty, text("kind") != "sale" { line += "  " + text("kind") }
    if !text("original").isEmpty { line += " of " + text("original") }
    if row["test"]?.boolean == true { line += "  TEST" }
    return line
  }

  /// The back-up of the host above, if there is one.
  static func backup(_ value: JSON?) {
    if value?["host"] != nil { line(column("back-up", 12) + endpoint(value)) }
  }

  /// What waits for the acquirer, and why.
  static func queued(_ item: JSON) -> String {
    let reason = item["reason"]?.text ?? ""
    let line = unsent(item) + column(duration(item["age"]?.integer ?? 0), 8) + reason
    let attempts = item["attempts"]?.integer ?? 0
    return attempts == 0 ? line : line + ", tried in vain \(attempts) times"
  }

  /// The proof that something was delivered.
  static func delivered(_ item: JSON) -> String {
    unsent(item) + "delivered " + (item["at"]?.text ?? "") + ", answer "
      + (item["code"]?.text ?? "")
  }

  /// What was closed by hand.
  static func closed(_ item: JSON) -> String {
    unsent(item) + "closed " + (item["at"]?.text ?? "") + " by " + (item["by"]?.text ?? "") + ": "
      + (item["reason"]?.text ?? "")
  }

  /// What every item of the queue begins with.
  private static func unsent(_ item: JSON) -> String {
    func text(_ name: String) -> String { item[name]?.text ?? "" }
    return column(text("reference"), 14) + column(text("kind"), 18)
      + column(money(item["amount"]?.integer ?? 0), 10) + column(text("state"), 15)
      + column("trace \(item["stan"]?.integer ?? 0)", 13)
  }

  /// The sums of one side of a batch.
  static func batchSide(_ side: JSON) -> String {
    func number(_ name: String) -> Int64 { side[name]?.integer ?? 0 }
    var line = column("debit " + money(number("debit")) + " (\(number("debits")))", 24)
    line += column("credit " + money(number("credit")) + " (\(number("credits")))", 24)
    return line + (side["result"]?.text ?? "")
  }

  /// What the acquirer's code means and who acts; the code's own text is the merchant's alone where
  /// the cardholder is not to be told.
  static func response(_ response: JSON) -> String {
    func text(_ name: String) -> String { response[name]?.text ?? "" }
    let own = text("code") + "  " + text("text") + " / " + text("textChinese")
    let isForAll = response["tellCardholder"]?.boolean == true
    return own + (isForAll ? "" : "  (for the merchant alone)") + "\n  say  " + text("advice")
      + " / " + text("adviceChinese") + "\n  who  " + text("who")
  }

  /// Seconds in the unit that says enough.
  static func duration(_ seconds: Int64) -> String {
    switch seconds {
    case ..<120: "\(seconds) s"
    case ..<7_200: "\(seconds / 60) min"
    case ..<172_800: "\(seconds / 3_600) h"
    default: "\(seconds / 86_400) d"
    }
  }

  static func endpoint(_ value: JSON?) -> String {
    guard let value, let host = value["host"]?.text, let port = value["port"]?.integer else {
      return "none"
    }
    return "\(host):\(port)" + (value["tls"]?.boolean == true ? " (TLS)" : " (not encrypted)")
  }
}
