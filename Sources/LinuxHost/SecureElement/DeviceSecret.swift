// SPDX-License-Identifier: Apache-2.0

import Devices
import Glibc
import Wire

/// The secret of this device under which its files are sealed.
///
/// It should lie elsewhere than what it seals: in a fuse bank, or wherever the board keeps what is
/// not copied with its disk. Beside the sealed files it only keeps apart what is copied apart.
enum DeviceSecret {
  /// As many bytes as the keys have that are derived from it.
  private static let least = 32
  /// A bank of fuses is smaller; more than this is some other file.
  private static let most = 4_096

  /// Reads it, or makes it at the first start, when nothing is sealed yet: once something is, a new
  /// one would open none of it, and would look as if all were well.
  static func read(
    _ path: String, isFirstStart: Bool
  ) throws(SecureFault) -> SecretBytes {
    if let secret = try existing(path) { return secret }
    if !isFirstStart { throw .deviceSecretMissing(path) }
    try make(path)
    guard let secret = try existing(path) else { throw .deviceSecretMissing(path) }
    return secret
  }

  private static func existing(_ path: String) throws(SecureFault) -> SecretBytes? {
    let bytes: [UInt8]?
    do throws(SecureFault) {
      bytes = try WholeFile.read(path, limit: most, followsLinks: true)
    } catch .damaged {
      throw .deviceSecretUnfit(path)
    } catch {
      throw error
    }
    guard let bytes else { return nil }
    // Fuses that nobody has blown read as one byte over and over.
    if bytes.count < least || bytes.allSatisfy({ $0 == bytes[0] }) {
      throw .deviceSecretUnfit(path)
    }
    return SecretBytes(bytes)
  }

  /// Takes its name only when it is whole, and never the name of one that is there: another program
  /// may be making it at this moment.
  private static func make(_ path: String) throws(SecureFault) {
    let new = path + ".new"
    try WholeFile.remove(new)
    try WholeFile.make(new, randomBytes(least))
    if unsafe link(new, path) != 0, errno != EEXIST { throw .notWritable(path, code: errno) }
    try WholeFile.remove(new)
    try WholeFile.syncFolder(WholeFile.folder(of: path))
  }
}
