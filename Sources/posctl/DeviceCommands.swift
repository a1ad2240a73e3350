// SPDX-License-Identifier: Apache-2.0

import ArgumentParser
import Glibc
import Management

struct DevicesShow: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "devices",
    abstract: "Reader, printer and PIN pad on one screen: how each is and since when.",
    discussion: """
      What a device is follows from what it last answered: one that has nothing to do is asked \
      every two minutes. --watch redraws the screen each second, or prints a line at each change \
      where the output is no terminal; it ends with Ctrl-C.
      """)
  @OptionGroup var common: Common

  @Flag(help: "Go on showing.")
  var watch = false

  func run() throws {
    let client = try VarlinkClient(common)
    if !watch { return try client.call("GetDevices") { answer, _ in show(answer) } }
    var states: [String] = []
    while true {
      try client.call("GetDevices") { answer, _ in
        if common.json { return }
        if Screen.hasColours {
          // Home, and the rest of the screen erased.
          Screen.part("\u{1B}[H\u{1B}[J")
          return show(answer)
        }
        let now = (answer["devices"]?.array ?? []).map { DeviceScreen($0).head }
        for (index, line) in now.enumerated()
        where !states.indices.contains(index) || states[index] != line {
          Screen.line(DeviceScreen.row(answer, index))
        }
        states = now
      }
      _ = sleep(1)
    }
  }

  private func show(_ answer: JSON) {
    if common.json { return }
    for device in answer["devices"]?.array ?? [] { DeviceScreen(device).show() }
  }
}

struct PrinterCommands: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "printer",
    abstract: "A test page, the logo, how the printer is, and the profile in use.",
    subcommands: [Test.self, Logo.self, Status.self, Profile.self])

  struct Test: Order {
    static let configuration = CommandConfiguration(
      abstract: "Print the page by which a technician judges a printer.",
      discussion: """
        Ruler: the last digit stands at the right edge, or columns is wrong in the board's file. \
        White stripes in the black rows are dead dots. Wrong signs beside yen and GBK: code-page \
        or chinese is wrong. It is refused while a transaction runs or a receipt waits.
        """)
    static let method = "TestPrinter"
    @OptionGroup var common: Common
    var done: String { "the test page is printed" }
  }

  struct Logo: Order {
    static let configuration = CommandConfiguration(
      abstract: "Have the printer keep the logo above the papers.",
      discussion: """
        A printer is given the logo once, by itself; this is for one that was exchanged or reset, \
        since nobody can ask a printer what it keeps. Its memory wears with each time. Then posctl \
        printer test shows the logo. It is refused while a transaction runs or a receipt waits.
        """)
    static let method = "StoreLogo"
    @OptionGroup var common: Common
    var done: String { "the printer has read the logo; posctl printer test shows it" }
  }

  struct Status: Query {
    static let configuration = CommandConfiguration(
      abstract: "Paper, cover, error and online, since when, and what has been printed in all.")
    static let method = "GetPrinter"
    @OptionGroup var common: Common

    func show(_ answer: JSON) {
      if let device = answer["device"] { DeviceScreen(device).show() }
      for part in answer["parts"]?.array ?? [] {
        Screen.line(
          Screen.column("  " + (part["name"]?.text ?? ""), 12)
            + Screen.column(part["state"]?.text ?? "", 18) + DeviceScreen.since(part))
      }
      func number(_ name: String) -> Int64 { answer[name]?.integer ?? 0 }
      let metres = number("millimetres") / 1_000
      Screen.line(
        Screen.column("  printed", 12) + "\(number("lines")) lines, \(metres) m of paper, "
          + "\(number("documents")) documents, \(number("cuts")) cuts")
      Screen.line(Screen.column("  logo", 12) + PrinterCommands.logo(answer["logo"]?.text ?? ""))
    }
  }

  private static func logo(_ state: String) -> String {
    switch state {
    case "kept": "the printer has read it; papers that lack it are of a printer that keeps none"
    case "storing": "the printer is being given it: leave it switched on"
    case "waiting": "the printer gets it when nothing else is under way"
    case "given up": "the printer did not take it; see posctl status"
    default: state
    }
  }

  struct Profile: Query {
    static let configuration = CommandConfiguration(
      abstract: "The printer's profile, each field with where it comes from.")
    static let method = "GetPrinter"
    @OptionGroup var common: Common

    func show(_ answer: JSON) {
      for field in answer["profile"]?.array ?? [] {
        Screen.line(
          Screen.column(field["name"]?.text ?? "", 22)
            + Screen.column(field["value"]?.text ?? "", 24) + (field["source"]?.text ?? ""))
      }
    }
  }
}

/// A device as people read it.
struct DeviceScreen {
  private let device: JSON

  init(_ device: JSON) { self.device = device }

  private func text(_ name: String) -> String { device[name]?.text ?? "" }

  /// What changes only when the device does.
  var head: String {
    Screen.column(text("name"), 10) + Screen.column(text("state"), 14)
      + (device["problem"]?["code"]?.text ?? "")
  }

  /// The head of one of several devices, with the time since when it is so.
  static func row(_ answer: JSON, _ index: Int) -> String {
    guard let devices = answer["devices"]?.array, devices.indices.contains(index) else { return "" }
    let time = devices[index]["since"]?.text ?? ""
    return Screen.column(time, 21) + DeviceScreen(devices[index]).head
  }

  func show() {
    let state = Screen.column(text("state"), 14)
    let isWell = text("state") == "connected" && device["problem"]?["code"] == nil
    let usb = text("usb").isEmpty ? "" : "  USB " + text("usb")
    Screen.line(
      Screen.column(text("name"), 10) + (isWell ? state : Screen.red(state))
        + Screen.column(DeviceScreen.since(device), 34) + heard)
    Screen.line("  at        " + text("address") + usb)
    if let problem = device["problem"], problem["code"] != nil {
      Screen.line(Screen.problem(problem))
    }
    let counts = (device["counts"]?.array ?? []).filter { ($0["count"]?.integer ?? 0) > 0 }
      .map { "\($0["kind"]?.text ?? "") \($0["count"]?.integer ?? 0)" }
    if !counts.isEmpty { Screen.line("  counted   " + counts.joined(separator: ", ")) }
  }

  private var heard: String {
    guard let seconds = device["heard"]?.integer else { return "never heard" }
    return "heard " + Screen.duration(seconds) + " ago"
  }

  /// Since when something is so.
  static func since(_ value: JSON) -> String {
    guard let seconds = value["seconds"]?.integer, let time = value["since"]?.text else {
      return "since the start"
    }
    return "since " + time + ", " + Screen.duration(seconds)
  }
}
