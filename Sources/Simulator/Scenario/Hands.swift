// SPDX-License-Identifier: Apache-2.0

import Devices
import TerminalCore

/// The people of a shop that follows a scenario: they do what its lines say, and remember what they
/// are told.
struct Hands: Hashable, Sendable {
  /// What a cardholder does who is asked for a PIN.
  enum PINManner: UInt8, Hashable, Sendable, CaseIterable {
    case right
    case wrong
    case cancel
    case none
  }

  /// Whether the cardholder presents the card as soon as it is asked for.
  var isEager = true
  var pinManner = PINManner.right
  /// Whether what is sent to the acquirer is lost.
  var isHostSilent = false
  /// Whether the acquirer takes no connection.
  var isHostClosed = false
  /// Why the storage takes nothing.
  var storageFault: JournalFault?
  /// What the terminal has answered, and what it has said meanwhile, since the last request.
  var answers: [ControlAnswer] = []
  var progress: [Progress] = []
  /// How many messages have left for the acquirer.
  var messagesSent = 0
  private var lastID: UInt32 = 0

  /// The number of the next request; what was said of earlier ones is forgotten.
  mutating func takeID() -> RequestID {
    lastID += 1
    answers = []
    progress = []
    return RequestID(lastID)
  }

  /// What the last request was refused with, or what is the matter with its transaction.
  var problem: Problem? {
    switch answers.last {
    case .refused(let problem): problem
    case .transaction(_, let problem): problem
    default: nil
    }
  }
}
