// SPDX-License-Identifier: Apache-2.0

public import Clockwork
public import Devices
public import ISO8583

/// A request that is ready to leave.
public struct HostRequest: Hashable, Sendable {
  /// The ticket of the link's own keep-alive, of whose end nobody is told.
  public static let keepAlive: UInt32 = 0

  /// The number under which its end is told.
  public var ticket: UInt32
  /// Where to.
  public var endpoint: Endpoint
  /// Where to when that host cannot be connected to.
  public var backup: Endpoint?
  /// Whether it proves that a connection can be made, and so must have one of its own.
  public var isProbe: Bool
  /// The framed message.
  public var frame: [UInt8]
  /// The message, for the comparison with the answer; it holds no PIN block and no track.
  public var expected: AnswerKey
  /// How long a connection may take.
  public var connectLimit: Interval
  /// How long the answer may take.
  public var answerLimit: Interval

  /// A request.
  public init(
    ticket: UInt32, endpoint: Endpoint, backup: Endpoint? = nil, isProbe: Bool = false,
    frame: [UInt8], expected: AnswerKey, connectLimit: Interval, answerLimit: Interval
  ) {
    self.ticket = ticket
    self.endpoint = endpoint
    self.backup = backup
    self.isProbe = isProbe
    self.frame = frame
    self.expected = expected
    self.connectLimit = connectLimit
    self.answerLimit = answerLimit
  }
}

/// What an answer must repeat of its request.
public struct AnswerKey: Hashable, Sendable {
  /// The answer's message type, four ASCII digits.
  public var mti: [UInt8]
  /// DE11, or empty if the request has none.
  public var stan: [UInt8]
  /// DE41, if the request has one.
  public var terminalID: [UInt8]?
  /// DE42, if the request has one.
  public var merchantID: [UInt8]?
  /// DE3, if the request has one.
  public var processing: [UInt8]?
  /// DE4, if the request has one.
  public var amount: [UInt8]?
  /// DE25, if the request has one.
  public var condition: [UInt8]?
  /// DE49, if the request has one.
  public var currency: [UInt8]?
  /// Whether the answer needs a valid MAC.
  public var needsMAC: Bool
  /// Whether the answer must have DE39.
  public var hasResponseCode: Bool

  /// A key.
  public init(
    mti: [UInt8], stan: [UInt8], terminalID: [UInt8]?, merchantID: [UInt8]?,
    processing: [UInt8]?, amount: [UInt8]?, condition: [UInt8]?, currency: [UInt8]?,
    needsMAC: Bool, hasResponseCode: Bool = true
  ) {
    self.mti = mti
    self.stan = stan
    self.terminalID = terminalID
    self.merchantID = merchantID
    self.processing = processing
    self.amount = amount
    self.condition = condition
    self.currency = currency
    self.needsMAC = needsMAC
    self.hasResponseCode = hasResponseCode
  }

  /// Whether a message belongs to this request, by type, trace number, terminal and amount; whether
  /// it is a good answer is judged after that. A reversal has the trace number of its sale, so the
  /// type is part of it; an approval in part has a smaller amount.
  func owns(_ message: Message) -> Bool {
    if message.mti != mti { return false }
    if !stan.isEmpty, message[11] != stan { return false }
    if let terminalID, message[41] != terminalID { return false }
    guard let amount else { return true }
    guard let answered = message[4] else { return false }
    return answered == amount || answered.lexicographicallyPrecedes(amount)
  }

  /// Whether the answer to one could be taken for the answer to the other.
  func collides(with other: AnswerKey) -> Bool {
    mti == other.mti && stan == other.stan && terminalID == other.terminalID
  }

  /// Whether a late answer could do harm: an echo has no trace number, and its answer says the same
  /// each time.
  var hasOwnAnswer: Bool { !stan.isEmpty }
}

/// What became of a request.
public enum HostResult: Hashable, Sendable {
  /// Nothing left the terminal; this layer is the cause.
  case notSent(NetworkLayer, code: Int32)
  /// Nothing left the terminal: its trace number could not be put on disk.
  case notWritten(JournalFault)
  /// A valid answer came, and with it the host's order of what to do next; 0 is none.
  case answered(Message, order: UInt8)
  /// Bytes may have left, and no answer came.
  case noAnswer
  /// An answer came that is none.
  case badAnswer(BadAnswer)

  /// Whether the acquirer can have heard nothing.
  var hasNotLeft: Bool {
    switch self {
    case .notSent, .notWritten: true
    case .answered, .noAnswer, .badAnswer: false
    }
  }
}

/// What is wrong with an answer.
public enum BadAnswer: Hashable, Sendable {
  /// It cannot be decoded.
  case unreadable
  /// It belongs to another request.
  case mismatch
  /// Its MAC is wrong or missing. Its date, DE13 or empty, goes into a reversal.
  case wrongMAC(date: [UInt8])
}
