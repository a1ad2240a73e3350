// SPDX-License-Identifier: Apache-2.0

import Clockwork
import Devices

/// A document on its way to paper.
struct Job: Hashable, Sendable {
  /// What the core ordered.
  let order: PrintJob
  /// Whether a byte of the body has left: from here on nothing is sent twice.
  var hasLeft = false
  /// The process ID behind the body, and the one behind the cut.
  var bodyID: UInt16 = 0
  /// The process ID behind the cut.
  var cutID: UInt16 = 0
  /// Whether the body is on paper; only a process ID proves it.
  var isBodyPrinted = false
  /// Whether the preamble's status report has come.
  var hasReport = false
  /// Whether the preamble's fence has been answered.
  var hasAnswer = false
  /// Whether the fence behind the body was answered.
  var isFenced = false
  /// Whether the cover was opened while lines were being printed.
  var isDisturbed = false
  /// How much of the time the document needs is left; it runs only while the printer is online.
  var budget = Interval.zero
  /// When waiting for a person ends.
  var patienceEnds = Instant.start
  /// Times the preamble was sent again to a parser that did not answer.
  var wakings = 0
  /// When the first preamble was sent.
  var began = Instant.start

  /// A document nobody has touched yet.
  init(order: PrintJob) { self.order = order }

  /// Whether a preamble has been answered in full.
  var isGreeted: Bool { hasReport && hasAnswer }

  /// Whether this ID was sent behind the body of this document and not before.
  func owns(_ number: UInt16) -> Bool { number == bodyID || number == cutID }
}

/// An answer to `GS r` that the printer still owes, and for whom.
enum Owed: Hashable, Sendable {
  /// For the preamble of a document.
  case preamble(job: UInt32)
  /// For its end.
  case fence(job: UInt32)
}
