// SPDX-License-Identifier: Apache-2.0

//  TS   T0     TA1 TB1 TC1 TD1   TA2 TB2 TC2 TD2  …   historical bytes   TCK
//  3B   Y1 K   each there if its bit of Y is set      K of them          unless T=0 alone
//  3F
// Source: ISO/IEC 7816-3:2006, 8. The reader has judged voltages, clock and waiting times (EMV
// Level 1) before it hands the bytes on; judged here is whether they are whole and of one mind.

/// What a chip card says of itself when it is reset.
public struct AnswerToReset: Hashable, Sendable {
  /// How the card and the reader exchange commands.
  public enum TransmissionProtocol: UInt8, Hashable, Sendable {
    /// T=0: byte by byte.
    case t0 = 0
    /// T=1: block by block.
    case t1 = 1
  }

  /// Why an answer is none.
  public enum Refusal: Error, Hashable, Sendable {
    /// There is nothing.
    case empty
    /// More bytes than an answer may have.
    case tooLong(count: Int)
    /// The first byte is neither 3B nor 3F.
    case unknownConvention(UInt8)
    /// It ends before what it promises.
    case truncated
    /// It goes on behind what it promises.
    case leftOver(count: Int)
    /// The check byte does not fit.
    case wrongCheckByte
    /// The first protocol offered is neither T=0 nor T=1.
    case unusableProtocol(UInt8)
    /// The card speaks as it likes (TA2, bit 5), which no terminal can know.
    case implicitParameters
    /// The card takes blocks of a reserved size (TA3 of T=1).
    case reservedBlockSize(UInt8)
  }

  /// TS and at most 32 characters (ISO/IEC 7816-3, 8.2.1).
  public static let countLimit = 33

  /// The answer as it came.
  public let bytes: [UInt8]
  /// Whether bits come inverted and in reverse (TS is 3F); the reader has set them right.
  public let isInverse: Bool
  /// The first protocol offered, which is the one used unless another is negotiated.
  public let firstProtocol: TransmissionProtocol
  /// What the maker put there, 0...15 bytes.
  public let historicalBytes: [UInt8]

  /// Reads an answer, or says why it is none.
  public init(_ bytes: [UInt8]) throws(Refusal) {
    guard let convention = bytes.first else { throw .empty }
    if bytes.count > AnswerToReset.countLimit { throw .tooLong(count: bytes.count) }
    if convention != 0x3B, convention != 0x3F { throw .unknownConvention(convention) }
    if bytes.count < 2 { throw .truncated }
    var interface = InterfaceBytes(bytes)
    try interface.read()
    let historical = Int(bytes[1] & 0x0F)
    let end = interface.offset + historical + (interface.hasCheckByte ? 1 : 0)
    if bytes.count < end { throw .truncated }
    if bytes.count > end { throw .leftOver(count: bytes.count - end) }
    if interface.hasCheckByte, bytes[1...].reduce(0, ^) != 0 { throw .wrongCheckByte }
    self.bytes = bytes
    isInverse = convention == 0x3F
    firstProtocol = interface.first ?? .t0
    historicalBytes = Array(bytes[interface.offset..<interface.offset + historical])
  }

  /// The interface bytes, group by group; their number is bounded by that of all bytes.
  private struct InterfaceBytes {
    let bytes: [UInt8]
    var offset = 2
    var first: TransmissionProtocol?
    /// A check byte is there as soon as a protocol other than T=0 is named (8.2.5).
    var hasCheckByte = false

    init(_ bytes: [UInt8]) { self.bytes = bytes }

    mutating func read() throws(Refusal) {
      var group = 1
      var presence = bytes[1] >> 4
      var named: UInt8 = 0
      while true {
        if presence & 0x01 != 0 { try judge(try next(), group, named) }
        if presence & 0x02 != 0 { _ = try next() }
        if presence & 0x04 != 0 { _ = try next() }
        if presence & 0x08 == 0 { return }
        let link = try next()
        presence = link >> 4
        named = link & 0x0F
        group += 1
        if named != 0 { hasCheckByte = true }
        if first == nil {
          guard let offered = TransmissionProtocol(rawValue: named) else {
            throw .unusableProtocol(named)
          }
          first = offered
        }
      }
    }

    /// The TA of a group that says something a terminal must heed.
    private func judge(_ value: UInt8, _ group: Int, _ named: UInt8) throws(Refusal) {
      // TA2 (8.3): bit 5 set means parameters that only the maker knows.
      if group == 2, value & 0x10 != 0 { throw .implicitParameters }
      // The first TA for T=1 behind TA2 (11.4.2): 00 and FF are reserved.
      if group > 2, named == 1, value == 0x00 || value == 0xFF { throw .reservedBlockSize(value) }
    }

    private mutating func next() throws(Refusal) -> UInt8 {
      if offset >= bytes.count { throw .truncated }
      defer { offset += 1 }
      return bytes[offset]
    }
  }
}
