// SPDX-License-Identifier: Apache-2.0

/// The type of a terminal (9F35; EMV 4.4 Book 4, A1).
public struct TerminalType: Hashable, Sendable {
  /// Who runs a terminal.
  public enum Operator: UInt8, Hashable, Sendable, CaseIterable {
    /// A financial institution.
    case financialInstitution = 1
    /// A merchant.
    case merchant
    /// The cardholder.
    case cardholder
  }

  /// How a terminal comes to a decision.
  public enum Reach: UInt8, Hashable, Sendable, CaseIterable {
    /// The host decides each transaction.
    case onlineOnly
    /// The host or card and terminal decide.
    case offlineWithOnline
    /// There is no host.
    case offlineOnly
  }

  /// Two digits.
  public let rawValue: UInt8

  /// Nil for a number that is no type.
  public init?(rawValue: UInt8) {
    switch rawValue {
    case 0x11...0x16, 0x21...0x26, 0x34...0x36: self.rawValue = rawValue
    default: return nil
    }
  }

  /// Whether an attendant is there.
  public var isAttended: Bool { rawValue & 0x0F <= 3 }

  /// Who runs it.
  public var `operator`: Operator {
    switch rawValue >> 4 {
    case 1: .financialInstitution
    case 2: .merchant
    default: .cardholder
    }
  }

  /// How it comes to a decision.
  public var reach: Reach {
    switch rawValue & 0x0F {
    case 1, 4: .onlineOnly
    case 2, 5: .offlineWithOnline
    default: .offlineOnly
    }
  }
}
