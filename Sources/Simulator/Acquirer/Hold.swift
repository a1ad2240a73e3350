// SPDX-License-Identifier: Apache-2.0

public import PaymentCrypto

/// One request as the issuer remembers it, by terminal, trace number and local time.
public struct Hold: Hashable, Sendable {
  /// What became of it.
  public enum State: UInt8, Hashable, Sendable {
    /// Money is held.
    case approved
    /// Nothing is held, by the issuer's decision.
    case declined
    /// Nothing is held any more, by the terminal's reversal.
    case reversed
    /// The reversal came before the request; the request will be refused.
    case reversedBeforehand
  }

  /// DE41.
  public var terminalID: [UInt8]
  /// DE11.
  public var stan: [UInt8]
  /// DE13 and DE12.
  public var localTime: [UInt8]
  /// DE2, ASCII digits.
  public var pan: [UInt8]
  /// Minor units.
  public var amount: UInt64
  /// What became of it.
  public var state: State
  /// DE39 of the first answer.
  public var responseCode: [UInt8]
  /// DE38 of the first answer, or empty.
  public var approvalCode: [UInt8]
  /// DE37.
  public var retrievalReference: [UInt8]
}

/// A card that the issuer knows.
public struct IssuerAccount: Hashable, Sendable {
  /// ASCII digits.
  public var pan: [UInt8]
  /// Digit values.
  public var pin: [UInt8]
  /// Minor units that may still be held.
  public var balance: UInt64

  /// An account.
  public init(pan: [UInt8], pin: [UInt8], balance: UInt64) {
    self.pan = pan
    self.pin = pin
    self.balance = balance
  }
}

/// The keys of the host.
public struct HostKeys: Hashable, Sendable {
  /// For MACs.
  public var mac: MACKey
  /// From which the PIN pads' initial keys are made.
  public var pinBase: BaseDerivationKey

  /// Keys.
  public init(mac: MACKey, pinBase: BaseDerivationKey) {
    self.mac = mac
    self.pinBase = pinBase
  }
}
