// SPDX-License-Identifier: Apache-2.0

//  64 bytes each way, the first of them the report's number:
//    01  a message of up to 63 bytes, zeros behind it
//    02  the first 63 bytes of a longer one ─▶ 03  63 more, any number of times ─▶ 04  the last,
//                                                                                  zeros behind it
// 03 and 04 without a beginning are ignored; 01 and 02 begin anew. Other numbers mean nothing.
// Source: ID TECH 80139403-002 rev. 88.1, HID reports.

/// The cutting of messages into reports.
enum NEO2Report {
  /// Bytes of a report.
  static let count = 64
  /// Bytes of a message in a report.
  static let payloadCount = 63

  static let whole: UInt8 = 1
  static let first: UInt8 = 2
  static let middle: UInt8 = 3
  static let last: UInt8 = 4

  /// The reports of a message, which is not empty.
  static func reports(of message: [UInt8]) -> [[UInt8]] {
    var reports: [[UInt8]] = []
    var offset = 0
    while offset < message.count {
      let end = min(offset + payloadCount, message.count)
      let number =
        message.count <= payloadCount
        ? whole : offset == 0 ? first : end == message.count ? last : middle
      var report = [number] + message[offset..<end]
      report += [UInt8](repeating: 0, count: count - report.count)
      reports.append(report)
      offset = end
    }
    return reports
  }
}

/// Messages put together from reports.
struct NEO2Assembler: Hashable, Sendable {
  /// Reports that belonged to nothing or were no reports.
  private(set) var dropped: UInt32 = 0
  private var pending: [UInt8] = []

  /// A longest message in its last report, and a tag that does not begin at once.
  private static let countLimit = NEO2Frame.countLimit + 2 * NEO2Report.payloadCount

  /// Whether a message has begun and not ended.
  var isWaiting: Bool { !pending.isEmpty }

  /// Takes one report; returns the message that it completes, with its padding.
  mutating func take(_ report: [UInt8]) -> [UInt8]? {
    if report.count != NEO2Report.count {
      dropped += 1
      forget()
      return nil
    }
    let payload = report[1...]
    switch report[0] {
    case NEO2Report.whole:
      forget()
      return Array(payload)
    case NEO2Report.first:
      forget()
      pending = Array(payload)
      return nil
    case NEO2Report.middle, NEO2Report.last:
      if pending.isEmpty {
        dropped += 1
        return nil
      }
      if pending.count + payload.count > NEO2Assembler.countLimit {
        dropped += 1
        forget()
        return nil
      }
      pending += payload
      if report[0] == NEO2Report.middle { return nil }
      let message = pending
      forget()
      return message
    default:
      dropped += 1
      return nil
    }
  }

  /// Overwrites what is pending: it may be a card's.
  mutating func forget() {
    for index in pending.indices { pending[index] = 0 }
    pending.removeAll()
  }
}
