// SPDX-License-Identifier: Apache-2.0

public import Devices
import Wire

/// A secure element of files: for development, and for boards that have nothing better.
///
/// A folder of mode 0700 with a file of mode 0600 for each secret, for the identity and for each
/// counter, sealed with AES-256-GCM under keys derived from the device secret, and replaced in one
/// step each. A file that was changed, cut, exchanged or sealed under another device secret is
/// told (`damaged`) and never written over; `erase` and `wipe` remove it, since they are asked for.
///
/// What plain files cannot do: whoever may write to the folder can put back an older copy of a
/// file, or take a counter's file away, and nothing in the files tells it from the truth. So
/// counters here bind an honest machine only. A file that is removed may still be found on the
/// disk; without the device secret it says nothing. Whoever has the folder and the device secret
/// has the secrets. A token (`PKCS11SecureElement`) has none of these limits.
public final class FileSecureElement: SecureElement {
  private static let identityFile = "identity"
  private let files: SealedFiles

  /// Opens the folder, or makes it. The device secret is read from its file; when there is none and
  /// the folder is empty, it is made.
  public init(folder: String, deviceSecretFile: String) throws(SecureFault) {
    let folder = try SecretFolder(folder)
    let secret = try folder.locked { () throws(SecureFault) in
      try DeviceSecret.read(deviceSecretFile, isFirstStart: try folder.isEmpty())
    }
    files = SealedFiles(folder: folder, secret: secret)
  }

  /// Follows an order; other programs that use the folder wait meanwhile.
  public func perform(_ order: SecureOrder) -> SecureReport {
    if let mistake = order.mistake { return .failed(mistake) }
    do throws(SecureFault) {
      return try files.folder.locked { () throws(SecureFault) in try follow(order) }
    } catch {
      return .failed(error)
    }
  }

  private func follow(_ order: SecureOrder) throws(SecureFault) -> SecureReport {
    switch order {
    case .keep(let name, let secret):
      try files.write(file(name), secret.exposed)
      return .kept
    case .open(let name):
      guard let bytes = try files.read(file(name)) else { return .absent }
      return .secret(SecretBytes(bytes))
    case .erase(let name):
      try files.folder.remove(file(name))
      return .erased
    case .readIdentity: return .identity(try identity(makesNew: true)?.point() ?? [])
    case .sign(let digest):
      guard let key = try identity(makesNew: false) else { return .absent }
      return .signature(try key.sign(digest))
    case .readCounter(let name): return .counter(try counter(name))
    case .advance(let name, let value): return .counter(try advance(name, to: value))
    case .wipe:
      for name in SecretName.allCases { try files.folder.remove(file(name)) }
      try files.folder.remove(FileSecureElement.identityFile)
      return .wiped
    }
  }

  private func file(_ name: SecretName) -> String { "secret-" + name.text }

  private func file(_ name: CounterName) -> String { "counter-" + name.text }

  private func identity(makesNew: Bool) throws(SecureFault) -> P256Key? {
    if let stored = try files.read(FileSecureElement.identityFile) {
      return try P256Key(stored: stored)
    }
    if !makesNew { return nil }
    let key = try P256Key()
    try files.write(FileSecureElement.identityFile, try key.stored())
    return key
  }

  private func counter(_ name: CounterName) throws(SecureFault) -> UInt64 {
    guard let bytes = try files.read(file(name)) else { return 0 }
    guard bytes.count == 8 else { throw .damaged(files.folder.path(of: file(name))) }
    return bytes.reduce(0) { $0 << 8 | UInt64($1) }
  }

  private func advance(_ name: CounterName, to value: UInt64) throws(SecureFault) -> UInt64 {
    let current = try counter(name)
    if value < current { throw .counterBackwards(current) }
    if value > current {
      let bytes = (0..<8).map { UInt8(truncatingIfNeeded: value >> (56 - 8 * UInt64($0))) }
      try files.write(file(name), bytes)
    }
    return value
  }
}
