// SPDX-License-Identifier: Apache-2.0

import ArgumentParser
import EMVKernel
import LinuxHost
import Simulator
import Wire

extension Card {
  struct Run: ParsableCommand {
    static let configuration = CommandConfiguration(
      abstract: "Let a test card pay at the kernel, and record it for `possim emv run`.",
      discussion: """
        Writes STEM.apdu, the transcript, and STEM.terminal: the terminal's file with the \
        authority's key and what the issuer said behind it. Of a VERIFY only the header is kept.

        """ + EMV.files)

    @Argument(help: "The card's file.")
    var file: String

    @Option(help: "The terminal's file.")
    var config: String

    @Option(help: "The stem of both files; old ones are not written over.")
    var out: String?

    @Option(help: "What the issuer does rarely or wrongly; see `possim card faults`.")
    var issuer: [String] = []

    func run() throws {
      let profile = try Card.profile(file)
      let switches = try issuer.map { name in
        guard let change = IssuerSwitch.allCases.first(where: { $0.name == name }) else {
          throw ValidationError("`\(name)` is nothing that an issuer does")
        }
        return change
      }
      let key = RecordedCard.keyLine(profile)
      let terminal = try EMV.terminal(config, more: [key])
      var card = RecordedCard(profile, switches: switches)
      var run = KernelRun(terminal)
      do throws(TranscriptFault) {
        try run.run(with: &card)
      } catch {
        throw ValidationError("line \(error.line): \(error.text)")
      }
      for line in run.lines { print(line) }
      guard let out, let base = FileSystem.read(config, limit: 1 << 20) else { return }
      let more = ([key] + card.hostLines).joined(separator: "\n") + "\n"
      try Run.write(out + ".apdu", Array(card.transcript.text.utf8))
      try Run.write(out + ".terminal", base + Array(more.utf8))
    }

    private static func write(_ path: String, _ bytes: [UInt8]) throws {
      if !FileSystem.create(path, bytes) {
        throw ValidationError("\(path) cannot be made; an old file is not written over")
      }
    }
  }
}
