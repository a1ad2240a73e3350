// SPDX-License-Identifier: Apache-2.0

import ArgumentParser
import EMVKernel
import LinuxHost
import Wire

/// What a person asks about chip data.
struct EMV: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "emv", abstract: "Say what chip data mean, and run the kernel against them.",
    subcommands: [Tags.self, Run.self, Fuzz.self])

  struct Tags: ParsableCommand {
    static let configuration = CommandConfiguration(
      commandName: "tlv",
      abstract: "Take data objects apart: an answer of a card, field 55, a script.",
      discussion: "Hexadecimal digits, blanks and line ends between them do not matter.")

    @Argument(help: "A file of digits, or - for standard input.")
    var file: String

    @Flag(help: "The digits are a data object list, as 8C holds one.")
    var list = false

    func run() throws {
      let path = file == "-" ? "/dev/stdin" : file
      guard let text = FileSystem.read(path, limit: 1 << 20) else {
        throw ValidationError("\(file) cannot be read")
      }
      let digits = text.filter { $0 > 0x20 }
      guard let bytes = try? Hex.decode(digits) else {
        throw ValidationError("\(file) holds something other than pairs of hexadecimal digits")
      }
      if list {
        for line in Explanation.lines(list: bytes) { print(line) }
        return
      }
      do throws(WireFault) {
        for line in try Explanation.lines(of: bytes) { print(line) }
      } catch {
        throw ValidationError("these are no data objects: \(error)")
      }
    }
  }
}
