// SPDX-License-Identifier: Apache-2.0

import ArgumentParser
import LinuxHost
import Management

struct Keys: ParsableCommand {
  static let configuration = CommandConfiguration(
    abstract: "What keys there are and which are missing; loading and selecting the PIN pad's.",
    subcommands: [List.self, Load.self, Select.self], defaultSubcommand: List.self)

  struct List: Query {
    static let configuration = CommandConfiguration(
      abstract: "Each key with its place, check value and what is left of it; never the key.")
    static let method = "GetKeys"
    @OptionGroup var common: Common

    func show(_ answer: JSON) {
      for key in answer["keys"]?.array ?? [] { Screen.line(Keys.line(key)) }
    }
  }

  struct Load: Order {
    static let configuration = CommandConfiguration(
      abstract: "Load a key block (ANSI X9.143) into the PIN pad.",
      discussion: "Only the pad can open the block. What was in its place stays if it is refused.")
    static let method = "LoadPadKey"
    @OptionGroup var common: Common
    @Option(help: "The slot: 0 to 9 for PIN keys, B to E for MAC keys, G for data.")
    var slot: String?
    @Option(help: "The set of DUKPT keys, 0 or 1, for an initial key.")
    var set: Int64?
    @Argument(help: "The file with the block.")
    var file: String

    func validate() throws {
      if (slot == nil) == (set == nil) {
        throw ValidationError("Give either --slot or --set.")
      }
      let slots = Swift.Set("0123456789BCDEG".map { String($0) })
      if let slot, !slots.contains(slot) {
        throw ValidationError("--slot takes 0 to 9, B to E, or G.")
      }
      if let set, !(0...1).contains(set) { throw ValidationError("--set takes 0 or 1.") }
    }

    var done: String { "the key is in its place" }

    func parameters() throws -> [JSONMember] {
      guard let bytes = FileSystem.read(file, limit: 10_100) else {
        throw ValidationError("\(file) cannot be read, or is longer than a key block.")
      }
      let block = String(decoding: bytes.filter { $0 > 0x20 }, as: UTF8.self)
      var parameters = [JSONMember("block", .text(block))]
      if let slot { parameters.append(JSONMember("slot", .text(slot))) }
      if let set { parameters.append(JSONMember("set", .integer(set))) }
      return parameters
    }
  }

  struct Select: Order {
    static let configuration = CommandConfiguration(
      abstract: "Use this set of the PIN pad's DUKPT keys from now on.")
    static let method = "SelectPadSet"
    @OptionGroup var common: Common
    @Argument(help: "0 or 1.") var set: Int64

    func validate() throws {
      if !(0...1).contains(set) { throw ValidationError("The sets are 0 and 1.") }
    }

    var done: String { "the PIN pad uses set \(set)" }

    func parameters() -> [JSONMember] { [JSONMember("set", .integer(set))] }
  }

  private static func line(_ key: JSON) -> String {
    func text(_ name: String) -> String { key[name]?.text ?? "" }
    var line = Screen.column(text("name"), 25) + Screen.column(text("place"), 17)
    let state = Screen.column(text("state"), 11)
    line += text("state") == "missing" || text("state") == "exhausted" ? Screen.red(state) : state
    line += Screen.column(text("kind"), 9)
    if !text("checkValue").isEmpty { line += "check value " + text("checkValue") }
    if let remaining = key["remaining"]?.integer { line += "\(remaining) transactions left" }
    return line
  }
}
