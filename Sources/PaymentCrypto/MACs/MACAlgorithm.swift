// SPDX-License-Identifier: Apache-2.0

import Wire

/// How a message is filled up to whole blocks (ISO/IEC 9797-1:2011, 6.3).
public enum MACPadding: UInt8, Hashable, Sendable, CaseIterable {
  /// Method 1: zeros; an empty message becomes a block of zeros.
  case zeros
  /// Method 2: 80, then zeros; at least one byte is always added.
  case mark
  /// Method 3: the number of bits in a block in front, then zeros.
  case length

  /// The message in whole blocks.
  func apply(_ message: [UInt8], block: Int) -> [UInt8] {
    var padded: [UInt8] = []
    padded.reserveCapacity(message.count + 2 * block)
    if self == .length {
      for index in (0..<block).reversed() {
        let bits = UInt64(message.count) * 8
        padded.append(index < 8 ? UInt8(truncatingIfNeeded: bits >> UInt64(index * 8)) : 0)
      }
    }
    padded += message
    if self == .mark { padded.append(0x80) }
    while padded.isEmpty || padded.count % block != 0 { padded.append(0) }
    return padded
  }
}

/// An algorithm of message authentication codes.
public enum MACAlgorithm: Hashable, Sendable {
  /// ISO/IEC 9797-1 algorithm 1, a chain under the whole key: ANSI X9.9 with a DES key, CBC-MAC
  /// with the others. A block.
  case chained(MACPadding)
  /// ISO/IEC 9797-1 algorithm 3 with a TDES key of two parts, "retail MAC": ANSI X9.19 where zeros
  /// are filled in. 8 bytes.
  case retail(MACPadding)
  /// NIST SP 800-38B. A block.
  case cmac
  /// UnionPay's: the blocks' exclusive-or as hexadecimal digits, twice encrypted; the first eight
  /// digits of the result. Under SM4 with blocks of 16. 8 bytes.
  case unionPay
  /// The same, cut as the first eight bytes instead of digits, as some SM4 hosts have it. 8 bytes.
  case unionPayBytes

  /// Whether a key of this cipher makes such a code.
  public func goes(with algorithm: CipherAlgorithm) -> Bool {
    switch self {
    case .chained: true
    case .retail: algorithm == .tdes2
    case .cmac: algorithm != .des
    case .unionPay, .unionPayBytes: [.des, .tdes2, .sm4].contains(algorithm)
    }
  }
}

extension Key where Purpose == MessageAuthentication {
  /// The code of a message. Throws `unsupported` where the algorithm does not go with the key.
  public func mac(
    _ algorithm: MACAlgorithm, over message: [UInt8]
  ) throws(CryptoFault) -> [UInt8] {
    switch algorithm {
    case .chained(let padding): try material.chainedMAC(message, padding)
    case .retail(let padding): try material.retailMAC(message, padding)
    case .cmac: try material.cmac(message)
    case .unionPay: Array(try material.unionPayMAC(message).digits.prefix(8))
    case .unionPayBytes: Array(try material.unionPayMAC(message).bytes.prefix(8))
    }
  }

  /// Whether a code is the message's: compared in constant time. A code may be cut to its first
  /// four bytes or more (ISO/IEC 9797-1, 6.7), but for UnionPay's, which is cut already; a shorter
  /// one is never right.
  public func verifies(
    _ code: [UInt8], _ algorithm: MACAlgorithm, over message: [UInt8]
  ) -> Bool {
    let shortest =
      switch algorithm {
      case .chained, .retail, .cmac: 4
      case .unionPay, .unionPayBytes: 8
      }
    guard code.count >= shortest, let own = try? mac(algorithm, over: message),
      code.count <= own.count
    else { return false }
    return constantTimeEqual(Array(own.prefix(code.count)), code)
  }
}
