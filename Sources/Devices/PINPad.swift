// SPDX-License-Identifier: Apache-2.0

public import Wire

/// What the core asks of a PIN pad.
public enum PINPadOrder: Hashable, Sendable {
  /// Ask the cardholder for the PIN.
  case enterPIN(PINPrompt)
  /// Give up the PIN entry; `noPIN(.aborted)` or a result that crossed it follows.
  case cancel
}

/// What a PIN is asked for.
public struct PINPrompt: Hashable, Sendable {
  /// The account the PIN block is bound to.
  public var pan: PAN
  /// The amount shown.
  public var amount: Amount
  /// How long the cardholder has, 30...270 s in steps of 30 s.
  public var seconds: UInt16

  /// A prompt for this account and amount.
  public init(pan: PAN, amount: Amount, seconds: UInt16) {
    self.pan = pan
    self.amount = amount
    self.seconds = seconds
  }
}

/// An encrypted PIN block as it left the pad; the PIN itself is never seen here.
public struct EncryptedPIN: Hashable, Sendable {
  /// Eight bytes, ISO 9564-1 format 0, encrypted under the pad's DUKPT PIN key.
  public var block: SecretBytes
  /// The pad's key serial number, ten bytes, filled with F on the left.
  public var keySerialNumber: [UInt8]

  /// A block with its key serial number.
  public init(block: SecretBytes, keySerialNumber: [UInt8]) {
    self.block = block
    self.keySerialNumber = keySerialNumber
  }
}

/// What a PIN pad tells the core.
public enum PINPadReport: Hashable, Sendable {
  /// The pad is there and works; its serial number as it gave it.
  case ready(serial: [UInt8])
  /// The pad cannot be used, and why.
  case unavailable(PINPadTrouble)
  /// The cardholder entered a PIN.
  case pinEntered(EncryptedPIN)
  /// The PIN entry ended without a PIN.
  case noPIN(NoPIN)
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
  /// The pad stopped answering in the middle.
  case silent
}

/// Why a PIN pad cannot be used.
public enum PINPadTrouble: Hashable, Sendable {
  /// The link is down.
  case link(LinkFault)
  /// The port is open and nobody answers.
  case silent
  /// No DUKPT key is loaded.
  case keyMissing
  /// The pad has used up its keys.
  case keysExhausted
}
