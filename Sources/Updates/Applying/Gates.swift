// SPDX-License-Identifier: Apache-2.0

/// Some organs.
public struct Organs: Hashable, Sendable {
  private var bits: UInt16 = 0

  /// None.
  public static let none = Organs()

  /// None of them.
  public init() {}

  /// These.
  public init(_ organs: [Organ]) { organs.forEach { insert($0) } }

  /// One more.
  public mutating func insert(_ organ: Organ) { bits |= 1 << UInt16(organ.rawValue) }

  /// These and those.
  public func joined(with other: Organs) -> Organs {
    Organs(number: number | other.number)
  }

  /// Those of them that the other ones are not.
  public func without(_ other: Organs) -> Organs {
    Organs(number: number & ~other.number)
  }

  /// Whether it is one of them.
  public func contains(_ organ: Organ) -> Bool { bits & 1 << UInt16(organ.rawValue) != 0 }

  /// As a number, for a record.
  var number: Int64 { Int64(bits) }

  init(number: Int64) {
    let known = UInt16(1) << UInt16(Organ.allCases.count) - 1
    bits = UInt16(truncatingIfNeeded: number) & known
  }
}

/// What keeps an update from interrupting the terminal.
public enum UpdateLock: UInt8, Hashable, Sendable, CaseIterable {
  /// A sale is under way.
  case sale
  /// Money has not been sent, or not been settled.
  case unsentMoney
  /// A receipt is owed.
  case receiptOwed
  /// Somebody uses the menu.
  case menuInUse
  /// The merchant does not want it now.
  case windowClosed
  /// There is not power enough to come to an end.
  case noPower
  /// The till has postponed it.
  case postponed

  /// A word that never changes.
  public var code: String {
    switch self {
    case .sale: "sale"
    case .unsentMoney: "unsent-money"
    case .receiptOwed: "receipt-owed"
    case .menuInUse: "menu-in-use"
    case .windowClosed: "window-closed"
    case .noPower: "no-power"
    case .postponed: "postponed"
    }
  }
}

/// How the terminal is, as far as an update must know.
public struct Gates: Hashable, Sendable {
  /// A sale is under way.
  public var isSelling = false
  /// Money has not been sent, or not been settled.
  public var hasUnsentMoney = false
  /// It cannot be sent by the version that runs.
  public var isMoneyStuck = false
  /// A receipt is owed.
  public var owesReceipt = false
  /// Somebody uses the menu.
  public var isMenuInUse = false
  /// It is the merchant's time for updates.
  public var isWindowOpen = true
  /// There is power enough.
  public var hasPower = true
  /// The way to the mirror may be used for so much.
  public var isBearerAllowed = true
  /// What of the payment path is out of order already.
  public var ailing = Organs.none

  /// A terminal that has nothing to do.
  public init() {}
}

/// Who takes it upon himself that money stays unsent over an update.
public enum OverrideRole: UInt8, Hashable, Sendable, CaseIterable {
  /// The shop's supervisor.
  case supervisor
  /// A technician.
  case technician
}
