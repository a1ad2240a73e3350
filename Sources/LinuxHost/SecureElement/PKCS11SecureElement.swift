// SPDX-License-Identifier: Apache-2.0

public import Devices
import Wire

/// A secure element behind any PKCS #11 v2.40 module: a chip, a card, a network device, SoftHSM.
///
/// Secrets and counters are private data objects of the token, for which no mechanism is asked of
/// it; a secret leaves the token for the one who opens it, as it must, since posd works with it.
/// The identity does not: the token makes the key pair, and its private half is sensitive and not
/// extractable from its first moment.
///
/// A token that goes away (its session is invalid, or it is not present) is looked for once more,
/// in any slot, and logged into; when it is not back, `tokenGone` is told and the next order tries
/// again. The PIN is read from its file for each login and erased behind it.
///
/// One program makes the identity; others may read it. PKCS #11 has no lock between programs, so
/// two that make it at the same moment would leave two, which is told as damaged.
public final class PKCS11SecureElement: SecureElement {
  /// A session that was lost is worth a second one; a third would only keep everybody waiting.
  private static let tries = 2

  private let module: PKCS11Module
  private let tokenLabel: String
  private let pinFile: String
  private var session: PKCS11Session?

  /// Loads the module, finds the token and logs in.
  public init(
    modulePath: String, tokenLabel: String, pinFile: String
  ) throws(SecureFault) {
    module = try PKCS11Module(modulePath)
    self.tokenLabel = tokenLabel
    self.pinFile = pinFile
    session = try PKCS11Session(module, label: tokenLabel, pinFile: pinFile)
  }

  /// Follows an order. Each is one that may be followed twice, so that it may be tried again.
  public func perform(_ order: SecureOrder) -> SecureReport {
    if let mistake = order.mistake { return .failed(mistake) }
    for _ in 1...PKCS11SecureElement.tries {
      do throws(SecureFault) {
        return try follow(order)
      } catch .refused(_, let code) where PKCS11Session.lost.contains(code) {
        session = nil
      } catch .tokenNotFound {
        // It was there when this was opened.
        break
      } catch {
        return .failed(error)
      }
    }
    return .failed(.tokenGone(tokenLabel))
  }

  private func opened() throws(SecureFault) -> PKCS11Session {
    if let session {
      try session.check()
      return session
    }
    let new = try PKCS11Session(module, label: tokenLabel, pinFile: pinFile)
    session = new
    return new
  }

  private func follow(_ order: SecureOrder) throws(SecureFault) -> SecureReport {
    let session = try opened()
    switch order {
    case .keep(let name, let secret):
      let generation = try session.newest(label(name))?.number ?? 0
      try session.replace(label(name), generation + 1, secret.exposed)
      return .kept
    case .open(let name):
      guard let record = try session.newest(label(name)) else { return .absent }
      return .secret(SecretBytes(record.payload))
    case .erase(let name):
      try session.remove(label(name))
      return .erased
    case .readIdentity:
      if let identity = try PKCS11Identity(session) { return .identity(identity.point) }
      try PKCS11Identity.make(in: session)
      guard let made = try PKCS11Identity(session) else { return .absent }
      return .identity(made.point)
    case .sign(let digest):
      guard let identity = try PKCS11Identity(session) else { return .absent }
      return .signature(try identity.sign(digest))
    case .readCounter(let name):
      return .counter(try session.newest(label(name))?.number ?? 0)
    case .advance(let name, let value):
      let current = try session.newest(label(name))?.number ?? 0
      if value < current { throw .counterBackwards(current) }
      if value > current { try session.replace(label(name), value, []) }
      return .counter(value)
    case .wipe:
      for name in SecretName.allCases { try session.remove(label(name)) }
      try PKCS11Identity.remove(from: session)
      return .wiped
    }
  }

  private func label(_ name: SecretName) -> String { "posd secret " + name.text }

  private func label(_ name: CounterName) -> String { "posd counter " + name.text }
}
