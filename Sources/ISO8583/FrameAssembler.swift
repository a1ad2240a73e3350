// SPDX-License-Identifier: Apache-2.0

/// A message out of a frame, and what the frame said beside it.
public struct Frame: Hashable, Sendable {
  /// The message.
  public var message: [UInt8]
  /// What the host wants done next, a nibble; 0 without an application header.
  public var order: UInt8

  /// A frame.
  public init(message: [UInt8], order: UInt8 = 0) {
    self.message = message
    self.order = order
  }
}

/// What is wrong with a frame.
public enum FrameFault: Error, Hashable, Sendable {
  /// The length is not a number.
  case length
  /// The frame is longer than it may be, or too short for what stands around its message.
  case size(Int)
  /// The TPDU does not begin with 60.
  case tpdu
  /// The frame does not end with 03.
  case trailer
  /// The answer to the greeting is another one.
  case greeting
}

/// Cuts a stream into messages, however the stream was cut into pieces.
public struct FrameAssembler: Hashable, Sendable {
  private static let tpduClass: UInt8 = 0x60

  private let framing: Framing
  private var bytes: [UInt8] = []
  private var start = 0
  private var awaitsGreeting: Bool
  private var fault: FrameFault?

  /// An empty assembler for the bytes of one connection.
  public init(framing: Framing) {
    self.framing = framing
    awaitsGreeting = framing.greeting.map { $0.answerCount > 0 } ?? false
  }

  /// Whether frames may be sent: there is no greeting, or it has been answered.
  public var isGreeted: Bool { !awaitsGreeting && fault == nil }

  /// Whether nothing is left of what came.
  public var isEmpty: Bool { bytes.isEmpty }

  /// Takes what came. A frame longer than allowed is not gathered: its length is seen first.
  public mutating func append(_ more: [UInt8]) {
    if fault != nil { return }
    if start > 0 {
      // Not removed in place: a host may echo the card, and it would stay behind the end.
      bytes = Array(bytes[start...])
      start = 0
    }
    bytes += more
    do throws(FrameFault) {
      try greet()
      if !awaitsGreeting { _ = try count() }
    } catch {
      fail(error)
    }
  }

  /// The next whole message, or nil when more bytes are needed; frames of length zero, which keep
  /// the line alive, are passed over. After a fault there is nothing more.
  public mutating func next() throws(FrameFault) -> Frame? {
    if let fault { throw fault }
    if awaitsGreeting { return nil }
    do throws(FrameFault) {
      while let count = try count() {
        let head = start + framing.headerCount
        if bytes.count - head < count { return nil }
        defer { pass(framing.headerCount + count) }
        if count > 0 { return try frame(head, count) }
      }
    } catch {
      fail(error)
      throw error
    }
    return nil
  }

  /// The bytes behind the next length, or nil when it is not there yet.
  private func count() throws(FrameFault) -> Int? {
    if bytes.count - start < framing.headerCount { return nil }
    guard let count = framing.count(in: bytes, at: start) else { throw .length }
    if count > framing.limit || count > 0 && count < framing.overhead { throw .size(count) }
    return count
  }

  private func frame(_ head: Int, _ count: Int) throws(FrameFault) -> Frame {
    let application = head + framing.tpdu.count
    let message = application + framing.application.count
    let end = head + count - framing.trailerCount
    if !framing.tpdu.isEmpty, bytes[head] != FrameAssembler.tpduClass { throw .tpdu }
    if framing.trailerCount > 0, bytes[end] != Framing.endOfText { throw .trailer }
    return Frame(
      message: Array(bytes[message..<end]),
      order: framing.application.isEmpty ? 0 : bytes[application + 2] & 0x0F)
  }

  private mutating func greet() throws(FrameFault) {
    guard awaitsGreeting, let greeting = framing.greeting else { return }
    if !bytes.starts(with: greeting.answerPrefix.prefix(bytes.count)) { throw .greeting }
    if bytes.count < greeting.answerCount { return }
    awaitsGreeting = false
    pass(greeting.answerCount)
  }

  private mutating func pass(_ count: Int) {
    start += count
    if start < bytes.count { return }
    bytes = []
    start = 0
  }

  private mutating func fail(_ fault: FrameFault) {
    self.fault = fault
    bytes = []
    start = 0
  }
}
