// SPDX-License-Identifier: Apache-2.0

import ArgumentParser
import EMVKernel
import LinuxHost

struct Chip: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "emv", abstract: "What was said between terminal and chip card.",
    subcommands: [Explain.self])

  struct Explain: ParsableCommand {
    static let configuration = CommandConfiguration(
      abstract: "Say in plain language what a transcript of a chip card holds, and why.",
      discussion: """
        Needs no posd. A transcript has a command a line (`> 00A4…`), its answer below it \
        (`< 6F…9000`, or `< -` where the card was gone), and remarks behind `#`. Card numbers are \
        masked, and nothing of a PIN is shown; the transcript itself holds the card's number.
        """)

    @Argument(help: "The transcript, or - for standard input.")
    var file: String

    func run() throws {
      let path = file == "-" ? "/dev/stdin" : file
      guard let bytes = FileSystem.read(path, limit: 1 << 22) else {
        throw ValidationError("\(file) cannot be read")
      }
      do throws(TranscriptFault) {
        let explanation = TranscriptExplanation(try CardTranscript(text: bytes))
        for line in explanation.lines { Screen.line(line) }
      } catch {
        throw ValidationError("\(file):\(error.line): \(error.text)")
      }
    }
  }
}
