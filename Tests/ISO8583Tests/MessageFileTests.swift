// SPDX-License-Identifier: Apache-2.0

import Foundation
import ISO8583
import Testing
import Wire

/// The messages of Tests/Fixtures/iso8583, which another library encoded.
struct JudgedMessage {
  var table: MessageTable
  var bytes: [UInt8]
  var message: Message

  static let all: [JudgedMessage] = {
    let url = URL(fileURLWithPath: #filePath).deletingLastPathComponent()
      .deletingLastPathComponent().appendingPathComponent("Fixtures/iso8583/messages.txt")
    let text = (try? String(contentsOf: url, encoding: .ascii)) ?? ""
    return text.split(separator: "\n").compactMap { JudgedMessage(String($0)) }
  }()

  private static let binary = [52, 64, 128]

  init?(_ line: String) {
    let fields = line.split(separator: "\t").map(String.init)
    guard fields.count > 3, let bytes = try? Hex.decode(Array(fields[1].utf8)) else { return nil }
    table = fields[0] == "packed" ? JudgedMessage.packed : .standard1987ASCII
    self.bytes = bytes
    message = Message(mti: Array(fields[2].utf8))
    for field in fields[3...] {
      guard let equals = field.firstIndex(of: "="), let element = Int(field[..<equals]) else {
        return nil
      }
      let content = Array(field[field.index(after: equals)...].utf8)
      message[element] =
        JudgedMessage.binary.contains(element) ? try? Hex.decode(content) : content
    }
  }

  /// Packed digits and lengths, as acquirers of the UnionPay family have them.
  static let packed: MessageTable = {
    var table = MessageTable.standard1987ASCII
    table.messageType = .bcd
    for element in 2...128 {
      guard var format = table[element] else { continue }
      format.prefix = .bcd
      if format.data == .digits, case .fixed = format.length {
        format.data = .packed
        format.side = .left
        format.pad = 0
      }
      table[element] = format
    }
    for (element, limit) in [(2, 19), (32, 11), (35, 37)] {
      table[element] = ElementFormat(
        .ll(max: limit), prefix: .bcd, data: .packed, side: .right, pad: 0,
        allowsAnyNibble: element == 35, secrecy: .track)
    }
    return table
  }()
}

@Suite("Messages that another library encoded")
struct MessageFileTests {
  @Test("there are more than a hundred, in both tables")
  func there() {
    #expect(JudgedMessage.all.count >= 100)
    #expect(JudgedMessage.all.contains { $0.table.messageType == .bcd })
    #expect(JudgedMessage.all.contains { $0.message[128] != nil })
  }

  @Test("each is decoded to its elements")
  func decoded() throws {
    for judged in JudgedMessage.all {
      #expect(try Codec(table: judged.table).decode(judged.bytes) == judged.message)
    }
  }

  @Test("each is encoded to the same bytes")
  func encoded() throws {
    for judged in JudgedMessage.all {
      #expect(try Codec(table: judged.table).encode(judged.message) == judged.bytes)
    }
  }

  @Test("cut short at any place, each is refused there and keeps what was read before")
  func truncated() {
    for judged in JudgedMessage.all {
      for length in 0..<judged.bytes.count {
        do throws(CodecFault) {
          _ = try Codec(table: judged.table).decode(Array(judged.bytes[..<length]))
          Issue.record("a message of \(length) bytes is whole")
        } catch {
          #expect(error.rule == .truncated)
          #expect(error.offset <= length)
          guard let partial = error.partial else { continue }
          #expect(partial.present.allSatisfy { partial[$0] == judged.message[$0] })
          #expect(partial.present.count < judged.message.present.count)
        }
      }
    }
  }

  @Test("one byte too many is told as left over")
  func leftOver() {
    for judged in JudgedMessage.all {
      do throws(CodecFault) {
        _ = try Codec(table: judged.table).decode(judged.bytes + [0])
        Issue.record("a byte was overlooked")
      } catch {
        #expect(error.rule == .leftOver)
        #expect(error.offset == judged.bytes.count)
      }
    }
  }
}
