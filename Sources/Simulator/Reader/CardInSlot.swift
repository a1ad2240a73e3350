// SPDX-License-Identifier: Apache-2.0

/// A chip card as a reader's slot sees it: it is reset, and it answers commands.
public protocol CardInSlot: Hashable, Sendable {
  /// Resets the card and returns its answer, as ISO/IEC 7816-3 has it.
  mutating func reset() -> [UInt8]
  /// Answers a command APDU with a response APDU, both whole: the reader's own part of T=0 or T=1
  /// is not the card's business here.
  mutating func process(_ command: [UInt8]) -> [UInt8]
}
