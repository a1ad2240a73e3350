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
  /// What a response code means to people.
  public var responses: ResponseTexts
  /// The keys that live in the terminal.
  public var keys: TerminalKeys

  /// Settings.
  public init(
    serial: String, dialect: Dialect, terms: PurchaseTerms, columns: Int, connectLimit: Interval,
    answerLimit: Interval, reversalPauses: [Interval], reviewPause: Interval,
    responses: ResponseTexts, keys: TerminalKeys
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

/// What response codes mean to people, in English and Chinese.
public struct ResponseTexts: Hashable, Sendable {
  /// One code.
  public struct Text: Hashable, Sendable {
    /// Two characters of DE39.
    public var code: String
    /// English.
    public var english: String
    /// Chinese.
    public var chinese: String

    /// A text.
    public init(code: String, english: String, chinese: String) {
      self.code = code
      self.english = english
      self.chinese = chinese
    }
  }

  /// The known codes.
  public var texts: [Text]

  /// Texts.
  public init(_ texts: [Text]) { self.texts = texts }

  /// The text of a code; an unknown code is named as such.
  public func text(of code: String) -> Text {
    for text in texts where text.code == code { return text }
    return Text(code: code, english: "Unknown answer " + code, chinese: "未知应答码 " + code)
  }
}
