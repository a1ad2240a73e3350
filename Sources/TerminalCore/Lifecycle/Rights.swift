// SPDX-License-Identifier: Apache-2.0

/// What people ask a terminal to do.
public enum Action: UInt8, Hashable, Sendable, CaseIterable {
  /// Read status, transactions, reversals and the trace.
  case inspect
  /// Change the network settings.
  case configureNetwork
  /// Apply for registration.
  case register
  /// Sell with test money.
  case testSale
  /// Go into service.
  case commission
  /// Sell.
  case sale
  /// Take a sale or a held amount back.
  case void
  /// Give money back.
  case refund
  /// Ask what an account holds.
  case balance
  /// Hold an amount, and take it later.
  case preAuthorisation
  /// Approve a sale without asking.
  case offlineSale
  /// Close the batch.
  case settle
  /// Fetch keys from the acquirer.
  case signIn
  /// Leave the acquirer.
  case signOff
  /// Download parameters, keys and lists from the acquirer.
  case download
  /// Send what is still owed to the acquirer.
  case sendQueue
  /// Print the last receipt again.
  case reprint
  /// Load and select the PIN pad's keys.
  case loadKeys
  /// Print a test page.
  case testPrinter

  /// The action's name as people see it.
  public var name: String {
    switch self {
    case .inspect: "inspect"
    case .configureNetwork: "network"
    case .register: "register"
    case .testSale: "test sale"
    case .commission: "commission"
    case .sale: "sale"
    case .void: "void"
    case .refund: "refund"
    case .balance: "balance"
    case .preAuthorisation: "pre-authorisation"
    case .offlineSale: "offline sale"
    case .settle: "settle"
    case .signIn: "sign in"
    case .signOff: "sign off"
    case .download: "download"
    case .sendQueue: "send queue"
    case .reprint: "reprint"
    case .loadKeys: "keys"
    case .testPrinter: "printer test"
    }
  }
}

extension Action {
  /// What a kind of transaction is among the actions.
  init(_ kind: TransactionKind) {
    switch kind {
    // A notice follows a sale by itself.
    case .sale, .scriptNotice: self = .sale
    case .void, .preAuthorisationVoid, .completionVoid, .offlineVoid: self = .void
    case .refund: self = .refund
    case .balance: self = .balance
    case .preAuthorisation, .completion, .completionAdvice: self = .preAuthorisation
    case .offlineSale, .tip: self = .offlineSale
    }
  }
}

extension TerminalState {
  /// Whether the state allows the action: the rights table.
  public func allows(_ action: Action) -> Bool {
    switch action {
    case .inspect:
      true
    case .configureNetwork:
      switch self {
      case .unregistered, .applying, .underReview, .provisioning, .commissioning, .signedOff,
        .ready, .locked, .suspended:
        true
      case .factory, .selfTest, .busy, .settling, .updating, .safeMode, .tampered, .retired:
        false
      }
    case .register:
      self == .unregistered || self == .underReview
    case .loadKeys, .testPrinter:
      switch self {
      case .unregistered, .applying, .underReview, .provisioning, .commissioning, .signedOff,
        .ready, .locked, .suspended:
        true
      case .factory, .selfTest, .busy, .settling, .updating, .safeMode, .tampered, .retired:
        false
      }
    case .testSale, .commission:
      self == .commissioning
    case .sale, .void, .refund, .balance, .preAuthorisation, .offlineSale, .signOff:
      self == .ready
    case .settle:
      self == .ready || self == .settling
    case .signIn, .download:
      self == .ready || self == .signedOff || self == .commissioning
    case .sendQueue, .reprint:
      switch self {
      case .commissioning, .signedOff, .ready, .settling, .locked, .suspended: true
      case .factory, .selfTest, .unregistered, .applying, .underReview, .provisioning, .busy,
        .updating, .safeMode, .tampered, .retired:
        false
      }
    }
  }

  /// The whole table as lines of text: state, what it allows, who leads out of it.
  public static var table: [String] {
    var lines = ["| State | Allows | Who leads out of it |", "|---|---|---|"]
    for state in TerminalState.allCases {
      var allowed = ""
      for action in Action.allCases where state.allows(action) {
        if !allowed.isEmpty { allowed += ", " }
        allowed += action.name
      }
      lines.append("| \(state.name) | \(allowed) | \(state.exit) |")
    }
    return lines
  }
}
