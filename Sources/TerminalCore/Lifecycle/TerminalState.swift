// SPDX-License-Identifier: Apache-2.0

//  factory ─ self-test ─▶ unregistered ─▶ applying ─▶ under review ─▶ provisioning ─▶ commissioning
//                              ▲             ▲             │ rejected      │                │
//                              │             └─────────────┘               │                ▼
//                          safe mode ◀── any                               └────▶      in service
//
//  in service = signed off | ready | busy | settling | updating | locked
//  suspended, tampered, retired: nothing is sold

/// Where a terminal is in its life.
public enum TerminalState: UInt8, Hashable, Sendable, CaseIterable {
  /// Empty journal, nothing checked yet.
  case factory
  /// Checking itself.
  case selfTest
  /// Healthy, and nobody's.
  case unregistered
  /// The merchant's application is on its way to the management server.
  case applying
  /// The application is being reviewed, or was rejected with reasons.
  case underReview
  /// Approved; parameters and keys are being fetched.
  case provisioning
  /// Everything is there; only test transactions are possible until one has passed.
  case commissioning
  /// In service, and not signed on to the acquirer.
  case signedOff
  /// In service and free.
  case ready
  /// In service with a transaction running.
  case busy
  /// In service, closing the batch.
  case settling
  /// In service, installing an update.
  case updating
  /// In service, but money is refused until the named cause is cured.
  case locked
  /// Taken out of service by the host, or because a certificate or key ends.
  case suspended
  /// The application does not start by itself; only the console works.
  case safeMode
  /// Somebody opened it; final.
  case tampered
  /// Out of use; final.
  case retired

  /// The state's name as people and the control interface see it.
  public var name: String {
    switch self {
    case .factory: "factory"
    case .selfTest: "self-test"
    case .unregistered: "unregistered"
    case .applying: "applying"
    case .underReview: "under review"
    case .provisioning: "provisioning"
    case .commissioning: "commissioning"
    case .signedOff: "signed off"
    case .ready: "ready"
    case .busy: "busy"
    case .settling: "settling"
    case .updating: "updating"
    case .locked: "locked"
    case .suspended: "suspended"
    case .safeMode: "safe mode"
    case .tampered: "tampered"
    case .retired: "retired"
    }
  }

  /// Who leads out of the state, and how.
  public var exit: String {
    switch self {
    case .factory: "the terminal, by its first start"
    case .selfTest: "the terminal, when the self-test has passed"
    case .unregistered: "technician or merchant, by register"
    case .applying: "the management server, by taking the application"
    case .underReview: "the acquirer, by approving; the merchant, by applying again"
    case .provisioning: "the management server, by handing out parameters"
    case .commissioning: "technician, by commission after an approved and printed test sale"
    case .signedOff: "the terminal, by signing on"
    case .ready: "clerk, by a transaction"
    case .busy: "the terminal, when the transaction ends"
    case .settling: "the terminal, when the batch is closed"
    case .updating: "the terminal, when the update is done or rolled back"
    case .locked: "who cures the cause that status names"
    case .suspended: "the acquirer or operator"
    case .safeMode: "technician"
    case .tampered: "nobody"
    case .retired: "nobody"
    }
  }
}
