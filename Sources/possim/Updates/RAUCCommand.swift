// SPDX-License-Identifier: Apache-2.0

import ArgumentParser
import Clockwork
import LinuxHost

/// The terminal's words on a slot engine that runs somewhere.
struct RAUCCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "rauc", abstract: "Ask RAUC's service as a terminal does.",
    discussion: "Prints an event a line. Exit code 1 when the last one is a refusal.",
    subcommands: [Status.self, Primary.self, Mark.self, Install.self])

  struct Options: ParsableArguments {
    @Option(help: "Address of the bus; without it the system's.")
    var bus: String?

    @Option(help: "Seconds to wait.")
    var seconds: Int = 60

    /// Asks, and serves until the last event has come.
    func run(_ ask: (RAUCSlots) throws -> Void) throws {
      let slots = RAUCSlots(address: bus)
      let loop = EventLoop()
      var isOver = false
      var isRefused = false
      slots.onEvent = { event in
        print(RAUCCommand.line(event))
        switch event {
        case .progress: break
        case .refused, .notInstalled:
          isOver = true
          isRefused = true
        case .slots, .primary, .marked, .installed: isOver = true
        }
      }
      loop.add(slots)
      try ask(slots)
      let end = SystemClock.now + .seconds(Int64(seconds))
      while !isOver, SystemClock.now < end { loop.turn(atMost: .milliseconds(100)) }
      if !isOver { print("no answer in \(seconds) s") }
      if isRefused || !isOver { throw ExitCode(1) }
    }
  }

  struct Status: ParsableCommand {
    static let configuration = CommandConfiguration(abstract: "What is where.")
    @OptionGroup var options: Options
    func run() throws { try options.run { $0.askStatus() } }
  }

  struct Primary: ParsableCommand {
    static let configuration = CommandConfiguration(abstract: "Which slot is started next.")
    @OptionGroup var options: Options
    func run() throws { try options.run { $0.askPrimary() } }
  }

  struct Mark: ParsableCommand {
    static let configuration = CommandConfiguration(abstract: "Mark a slot good, bad or active.")
    @OptionGroup var options: Options
    @Argument(help: "good, bad or active.", transform: Mark.mark) var mark: RAUCMark
    @Argument(help: "RAUC's name of a slot, booted or other.") var slot: String

    private static func mark(_ word: String) throws -> RAUCMark {
      guard let mark = RAUCMark(rawValue: word) else {
        throw ValidationError("a mark is good, bad or active")
      }
      return mark
    }

    func run() throws { try options.run { $0.mark(mark, slot) } }
  }

  struct Install: ParsableCommand {
    static let configuration = CommandConfiguration(
      abstract: "Install a file that is what its metadata says.")
    @OptionGroup var options: Options
    @Argument(help: "The bundle.") var file: String
    @Option(help: "The board that was signed.") var compatible: String
    @Option(help: "The version that was signed.") var version: String
    @Option(help: "SHA-256 of the manifest that was signed.") var manifestHash: String = ""

    func run() throws {
      try options.run { slots in
        let expected = RAUCExpectations(
          compatible: compatible, version: version, manifestHash: manifestHash)
        let isBegun = slots.install(file, expected)
        precondition(isBegun, "nothing was asked for before")
      }
    }
  }

  fileprivate static func line(_ event: RAUCEvent) -> String {
    switch event {
    case .slots(let slots): slots.map(line).joined(separator: "\n")
    case .primary(let name): "primary \(name)"
    case .progress(let percent, let text): "progress \(percent) \(text)"
    case .installed(let slot): "installed \(line(slot))"
    case .notInstalled(let fault): "not-installed \(fault.code) \(text(fault))"
    case .marked(let name): "marked \(name)"
    case .refused(let fault): "refused \(fault.code) \(text(fault))"
    }
  }

  private static func line(_ slot: RAUCSlot) -> String {
    "slot \(slot.name) \(slot.bootName) \(slot.role.rawValue) \(slot.isGood ? "good" : "bad")"
      + " version=\(slot.version) image=\(slot.imageHash) bundle=\(slot.bundleHash)"
      + " installed=\(slot.installed) activated=\(slot.activated)"
  }

  private static func text(_ fault: RAUCFault) -> String {
    switch fault {
    case .refused(let text): text
    case .failed(let code, let text): "\(code) \(text)"
    case .otherContent(let compatible, let version): "\(version) for \(compatible)"
    case .absent, .lost, .malformed, .tooSlow: ""
    }
  }
}
