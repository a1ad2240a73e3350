// SPDX-License-Identifier: Apache-2.0

import Clockwork
import Devices

/// What a printer says of itself, whichever way it was asked.
struct Condition: Hashable, Sendable {
  /// Each part by itself.
  let parts: PrinterParts

  /// A printer that is online, of which nothing else was asked.
  init(isPaperLow: Bool) { parts = PrinterParts(paper: isPaperLow ? .low : .enough) }

  /// The state in an automatic status report of four bytes.
  init(report: [UInt8]) {
    precondition(report.count == 4, "the parser reports four bytes")
    parts = PrinterParts(
      isOnline: report[1] & 0x04 == 0 && report[0] & 0x08 == 0,
      paper: report[2] & 0x0C == 0x0C ? .out : report[2] & 0x03 != 0 ? .low : .enough,
      isCoverOpen: report[0] & 0x20 != 0, fault: Condition.fault(report[1]))
  }

  /// The state in the answers to DLE EOT 1...4; the later ones may be missing when the first says
  /// that the printer is online.
  init(answers: [UInt8]) {
    let all = answers + [UInt8](repeating: 0x12, count: 4 - min(4, answers.count))
    let isOut = all[1] & 0x20 != 0 || all[3] & 0x60 == 0x60
    parts = PrinterParts(
      isOnline: all[0] & 0x08 == 0 && all[1] & 0x40 == 0,
      paper: isOut ? .out : all[3] & 0x0C != 0 ? .low : .enough,
      isCoverOpen: all[1] & 0x04 != 0, fault: Condition.fault(all[2]))
  }

  /// The bits stand at the same places in the report and in the answer to DLE EOT 3.
  private static func fault(_ byte: UInt8) -> PrinterParts.Fault {
    if byte & 0x08 != 0 { return .cutter }
    if byte & 0x20 != 0 { return .broken }
    return byte & 0x40 != 0 ? .overheated : .none
  }

  /// Whether the roll is about to end, or has.
  var isPaperLow: Bool { parts.paper != .enough }

  /// Why it has stopped, or nil while it can print. The order is that in which a person can act:
  /// close the cover, load paper, call for help, wait.
  var halt: PrinterHalt? {
    if parts.isCoverOpen { return .coverOpen }
    if parts.paper == .out { return .paperOut }
    switch parts.fault {
    case .cutter: return .cutterJam
    case .broken: return .broken
    case .overheated: return .overheated
    case .none: return parts.isOnline ? nil : .offline
    }
  }

  /// In the words of the core.
  var status: PrinterStatus {
    if let halt { return .halted(halt) }
    return .ready(paperLow: isPaperLow)
  }
}

/// The real-time questions DLE EOT 1...4, asked one at a time because answers do not name theirs.
struct Questions: Hashable, Sendable {
  /// The answers so far, in order.
  var answers: [UInt8] = []
  /// How often the current question has gone unanswered.
  var misses = 0
  /// Whether all four are asked even of a printer that is online.
  var isFull: Bool
  /// When the current question counts as unanswered.
  var deadline: Instant

  /// The current question.
  var current: UInt8 { UInt8(answers.count) + 1 }

  /// Whether nothing is left to ask: a printer that is online needs one question only.
  var areAnswered: Bool {
    if answers.count == 4 { return true }
    return !isFull && answers.first.map { $0 & 0x08 == 0 } == true
  }
}
