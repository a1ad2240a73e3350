// SPDX-License-Identifier: Apache-2.0

/// How a transaction ended, and everything that is owed for it.
public struct Outcome: Hashable, Sendable {
  /// What became of it.
  public enum Result: Hashable, Sendable {
    /// Approved: the card gave a TC.
    case approved(Path)
    /// Declined by terminal, card or host.
    case declined(Path)
    /// The card cannot be used for this here.
    case notAccepted(Refusal)
    /// The transaction was ended before there was a decision.
    case ended(EndReason)
  }

  /// Where the decision was made.
  public enum Path: UInt8, Hashable, Sendable, CaseIterable {
    /// By card and terminal.
    case offline
    /// With an answer of the host.
    case online
    /// By card and terminal, since the host could not be asked.
    case unableToGoOnline
  }

  /// Why a card cannot be used.
  public enum Refusal: UInt8, Hashable, Sendable, CaseIterable {
    /// There is no application that card and terminal both know, or none that may be chosen.
    case noApplication
    /// The card has only applications that are blocked, or each one refused the transaction.
    case blockedApplications
    /// The card itself is blocked.
    case blockedCard
    /// The card says that the service is not allowed.
    case serviceNotAllowed
  }

  /// Why a transaction was ended.
  public enum EndReason: Hashable, Sendable {
    /// The card sent what breaks the rules; at which step.
    case format(Chapter)
    /// The card answered with a status that has no meaning there.
    case status(Chapter, StatusWord)
    /// The card's cryptogram is of a kind that may not be.
    case logic
    /// The card was pulled, or fell silent.
    case card(CardFailure)
    /// The cardholder or the attendant ended it.
    case cancelled
    /// The card asks for the amount in four bytes, and it does not fit (EMV 4.4 Book 3, Annex A).
    case amountTooLarge
    /// More commands, records or PINs than any card needs.
    case limit(Chapter)
  }

  /// The parts of a transaction.
  public enum Chapter: UInt8, Hashable, Sendable, CaseIterable {
    /// Application selection.
    case selection
    /// GET PROCESSING OPTIONS.
    case initiation
    /// Reading the records.
    case records
    /// Offline data authentication.
    case authentication
    /// Cardholder verification.
    case cardholder
    /// Terminal risk management.
    case risk
    /// The first GENERATE AC.
    case firstCryptogram
    /// Issuer authentication and scripts.
    case issuer
    /// The second GENERATE AC.
    case secondCryptogram
  }

  /// Whether the stripe may be read instead; the scheme's rules have the last word.
  public enum Fallback: UInt8, Hashable, Sendable, CaseIterable {
    /// It may not.
    case none
    /// The chip does not work: technical fallback.
    case technical
    /// Card and terminal have no application in common.
    case noApplication
  }

  /// What became of the transaction.
  public var result: Result
  /// All data objects as they stand at the end.
  public var data: DataStore
  /// What the terminal asked the card for in the last GENERATE AC, if there was one.
  public var requested: CryptogramType?
  /// The last cryptogram's information, as the card gave it.
  public var information: CryptogramInformation?
  /// The request's cryptogram, if the first was an ARQC.
  public var requestCryptogram: [UInt8]?
  /// The last cryptogram.
  public var cryptogram: [UInt8]?
  /// The response code that the card was sent (8A): the terminal's wish or the host's word.
  public var sentResponseCode: [UInt8]?
  /// Five bytes a script, in the order received (EMV 4.4 Book 4, A5).
  public var scriptResults: [ScriptResult]
  /// Whether what the host may have booked must be taken back.
  public var needsReversal: Bool
  /// Whether an advice is owed.
  public var needsAdvice: Bool
  /// Whether the cardholder signs.
  public var needsSignature: Bool
  /// Whether the stripe may be read instead.
  public var fallback: Fallback
  /// Whether the transaction was selected at random, for a tester.
  public var wasSelectedAtRandom: Bool { tvr.contains(.selectedAtRandom) }

  /// An outcome with nothing but its result and data.
  public init(_ result: Result, data: DataStore) {
    self.result = result
    self.data = data
    scriptResults = []
    needsReversal = false
    needsAdvice = false
    needsSignature = false
    fallback = .none
  }

  /// Terminal Verification Results at the end.
  public var tvr: TVR { data.tvr }
  /// Transaction Status Information at the end.
  public var tsi: TSI { data.tsi }
  /// The results of cardholder verification.
  public var cvmResults: CVMResults { data.cvmResults }

  /// The scripts' results one behind the other, for whatever tag the acquirer has for them.
  public var scriptResultBytes: [UInt8] { scriptResults.flatMap { $0.bytes } }

  /// Whether the money is due.
  public var isApproved: Bool {
    switch result {
    case .approved: true
    case .declined, .notAccepted, .ended: false
    }
  }
}

/// How a script went (EMV 4.4 Book 4, A5).
public struct ScriptResult: Hashable, Sendable {
  /// How a script went.
  public enum Progress: Hashable, Sendable {
    /// Nothing of it was sent.
    case notPerformed
    /// This command of it, counted from 1, failed.
    case failed(command: Int)
    /// All of it was carried out.
    case successful
  }

  /// How it went.
  public var progress: Progress
  /// Its identifier (9F18), four bytes, or zeros.
  public var identifier: [UInt8]

  /// A result.
  public init(_ progress: Progress, identifier: [UInt8]) {
    self.progress = progress
    self.identifier = identifier
  }

  /// Five bytes.
  public var bytes: [UInt8] {
    switch progress {
    case .notPerformed: [0x00] + identifier
    case .failed(let command): [0x10 | UInt8(min(max(command, 1), 15))] + identifier
    case .successful: [0x20] + identifier
    }
  }
}
