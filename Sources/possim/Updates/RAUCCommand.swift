// SPDX-License-Identifier: Apache-2.0

import ArgumentParser
import Clockwork
import LinuxHost
import Updates
import Wire

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

    @Option(help: "Milliseconds to wait for an answer of RAUC.")
    var answer: Int64 = 120_000

    @Option(help: "Milliseconds behind which an installation that is silent is looked for.")
    var silence: Int64 = 1_800_000

    /// Asks, and serves until the last event has come.
    func run(_ ask: (RAUCSlots) throws -> Void) throws {
      var patience = RAUCSlots.Patience()
      patience.answer = .milliseconds(answer)
      patience.silence = .milliseconds(silence)
      let slots = RAUCSlots(address: bus, patience: patience)
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
    @Argument(help: "good, bad or active.", transform: Mark.mark) var mark: SlotMark
    @Argument(help: "RAUC's name of a slot, booted or other.") var slot: String

    private static func mark(_ word: String) throws -> SlotMark {
      guard let mark = SlotMark.allCases.first(where: { "\($0)" == word }) else {
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
    @Option(help: "SHA-256 of the manifest that was signed.") var manifestHash: String
    @Option(help: "plain or verity.") var format: String = "verity"
    @Flag(help: "The whole file was compared with what was signed.") var fileVerified = false

    func run() throws {
      // What is fetched, and how much, is nothing that an engine judges.
      guard let hash = try? Hex.decode(Array(manifestHash.utf8)),
        let ordered = SlotExpectations(
          version: ByteString(version), compatible: ByteString(compatible),
          format: ByteString(format), manifestHash: hash, length: 0,
          digest: [UInt8](repeating: 0, count: 32))
      else { throw ValidationError("no release has this version, board, hash and format") }
      try options.run { slots in
        let isBegun = slots.install(file, ordered, isFileVerified: fileVerified)
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
    case .notInstalled(let failure):
      "not-installed \(failure.fault.code) \(failure.text)"
        + (failure.startsWhatRuns ? "" : " (nobody knows what starts next)")
    case .marked(let name): "marked \(name)"
    case .refused(let fault): "refused \(fault.text)"
    }
  }

  private static func line(_ slot: SlotStatus) -> String {
    "slot \(slot.name) \(slot.bootName) \(slot.role) \(slot.isGood ? "good" : "bad")"
      + " version=\(slot.version) bundle=\(Hex.text(slot.bundleHash).lowercased())"
  }
}
