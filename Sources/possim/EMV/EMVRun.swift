// SPDX-License-Identifier: Apache-2.0

import ArgumentParser
import EMVKernel
import LinuxHost
import Simulator
import Wire

extension EMV {
  /// What both files look like, for help.
  static let files = """
    A transcript has a command a line (`> 00A4…`), its answer below it (`< 6F…9000`, or \
    `< -` where the card was gone), and remarks behind `#`. A terminal's file has `key: value` \
    lines: data objects by tag (9F33: E0F8C8; also 9F35, 9F40, 9F1A, 5F2A, 5F36, 9A, 9F21, \
    9C, 9F37, 9F41, 9F02, 9F03), languages, directory, force-online, drawn-number, \
    pin-bypass, plaintext-pin, try-counter, cda-mode, exception-file, amount-later; `aid: DIGITS \
    exact|partial` and below it versions, denial, online, default, floor-limit, threshold, \
    target, maximum, default-ddol, default-tdol, object; authority-key: RID INDEX EXPONENT \
    CHECKSUM MODULUS; revoked: RID INDEX SERIAL; host: approves|declines|refers CODE, unable \
    or sent-in-vain; authorisation, 91, 71, 72, issuer-data; referral; pin: \
    entered|bypassed|broken|cancelled; verify: STATUS; choose.

    Printed are, a line each: `APDU` of each command sent, `ask` and `event`, `show`, \
    `online`, and at the end TVR, TSI, CVM, CID, AC, ARC, scripts, owes, fallback, outcome.
    """

  /// A terminal's file, or a message with its line.
  static func terminal(_ path: String, more: [String] = []) throws -> TerminalFile {
    guard let bytes = FileSystem.read(path, limit: 1 << 20) else {
      throw ValidationError("\(path) cannot be read")
    }
    do throws(TerminalFileFault) {
      return try TerminalFile(text: bytes + Array(("\n" + more.joined(separator: "\n")).utf8))
    } catch {
      throw ValidationError("\(path):\(error.line): \(error.text)")
    }
  }

  private static func keys(_ path: String) throws -> [AuthorityKey] {
    do throws(ConfigurationFault) {
      return try AuthorityKeyFile.keys(path)
    } catch {
      throw ValidationError(error.text)
    }
  }

  struct Run: ParsableCommand {
    static let configuration = CommandConfiguration(
      abstract: "Run the kernel against a recorded card and print what it does.",
      discussion: EMV.files)

    @Argument(help: "The transcript.")
    var transcript: String

    @Option(help: "The terminal's file.")
    var config: String

    @Option(help: "Authorities' keys beside those of the terminal's file: test-capk.yaml.")
    var keys: String?

    @Flag(help: "Each command takes the next recorded answer to the same bytes, in any order.")
    var byCommand = false

    func run() throws {
      var terminal = try EMV.terminal(config)
      if let keys { terminal.add(try EMV.keys(keys)) }
      guard let bytes = FileSystem.read(transcript, limit: 1 << 22) else {
        throw ValidationError("\(transcript) cannot be read")
      }
      var run = KernelRun(terminal)
      do throws(TranscriptFault) {
        var card = TranscriptCard(
          try CardTranscript(text: bytes), terminal, isByCommand: byCommand)
        defer { for line in run.lines { print(line) } }
        try run.run(with: &card)
        if card.unread > 0 { run.note(unread: card.unread) }
      } catch {
        throw ValidationError("\(transcript):\(error.line): \(error.text)")
      }
    }
  }
}
