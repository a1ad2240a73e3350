// SPDX-License-Identifier: Apache-2.0

import Devices
public import PaymentCrypto
public import TerminalCore
import Wire

/// The terminal's keys, out of its secure element.
///
/// Its own keys are made at the first start and never again: what is there and cannot be used is a
/// fault, since what it sealed would be lost. The transport key is the maker's: its file is read
/// once, and may be removed when the element has the key.
public struct KeyStore {
  /// Why a key cannot be had.
  public struct Fault: Error, Hashable, Sendable {
    /// What and where, for people.
    public var text: String
  }

  /// A key of AES-256, and one of HMAC-SHA256.
  private static let ownCount = 32
  /// A key of double length, as the maker puts it in.
  private static let transportCount = 16

  private let element: any SecureElement

  /// The keys in this element.
  public init(_ element: any SecureElement) { self.element = element }

  /// Opens the element that the configuration names.
  public init(_ settings: SecureElementSettings, stateFolder: String) throws(Fault) {
    do throws(SecureFault) {
      element = try settings.open(stateFolder: stateFolder)
    } catch {
      throw Fault(text: "\(error.code) \(error.text)")
    }
  }

  /// The keys a terminal works with; the transport key is of the cipher that the acquirer's keys
  /// travel under.
  public func keys(
    transportKeyFile: String, cipher: CipherAlgorithm = .tdes2
  ) throws(Fault) -> TerminalKeys {
    let seal = try sealKey(.seal)
    let fingerprint = try own(.fingerprint)
    let transport = try transport(transportKeyFile)
    guard let transportKey = try? KeyEncryptionKey(cipher, transport.exposed) else {
      throw Fault(text: "KEY-002 \(SecretName.transport.text) is not a key")
    }
    var keys = TerminalKeys(seal: seal, transport: transportKey, fingerprint: fingerprint)
    // The maker puts one key into terminal and pad; a pad without SM4 has it as one of triple DES.
    if cipher != .tdes2 { keys.padMaster = try? KeyEncryptionKey(.tdes2, transport.exposed) }
    return keys
  }

  /// The key that seals the flight recorder's recordings.
  public func recorderKey() throws(Fault) -> SealKey { try sealKey(.recorder) }

  private func sealKey(_ name: SecretName) throws(Fault) -> SealKey {
    let secret = try own(name)
    guard let key = try? SealKey(secret.exposed) else {
      throw Fault(text: "KEY-001 \(name.text) is not a key of \(KeyStore.ownCount) bytes")
    }
    return key
  }

  private func own(_ name: SecretName) throws(Fault) -> SecretBytes {
    guard let secret = try stored(name) else {
      let secret = SecretBytes(randomBytes(KeyStore.ownCount))
      try keep(name, secret)
      return secret
    }
    if secret.count != KeyStore.ownCount {
      throw Fault(text: "KEY-001 \(name.text) is not a key of \(KeyStore.ownCount) bytes")
    }
    return secret
  }

  private func transport(_ path: String) throws(Fault) -> SecretBytes {
    if let secret = try stored(.transport) {
      if secret.count == KeyStore.transportCount { return secret }
      throw Fault(text: "KEY-002 \(SecretName.transport.text) is not a key of 16 bytes")
    }
    guard let text = FileSystem.read(path, limit: 128) else {
      throw Fault(text: "KEY-002 \(path) cannot be read; the maker puts the transport key there")
    }
    let digits = text.filter { $0 > 0x20 }
    guard let bytes = try? Hex.decode(digits), bytes.count == KeyStore.transportCount else {
      throw Fault(text: "KEY-002 \(path) must hold the 32 hexadecimal digits of a key")
    }
    let secret = SecretBytes(bytes)
    try keep(.transport, secret)
    return secret
  }

  private func stored(_ name: SecretName) throws(Fault) -> SecretBytes? {
    let report = element.perform(.open(name))
    switch report {
    case .secret(let secret): return secret
    case .absent: return nil
    default: throw fault(name, report)
    }
  }

  private func keep(_ name: SecretName, _ secret: SecretBytes) throws(Fault) {
    let report = element.perform(.keep(name, secret))
    if report != .kept { throw fault(name, report) }
  }

  private func fault(_ name: SecretName, _ report: SecureReport) -> Fault {
    guard case .failed(let fault) = report else {
      preconditionFailure("a secure element answers the order it was given")
    }
    return Fault(text: "\(fault.code) \(name.text): \(fault.text)")
  }
}
