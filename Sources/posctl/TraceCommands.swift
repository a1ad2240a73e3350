// SPDX-License-Identifier: Apache-2.0

import ArgumentParser
import Assembly
import Clockwork
import LinuxHost
import Management
import TerminalCore

struct Trace: Query {
  static let configuration = CommandConfiguration(
    abstract: "What happened lately, an event a line; card data is not in it.",
    discussion: "posctl trace > FILE keeps it for posctl replay FILE.")
  static let method = "Trace"
  @OptionGroup var common: Common

  func show(_ answer: JSON) {
    Screen.line(answer["header"]?.text ?? "")
    for line in answer["lines"]?.array ?? [] { Screen.line(line.text ?? "") }
  }
}

struct Replay: ParsableCommand {
  static let configuration = CommandConfiguration(
    abstract: "Tell this version of the firmware a recording again, and compare what it does.",
    discussion: """
      Needs the recording's own terminal: its configuration and the keys in its secure element. \
      Exit code 0 when every answer was the same, 2 when one differs.
      """)

  @Argument(help: "A file made by posctl trace.")
  var file: String

  @Option(help: "Configuration of posd.")
  var config = "/etc/posd/posd.yaml"

  @Option(help: "The state folder of posd.")
  var state = "/var/lib/posd"

  @Option(name: .customLong("run"), help: "What ${RUN} in the configuration means.")
  var runFolder = "/run/posd"

  @Flag(help: "Print the outcome alone, as JSON.")
  var json = false

  func run() throws {
    guard let bytes = FileSystem.read(file, limit: 16_777_216) else {
      throw refuse("TRC-001 \(file) cannot be read")
    }
    let lines = String(decoding: bytes, as: UTF8.self).split(separator: "\n").map(String.init)
    do {
      let configuration = try Configuration(file: config, run: runFolder)
      let store = try KeyStore(configuration.secureElement, stateFolder: state)
      let keys = try store.keys(transportKeyFile: configuration.transportKeyFile)
      let recording = try Recording(lines: lines, key: try store.recorderKey())
      try tell(
        recording, configuration.settings(keys: keys), configuration.board)
    } catch let fault as ConfigurationFault {
      throw refuse(fault.text)
    } catch let fault as KeyStore.Fault {
      throw refuse(fault.text)
    } catch let fault as RecordingFault {
      throw refuse(fault.text)
    }
  }

  private func tell(
    _ recording: Recording, _ settings: TerminalSettings, _ board: Board
  ) throws {
    if !recording.isWhole {
      Screen.complaint("the recording has a hole: it is told up to there")
    }
    let outcome = try recording.replay(settings: settings, board: board) { at, isEvent, text in
      if json { return }
      let time = Screen.column(String(at.microseconds / 1_000) + " ms", 16)
      Screen.line(time + (isEvent ? "▶ " : "  ◀ ") + text)
    }
    switch outcome {
    case .same(let events):
      Screen.line(
        json ? "{\"same\":true,\"events\":\(events)}" : "\(events) events, the same answers")
    case .differs(let event):
      Screen.line(
        json
          ? "{\"same\":false,\"event\":\(event)}" : "event \(event) was answered otherwise then")
      throw Ending.notDone
    }
  }

  private func refuse(_ text: String) -> ExitCode {
    Screen.complaint(text)
    return Ending.refused
  }
}

extension RecordingFault {
  fileprivate var text: String {
    switch self {
    case .wire, .unknownCase: "TRC-001 the recording was made by another version of posd"
    case .line(let number): "TRC-001 line \(number) is not one of a recording"
    case .wrongKey(let line):
      "TRC-002 line \(line) was sealed by another terminal, or changed since"
    case .recovery: "TRC-001 the records it begins with make no terminal"
    }
  }
}

struct Counters: Query {
  static let configuration = CommandConfiguration(
    abstract: "What the program has counted since its start.")
  static let method = "GetCounters"
  @OptionGroup var common: Common

  func show(_ answer: JSON) {
    for (name, label) in [
      ("events", "events"), ("unexpectedEvents", "unexpected"), ("lateAnswers", "late answers"),
      ("unmatchedAnswers", "stray answers"), ("commits", "synced commits"),
      ("wakeUps", "wake-ups"),
    ] {
      Screen.line(Screen.column(label, 20) + String(answer[name]?.integer ?? 0))
    }
    for entry in answer["kinds"]?.array ?? [] {
      let kind = "  " + (entry["kind"]?.text ?? "")
      Screen.line(Screen.column(kind, 20) + String(entry["count"]?.integer ?? 0))
    }
  }
}
