// SPDX-License-Identifier: Apache-2.0

import Clockwork

//     byte                      idle                     inside a report or a block
//     11, 13                    flow control             flow control
//     (b & 93) == 12            answer to DLE EOT        torn; looked at again
//     (b & 93) == 10            report, 3 more bytes     torn; looked at again
//     5F 3D 37 35 3B … 00       block                    text of the block
//     39                        4-byte notice
//     (b & 90) == 0             held until silence       part of the report
//
// A single byte that answers `GS r` has no mark of its own, and neither have the last three bytes
// of a report whose first byte was lost. So such a byte counts only when silence, or a byte of
// another kind, proves that it came alone.

/// What a printer said.
enum Reply: Hashable, Sendable {
  /// The whole state, unasked (`GS a`), four bytes.
  case report([UInt8])
  /// The answer to a real-time question.
  case realTime(UInt8)
  /// One byte alone; if it came right behind a report it answers the oldest `GS r`.
  case single(UInt8, isBehindReport: Bool)
  /// Everything up to this process ID is on paper.
  case processID(UInt16)
  /// The buffers are empty.
  case cleared
  /// Another block; nothing depends on it.
  case block([UInt8])
  /// XON or XOFF.
  case flow(maySend: Bool)
  /// A report or a block ended early.
  case truncated
  /// So many bytes that look like single answers came together.
  case desync(bytes: Int)
  /// A byte no printer sends.
  case noise(UInt8)
}

/// Tells replies apart: bytes and their times in, replies out.
struct ReplyParser: Hashable, Sendable {
  private enum Part: Hashable, Sendable {
    case idle
    case report([UInt8])
    case block([UInt8])
    case notice(missing: Int)
  }

  private let replyGap: Interval
  private let blockGap: Interval
  private var part = Part.idle
  private var held: [UInt8] = []
  private var isHeldBehindReport = false
  /// When the last reply ended, if it was a report.
  private var reportedAt: Instant?

  /// When silence will end what is under way.
  private(set) var deadline: Instant?

  /// A parser for a line of so many bits a second; a gap is at least twenty byte times.
  init(timing: Timing, profile: PrinterProfile) {
    replyGap = max(timing.replyGap, profile.wireTime(20))
    blockGap = timing.blockGap
  }

  /// Takes bytes that came now.
  mutating func take(_ bytes: [UInt8], at now: Instant) -> [Reply] {
    var replies = wake(at: now)
    for byte in bytes { take(byte, at: now, into: &replies) }
    deadline = gap.map { now + $0 }
    return replies
  }

  /// Ends what silence ends.
  mutating func wake(at now: Instant) -> [Reply] {
    guard let deadline, deadline <= now else { return [] }
    self.deadline = nil
    var replies: [Reply] = []
    release(into: &replies)
    if part != .idle { replies.append(.truncated) }
    part = .idle
    return replies
  }

  private var gap: Interval? {
    switch part {
    case .idle: held.isEmpty ? nil : replyGap
    case .report, .notice: replyGap
    case .block(let bytes): bytes.first == 0x5F ? blockGap : replyGap
    }
  }

  private mutating func take(_ byte: UInt8, at now: Instant, into replies: inout [Reply]) {
    if byte == 0x11 || byte == 0x13 {
      replies.append(.flow(maySend: byte == 0x11))
      return
    }
    switch part {
    case .idle: classify(byte, at: now, into: &replies)
    case .report(let bytes): extend(report: bytes, with: byte, at: now, into: &replies)
    case .block(let bytes): extend(block: bytes, with: byte, at: now, into: &replies)
    case .notice(let missing):
      part = missing > 1 ? .notice(missing: missing - 1) : .idle
    }
  }

  private mutating func classify(_ byte: UInt8, at now: Instant, into replies: inout [Reply]) {
    let reported = reportedAt
    reportedAt = nil
    part = .idle
    switch byte {
    case 0x5F, 0x3D, 0x37, 0x35, 0x3B:
      release(into: &replies)
      part = .block([byte])
    case 0x39:
      release(into: &replies)
      part = .notice(missing: 3)
    case _ where byte & 0x93 == 0x12:
      release(into: &replies)
      replies.append(.realTime(byte))
    case _ where byte & 0x93 == 0x10:
      release(into: &replies)
      part = .report([byte])
    case _ where byte & 0x90 == 0:
      if held.isEmpty {
        isHeldBehindReport = reported.map { now - $0 <= replyGap } ?? false
      }
      if held.count < Limits.blockBytes { held.append(byte) }
    default:
      release(into: &replies)
      replies.append(.noise(byte))
    }
  }

  private mutating func extend(
    report bytes: [UInt8], with byte: UInt8, at now: Instant, into replies: inout [Reply]
  ) {
    if byte & 0x90 != 0 {
      replies.append(.truncated)
      classify(byte, at: now, into: &replies)
    } else if bytes.count == 3 {
      replies.append(.report(bytes + [byte]))
      reportedAt = now
      part = .idle
    } else {
      part = .report(bytes + [byte])
    }
  }

  private mutating func extend(
    block bytes: [UInt8], with byte: UInt8, at now: Instant, into replies: inout [Reply]
  ) {
    if byte == 0 {
      replies.append(meaning(of: bytes))
      part = .idle
    } else if byte < 0x20 && byte != 0x1F || bytes.count >= Limits.blockBytes {
      replies.append(.truncated)
      classify(byte, at: now, into: &replies)
    } else {
      part = .block(bytes + [byte])
    }
  }

  private func meaning(of block: [UInt8]) -> Reply {
    if block == [0x37, 0x25] { return .cleared }
    guard block.count == 6, block[0] == 0x37, block[1] == 0x22 else { return .block(block) }
    var number: UInt16 = 0
    for digit in block[2...] {
      if !(0x30...0x39).contains(digit) { return .block(block) }
      number = number * 10 + UInt16(digit - 0x30)
    }
    return .processID(number)
  }

  /// Says what the held bytes were: one is an answer, more are the rest of something torn.
  private mutating func release(into replies: inout [Reply]) {
    if held.count == 1 {
      replies.append(.single(held[0], isBehindReport: isHeldBehindReport))
    } else if held.count > 1 {
      replies.append(.desync(bytes: held.count))
    }
    held = []
  }
}
