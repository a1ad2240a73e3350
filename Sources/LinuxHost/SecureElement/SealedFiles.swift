// SPDX-License-Identifier: Apache-2.0

import Devices
import PaymentCrypto
import Wire

//   PSF 01 │ nonce, 12 │ cipher text │ tag, 16
//   bound, not stored: the first four bytes and the file's name
//
// Each file has a key of its own, HMAC-SHA256(device secret, label ‖ name), as a key derivation in
// counter mode of one block (NIST SP 800-108r1, 4.1). A file under another file's name is refused
// twice: by its key and by what is bound.

/// Files of a folder, each sealed with AES-256-GCM under the device secret.
struct SealedFiles {
  let folder: SecretFolder
  private let secret: SecretBytes

  private static let mark: [UInt8] = [0x50, 0x53, 0x46, 1]
  private static let label = "posd sealed file 1: "
  private static let nonceCount = 12
  private static let tagCount = 16
  private static let limit = mark.count + nonceCount + SecureOrder.secretLimit + tagCount

  init(folder: SecretFolder, secret: SecretBytes) {
    self.folder = folder
    self.secret = secret
  }

  /// What was sealed in a file; nil when there is none.
  func read(_ name: String) throws(SecureFault) -> [UInt8]? {
    guard let bytes = try folder.read(name, limit: SealedFiles.limit) else { return nil }
    let head = SealedFiles.mark.count + SealedFiles.nonceCount
    guard bytes.count >= head + SealedFiles.tagCount,
      Array(bytes.prefix(SealedFiles.mark.count)) == SealedFiles.mark,
      let plain = try? key(name).open(
        Array(bytes[head...]), nonce: Array(bytes[SealedFiles.mark.count..<head]),
        associated: bound(name))
    else { throw .damaged(folder.path(of: name)) }
    return plain
  }

  /// Seals and replaces a file. One that is there and cannot be opened is never replaced: what is
  /// in it may yet be saved, with the right device secret.
  func write(_ name: String, _ plain: [UInt8]) throws(SecureFault) {
    _ = try read(name)
    let nonce = randomBytes(SealedFiles.nonceCount)
    guard
      let sealed = try? key(name).seal(plain, nonce: nonce, associated: bound(name))
    else { throw .refused("AES-256-GCM", code: 0) }
    try folder.replace(name, SealedFiles.mark + nonce + sealed)
  }

  private func key(_ name: String) throws(CryptoFault) -> SealKey {
    try SealKey(hmacSHA256(key: secret, message: Array((SealedFiles.label + name).utf8)))
  }

  private func bound(_ name: String) -> [UInt8] { SealedFiles.mark + Array(name.utf8) }
}
