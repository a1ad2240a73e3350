// SPDX-License-Identifier: Apache-2.0

/// What a transaction type means to the rules that ask for it; payment systems say which type does
/// (EMV 4.4 Book 3, Annex A, 9C).
public struct TransactionKind: Hashable, Sendable {
  /// What is sold.
  public enum Service: UInt8, Hashable, Sendable, CaseIterable {
    /// Goods or services, with or without cashback.
    case purchase
    /// Cash alone.
    case cash
    /// Anything else: a refund, an inquiry.
    case other
  }

  /// The transaction type (9C).
  public var type: UInt8
  /// What is sold.
  public var service: Service
  /// Whether cash is paid out even where the amount for it is zero.
  public var hasCashback: Bool
  /// Whether only an AAC is asked for: the card is read, nothing is authorised, and the outcome is
  /// declined off line without a message to anybody.
  public var wantsDecline: Bool

  /// A kind of transaction.
  public init(
    type: UInt8, service: Service, hasCashback: Bool = false, wantsDecline: Bool = false
  ) {
    self.type = type
    self.service = service
    self.hasCashback = hasCashback
    self.wantsDecline = wantsDecline
  }

  /// The usual types: purchase, cash, purchase with cashback, refund.
  public static var usual: [TransactionKind] {
    [
      TransactionKind(type: 0x00, service: .purchase),
      TransactionKind(type: 0x01, service: .cash),
      TransactionKind(type: 0x09, service: .purchase, hasCashback: true),
      TransactionKind(type: 0x20, service: .other, wantsDecline: true),
    ]
  }
}

/// Everything a kernel knows before a card comes.
public struct KernelSettings: Hashable, Sendable {
  /// The terminal's type (9F35).
  public var terminalType: TerminalType
  /// What it can do (9F33).
  public var capabilities: TerminalCapabilities
  /// What else it can do (9F40).
  public var additionalCapabilities: AdditionalCapabilities
  /// The country (9F1A), n 3: 0x0840.
  public var country: UInt16
  /// The languages spoken here, the local one first; at least one.
  public var languages: [Language]
  /// Further terminal data: 9F1C, 9F16, 9F15, 9F01, 9F1E, 9F4E.
  public var terminalObjects: [DataObject]
  /// The applications, in the order in which they are tried.
  public var applications: [ApplicationParameters]
  /// The certification authorities' keys.
  public var keys: [AuthorityKey]
  /// Issuers' certificates that are not valid any more.
  public var revoked: [RevokedCertificate]
  /// What transaction types mean.
  public var kinds: [TransactionKind]
  /// Choices.
  public var options: KernelOptions

  /// Settings with the usual transaction types and the recommended choices.
  public init(
    terminalType: TerminalType, capabilities: TerminalCapabilities,
    additionalCapabilities: AdditionalCapabilities, country: UInt16, languages: [Language],
    applications: [ApplicationParameters], keys: [AuthorityKey] = [],
    terminalObjects: [DataObject] = [], options: KernelOptions = KernelOptions()
  ) {
    self.terminalType = terminalType
    self.capabilities = capabilities
    self.additionalCapabilities = additionalCapabilities
    self.country = country
    self.languages = languages
    self.applications = applications
    self.keys = keys
    self.terminalObjects = terminalObjects
    self.options = options
    revoked = []
    kinds = TransactionKind.usual
  }

  /// The certification authority's key of a payment system.
  public func key(of aid: AID, index: UInt8) -> AuthorityKey? {
    keys.first { $0.index == index && aid.bytes.starts(with: $0.scheme) }
  }

  /// What a transaction type means; a type that nobody described is something else.
  public func kind(of type: UInt8) -> TransactionKind {
    kinds.first { $0.type == type } ?? TransactionKind(type: type, service: .other)
  }
}
