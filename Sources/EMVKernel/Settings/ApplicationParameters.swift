// SPDX-License-Identifier: Apache-2.0

public import Devices

/// What a terminal knows of one application, as the acquirer's file says it.
public struct ApplicationParameters: Hashable, Sendable {
  /// The application's name, or the beginning of its names.
  public var aid: AID
  /// Whether names that begin with it match too (EMV 4.4 Book 1, 12.3.1).
  public var matchesPartially: Bool
  /// The version numbers that are understood, the terminal's own (9F09) first.
  public var versionNumbers: [UInt16]
  /// Limits and action codes.
  public var risk: RiskParameters
  /// Limits and action codes for some transaction types in place of those.
  public var riskByType: [TypeRiskParameters]
  /// Used where the card has no DDOL; nil for none. Usually 9F37 04.
  public var defaultDDOL: [UInt8]?
  /// Used where the card has no TDOL; nil for none.
  public var defaultTDOL: [UInt8]?
  /// Terminal capabilities (9F33) in place of the terminal's own.
  public var capabilities: TerminalCapabilities?
  /// Terminal capabilities for small amounts, or nil.
  public var belowCVMLimit: CVMLimit?
  /// Terminal data objects beside the usual ones or in their place: 9F1D, 9F15, 9F53.
  public var terminalObjects: [DataObject]
  /// Card data objects of the payment system's that are kept beside those of the Books: 9F6E.
  public var furtherCardObjects: [DataTag]

  /// Parameters of an application; everything but name and limits has a usual value.
  public init(
    aid: AID, matchesPartially: Bool = true, versionNumbers: [UInt16] = [],
    risk: RiskParameters = RiskParameters()
  ) {
    self.aid = aid
    self.matchesPartially = matchesPartially
    self.versionNumbers = versionNumbers
    self.risk = risk
    riskByType = []
    defaultDDOL = [0x9F, 0x37, 0x04]
    defaultTDOL = nil
    capabilities = nil
    belowCVMLimit = nil
    terminalObjects = []
    furtherCardObjects = []
  }

  /// The limits and action codes for a transaction type.
  public func risk(for type: UInt8) -> RiskParameters {
    riskByType.first { $0.type == type }?.risk ?? risk
  }
}

/// Limits and action codes (EMV 4.4 Book 3, 10.6-10.7). An action code that is not set is zero.
public struct RiskParameters: Hashable, Sendable {
  /// Terminal Action Code - Denial.
  public var denialCode = TVR()
  /// Terminal Action Code - Online.
  public var onlineCode = TVR()
  /// Terminal Action Code - Default.
  public var defaultCode = TVR()
  /// From this amount on, in minor units, a transaction goes online (9F1B).
  public var floorLimit: UInt32 = 0
  /// Below this amount the chance of random selection does not depend on the amount.
  public var threshold: UInt32 = 0
  /// Of a hundred transactions below the threshold so many are selected: 0...99.
  public var targetPercentage: UInt8 = 0
  /// Of a hundred transactions near the floor limit so many are selected: target...99.
  public var maximumPercentage: UInt8 = 0

  /// Everything zero: each transaction is above the floor limit.
  public init() {}
}

/// Limits and action codes of one transaction type.
public struct TypeRiskParameters: Hashable, Sendable {
  /// The transaction type (9C).
  public var type: UInt8
  /// Its limits.
  public var risk: RiskParameters

  /// Limits of a transaction type.
  public init(type: UInt8, risk: RiskParameters) {
    self.type = type
    self.risk = risk
  }
}

/// Capabilities that hold below an amount, for payment systems that want no PIN for little money.
public struct CVMLimit: Hashable, Sendable {
  /// From this amount on the usual capabilities hold.
  public var amount: Amount
  /// What holds below.
  public var capabilities: TerminalCapabilities

  /// A limit.
  public init(amount: Amount, capabilities: TerminalCapabilities) {
    self.amount = amount
    self.capabilities = capabilities
  }
}
