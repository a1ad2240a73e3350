// SPDX-License-Identifier: Apache-2.0

import ArgumentParser
import ISO8583
import LinuxHost
import Simulator
import TerminalCore
import Wire

/// Messages for other libraries to judge, a line each; every content is in hexadecimal digits.
struct Messages: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "iso8583",
    abstract: "Make and read messages in an acquirer's dialect, to compare with other libraries.",
    subcommands: [Make.self, Read.self])

  struct Make: ParsableCommand {
    static let configuration = CommandConfiguration(
      abstract: "Draw messages: a line of JSON each, with bytes, type and elements.")

    @Option(help: "Messages.")
    var count = 500

    @Option(help: "The seed they are drawn from.")
    var seed: UInt64 = 1

    @Option(help: "The acquirer's file.")
    var acquirer: String

    func run() throws {
      let codec = Codec(table: try AcquirerProfile(file: acquirer).dialect.table)
      var maker = MessageMaker(table: codec.table, seed: seed)
      for _ in 0..<count {
        let message = maker.next()
        print(Messages.line(message, try codec.encode(message)))
      }
    }
  }

  struct Read: ParsableCommand {
    static let configuration = CommandConfiguration(
      abstract: "Read messages from standard input, a line of hexadecimal digits each.",
      discussion: "What is refused is answered with the fault, which has no content.")

    @Option(help: "The acquirer's file.")
    var acquirer: String

    func run() throws {
      let codec = Codec(table: try AcquirerProfile(file: acquirer).dialect.table)
      while let line = readLine() {
        let bytes = try Hex.decode(Array(line.utf8))
        do throws(CodecFault) {
          print(Messages.line(try codec.decode(bytes), bytes))
        } catch {
          print(#"{"fault": "\#(error)"}"#)
        }
      }
    }
  }

  private static func line(_ message: Message, _ bytes: [UInt8]) -> String {
    let elements = message.present.map { #""\#($0)": "\#(Hex.text(message[$0] ?? []))""# }
    let mti = String(decoding: message.mti, as: UTF8.self)
    return #"{"mti": "\#(mti)", "hex": "\#(Hex.text(bytes))", "elements": {"#
      + elements.joined(separator: ", ") + "}}"
  }
}
