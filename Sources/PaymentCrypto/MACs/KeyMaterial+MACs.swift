// SPDX-License-Identifier: Apache-2.0

import COpenSSL
import Wire

extension KeyMaterial {
  /// ISO/IEC 9797-1:2011, 7.2, algorithm 1.
  func chainedMAC(_ message: [UInt8], _ padding: MACPadding) throws(CryptoFault) -> [UInt8] {
    let block = algorithm.blockByteCount
    let zeros = [UInt8](repeating: 0, count: block)
    return Array(try encrypt(padding.apply(message, block: block), .cbc(zeros)).suffix(block))
  }

  /// ISO/IEC 9797-1:2011, 7.4, algorithm 3: a chain of single DES under the left part, whose end is
  /// decrypted under the right part and encrypted under the left.
  func retailMAC(_ message: [UInt8], _ padding: MACPadding) throws(CryptoFault) -> [UInt8] {
    if algorithm != .tdes2 { throw .unsupported(algorithm) }
    var scratch = ScratchKey(secret)
    defer { scratch.erase() }
    var left = DES.schedule(scratch.word0)
    var right = DES.schedule(scratch.word1)
    defer {
      unsafe OPENSSL_cleanse(&left, MemoryLayout<DES_key_schedule>.size)
      unsafe OPENSSL_cleanse(&right, MemoryLayout<DES_key_schedule>.size)
    }
    let padded = padding.apply(message, block: 8)
    var chain: UInt64 = 0
    for offset in stride(from: 0, to: padded.count, by: 8) {
      chain = DES.single(chain ^ Words.word(padded, offset), &left, .encrypt)
    }
    chain = DES.single(chain, &right, .decrypt)
    return Words.bytes(DES.single(chain, &left, .encrypt))
  }

  /// NIST SP 800-38B: a block.
  package func cmac(_ message: [UInt8]) throws(CryptoFault) -> [UInt8] {
    var code = [UInt8](repeating: 0, count: algorithm.blockByteCount)
    let isMade = unsafe message.withUnsafeBytes { message in
      unsafe code.withUnsafeMutableBytes { unsafe cmac(message, into: $0) }
    }
    if !isMade { throw algorithm == .des ? .unsupported(algorithm) : .failed }
    return code
  }

  /// The same from and to where the bytes lie; `code` has room for a block. False when the library
  /// fails, or has none for the cipher.
  func cmac(_ message: UnsafeRawBufferPointer, into code: UnsafeMutableRawBufferPointer) -> Bool {
    guard let name = cmacCipher else { return false }
    // Of two-key triple DES libcrypto's CMAC wants the third part too, which is the first.
    var scratch = ScratchKey(secret)
    defer { scratch.erase() }
    if algorithm == .tdes2 { scratch.word2 = scratch.word0 }
    let keyCount = algorithm == .tdes2 ? 24 : secret.count
    var count = 0
    let made = unsafe scratch.withBytes { key in
      name.withUTF8Buffer { name in
        unsafe name.withMemoryRebound(to: CChar.self) { name in
          unsafe EVP_Q_mac(
            nil, "CMAC", nil, name.baseAddress, nil, key.baseAddress, keyCount,
            message.bindMemory(to: UInt8.self).baseAddress, message.count,
            code.bindMemory(to: UInt8.self).baseAddress, code.count, &count)
        }
      }
    }
    return unsafe made != nil && count == algorithm.blockByteCount
  }

  private var cmacCipher: StaticString? {
    switch algorithm {
    case .tdes2, .tdes3: "DES-EDE3-CBC"
    case .aes128: "AES-128-CBC"
    case .aes192: "AES-192-CBC"
    case .aes256: "AES-256-CBC"
    case .sm4: "SM4-CBC"
    case .des: nil
    }
  }

  /// UnionPay's MAC of POS terminals: the zero-filled blocks' exclusive-or, written as hexadecimal
  /// digits; the first half encrypted, the second mixed in, encrypted again.
  func unionPayMAC(
    _ message: [UInt8]
  ) throws(CryptoFault) -> (bytes: [UInt8], digits: [UInt8]) {
    switch algorithm {
    case .des, .tdes2, .sm4: break
    case .tdes3, .aes128, .aes192, .aes256: throw .unsupported(algorithm)
    }
    let block = algorithm.blockByteCount
    let padded = MACPadding.zeros.apply(message, block: block)
    var mixed = [UInt8](repeating: 0, count: block)
    for (index, byte) in padded.enumerated() { mixed[index % block] ^= byte }
    let digits = Hex.encode(mixed)
    var half = try encrypt(Array(digits[..<block]), .ecb)
    for index in 0..<block { half[index] ^= digits[block + index] }
    let bytes = try encrypt(half, .ecb)
    return (bytes, Hex.encode(bytes))
  }
}
