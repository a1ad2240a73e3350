// SPDX-License-Identifier: Apache-2.0

import ArgumentParser
import Glibc
import Management

struct Update: ParsableCommand {
  static let configuration = CommandConfiguration(
    abstract: "The program's own version: what is current, fetched, applied, given up.",
    subcommands: [
      Status.self, Check.self, Download.self, Apply.self, Postpone.self, Cancel.self,
      Override.self, History.self, Install.self,
    ],
    defaultSubcommand: Status.self)

  struct Status: Query {
    static let configuration = CommandConfiguration(
      abstract: "How far an update is, and what it waits for.")
    static let method = "GetUpdate"
    @OptionGroup var common: Common

    func show(_ answer: JSON) { UpdateScreen(answer["update"] ?? .null).show() }
  }

  struct History: Query {
    static let configuration = CommandConfiguration(
      abstract: "What became of earlier versions.")
    static let method = "GetUpdate"
    @OptionGroup var common: Common

    func show(_ answer: JSON) { UpdateScreen(answer["update"] ?? .null).showHistory() }
  }

  struct Check: UpdateOrder {
    static let configuration = CommandConfiguration(
      abstract: "Find out what is current.")
    static let method = "CheckUpdate"
    static let stages = ["check"]
    @OptionGroup var common: Common
  }

  struct Download: UpdateOrder {
    static let configuration = CommandConfiguration(
      abstract: "Fetch what is on offer, with a bar; Ctrl-C stops the looking, not the fetching.")
    static let method = "DownloadUpdate"
    static let stages = ["download", "verify"]
    @OptionGroup var common: Common
  }

  struct Apply: UpdateOrder {
    static let configuration = CommandConfiguration(
      abstract: "Apply it as soon as nothing forbids it; posd starts anew.")
    static let method = "ApplyUpdate"
    static let stages = ["download", "verify", "install", "switch", "restart"]
    @OptionGroup var common: Common
  }

  struct Postpone: UpdateOrder {
    static let configuration = CommandConfiguration(
      abstract: "Some minutes more for the till.")
    static let method = "PostponeUpdate"
    @OptionGroup var common: Common
    @Argument(help: "Minutes.") var minutes: Int64

    func parameters() -> [JSONMember] { [JSONMember("minutes", .integer(minutes))] }
  }

  struct Cancel: UpdateOrder {
    static let configuration = CommandConfiguration(
      abstract: "Forget what is on offer until the next look.")
    static let method = "CancelUpdate"
    @OptionGroup var common: Common
  }

  struct Override: UpdateOrder {
    static let configuration = CommandConfiguration(
      abstract: "Let money that cannot leave stay unsent over the update; both roles must.")
    static let method = "OverrideUpdate"
    @OptionGroup var common: Common
    @Argument(help: "supervisor or technician.") var role: String

    func parameters() -> [JSONMember] { [JSONMember("role", .text(role))] }
  }

  struct Install: UpdateOrder {
    static let configuration = CommandConfiguration(
      abstract: "Install a bundle from a file of this terminal, if it is signed for it.")
    static let method = "InstallUpdate"
    static let stages = ["verify", "install", "switch", "restart"]
    @OptionGroup var common: Common
    @Argument(help: "The bundle.") var file: String
    @Option(help: "The maker's recovery document, where nothing else is valid any more.")
    var recovery: String?

    func parameters() -> [JSONMember] {
      var parameters = [JSONMember("file", .text(Install.whole(file)))]
      if let recovery { parameters.append(JSONMember("recovery", .text(Install.whole(recovery)))) }
      return parameters
    }

    /// posd is somewhere else.
    private static func whole(_ path: String) -> String {
      guard let found = unsafe realpath(path, nil) else { return path }
      defer { unsafe free(found) }
      return unsafe String(cString: found)
    }
  }
}

/// A command about an update that looks on while it goes through some stages.
protocol UpdateOrder: ParsableCommand {
  static var method: String { get }
  /// The stages that are waited for; none where the answer is all.
  static var stages: [String] { get }
  var common: Common { get }
  func parameters() throws -> [JSONMember]
}

extension UpdateOrder {
  static var stages: [String] { [] }

  func parameters() throws -> [JSONMember] { [] }

  func run() throws {
    try VarlinkClient(common).call(Self.method, try parameters()) { _, _ in }
    try watch()
  }

