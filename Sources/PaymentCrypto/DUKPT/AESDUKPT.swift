// SPDX-License-Identifier: Apache-2.0

import Wire

// AES DUKPT, ANSI X9.24-3:2017: a key encrypts 16-byte blocks that say what is derived.
//
//   01 │ block │ usage │ algorithm │ bits │ identification and counter

/// What a key is derived for (ANSI X9.24-3:2017, table 2).
enum DerivedUsage: UInt16 {
  case keyEncryption = 0x0002
  case pinEncryption = 0x1000
  case macGeneration = 0x2000
  case macVerification = 0x2001
  case macBothWays = 0x2002
  case dataEncryption = 0x3000
  case dataDecryption = 0x3001
  case dataBothWays = 0x3002
  case derivation = 0x8000
  case initialKey = 0x8001
}

/// The kind and length of a derived key, as derivation data have them.
struct DerivedKind {
  var code: UInt16
  var byteCount: Int

  /// Nil for ciphers that X9.24-3 does not derive.
  init?(_ algorithm: CipherAlgorithm) {
    switch algorithm {
    case .tdes2: code = 0
    case .tdes3: code = 1
    case .aes128: code = 2
    case .aes192: code = 3
    case .aes256: code = 4
    case .des, .sm4: return nil
    }
    byteCount = algorithm.keyByteCount
  }

  /// HMAC keys of so many bytes.
  init(hmac byteCount: Int) {
    code = 5
    self.byteCount = byteCount
  }
}

/// What AES DUKPT derives keys with.
struct AESDerivation: DerivationScheme {
  static let rule = CounterRule.aes

  let algorithm: CipherAlgorithm
  /// The right half of the initial key's identification.
  private let device: UInt32

  init(_ algorithm: CipherAlgorithm, _ serial: AESKeySerialNumber) {
    self.algorithm = algorithm
    let bytes = serial.bytes
    device =
      UInt32(bytes[4]) << 24 | UInt32(bytes[5]) << 16 | UInt32(bytes[6]) << 8 | UInt32(bytes[7])
  }

  var keyByteCount: Int { algorithm.keyByteCount }

  func derive(
    _ key: inout ScratchKey, from reached: UInt32, to counter: UInt32
  ) throws(CryptoFault) {
    guard let kind = DerivedKind(algorithm) else { throw .unsupported(algorithm) }
    let blocks = try AESBlocks.of(keyByteCount: keyByteCount)
    var reached = reached
    var bit: UInt32 = 1 << 31
    while bit > 0 {
      if counter & bit != 0, reached & bit == 0 {
        reached |= bit
        let tail = UInt64(device) << 32 | UInt64(reached)
        try AESDerivation.derive(&key, keyByteCount, .derivation, kind, tail, blocks)
      }
      bit >>= 1
    }
  }

  /// The key becomes the one derived from it.
  static func derive(
    _ key: inout ScratchKey, _ keyByteCount: Int, _ usage: DerivedUsage, _ kind: DerivedKind,
    _ tail: UInt64, _ blocks: borrowing AESBlocks
  ) throws(CryptoFault) {
    let head =
      UInt64(0x0101) << 48 | UInt64(usage.rawValue) << 32 | UInt64(kind.code) << 16
      | UInt64(kind.byteCount * 8)
    var data = ScratchKey()
    data.word0 = head.bigEndian
    data.word1 = tail.bigEndian
    // The second block differs by its number alone.
    data.word2 = (head + 1 << 48).bigEndian
    data.word3 = tail.bigEndian
    let count = (kind.byteCount + 15) / 16 * 16
    var result = ScratchKey()
    try AESDerivation.encrypt(&key, keyByteCount, &data, &result, count, blocks)
    key.erase()
    key = result
    result.erase()
  }

  private static func encrypt(
    _ key: inout ScratchKey, _ keyByteCount: Int, _ data: inout ScratchKey,
    _ result: inout ScratchKey, _ count: Int, _ blocks: borrowing AESBlocks
  ) throws(CryptoFault) {
    try unsafe withUnsafeMutableBytes(of: &key) { key throws(CryptoFault) in
      try unsafe withUnsafeMutableBytes(of: &data) { data throws(CryptoFault) in
        try unsafe withUnsafeMutableBytes(of: &result) { result throws(CryptoFault) in
          try unsafe blocks.encrypt(
            key: UnsafeMutableRawBufferPointer(rebasing: key[..<keyByteCount]),
            input: UnsafeMutableRawBufferPointer(rebasing: data[..<count]),
            output: UnsafeMutableRawBufferPointer(rebasing: result[..<count]))
        }
      }
    }
  }
}

/// Derivation of AES keys, and of others from AES, that are used once.
public enum AESDUKPT {
  /// The initial key that is put into a device; the algorithm is the base key's.
  public static func initialKey(
    base: BaseDerivationKey, serial: AESKeySerialNumber
  ) throws(CryptoFault) -> InitialKey {
    let kind = try AESDUKPT.chainKind(base.algorithm)
    let tail = Words.word(serial.bytes, 0).bigEndian
    var scratch = ScratchKey(base.material.secret)
    defer { scratch.erase() }
    let blocks = try AESBlocks.of(keyByteCount: kind.byteCount)
    try AESDerivation.derive(&scratch, kind.byteCount, .initialKey, kind, tail, blocks)
    return InitialKey(KeyMaterial(derived: base.algorithm, scratch.secret(kind.byteCount)))
  }

  /// The key of the serial number's counter, as a host derives it; counters that name no key are
  /// refused.
  public static func transactionKey(
    initial: InitialKey, serial: AESKeySerialNumber
  ) throws(CryptoFault) -> AESTransactionKey {
    _ = try AESDUKPT.chainKind(initial.algorithm)
    let scheme = AESDerivation(initial.algorithm, serial)
    let secret = try scheme.key(initial.material.secret, at: serial.counter)
    return AESTransactionKey(KeyMaterial(derived: initial.algorithm, secret), serial)
  }

  /// The key under which a new initial key travels to the device (ANSI X9.24-3:2017, 6.7): that of
  /// the counter whose bits are all set, which no transaction has.
  public static func updateKey(
    initial: InitialKey, serial: AESKeySerialNumber
  ) throws(CryptoFault) -> KeyBlockProtectionKey {
    _ = try AESDUKPT.chainKind(initial.algorithm)
    let last = serial.with(counter: .max)
    let scheme = AESDerivation(initial.algorithm, last)
    let secret = try scheme.key(initial.material.secret, from: 0, to: .max)
    let key = AESTransactionKey(KeyMaterial(derived: initial.algorithm, secret), last)
    return KeyBlockProtectionKey(try key.derived(.keyEncryption, initial.algorithm))
  }

  private static func chainKind(_ algorithm: CipherAlgorithm) throws(CryptoFault) -> DerivedKind {
    switch algorithm {
    case .aes128, .aes192, .aes256:
      guard let kind = DerivedKind(algorithm) else { throw .unsupported(algorithm) }
      return kind
    case .des, .tdes2, .tdes3, .sm4: throw .unsupported(algorithm)
    }
  }
}
