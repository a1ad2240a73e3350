// SPDX-License-Identifier: Apache-2.0

/// A short command as a card takes it apart (ISO/IEC 7816-4, 5.1).
struct CommandBytes: Hashable, Sendable {
  let header: [UInt8]
  let data: [UInt8]
  /// Whether an answer is expected.
  let hasExpectedLength: Bool

  var instructionClass: UInt8 { header[0] }
  var instruction: UInt8 { header[1] }
  var first: UInt8 { header[2] }
  var second: UInt8 { header[3] }

  /// Nil when the lengths do not agree.
  init?(_ bytes: [UInt8]) {
    if bytes.count < 4 { return nil }
    header = Array(bytes[..<4])
    let body = Array(bytes[4...])
    if body.count <= 1 {
      data = []
      hasExpectedLength = body.count == 1
      return
    }
    let count = Int(body[0])
    if count == 0 || body.count < 1 + count || body.count > 2 + count { return nil }
    data = Array(body[1...count])
    hasExpectedLength = body.count == 2 + count
  }
}

/// The two bytes at the end of an answer.
enum StatusWord: UInt16, Hashable, Sendable {
  case done = 0x9000
  case warning = 0x6200
  case invalidated = 0x6283
  case notAuthentic = 0x6300
  case counted = 0x63C1
  case unspecified = 0x6400
  case wrongLength = 0x6700
  case blockedMethod = 0x6983
  case invalidatedReference = 0x6984
  case conditionsNotMet = 0x6985
  case wrongMAC = 0x6988
  case wrongData = 0x6A80
  case cardBlocked = 0x6A81
  case noFile = 0x6A82
  case noRecord = 0x6A83
  case wrongParameters = 0x6A86
  case noObject = 0x6A88
  case unknownInstruction = 0x6D00
  case unknownClass = 0x6E00

  var bytes: [UInt8] { [UInt8(rawValue >> 8), UInt8(rawValue & 0xFF)] }
}
