// SPDX-License-Identifier: Apache-2.0

import Glibc
public import PaymentCrypto
public import TerminalCore
import Wire

/// The keys in the state folder, one file each, which only this user may read.
///
/// A terminal with a secure element keeps them there; this is the place to put that.
public enum KeyStore {
  /// Why a key cannot be had.
  public struct Fault: Error, Hashable, Sendable {
    /// What and where, for people.
    public var text: String
  }

  /// The terminal's own keys, made at the first start, and the transport key put in by the maker.
  public static func keys(
    folder: String, transportKeyFile: String
  ) throws(Fault) -> TerminalKeys {
    let seal = try own(folder + "/seal.key")
    let fingerprint = try own(folder + "/fingerprint.key")
    guard let sealKey = try? SealKey(seal) else {
      throw Fault(text: "KEY-001 \(folder)/seal.key is not a key of 32 bytes")
    }
    return TerminalKeys(
      seal: sealKey, transport: try transport(transportKeyFile),
      fingerprint: SecretBytes(fingerprint))
  }

  /// The key that seals the flight recorder's recordings.
  public static func recorderKey(folder: String) throws(Fault) -> SealKey {
    guard let key = try? SealKey(try own(folder + "/recorder.key")) else {
      throw Fault(text: "KEY-001 \(folder)/recorder.key is not a key of 32 bytes")
    }
    return key
  }

  private static func own(_ path: String) throws(Fault) -> [UInt8] {
    if let bytes = FileSystem.read(path, limit: 64), bytes.count == 32 { return bytes }
    // A key that is there and cannot be read must never be replaced: what it sealed would be lost.
    let bytes = randomBytes(32)
    if !FileSystem.create(path, bytes) {
      throw Fault(text: "KEY-001 \(path) can neither be read as a key nor made")
    }
    return bytes
  }

  private static func transport(_ path: String) throws(Fault) -> KeyEncryptionKey {
    guard let text = FileSystem.read(path, limit: 128) else {
      throw Fault(text: "KEY-002 \(path) cannot be read; the maker puts the transport key there")
    }
    let digits = text.filter { $0 > 0x20 }
    guard let bytes = try? Hex.decode(digits), let key = try? KeyEncryptionKey(.tdes2, bytes) else {
      throw Fault(text: "KEY-002 \(path) must hold the 32 hexadecimal digits of a key")
    }
    return key
  }
}
