// SPDX-License-Identifier: Apache-2.0

import ISO8583
import PaymentCrypto
import Simulator
import TerminalCore

/// How an answer of the acquirer is changed on its way. In the generic dialect it is signed rightly
/// unless it has no MAC; in UnionPay's, whose keys are of the session, what is changed has none.
struct AnswerChange {
  var elements: [(Int, [UInt8]?)] = []
  var hasMAC = true
  /// Whether the last byte of the frame, and so of its MAC, is another.
  var damagesMAC = false
  /// Changes the bytes of an element that is there.
  var edit: (element: Int, body: @Sendable (inout [UInt8]) -> Void)?

  func changed(_ frame: [UInt8], _ dialect: Dialect, _ flavour: ShopFlavour) -> [UInt8] {
    if damagesMAC, let last = frame.last { return frame.dropLast() + [last ^ 1] }
    if elements.isEmpty, hasMAC, edit == nil { return frame }
    let codec = Codec(table: dialect.table)
    // The length; behind it, in UnionPay's dialect, the TPDU and the header.
    let start = flavour == .unionPay ? 13 : 2
    guard var message = try? codec.decode(Array(frame.dropFirst(start))) else { return frame }
    message[64] = nil
    for (element, bytes) in elements { message[element] = bytes }
    if let edit, var bytes = message[edit.element] {
      edit.body(&bytes)
      message[edit.element] = bytes
    }
    let bytes =
      try? hasMAC && flavour == .generic
      ? codec.encode(message) { try? SimulatedShop.macKey.mac(.retail(.zeros), over: $0) }
      : codec.encode(message)
    return bytes.map { Framing().frame(Array(frame[2..<start]) + $0) } ?? frame
  }
}
