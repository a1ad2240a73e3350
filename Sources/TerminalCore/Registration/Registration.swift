// SPDX-License-Identifier: Apache-2.0

public import Clockwork
public import Devices
public import Management

//  unregistered ─▶ applying ─▶ journalling ─▶ under review ─▶ provisioning ─▶ journalling ─▶ done
//        ▲             │                          │  │ rejected
//        └── refused ──┘                          │  └─▶ reasons kept; apply again
//                                                 └─ asks again after a pause

/// The way from a factory-fresh terminal to one that has the merchant's parameters.
public struct Registration: Machine {
  /// What it is told.
  public enum Event: Hashable, Sendable {
    /// Somebody applies.
    case applied(MerchantApplication)
    /// The management server answered, or not.
    case answered(HTTPAnswer)
    /// What was to be journalled is on disk.
    case journalled
    /// It is not.
    case journalFailed(JournalFault)
    /// The deadline has come.
    case deadlinePassed
  }

  /// What it asks for.
  public enum Effect: Hashable, Sendable {
    /// Ask the management server.
    case request(HTTPRequest)
    /// Put `record` on disk.
    case journal
    /// The application has been taken, or not.
    case applicationEnded(Problem?)
    /// The parameters are on disk.
    case provisioned(TerminalParameters)
  }

  /// Where it stands.
  public enum Phase: Hashable, Sendable {
    /// Nobody has applied.
    case unregistered
    /// The application is on its way.
    case applying(MerchantApplication)
    /// The application's number is going to disk.
    case journallingApplication
    /// The acquirer reviews.
    case underReview
    /// The acquirer said no, with reasons.
    case rejected([FieldReason])
    /// Parameters are being fetched.
    case provisioning
    /// The parameters are going to disk.
    case journallingParameters(TerminalParameters)
    /// Everything is there.
    case provisioned(TerminalParameters)
  }

  /// Where it stands.
  public private(set) var phase: Phase
  /// The application's number at the management server, once there is one.
  public private(set) var application: String
  /// Why the last request failed, until one succeeds.
  public private(set) var problem: Problem?
  /// The next moment at which it wants to be woken.
  public private(set) var deadline: Instant?
  /// Events that meant nothing where they came.
  public private(set) var unexpectedEvents: UInt32 = 0
  private let serial: String
  private let pollPause: Interval
  private var requestNumber: UInt32 = 0
  private var outstanding: UInt32?

  /// Whether a restart would lose nothing: no request is on its way, and nothing is remembered
  /// that is not in the journal.
  var isAtRest: Bool {
    if outstanding != nil { return false }
    switch phase {
    case .unregistered, .underReview, .provisioned: return true
    case .applying, .journallingApplication, .rejected, .provisioning, .journallingParameters:
      return false
    }
  }

  /// How long one answer may take before it is asked for again.
  private static let answerLimit = Interval.seconds(30)

  /// From the record of an earlier run.
  init(serial: String, pollPause: Interval, record: RegistrationRecord) {
    self.serial = serial
    self.pollPause = pollPause
    self.application = record.application
    if let parameters = record.parameters {
      phase = .provisioned(parameters)
    } else if record.application.isEmpty {
      phase = .unregistered
    } else {
      phase = .underReview
      deadline = .start
    }
  }

  /// What is kept over a restart.
  var record: RegistrationRecord {
    switch phase {
    case .journallingParameters(let parameters), .provisioned(let parameters):
      RegistrationRecord(application: application, parameters: parameters)
    case .unregistered, .applying, .journallingApplication, .underReview, .rejected,
      .provisioning:
      RegistrationRecord(application: application, parameters: nil)
    }
  }

  /// Moves by one event.
  public mutating func handle(_ event: Event, at now: Instant) -> [Effect] {
    switch event {
    case .applied(let application): return applied(application, at: now)
    case .answered(let answer): return answered(answer, at: now)
    case .journalled: return journalled(at: now)
    case .journalFailed(let fault): return journalFailed(fault, at: now)
    case .deadlinePassed: return wake(at: now)
    }
  }

  private mutating func applied(_ application: MerchantApplication, at now: Instant) -> [Effect] {
    switch phase {
    case .unregistered, .rejected, .underReview:
      phase = .applying(application)
      let path = "/v1/terminals/" + serial + "/applications"
      return send(isPost: true, path, application.encode(), at: now)
    case .applying, .journallingApplication, .provisioning, .journallingParameters,
      .provisioned:
      return unexpected()
    }
  }

