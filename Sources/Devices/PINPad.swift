// SPDX-License-Identifier: Apache-2.0

public import Wire

/// What the core asks of a PIN pad: one thing at a time.
public enum PINPadOrder: Hashable, Sendable {
  /// Ask the cardholder for the PIN.
  case enterPIN(PINPrompt)
  /// Give up the PIN entry; `noPIN(.aborted)` or a result that crossed it follows.
  case cancel
  /// Load a key.
  case loadKey(PadKeyPlace, block: [UInt8])
  /// Use this set of DUKPT keys from now on.
  case selectSet(PadKeySet)
  /// Make a MAC.
  case authenticate(PadMACRequest)
}

/// What a PIN is asked for.
public struct PINPrompt: Hashable, Sendable {
  /// The account the PIN block is bound to.
  public var pan: PAN
  /// The amount shown.
  public var amount: Amount
  /// How long the cardholder has, 30...270 s in steps of 30 s.
  public var seconds: UInt16
  /// The acquirer's PIN key under the pad's master key; nil where the pad has DUKPT keys.
  public var session: PadSessionKey?

  /// A prompt for this account and amount.
  public init(pan: PAN, amount: Amount, seconds: UInt16, session: PadSessionKey? = nil) {
    self.pan = pan
    self.amount = amount
    self.seconds = seconds
    self.session = session
  }
}

/// An encrypted PIN block as it left the pad; the PIN itself is never seen here.
public struct EncryptedPIN: Hashable, Sendable {
  /// Eight bytes, ISO 9564-1 format 0, encrypted by the pad; sixteen under a key of SM4.
  public var block: SecretBytes
  /// The pad's key serial number, ten bytes, filled with F on the left; nil under a session key.
  public var keySerialNumber: [UInt8]?

  /// A block with its key serial number.
  public init(block: SecretBytes, keySerialNumber: [UInt8]?) {
    self.block = block
    self.keySerialNumber = keySerialNumber
  }
}

/// What a PIN pad tells the core.
public enum PINPadReport: Hashable, Sendable {
  /// The pad is there and works; its serial number as it gave it.
  case ready(serial: [UInt8])
  /// The pad cannot be used, and why; a PIN entry under way is over by it.
  case unavailable(PINPadTrouble)
  /// The cardholder entered a PIN.
  case pinEntered(EncryptedPIN)
  /// The PIN entry ended without a PIN.
  case noPIN(NoPIN)
  /// What lies in the key slots that matter.
  case keys([PadKeyState])
  /// The key is in its place.
  case keyLoaded(PadKeyPlace)
  /// It is not; what was there before is there still.
  case keyNotLoaded(PadKeyPlace, NoKey)
  /// The set of DUKPT keys is in use.
  case setSelected(PadKeySet)
  /// The MAC, eight bytes.
  case authenticated([UInt8])
  /// There is no MAC.
  case noMAC(NoKey)
}

/// Why there is no PIN.
public enum NoPIN: Hashable, Sendable {
  /// The cardholder pressed cancel.
  case cancelled
  /// The cardholder did nothing for too long.
  case timedOut
  /// The core cancelled.
  case aborted
  /// The pad refused with this error code of its dialect.
  case refused(code: UInt8)
  /// The pad has no prompt of the number that the board file gives.
  case promptUnknown
  /// The pad stopped answering in the middle.
  case silent
}

/// Why a PIN pad cannot be used.
public enum PINPadTrouble: Hashable, Sendable {
  /// The link is down.
  case link(LinkFault)
  /// The port is open and nobody answers.
  case silent
  /// The key that PINs are encrypted with is not loaded.
  case keyMissing
  /// The pad has used up its keys.
  case keysExhausted
}
