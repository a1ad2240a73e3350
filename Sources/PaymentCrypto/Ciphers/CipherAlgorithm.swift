// SPDX-License-Identifier: Apache-2.0

import COpenSSL

/// A block cipher with the length of its key.
public enum CipherAlgorithm: UInt8, Hashable, Sendable, CaseIterable {
  /// DES, 8 bytes (FIPS 46-3): only where an acquirer's MAC or an old pad still has it.
  case des
  /// Triple DES with two keys, 16 bytes (ISO/IEC 18033-3, keying option 2).
  case tdes2
  /// Triple DES with three keys, 24 bytes (ISO/IEC 18033-3, keying option 1).
  case tdes3
  /// AES, 16 bytes (FIPS 197).
  case aes128
  /// AES, 24 bytes.
  case aes192
  /// AES, 32 bytes.
  case aes256
  /// SM4, 16 bytes (GB/T 32907-2016).
  case sm4

  /// Bytes of the key.
  public var keyByteCount: Int {
    switch self {
    case .des: 8
    case .tdes2, .aes128, .sm4: 16
    case .tdes3, .aes192: 24
    case .aes256: 32
    }
  }

  /// Bytes of a block.
  public var blockByteCount: Int { isDES ? 8 : 16 }

  /// Whether it is DES, single or triple.
  public var isDES: Bool {
    switch self {
    case .des, .tdes2, .tdes3: true
    case .aes128, .aes192, .aes256, .sm4: false
    }
  }

  /// The strength in bits, to compare a key with the one that protects it (NIST SP 800-57 Part 1,
  /// table 2).
  public var strength: Int {
    switch self {
    case .des: 56
    case .tdes2: 80
    case .tdes3: 112
    case .aes128, .sm4: 128
    case .aes192: 192
    case .aes256: 256
    }
  }

  /// The name people know it by.
  public var name: String {
    switch self {
    case .des: "DES"
    case .tdes2: "TDES-2"
    case .tdes3: "TDES-3"
    case .aes128: "AES-128"
    case .aes192: "AES-192"
    case .aes256: "AES-256"
    case .sm4: "SM4"
    }
  }
}

/// How blocks follow each other.
public enum CipherMode: Hashable, Sendable {
  /// Each block by itself.
  case ecb
  /// Chained, from this vector of a block's length.
  case cbc([UInt8])
  /// A key stream from this first counter block; AES alone.
  case ctr([UInt8])
}

/// Which way.
enum Direction {
  case encrypt
  case decrypt

  var flag: Int32 { self == .encrypt ? 1 : 0 }
}
