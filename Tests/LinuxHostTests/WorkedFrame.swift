// SPDX-License-Identifier: Apache-2.0

import Foundation
import ISO8583
import LinuxHost
import Simulator
import TerminalCore
import Wire

/// A frame whose content is known: Tests/Fixtures/iso8583/unionpay.txt, a frame a line: its name,
/// the order of its header, its bytes, its type and its elements; raw bytes follow `x:`. An
/// underscore is for the eye.
struct WorkedFrame {
  var name: String
  var order: UInt8
  var bytes: [UInt8]
  var message: Message

  static let all: [WorkedFrame] = {
    let text = try? String(
      contentsOfFile: repository + "/Tests/Fixtures/iso8583/unionpay.txt", encoding: .ascii)
    return (text ?? "").split(separator: "\n").compactMap { WorkedFrame(String($0)) }
  }()

  private init?(_ line: String) {
    let fields = line.split(separator: "\t").map(String.init)
    guard fields.count > 4, let order = UInt8(fields[1]),
      let bytes = try? Hex.decode(Array(fields[2].utf8))
    else { return nil }
    name = fields[0]
    self.order = order
    self.bytes = bytes
    message = Message(mti: Array(fields[3].utf8))
    for field in fields[4...] {
      guard let equals = field.firstIndex(of: "="), let element = Int(field[..<equals]) else {
        return nil
      }
      let content = field[field.index(after: equals)...].filter { $0 != "_" }
      message[element] =
        content.hasPrefix("x:")
        ? try? Hex.decode(Array(content.dropFirst(2).utf8)) : Array(content.utf8)
    }
  }

  static func named(_ name: String) throws -> WorkedFrame {
    struct Missing: Error {}
    guard let found = all.first(where: { $0.name == name }) else { throw Missing() }
    return found
  }

  /// The message without what stands around it.
  var body: [UInt8] { Array(bytes.dropFirst(13)) }

  /// The shipped files' dialects, and the host's own writing of one of them.
  static func unionPay() throws -> (table: MessageTable, framing: Framing) {
    let profile = try AcquirerProfile(file: repository + "/Config/acquirers/unionpay.yaml")
    return (profile.dialect.table, profile.dialect.framing)
  }

  static func tables() throws -> [MessageTable] {
    let generic = try AcquirerProfile(file: repository + "/Config/acquirers/generic.yaml")
    return [try unionPay().table, UnionPayTable.table, generic.dialect.table]
  }
}
