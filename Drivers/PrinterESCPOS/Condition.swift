// SPDX-License-Identifier: Apache-2.0

import Clockwork
import Devices

/// What a printer says of itself, whichever way it was asked.
struct Condition: Hashable, Sendable {
  /// Why it has stopped, or nil while it can print.
  var halt: PrinterHalt?
  /// Whether the roll is about to end.
  var isPaperLow: Bool

  /// A printer in this state.
  init(halt: PrinterHalt?, isPaperLow: Bool) {
    self.halt = halt
    self.isPaperLow = isPaperLow
  }

  /// The state in an automatic status report of four bytes. The order is that in which a person
  /// can act: close the cover, load paper, call for help, wait.
  init(report: [UInt8]) {
    precondition(report.count == 4, "the parser reports four bytes")
    isPaperLow = report[2] & 0x03 != 0
    if report[0] & 0x20 != 0 {
      halt = .coverOpen
    } else if report[2] & 0x0C == 0x0C {
      halt = .paperOut
    } else if report[1] & 0x08 != 0 {
      halt = .cutterJam
    } else if report[1] & 0x20 != 0 {
      halt = .broken
    } else if report[1] & 0x40 != 0 {
      halt = .overheated
    } else if report[1] & 0x04 != 0 || report[0] & 0x08 != 0 {
      halt = .offline
    } else {
      halt = nil
    }
  }

  /// The state in the answers to DLE EOT 1...4; the later ones may be missing when the first says
  /// that the printer is online.
  init(answers: [UInt8]) {
    let all = answers + [UInt8](repeating: 0x12, count: 4 - min(4, answers.count))
    isPaperLow = all[3] & 0x0C != 0
    if all[1] & 0x04 != 0 {
      halt = .coverOpen
    } else if all[1] & 0x20 != 0 || all[3] & 0x60 == 0x60 {
      halt = .paperOut
    } else if all[2] & 0x08 != 0 {
      halt = .cutterJam
    } else if all[2] & 0x20 != 0 {
      halt = .broken
    } else if all[2] & 0x40 != 0 {
      halt = .overheated
    } else if all[0] & 0x08 != 0 || all[1] & 0x40 != 0 {
      halt = .offline
    } else {
      halt = nil
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
