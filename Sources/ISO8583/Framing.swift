// SPDX-License-Identifier: Apache-2.0

import Wire

//   length (itself excluded) │ TPDU (5 bytes, where the acquirer has one) │ message

/// What stands around a message on a stream.
public struct Framing: Hashable, Sendable {
  /// How the length in front travels.
  public enum Header: UInt8, Hashable, Sendable {
    /// Two bytes, the more significant first.
    case binary2
    /// Two packed bytes, four digits.
    case bcd2
    /// Four ASCII digits.
    case ascii4
  }

  /// The length.
  public var header: Header
  /// Five bytes in front of the message, or nothing; answers have its two addresses exchanged.
  public var tpdu: [UInt8]
  /// The longest frame, bytes, length excluded.
  public var limit: Int

  /// Framing.
  public init(header: Header = .binary2, tpdu: [UInt8] = [], limit: Int = 2_048) {
    precondition(tpdu.isEmpty || tpdu.count == 5, "a TPDU has five bytes")
    self.header = header
    self.tpdu = tpdu
    self.limit = limit
  }

  /// Bytes of the length.
  public var headerCount: Int { header == .ascii4 ? 4 : 2 }

  /// The frame of a message.
  public func frame(_ message: [UInt8]) -> [UInt8] {
    let length = tpdu.count + message.count
    let digits = [length / 1_000, length / 100 % 10, length / 10 % 10, length % 10]
      .map { UInt8($0) }
    switch header {
    case .binary2: return [UInt8(length >> 8 & 0xFF), UInt8(length & 0xFF)] + tpdu + message
    case .bcd2: return BCD.pack(digits) + tpdu + message
    case .ascii4: return digits.map { $0 + 0x30 } + tpdu + message
    }
  }

  func length(of header: [UInt8]) -> Int? {
    switch self.header {
    case .binary2:
      return Int(header[0]) << 8 | Int(header[1])
    case .bcd2:
      let nibbles = BCD.unpack(header)
      if nibbles.contains(where: { $0 > 9 }) { return nil }
      return nibbles.reduce(0) { $0 * 10 + Int($1) }
    case .ascii4:
      if !header.allSatisfy({ (0x30...0x39).contains($0) }) { return nil }
      return header.reduce(0) { $0 * 10 + Int($1 - 0x30) }
    }
  }
}

/// What is wrong with a frame.
public enum FrameFault: Error, Hashable, Sendable {
  /// The length is not a number.
  case length
  /// The frame is longer than it may be, or too short for its TPDU.
  case size(Int)
}

/// Cuts a stream into messages, however the stream was cut into pieces.
public struct FrameAssembler: Hashable, Sendable {
  private let framing: Framing
  private var bytes: [UInt8] = []

  /// An empty assembler.
  public init(framing: Framing) { self.framing = framing }

  /// Takes what came.
  public mutating func append(_ more: [UInt8]) { bytes += more }

  /// The next whole message without its frame, or nil when more bytes are needed.
  public mutating func next() throws(FrameFault) -> [UInt8]? {
    let head = framing.headerCount
    if bytes.count < head { return nil }
    guard let length = framing.length(of: Array(bytes[..<head])) else { throw .length }
    if length > framing.limit || length < framing.tpdu.count { throw .size(length) }
    if bytes.count < head + length { return nil }
    let message = Array(bytes[(head + framing.tpdu.count)..<(head + length)])
    // Not removed in place: a host may echo the card, and it would stay behind the end.
    bytes = Array(bytes[(head + length)...])
    return message
  }
}
