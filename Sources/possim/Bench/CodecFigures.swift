// SPDX-License-Identifier: Apache-2.0

import ISO8583
import LinuxHost
import Simulator
import Wire

/// The cost of a message: the 267-byte 0200 of 18 elements that other codecs are measured with.
struct CodecFigures {
  private struct Unprepared: Error {}

  /// Messages in one measurement; of several the fastest counts.
  private static let messages = 20_000
  private static let rounds = 9

  private let codec = Codec(table: UnionPayTable.table)
  private let bytes: [UInt8]
  private let message: Message

  init() throws {
    let digits =
      "0200702406C020C09A111962350134522000000690000000000000000058000317261107100000001237623501"
      + "3452200000069D26112207788010000036353436353432333934313133303635393939393932353135"
      + "36FF0C47F016D61C79260000000000000001459F2608AE60C8CABA4C02F99F2701809F10130702010"
      + "3A0A002010A010000001100B96D058B9F3704329971469F36020391950500A00470009A031903199C"
      + "01009F02060000000000005F2A02015682027C009F1A0201569F03060000000000009F3303E0F0C89"
      + "F34030203009F3501228408A0000003330101019F090200009F4104000007259F1E08363534363534"
      + "3233001422000105000601" + "4132354434343436"
    bytes = try Hex.decode(Array(digits.utf8))
    message = try codec.decode(bytes)
    if bytes.count != 267 || message.present.count != 18 { throw Unprepared() }
  }

  /// The lines of the table: each direction with a new buffer, and with one that is used again.
  func print(to figures: Figures) throws {
    try line(figures, "message of 267 bytes, encoded") { _ = try codec.encode(message) }
    try line(figures, "message of 267 bytes, decoded") { _ = try codec.decode(bytes) }
    var buffer: [UInt8] = []
    try line(figures, "the same into one buffer, encoded") {
      try codec.encode(message, into: &buffer)
    }
    var read = Message(mti: message.mti)
    try line(figures, "the same into one buffer, decoded") {
      try codec.decode(bytes, into: &read)
    }
    if buffer != bytes || read != message { throw Unprepared() }
  }

  private func line(
    _ figures: Figures, _ name: String, _ operation: () throws -> Void
  ) throws {
    // The first fills buffers that are used again.
    try operation()
    let allocations = try Allocations.count {
      for _ in 0..<CodecFigures.messages { try operation() }
    }
    var fastest = Int64.max
    for _ in 0..<CodecFigures.rounds { fastest = min(fastest, try time(operation)) }
    let each = fastest / Int64(CodecFigures.messages)
    let figure = allocations.map { Figures.ratio($0, Int64(CodecFigures.messages)) } ?? "uncounted"
    figures.line(name, "≤ 1,000 ns", "\(each) ns, \(figure) allocations")
  }

  private func time(_ operation: () throws -> Void) throws -> Int64 {
    let clock = ContinuousClock()
    let began = clock.now
    for _ in 0..<CodecFigures.messages { try operation() }
    let took = (clock.now - began).components
    return took.seconds * 1_000_000_000 + took.attoseconds / 1_000_000_000
  }
}
