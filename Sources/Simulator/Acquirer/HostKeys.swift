// SPDX-License-Identifier: Apache-2.0

public import PaymentCrypto

/// A card that the issuer knows.
public struct IssuerAccount: Hashable, Sendable {
  /// ASCII digits.
  public var pan: [UInt8]
  /// Digit values; empty where no PIN is looked at.
  public var pin: [UInt8]
  /// Minor units that may be held at first.
  public var balance: UInt64
  /// Codes by which a telephone pays from it; each pays once.
  public var codes: [[UInt8]]
  /// The card's second track between its sentinels; empty where it is not looked at.
  public var track: [UInt8]

  /// An account.
  public init(
    pan: [UInt8], pin: [UInt8], balance: UInt64, codes: [[UInt8]] = [], track: [UInt8] = []
  ) {
    self.pan = pan
    self.pin = pin
    self.balance = balance
    self.codes = codes
    self.track = track
  }
}

/// The keys of the host.
public struct HostKeys: Hashable, Sendable {
  /// For MACs, where they are not of the session.
  public var mac: MACKey?
  /// From which the PIN pads' initial keys are made.
  public var pinBase: BaseDerivationKey?
  /// Under which each sign-in hands out session keys; TDES, or SM4.
  public var master: KeyEncryptionKey?
  /// Under which PIN keys travel, where the pads have a master key of their own.
  public var padMaster: KeyEncryptionKey?

  /// One MAC key for ever, and PIN keys of DUKPT.
  public init(mac: MACKey, pinBase: BaseDerivationKey) {
    self.mac = mac
    self.pinBase = pinBase
  }

  /// Session keys under this master key; PIN keys of DUKPT if there is a base for them.
  public init(
    master: KeyEncryptionKey, pinBase: BaseDerivationKey? = nil,
    padMaster: KeyEncryptionKey? = nil
  ) {
    self.master = master
    self.padMaster = padMaster
    self.pinBase = pinBase
  }
}

/// What one sign-in handed out.
public struct HostSession: Hashable, Sendable {
  /// Enciphers PINs.
  public var pin: PINKey?
  /// Makes MACs.
  public var mac: MACKey?
  /// Encrypts tracks.
  public var data: DataKey?

  /// Keys.
  public init(pin: PINKey? = nil, mac: MACKey? = nil, data: DataKey? = nil) {
    self.pin = pin
    self.mac = mac
    self.data = data
  }
}
