// SPDX-License-Identifier: Apache-2.0

public import Clockwork
import Devices
public import Management

/// What one screen says of a terminal.
public struct TerminalStatus: Hashable, Sendable {
  /// The state.
  public var state: TerminalState
  /// Whether sales move no money.
  public var isTestMode: Bool
  /// What stands in somebody's way, the cause first.
  public var problems: [Problem]
  /// The committed network settings.
  public var network: NetworkSettings?
  /// The candidate and how far it is: "probing", "proven", "saving".
  public var candidate: NetworkSettings?
  /// How far the candidate is, or empty.
  public var candidateState: String
  /// The application's number, or empty.
  public var application: String
  /// Why the application was rejected, by field.
  public var rejection: [FieldReason]
  /// DE41, or empty.
  public var terminalID: String
  /// DE42, or empty.
  public var merchantID: String
  /// The merchant's name, or empty.
  public var merchantName: String
  /// Transactions whose reversal the acquirer has not taken.
  public var reversals: [TransactionRow]
  /// How often the oldest was tried in vain.
  public var reversalFailures: UInt32
  /// When what is queued is tried again; nil when nothing is, or it is being tried.
  public var queueNextTry: Instant?
  /// How many are parked: out of the queue, and not final.
  public var parked: UInt32
  /// The open batch, or the one that is being closed, and the one before it.
  public var batch: SettlementRecord
  /// Transactions whose receipt is not on paper.
  public var receiptsOwed: [TransactionRow]
  /// Transactions of whose receipt nobody knows.
  public var receiptsDoubtful: [TransactionRow]
  /// Closed batches whose slip is not on paper.
  public var slipsOwed: [BatchNumber]
  /// Closed batches of whose slip nobody knows.
  public var slipsDoubtful: [BatchNumber]
}

extension TerminalStatus {
  /// Of a terminal whose program does not start, and why: nothing of it is known.
  public static func safeMode(_ cause: String) -> TerminalStatus {
    TerminalStatus(
      state: .safeMode, isTestMode: false, problems: [.safeMode(cause)], network: nil,
      candidate: nil, candidateState: "", application: "", rejection: [], terminalID: "",
      merchantID: "", merchantName: "", reversals: [], reversalFailures: 0, queueNextTry: nil,
      parked: 0, batch: SettlementRecord(batch: .first), receiptsOwed: [], receiptsDoubtful: [],
      slipsOwed: [], slipsDoubtful: [])
  }
}

extension Terminal {
  /// Whether a test sale has been approved and printed.
  public var hasPassedTestSale: Bool { testSalePassed }

  /// What one screen says.
  public var status: TerminalStatus {
    var status = TerminalStatus(
      state: state, isTestMode: !isCommissioned, problems: problems, network: network.settings,
      candidate: network.candidate, candidateState: candidateState,
      application: registration.application, rejection: [], terminalID: "", merchantID: "",
      merchantName: "", reversals: reversals.queue.map { $0.row },
      reversalFailures: reversals.failures, queueNextTry: queueNextTry, parked: parked,
      batch: settlement.record,
      receiptsOwed: prints.owed.compactMap { $0.record?.row },
      receiptsDoubtful: prints.doubtful.compactMap { $0.record?.row },
      slipsOwed: prints.owed.compactMap { $0.slip?.closed.batch },
      slipsDoubtful: prints.doubtful.compactMap { $0.slip?.closed.batch })
    if case .rejected(let reasons) = registration.phase { status.rejection = reasons }
    if case .provisioned(let parameters) = registration.phase {
      status.terminalID = parameters.terminalID
      status.merchantID = parameters.merchantID
      status.merchantName = parameters.merchantName
    }
    return status
  }

  /// What a person must look at, and have printed again.
  private var doubts: [Problem] {
    var doubts: [Problem] = []
    let receipts = prints.doubtful.compactMap { $0.record }
    if let first = receipts.first {
      doubts.append(.receiptDoubtful(reference: first.reference, others: receipts.count - 1))
    }
    for slip in prints.doubtful.compactMap({ $0.slip }) {
      doubts.append(.slipDoubtful(batch: slip.closed.batch))
    }
    return doubts
  }

  private var queueNextTry: Instant? {
    if !reversals.queue.isEmpty { return reversals.deadline }
    return advices.isEmpty ? nil : advices.deadline
  }

  private var candidateState: String {
    switch network.phase {
    case .settled: ""
    case .probing, .probingBackup: "probing"
    case .proven: "proven"
    case .journalling: "saving"
    }
  }

  /// What stands in somebody's way: what stops everything first, then the connection, the devices
  /// and what is owed.
  private var problems: [Problem] {
    var problems: [Problem] = []
    if let ledgerFault { problems.append(.journal(ledgerFault)) }
    if !isStorageRoomy, ledgerFault != .diskFull { problems.append(.journal(.diskFull)) }
    if let problem = network.problem { problems.append(problem) }
    if let problem = registration.problem { problems.append(problem) }
    if case .provisioned = registration.phase, dialect.macKey == nil, signIn == nil {
      problems.append(.keyCheck)
    }
    if let problem = signIn?.problem ?? batchProblem { problems.append(problem) }
    if let problem = settlement.problem { problems.append(problem) }
    if merchant != nil, let missing = missingDownload { problems.append(.downloadMissing(missing)) }
    problems += downloads.troubles.map { $0.problem } + keyProblems
    if let trouble = devices.reader { problems.append(.reader(trouble)) }
    if settings.chip == nil, !devices.readsStripes { problems.append(.chipsNotSetUp) }
    if let trouble = devices.pinPad { problems.append(.pinPad(trouble)) }
    if let problem = prints.problem { problems.append(problem) }
    let refused = settings.refusedTemplates
    if !refused.isEmpty { problems.append(.templatesRefused(refused)) }
    if !settings.refusedLogo.isEmpty { problems.append(.logoRefused(settings.refusedLogo)) }
    if prints.logo.isGivenUp { problems.append(.logoNotKept) }
    if overfullSlips.count > 0 { problems.append(.slipsTooLong(overfullSlips)) }
    if !reversals.queue.isEmpty { problems.append(.reversalPending) }
    if advices.failures > 0 { problems.append(.advicePending) }
    if parked > 0 { problems.append(.parked(count: parked)) }
    return problems + doubts
  }
}
