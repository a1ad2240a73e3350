// SPDX-License-Identifier: Apache-2.0

import COpenSSL
import Wire

extension KeyMaterial {
  /// Encrypts whole blocks; in counter mode any number of bytes.
  package func encrypt(_ plain: [UInt8], _ mode: CipherMode) throws(CryptoFault) -> [UInt8] {
    try crypt(plain, mode, .encrypt)
  }

  /// Decrypts what `encrypt` has made.
  package func decrypt(_ cipher: [UInt8], _ mode: CipherMode) throws(CryptoFault) -> [UInt8] {
    try crypt(cipher, mode, .decrypt)
  }

  private func crypt(
    _ input: [UInt8], _ mode: CipherMode, _ direction: Direction
  ) throws(CryptoFault) -> [UInt8] {
    let block = algorithm.blockByteCount
    switch mode {
    case .ecb:
      if input.count % block != 0 { throw .wrongLength(input.count) }
    case .cbc(let vector):
      if vector.count != block { throw .wrongLength(vector.count) }
      if input.count % block != 0 { throw .wrongLength(input.count) }
    case .ctr(let vector):
      if vector.count != block { throw .wrongLength(vector.count) }
    }
    if input.isEmpty { return [] }
    if algorithm.isDES { return try desCrypt(input, mode, direction) }
    let vector: [UInt8]
    switch mode {
    case .ecb: vector = [UInt8](repeating: 0, count: block)
    case .cbc(let given), .ctr(let given): vector = given
    }
    guard let cipher = unsafe EVP.cipher(algorithm, mode) else { throw .unsupported(algorithm) }
    return try unsafe EVP.crypt(cipher, key: secret, vector: vector, input, direction)
  }

  private func desCrypt(
    _ input: [UInt8], _ mode: CipherMode, _ direction: Direction
  ) throws(CryptoFault) -> [UInt8] {
    var scratch = ScratchKey(secret)
    defer { scratch.erase() }
    // A single key three times is single DES.
    if algorithm == .des { scratch.word1 = scratch.word0 }
    var schedules = TDESSchedules(scratch, count: secret.count)
    defer { schedules.erase() }
    switch mode {
    case .ecb:
      var output: [UInt8] = []
      output.reserveCapacity(input.count)
      for offset in stride(from: 0, to: input.count, by: 8) {
        Words.append(schedules.apply(Words.word(input, offset), direction), to: &output)
      }
      return output
    case .cbc(let vector):
      return schedules.chain(input, from: Words.word(vector, 0), direction)
    case .ctr: throw .unsupported(algorithm)
    }
  }
}
