// SPDX-License-Identifier: Apache-2.0

import PaymentCrypto
public import Wire

// EMV 4.4 Book 2, 11.3, with SHA-256:
//
//     power up      Q = hash(Q ‖ time ‖ device ‖ terminal ‖ random)     P = Q
//     a number      the last four bytes of hash(P ‖ random)
//     after each    P = hash(P ‖ time ‖ random ‖ cryptogram)
//     power down    Q = P

/// Makes the unpredictable numbers (9F37) of a terminal. It remembers every transaction, so that a
/// source of chance that fails does not make the next number known.
public struct UnpredictableNumbers: Hashable, Sendable {
  /// What is kept while the power is off (Q), 32 bytes; it is a secret.
  public private(set) var stored: SecretBytes

  /// The terminal has started. `time` is finer than a tenth of a second; `device` (9F1E) and
  /// `terminal` (9F1C) are this terminal's own; `random` may be empty.
  public init(
    stored: SecretBytes, time: UInt64, device: [UInt8], terminal: [UInt8], random: [UInt8]
  ) {
    self.stored = SecretBytes(
      sha256(
        stored.exposed + UnpredictableNumbers.bytes(time) + device + terminal + random))
  }

  /// A number for one transaction.
  public func number(random: [UInt8]) -> UInt32 {
    sha256(stored.exposed + random).suffix(4).reduce(0) { $0 << 8 | UInt32($1) }
  }

  /// A transaction is over, a failed one too; `cryptogram` is its last one, or empty.
  public mutating func finish(time: UInt64, random: [UInt8], cryptogram: [UInt8]) {
    stored = SecretBytes(
      sha256(stored.exposed + UnpredictableNumbers.bytes(time) + random + cryptogram))
  }

  private static func bytes(_ number: UInt64) -> [UInt8] {
    var writer = ByteWriter(capacity: 8)
    writer.write(number)
    return writer.bytes
  }
}
