// SPDX-License-Identifier: Apache-2.0

//   TPDU (5): 60, destination, source │ header (6): class, version, state and order, software │
//   message
//
// The generic dialect has neither. The length in front is gone already.

/// What came in one frame.
struct HostFrame: Hashable, Sendable {
  /// TPDU and header as they came, or nothing.
  private let envelope: [UInt8]
  /// The message.
  let message: [UInt8]

  init?(_ bytes: [UInt8], _ dialect: AcquirerDialect) {
    switch dialect {
    case .generic:
      envelope = []
      message = bytes
    case .unionPay:
      guard bytes.count >= 11, bytes[0] == 0x60 else { return nil }
      envelope = Array(bytes[..<11])
      message = Array(bytes[11...])
    }
  }

  /// Whether an answer can order something.
  var takesOrders: Bool { !envelope.isEmpty }

  /// The answer's bytes, without a length: the addresses have changed places, and the header is the
  /// request's with an order in its sixth nibble.
  func answer(_ message: [UInt8], order: UInt8) -> [UInt8] {
    if envelope.isEmpty { return message }
    var head = envelope
    head.replaceSubrange(1..<5, with: Array(envelope[3..<5]) + Array(envelope[1..<3]))
    head[7] = head[7] & 0xF0 | order & 0x0F
    return head + message
  }
}
