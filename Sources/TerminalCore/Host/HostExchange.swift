// SPDX-License-Identifier: Apache-2.0

public import Clockwork
public import Devices
public import ISO8583

//          start                connected              answer, fault, silence
//   idle ────────▶ connecting ────────────▶ awaiting ───────────────────────▶ idle
//                      │ failed: notSent
//                      ▼
//                     idle
//
// A connection serves one exchange and is closed with it, so an answer that comes late has nowhere
// to go and can never be taken for the answer to something else.

/// One request to the acquirer and what becomes of it.
public struct HostExchange: Machine {
  /// What an exchange is told.
  public enum Event: Hashable, Sendable {
    /// Begin.
    case started(HostRequest)
    /// Something happened on the link.
    case acquirer(AcquirerEvent)
    /// Nobody wants the answer any more.
    case abandoned
    /// The deadline has come.
    case deadlinePassed
  }

  /// What an exchange asks for.
  public enum Effect: Hashable, Sendable {
    /// Do this on the link.
    case acquirer(AcquirerOrder)
    /// The exchange is over.
    case ended(HostResult)
  }

  private enum Phase: Hashable, Sendable {
    case idle
    case connecting(HostRequest)
    case awaiting(HostRequest, FrameAssembler)
  }

  private let dialect: Dialect
  private var phase = Phase.idle
  /// The next moment at which it wants to be woken.
  public private(set) var deadline: Instant?
  /// Events that meant nothing where they came.
  public private(set) var unexpectedEvents: UInt32 = 0

  /// An exchange in this dialect.
  public init(dialect: Dialect) { self.dialect = dialect }

  /// Whether no exchange is running.
  public var isIdle: Bool { phase == .idle }

  /// Moves by one event.
  public mutating func handle(_ event: Event, at now: Instant) -> [Effect] {
    switch (phase, event) {
    case (.idle, .started(let request)):
      phase = .connecting(request)
      deadline = now + request.connectLimit
      return [.acquirer(.connect(request.endpoint))]
    case (.connecting(let request), .acquirer(.connected)):
      phase = .awaiting(request, FrameAssembler(framing: dialect.framing))
      deadline = now + request.answerLimit
      return [.acquirer(.send(request.frame))]
    case (.connecting, .acquirer(.failed(let layer, let code))):
      return end(.notSent(layer, code: code), disconnect: false)
    case (.connecting, .acquirer(.closed)):
      return end(.notSent(.tcp, code: 0), disconnect: false)
    case (.connecting, .abandoned):
      return end(.notSent(.tcp, code: 0), disconnect: true)
    case (.awaiting(let request, var assembler), .acquirer(.received(let bytes))):
      assembler.append(bytes)
      return received(request, &assembler)
    case (.awaiting, .acquirer(.failed)), (.awaiting, .acquirer(.closed)), (.awaiting, .abandoned):
      return end(.noAnswer, disconnect: true)
    case (_, .deadlinePassed):
      return wake(at: now)
    case (.idle, .acquirer), (.idle, .abandoned), (.connecting, .started),
      (.connecting, .acquirer(.received)), (.awaiting, .started),
      (.awaiting, .acquirer(.connected)):
      unexpectedEvents += 1
      return []
    }
  }

  private mutating func wake(at now: Instant) -> [Effect] {
    guard let deadline, now >= deadline else { return [] }
    switch phase {
    case .idle: return []
    case .connecting: return end(.notSent(.tcp, code: 0), disconnect: true)
    case .awaiting: return end(.noAnswer, disconnect: true)
    }
  }

  private mutating func received(
    _ request: HostRequest, _ assembler: inout FrameAssembler
  ) -> [Effect] {
    let frame: [UInt8]?
    do {
      frame = try assembler.next()
    } catch {
      return end(.badAnswer(.unreadable), disconnect: true)
    }
    guard let frame else {
      phase = .awaiting(request, assembler)
      return []
    }
    return end(dialect.judge(frame, for: request), disconnect: true)
  }

  private mutating func end(_ result: HostResult, disconnect: Bool) -> [Effect] {
    phase = .idle
    deadline = nil
    return disconnect ? [.acquirer(.disconnect), .ended(result)] : [.ended(result)]
  }
}

/// A request that is ready to leave.
public struct HostRequest: Hashable, Sendable {
  /// Where to.
  public var endpoint: Endpoint
  /// The framed message.
  public var frame: [UInt8]
  /// The message, for the comparison with the answer; it holds no PIN block and no track.
  public var expected: AnswerKey
  /// How long the connection may take.
  public var connectLimit: Interval
  /// How long the answer may take.
  public var answerLimit: Interval
}

/// What an answer must repeat of its request.
public struct AnswerKey: Hashable, Sendable {
  /// The answer's message type, four ASCII digits.
  public var mti: [UInt8]
  /// DE11.
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
}

/// What became of a request.
public enum HostResult: Hashable, Sendable {
  /// Nothing left the terminal; this layer is the cause.
  case notSent(NetworkLayer, code: Int32)
  /// A valid answer came.
  case answered(Message)
  /// Bytes may have left, and no answer came.
  case noAnswer
  /// An answer came that is none.
  case badAnswer(BadAnswer)
}

/// What is wrong with an answer.
public enum BadAnswer: UInt8, Hashable, Sendable {
  /// It cannot be decoded.
  case unreadable
  /// It belongs to another request.
  case mismatch
  /// Its MAC is wrong or missing.
  case wrongMAC
}
