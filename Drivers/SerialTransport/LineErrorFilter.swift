// SPDX-License-Identifier: Apache-2.0

// With PARMRK the kernel escapes what it reads: `FF FF` is the byte FF, `FF 00 x` is x with a
// parity or framing error, and `FF 00 00` is a break (termios(3)).

/// Takes the kernel's marks out of what was read, and the bytes that were marked as wrong.
struct LineErrorFilter: Hashable, Sendable {
  private enum Phase: Hashable, Sendable {
    case plain
    case marked
    case wrong
  }

  /// How many bytes were wrong.
  private(set) var errors: UInt64 = 0
  private var phase = Phase.plain

  /// The bytes that were received without an error.
  mutating func filter(_ bytes: [UInt8]) -> [UInt8] {
    var clean: [UInt8] = []
    clean.reserveCapacity(bytes.count)
    for byte in bytes {
      switch phase {
      case .plain:
        if byte == 0xFF { phase = .marked } else { clean.append(byte) }
      case .marked:
        if byte == 0x00 {
          phase = .wrong
        } else {
          clean.append(byte)
          phase = .plain
        }
      case .wrong:
        errors += 1
        phase = .plain
      }
    }
    return clean
  }
}
