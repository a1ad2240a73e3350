// SPDX-License-Identifier: Apache-2.0

public import Devices

extension Kernel {
  /// What a kernel is told. None of it carries a PIN.
  public enum Event: Hashable, Sendable {
    /// A card is in the reader and powered, and this is to be done with it.
    case started(TransactionData)
    /// The card answered the command sent last.
    case responded(CardResponse)
    /// The card is gone or does not answer as a card does; legal at any time.
    case cardFailed(CardFailure)
    /// The cardholder chose the application with this index of those offered.
    case applicationChosen(Int)
    /// The cardholder agreed to the application that was named.
    case applicationConfirmed
    /// The cardholder chose the language with this index of the terminal's languages.
    case languageChosen(Int)
    /// The amount is known now: in all, and the part of it that is paid out as cash.
    case amountEntered(total: Amount, cashback: Amount)
    /// The exception file and the log of transactions were asked.
    case exceptionsChecked(ExceptionAnswer)
    /// The pad holds a PIN, or for an online PIN its enciphered block is kept outside.
    case pinEntered
    /// The cardholder or the attendant passed over the entry of the PIN.
    case pinBypassed
    /// The pad is missing or does not work.
    case padFailed
    /// VERIFY, built outside with the PIN, was answered with this status.
    case pinVerified(StatusWord)
    /// The host answered the request.
    case hostAnswered(HostAnswer)
    /// No usable answer of the host will come; whether the request may have reached it.
    case unableToGoOnline(mayHaveReachedHost: Bool)
    /// The attendant called the issuer and was told this.
    case referralDecided(approves: Bool)
    /// The cardholder or the attendant ends the transaction where they were asked something.
    case cancelled
  }
}

/// Why a card does not answer.
public enum CardFailure: UInt8, Hashable, Sendable, CaseIterable {
  /// It was pulled.
  case removed
  /// It is there and says nothing, or cannot be reset.
  case mute
  /// What it sends breaks the rules of transmission.
  case transmission
}

/// What the exception file and the log of transactions say of a card.
public struct ExceptionAnswer: Hashable, Sendable {
  /// Whether the exception file lists the card.
  public var isListed: Bool
  /// The amount of the card's most recent transaction in the log, for split sales; nil for none.
  public var loggedAmount: Amount?

  /// An answer.
  public init(isListed: Bool = false, loggedAmount: Amount? = nil) {
    self.isListed = isListed
    self.loggedAmount = loggedAmount
  }
}

/// What the host says of a transaction.
public struct HostAnswer: Hashable, Sendable {
  /// What a response code means; the acquirer's file says which does (EMV 4.4 names no values).
  public enum Verdict: UInt8, Hashable, Sendable, CaseIterable {
    /// Approved.
    case approves
    /// Declined, with or without keeping the card.
    case declines
    /// The attendant shall call the issuer.
    case refers
  }

  /// The authorisation response code, two characters; it goes to the card unchanged as 8A.
  public var responseCode: [UInt8]
  /// What the code means.
  public var verdict: Verdict
  /// The authorisation code, six characters, or nil.
  public var authorisationCode: [UInt8]?
  /// The issuer's data objects as they came in field 55: 91, 71 and 72; others are passed over.
  public var issuerData: [UInt8]

  /// An answer.
  public init(
    responseCode: [UInt8], verdict: Verdict, authorisationCode: [UInt8]? = nil,
    issuerData: [UInt8] = []
  ) {
    self.responseCode = responseCode
    self.verdict = verdict
    self.authorisationCode = authorisationCode
    self.issuerData = issuerData
  }
}