  /// Looks on until the stages are over; a posd that goes away for another version has said so.
  private func watch() throws {
    var bar = ProgressBar()
    var last = JSON.null
    do {
      try VarlinkClient(socket: common.socket).call("WatchUpdate", more: true) { answer, _ in
        last = answer["update"] ?? .null
        if common.json { Screen.line(String(decoding: answer.encoded, as: UTF8.self)) }
        let isHeld = last["locks"]?.array?.isEmpty == false
        if Self.stages.contains(last["stage"]?.text ?? ""), !isHeld {
          if !common.json { bar.show(last) }
          return
        }
        throw Looked.enough
      }
    } catch Looked.enough {
      bar.end()
    } catch {
      bar.end()
      let isExpected = ["switch", "restart", "revert"].contains(last["stage"]?.text ?? "")
      if !Self.stages.contains("restart") || !isExpected { throw Ending.unreachable }
      if !common.json { Screen.line("posd starts anew; see posctl update status") }
      return
    }
    if !common.json { UpdateScreen(last).show() }
    // Where nothing was waited for, what is wrong was wrong before.
    if Self.stages.isEmpty { return }
    if last["problem"] != nil, last["problem"] != .null { throw Ending.refused }
  }
}

/// That enough was seen.
private enum Looked: Error {
  case enough
}

/// A bar on a screen; where nobody looks on, nothing.
private struct ProgressBar {
  private static let width = 32
  private var isShown = false

  mutating func show(_ update: JSON) {
    let stage = update["stage"]?.text ?? ""
    if !Screen.hasColours { return }
    let progress = Int(update["progress"]?.integer ?? 0)
    let full = progress * ProgressBar.width / 1_000
    let bar =
      String(repeating: "█", count: full)
      + String(repeating: "░", count: ProgressBar.width - full)
    Screen.part("\r\(Screen.column(stage, 10))\(bar) \(progress / 10) %  ")
    isShown = true
  }

  mutating func end() {
    if isShown { Screen.line("") }
    isShown = false
  }
}

/// An update as people read it.
struct UpdateScreen {
  private let update: JSON

  init(_ update: JSON) { self.update = update }

  private func text(_ name: String) -> String { update[name]?.text ?? "" }

  /// One line for the status of the terminal; nothing where there are no updates.
  func showLine() {
    if update["available"]?.boolean != true {
      showProblem()
      return
    }
    Screen.line(Screen.column("version", 12) + running + "  " + text("code") + offered)
  }

  private var running: String {
    text("version") + " in slot " + text("slot") + ", " + text("cause")
  }

  private var offered: String { text("offered").isEmpty ? "" : "  " + text("offered") }

  func show() {
    if update["available"]?.boolean != true {
      if showProblem() { return }
      return Screen.line("this terminal is not updated by itself")
    }
    Screen.line(Screen.column("runs", 12) + running)
    Screen.line(Screen.column("stage", 12) + text("stage") + "  " + text("code"))
    if !text("offered").isEmpty {
      Screen.line(
        Screen.column("on offer", 12) + text("offered") + "  \(update["size"]?.integer ?? 0) bytes")
      for note in [text("note"), text("noteChinese")] where !note.isEmpty {
        Screen.line(Screen.column("", 12) + note)
      }
    }
    let locks = (update["locks"]?.array ?? []).compactMap(\.text)
    if !locks.isEmpty {
      Screen.line(Screen.column("waits for", 12) + locks.joined(separator: ", "))
    }
    if let seconds = update["notice"]?.integer {
      Screen.line(
        Screen.column("notice", 12) + "goes away in " + Screen.duration(seconds) + " for some "
          + "\(update["minutes"]?.integer ?? 0) minutes; posctl update postpone MINUTES")
    }
    showProblem()
  }

  /// What is wrong; false where nothing is.
  @discardableResult
  private func showProblem() -> Bool {
    guard let problem = update["problem"], problem != .null else { return false }
    Screen.line(Screen.problem(problem))
    return true
  }

  func showHistory() {
    let history = update["history"]?.array ?? []
    if history.isEmpty { Screen.line("no update was ever tried") }
    for outcome in history.reversed() {
      let seconds = outcome["seconds"]?.integer ?? 0
      let when = seconds == 0 ? "(no clock)" : UpdateScreen.day(seconds)
      Screen.line(
        Screen.column(when, 22) + Screen.column(outcome["version"]?.text ?? "", 14)
          + (outcome["code"]?.text ?? ""))
    }
  }

  private static func day(_ seconds: Int64) -> String {
    var moment = time_t(seconds)
    var parts = unsafe tm()
    guard unsafe gmtime_r(&moment, &parts) != nil else { return "" }
    var buffer = [CChar](repeating: 0, count: 32)
    let count = unsafe strftime(&buffer, buffer.count, "%Y-%m-%d %H:%M UTC", &parts)
    return String(decoding: buffer.prefix(count).map { UInt8(bitPattern: $0) }, as: UTF8.self)
  }
}
