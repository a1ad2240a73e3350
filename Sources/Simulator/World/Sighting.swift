// SPDX-License-Identifier: Apache-2.0

/// A rare happening that the weather must bring about now and then: one that no world of many ever
/// met is a case that nobody has tried.
public enum Sighting: UInt8, Hashable, Sendable, CaseIterable {
  /// A reversal reached the acquirer before the request that it reverses.
  case reversalOvertookAuthorisation
  /// The power went when an intent was on disk and not a byte of its request had left.
  case powerCutBetweenJournalAndSend
  /// An approval came when nobody waited for it any more.
  case lateApproval
  /// The power went while a batch was being closed.
  case settlementInterrupted
  /// The power went while a batch was being uploaded.
  case uploadInterrupted
  /// The terminal signed in while a reversal was owed.
  case signInDuringReversal
  /// The terminal heard the same answer twice.
  case duplicateAnswer
  /// An advice was delivered that the acquirer had already: 94.
  case adviceAnswered94
  /// An advice was parked.
  case parkedAdvice
  /// A reversal was parked.
  case parkedReversal
  /// A batch was closed without something that is parked.
  case settledWithParked
  /// Something was put back into the queue whose batch was closed.
  case unparkedAfterSettlement
  /// An advice was parked because too many tries were in vain.
  case triesExhausted
  /// New session keys took the place of old ones.
  case keysRotated
  /// The acquirer said of right totals that they differ.
  case totalsDisputed
  /// A sale offline was refused for a limit.
  case offlineLimitReached
  /// A card declined what its issuer had approved.
  case chipDeclinedAfterApproval
  /// A card was gone when the acquirer's approval came.
  case cardGoneAtApproval
  /// The power went while a card was in the slot.
  case powerCutWithCard
  /// A card got its issuer's script.
  case scriptDelivered
  /// The acquirer was told what became of one.
  case scriptNoticeTaken
  /// The printer was given a logo again that it had not proven to have.
  case logoGivenAgain

  /// The name in listings.
  public var name: String {
    switch self {
    case .reversalOvertookAuthorisation: "reversal overtook authorisation"
    case .powerCutBetweenJournalAndSend: "power cut between journal and send"
    case .lateApproval: "late approval"
    case .settlementInterrupted: "settlement interrupted"
    case .uploadInterrupted: "upload interrupted"
    case .signInDuringReversal: "sign-in during reversal"
    case .duplicateAnswer: "duplicate answer"
    case .adviceAnswered94: "advice answered 94"
    case .parkedAdvice: "parked advice"
    case .parkedReversal: "parked reversal"
    case .settledWithParked: "settled with parked"
    case .unparkedAfterSettlement: "unparked after settlement"
    case .triesExhausted: "tries exhausted"
    case .keysRotated: "keys rotated"
    case .totalsDisputed: "totals disputed"
    case .offlineLimitReached: "offline limit reached"
    case .chipDeclinedAfterApproval: "chip declined after approval"
    case .cardGoneAtApproval: "card gone at approval"
    case .powerCutWithCard: "power cut with card"
    case .scriptDelivered: "script delivered"
    case .scriptNoticeTaken: "script notice taken"
    case .logoGivenAgain: "logo given again"
    }
  }
}
