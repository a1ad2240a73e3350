// SPDX-License-Identifier: Apache-2.0

import Wire

// ANSI X9.143, 5.2 and 5.3. What is encrypted is the key's length in bits, two bytes, the key, and
// random bytes up to whole blocks.
//
//   A, C   keys: the protection key XOR 45…, XOR 4D…    code over front and cipher text (CBC-MAC)
//   B, D   keys: derived by CMAC                        code over front and plain text (CMAC)

extension Key where Purpose == KeyBlockProtection {
  /// The key of a block, if it is for this purpose. The order of the checks is the standard's:
  /// nothing inside is looked at before the code is right.
  public func unwrap<Wrapped: BlockPurpose>(
    _ block: KeyBlock
  ) throws(KeyBlockFault) -> Key<Wrapped> {
    var plain = try opened(block)
    defer { erase(&plain) }
    let bits = Int(plain[0]) << 8 | Int(plain[1])
    let count = bits / 8
    guard bits > 0, bits % 8 == 0, count <= plain.count - 2,
      let algorithm = KeyBlock.algorithm(block.header.algorithm, keyByteCount: count)
    else { throw .keyLength(bits: bits) }
    if !Wrapped.includes(usage: block.header.usage) { throw .wrongPurpose }
    if !Wrapped.includes(mode: block.header.mode) { throw .wrongMode(block.header.mode) }
    if algorithm.strength > self.algorithm.strength { throw .strongerThanProtection }
    var bytes = Array(plain[2..<2 + count])
    defer { erase(&bytes) }
    do throws(CryptoFault) {
      return try Key<Wrapped>(algorithm, bytes)
    } catch {
      throw .key(error)
    }
  }

  /// A block with this key, for hosts and their simulators. `filling` are random bytes, at least as
  /// many as make whole blocks; with more, the cipher text hides the key's length.
  public func wrap<Wrapped: BlockPurpose>(
    _ key: Key<Wrapped>, _ header: KeyBlockHeader, filling: [UInt8]
  ) throws(KeyBlockFault) -> KeyBlock {
    try header.checkFields()
    if !Wrapped.includes(usage: header.usage) { throw .wrongPurpose }
    let count = key.algorithm.keyByteCount
    guard KeyBlock.algorithm(header.algorithm, keyByteCount: count) == key.algorithm else {
      throw .wrongAlgorithm(header.algorithm)
    }
    if key.algorithm.strength > algorithm.strength { throw .strongerThanProtection }
    let bits = UInt16(count * 8)
    var plain = [UInt8(bits >> 8), UInt8(bits & 0xFF)] + key.material.secret.exposed
    defer { erase(&plain) }
    let multiple = header.version.blockByteCount
    let wanted = (plain.count + filling.count) / multiple * multiple
    if wanted < plain.count { throw .cipherLength(filling.count) }
    plain += filling.prefix(wanted - plain.count)
    let restCount = 2 * (plain.count + header.version.codeByteCount)
    guard let front = KeyBlock.front(header, restCount: restCount) else {
      throw .optionalBlock(offset: KeyBlock.headerCount)
    }
    return try sealed(header, front, plain)
  }

  private func sealed(
    _ header: KeyBlockHeader, _ front: [UInt8], _ plain: [UInt8]
  ) throws(KeyBlockFault) -> KeyBlock {
    let keys = try BlockKeys(material, header.version)
    do throws(CryptoFault) {
      let code: [UInt8]
      let cipher: [UInt8]
      switch header.version {
      case .a, .c:
        cipher = try keys.encryption.encrypt(plain, .cbc(Array(front[..<8])))
        code = Array(try keys.authentication.chainedMAC(front + cipher, .zeros).prefix(4))
      case .b, .d:
        code = try keys.authentication.cmac(front + plain)
        cipher = try keys.encryption.encrypt(plain, .cbc(code))
      }
      return KeyBlock(header: header, front: front, cipher: cipher, code: code)
    } catch {
      throw .failed
    }
  }