  private mutating func answered(_ answer: HTTPAnswer, at now: Instant) -> [Effect] {
    switch answer {
    case .failed(let number, let layer, let code):
      if number != outstanding { return unexpected() }
      outstanding = nil
      return failed(.network(layer, code: code), at: now)
    case .answered(let number, let status, let body):
      if number != outstanding { return unexpected() }
      outstanding = nil
      if !(200...299).contains(status) { return failed(.management(status: status), at: now) }
      return read(body, at: now)
    }
  }

  private mutating func read(_ body: [UInt8], at now: Instant) -> [Effect] {
    switch phase {
    case .applying:
      guard let receipt = try? ApplicationReceipt(decoding: body) else {
        return failed(.managementAnswer, at: now)
      }
      application = receipt.application
      phase = .journallingApplication
      deadline = nil
      return [.journal]
    case .underReview:
      guard let state = try? ApplicationState(decoding: body) else {
        return failed(.managementAnswer, at: now)
      }
      return reviewed(state, at: now)
    case .provisioning:
      guard let parameters = try? TerminalParameters(decoding: body) else {
        return failed(.managementAnswer, at: now)
      }
      phase = .journallingParameters(parameters)
      deadline = nil
      problem = nil
      return [.journal]
    case .unregistered, .journallingApplication, .rejected, .journallingParameters,
      .provisioned:
      return unexpected()
    }
  }

  private mutating func reviewed(_ state: ApplicationState, at now: Instant) -> [Effect] {
    problem = nil
    switch state {
    case .pending:
      deadline = now + pollPause
      return []
    case .rejected(let reasons):
      phase = .rejected(reasons)
      problem = .rejected
      deadline = nil
      return []
    case .approved:
      phase = .provisioning
      return fetchParameters(at: now)
    }
  }

  private mutating func journalled(at now: Instant) -> [Effect] {
    switch phase {
    case .journallingApplication:
      phase = .underReview
      problem = nil
      deadline = now + pollPause
      return [.applicationEnded(nil)]
    case .journallingParameters(let parameters):
      phase = .provisioned(parameters)
      return [.provisioned(parameters)]
    case .unregistered, .applying, .underReview, .rejected, .provisioning, .provisioned:
      return unexpected()
    }
  }

  private mutating func journalFailed(_ fault: JournalFault, at now: Instant) -> [Effect] {
    problem = .journal(fault)
    switch phase {
    case .journallingApplication:
      phase = .unregistered
      application = ""
      return [.applicationEnded(.journal(fault))]
    case .journallingParameters:
      phase = .provisioning
      deadline = now + pollPause
      return []
    case .unregistered, .applying, .underReview, .rejected, .provisioning, .provisioned:
      return unexpected()
    }
  }

  private mutating func wake(at now: Instant) -> [Effect] {
    guard let due = deadline, now >= due else { return [] }
    deadline = nil
    if outstanding != nil {
      outstanding = nil
      return failed(.network(.read, code: 0), at: now)
    }
    switch phase {
    case .underReview:
      return send(isPost: false, "/v1/applications/" + application, [], at: now)
    case .provisioning:
      return fetchParameters(at: now)
    case .unregistered, .applying, .journallingApplication, .rejected, .journallingParameters,
      .provisioned:
      return []
    }
  }

  private mutating func failed(_ problem: Problem, at now: Instant) -> [Effect] {
    self.problem = problem
    if case .applying = phase {
      phase = application.isEmpty ? .unregistered : .underReview
      deadline = application.isEmpty ? nil : now + pollPause
      return [.applicationEnded(problem)]
    }
    deadline = now + pollPause
    return []
  }

  private mutating func fetchParameters(at now: Instant) -> [Effect] {
    send(isPost: false, "/v1/terminals/" + serial + "/parameters", [], at: now)
  }

  private mutating func send(
    isPost: Bool, _ path: String, _ body: [UInt8], at now: Instant
  ) -> [Effect] {
    requestNumber &+= 1
    outstanding = requestNumber
    deadline = now + Registration.answerLimit
    return [
      .request(HTTPRequest(number: requestNumber, isPost: isPost, path: path, body: body))
    ]
  }

  private mutating func unexpected() -> [Effect] {
    unexpectedEvents += 1
    return []
  }
}
