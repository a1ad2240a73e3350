// SPDX-License-Identifier: Apache-2.0

public import Clockwork
public import PaymentCrypto
public import Wire

/// What does not change while the program runs.
public struct TerminalSettings: Hashable, Sendable {
  /// The terminal's serial number, printable ASCII.
  public var serial: String
  /// How the acquirer is spoken to.
  public var dialect: Dialect
  /// The rules of a purchase.
  public var terms: PurchaseTerms
  /// Columns of the printer.
  public var columns: Int
  /// How long a connection to the acquirer may take.
  public var connectLimit: Interval
  /// How long the acquirer may take to answer, until parameters say otherwise.
  public var answerLimit: Interval
  /// The pauses between attempts to deliver a reversal.
  public var reversalPauses: [Interval]
  /// The pause between two questions about the application's review.
  public var reviewPause: Interval
  /// What response codes mean.
  public var responses: Responses
  /// The keys that live in the terminal.
  public var keys: TerminalKeys

  /// Settings.
  public init(
    serial: String, dialect: Dialect, terms: PurchaseTerms, columns: Int, connectLimit: Interval,
    answerLimit: Interval, reversalPauses: [Interval], reviewPause: Interval,
    responses: Responses, keys: TerminalKeys
  ) {
    self.serial = serial
    self.dialect = dialect
    self.terms = terms
    self.columns = columns
    self.connectLimit = connectLimit
    self.answerLimit = answerLimit
    self.reversalPauses = reversalPauses
    self.reviewPause = reviewPause
    self.responses = responses
    self.keys = keys
  }
}

/// The keys that live in the terminal.
public struct TerminalKeys: Hashable, Sendable {
  /// Seals card data at rest.
  public var seal: SealKey
  /// Unwraps the keys that the management server sends.
  public var transport: KeyEncryptionKey
  /// Keys the fingerprints of account numbers.
  public var fingerprint: SecretBytes

  /// Keys.
  public init(seal: SealKey, transport: KeyEncryptionKey, fingerprint: SecretBytes) {
    self.seal = seal
    self.transport = transport
    self.fingerprint = fingerprint
  }
}