  /// Length, key and filling, once the code is right.
  private func opened(_ block: KeyBlock) throws(KeyBlockFault) -> [UInt8] {
    let keys = try BlockKeys(material, block.header.version)
    let isRight: Bool
    var plain: [UInt8]
    do throws(CryptoFault) {
      switch block.header.version {
      case .a, .c:
        let code = try keys.authentication.chainedMAC(block.front + block.cipher, .zeros)
        isRight = constantTimeEqual(Array(code.prefix(4)), block.code)
        plain = try keys.encryption.decrypt(block.cipher, .cbc(Array(block.front[..<8])))
      case .b, .d:
        plain = try keys.encryption.decrypt(block.cipher, .cbc(block.code))
        isRight = constantTimeEqual(
          try keys.authentication.cmac(block.front + plain), block.code)
      }
    } catch {
      throw .failed
    }
    if !isRight {
      erase(&plain)
      throw .authenticationFailed
    }
    return plain
  }
}

extension KeyBlock {
  /// The cipher of a key with this algorithm character and length; nil where there is none.
  static func algorithm(_ character: UInt8, keyByteCount: Int) -> CipherAlgorithm? {
    switch (character, keyByteCount) {
    case (0x44, 8), (0x54, 8): .des
    case (0x54, 16): .tdes2
    case (0x54, 24): .tdes3
    case (0x41, 16): .aes128
    case (0x41, 24): .aes192
    case (0x41, 32): .aes256
    default: nil
    }
  }
}

/// The two keys that a protection key becomes.
struct BlockKeys {
  let encryption: KeyMaterial
  let authentication: KeyMaterial

  init(_ protection: KeyMaterial, _ version: KeyBlockVersion) throws(KeyBlockFault) {
    switch (version, protection.algorithm) {
    case (.a, .tdes2), (.a, .tdes3), (.c, .tdes2), (.c, .tdes3):
      encryption = BlockKeys.variant(protection, 0x45)
      authentication = BlockKeys.variant(protection, 0x4D)
    case (.b, .tdes2), (.b, .tdes3), (.d, .aes128), (.d, .aes192), (.d, .aes256):
      encryption = try BlockKeys.derived(protection, usage: 0)
      authentication = try BlockKeys.derived(protection, usage: 1)
    case (.a, _), (.b, _), (.c, _), (.d, _):
      throw .wrongProtectionKey(protection.algorithm)
    }
  }

  private static func variant(_ key: KeyMaterial, _ mask: UInt8) -> KeyMaterial {
    var bytes = key.secret.exposed
    defer { erase(&bytes) }
    for index in bytes.indices { bytes[index] ^= mask }
    return KeyMaterial(derived: key.algorithm, SecretBytes(bytes))
  }

  /// ANSI X9.143, 5.3.2.1 and 5.3.2.3: CMAC over counter, usage, 00, algorithm and bits.
  private static func derived(
    _ key: KeyMaterial, usage: UInt8
  ) throws(KeyBlockFault) -> KeyMaterial {
    guard let kind = DerivedKind(key.algorithm) else { throw .failed }
    var scratch = ScratchKey()
    defer { scratch.erase() }
    var counter: UInt64 = 1
    for offset in stride(from: 0, to: kind.byteCount, by: key.algorithm.blockByteCount) {
      let data =
        counter << 56 | UInt64(usage) << 40 | UInt64(kind.code) << 16
        | UInt64(kind.byteCount * 8)
      let isMade = unsafe withUnsafeBytes(of: data.bigEndian) { data in
        unsafe scratch.withBytes { bytes in
          let end = offset + key.algorithm.blockByteCount
          let block = unsafe UnsafeMutableRawBufferPointer(rebasing: bytes[offset..<end])
          return unsafe key.cmac(data, into: block)
        }
      }
      if !isMade { throw .failed }
      counter += 1
    }
    return KeyMaterial(derived: key.algorithm, scratch.secret(kind.byteCount))
  }
}
