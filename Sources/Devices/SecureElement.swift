// SPDX-License-Identifier: Apache-2.0

public import Wire

// The words for what must outlive everything and be seen by nobody.
//
//   sealed store       keep, open, erase      a few secrets by name
//   identity key       readIdentity, sign     a key pair whose private half never leaves
//   monotonic counter  readCounter, advance   numbers that only go up
//   wipe               wipe                   what a tampered or returned terminal forgets

/// The secrets a terminal has.
public enum SecretName: UInt8, Hashable, Sendable, CaseIterable {
  /// The key that seals card data in the journal.
  case seal
  /// The key of the fingerprints by which cards are recognised.
  case fingerprint
  /// The key that seals the flight recorder's events.
  case recorder
  /// The key under which the management server wraps keys; the maker puts it in.
  case transport

  /// The name under which it is stored, which never changes.
  public var text: String {
    switch self {
    case .seal: "seal"
    case .fingerprint: "fingerprint"
    case .recorder: "recorder"
    case .transport: "transport"
    }
  }
}

/// The counters a terminal has.
public enum CounterName: UInt8, Hashable, Sendable, CaseIterable {
  /// The lowest version of the firmware that may still be started.
  case firmwareVersion
  /// The lowest version of the update's metadata that may still be believed.
  case metadataVersion
  /// The lowest version of the terminal's parameters that may still be taken.
  case parameterVersion

  /// The name under which it is stored, which never changes.
  public var text: String {
    switch self {
    case .firmwareVersion: "firmware-version"
    case .metadataVersion: "metadata-version"
    case .parameterVersion: "parameter-version"
    }
  }
}

/// What is asked of the secure element.
public enum SecureOrder: Hashable, Sendable {
  /// Keep a secret of 1...512 bytes; it takes the place of the former one in one step, so that
  /// after a power cut one of the two is there.
  case keep(SecretName, SecretBytes)
  /// Give a secret out.
  case open(SecretName)
  /// Forget a secret; one that is not there is forgotten already.
  case erase(SecretName)
  /// Say the public half of the identity; the key pair is made when it is asked for the first time.
  case readIdentity
  /// Sign a SHA-256 digest of 32 bytes (ECDSA on P-256, FIPS 186-4). An identity that nobody has
  /// read yet signs nothing: `absent`.
  case sign(digest: [UInt8])
  /// Read a counter; one that was never advanced is 0.
  case readCounter(CounterName)
  /// Advance a counter. Its own value is accepted once more, since who was cut off between the
  /// step and its report asks again; a lower one changes nothing.
  case advance(CounterName, to: UInt64)
  /// Forget every secret and the identity; a wipe that was cut off is asked for again. The counters
  /// stay: if a wipe took them back to 0, it would open the door to an old firmware with a known
  /// hole.
  case wipe

  /// The longest secret, bytes: a key of any kind in any coding, and small enough for any token.
  public static let secretLimit = 512
  /// The bytes of a digest that is signed.
  public static let digestCount = 32

  /// What is wrong with the order itself, whoever is to follow it.
  public var mistake: SecureFault? {
    switch self {
    case .keep(_, let secret):
      (1...SecureOrder.secretLimit).contains(secret.count)
        ? nil : .wrongSecretLength(secret.count)
    case .sign(let digest):
      digest.count == SecureOrder.digestCount ? nil : .wrongDigestLength(digest.count)
    case .open, .erase, .readIdentity, .readCounter, .advance, .wipe: nil
    }
  }
}

/// What the secure element answers.
public enum SecureReport: Hashable, Sendable {
  /// The secret is kept, and survives a power cut.
  case kept
  /// The secret.
  case secret(SecretBytes)
  /// There is no such secret, or no identity to sign with.
  case absent
  /// The secret is not there any more.
  case erased
  /// The identity's public point, uncompressed: 04, X, Y, 65 bytes (SEC 1, 2.3.3).
  case identity([UInt8])
  /// The signature, 64 bytes: r, s (as JOSE and PKCS #11 write it; not DER).
  case signature([UInt8])
  /// The counter's value.
  case counter(UInt64)
  /// Secrets and identity are not there any more.
  case wiped
  /// Nothing was done, and why.
  case failed(SecureFault)
}

/// Why a secure element did not do what it was asked for.
public enum SecureFault: Error, Hashable, Sendable {
  /// A digest has 32 bytes, not so many.
  case wrongDigestLength(Int)
  /// A secret has 1...512 bytes, not so many.
  case wrongSecretLength(Int)
  /// The counter stands higher than what it should be advanced to.
  case counterBackwards(UInt64)
  /// A file or folder cannot be read; the system's number.
  case notReadable(String, code: Int32)
  /// A file or folder cannot be written; the system's number.
  case notWritable(String, code: Int32)
  /// What is stored was changed, is torn, or was sealed under another device secret.
  case damaged(String)
  /// Others than its owner may read or change this file or folder.
  case openToOthers(String)
  /// There are secrets, and the device secret that sealed them is not in this file.
  case deviceSecretMissing(String)
  /// This file is no device secret: under 32 bytes, over 4,096, or one byte over and over.
  case deviceSecretUnfit(String)
  /// The PKCS #11 module cannot be loaded; the loader's own words.
  case moduleNotLoaded(String, reason: String)
  /// No token has this label.
  case tokenNotFound(String)
  /// More than one token has this label.
  case tokenAmbiguous(String)
  /// The PIN in this file is not the token's.
  case pinWrong(String)
  /// One try is left before the token locks: it is left to a person.
  case pinLastTry(String)
  /// The token has locked its user PIN.
  case pinLocked(String)
  /// The token of this label went away and did not come back.
  case tokenGone(String)
  /// A call was refused: its name and the code by which PKCS #11 (or libcrypto) names the reason.
  case refused(String, code: UInt64)
}
