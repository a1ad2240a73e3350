// SPDX-License-Identifier: Apache-2.0

import Clockwork
public import Updates

/// What people see of an update.
public struct UpdateReport: Hashable, Sendable {
  /// Whether there are updates here at all.
  public var isHere = false
  /// The version that runs, and its slot; empty where no supervisor has started it.
  public var version = ""
  /// A or B.
  public var slot = ""
  /// Why this slot is the one that runs.
  public var cause = ""
  /// How far it is.
  public var stage = UpdateStage.idle
  /// Thousandths of the stage.
  public var progress: Int64 = 0
  /// The version on offer, or empty.
  public var offered = ""
  /// Its bytes.
  public var size: Int64 = 0
  /// What is new in it.
  public var noteEnglish = ""
  /// What is new in it.
  public var noteChinese = ""
  /// What forbids to apply it now.
  public var locks: [UpdateLock] = []
  /// Seconds until the terminal goes away; nil while nothing is announced.
  public var notice: Int64?
  /// For how many minutes.
  public var minutes: Int64 = 0
  /// What went wrong last.
  public var problem: UpdateProblem?
  /// Why the last file that was brought could not even be looked at, or nothing can be.
  public var objection: UpdateObjection?
  /// What became of earlier versions, the latest last.
  public var history: [UpdateOutcome] = []

  /// A terminal without updates.
  public init() {}

  /// The stage and how much of it is done, as technicians tell it each other: `[download-42]`.
  public var code: String { "[\(stage.code)-\(progress / 10)]" }
}

extension UpdateDesk {
  /// What people see.
  public var report: UpdateReport {
    var report = UpdateReport()
    report.isHere = isOpen
    if isOpen, let slots {
      report.version = slots.version.description
      report.slot = slots.running.text.description
      report.cause = slots.boot?.cause.code.description ?? ""
    }
    report.stage = isLookingAtFile ? .verify : machine.visibleStage
    report.progress = machine.progress
    if let offer = machine.offer {
      report.offered = offer.release.version.description
      report.size = offer.target.length
      report.noteEnglish = offer.release.noteEnglish.description
      report.noteChinese = offer.release.noteChinese.description
      report.minutes = offer.release.minutes
    }
    let now = SystemClock.now
    if report.stage == .gate || report.stage == .change { report.locks = machine.locks(at: now) }
    // The switch is made: what it waits for is the shop's business alone.
    if report.stage == .restart {
      report.locks = machine.locks(at: now).filter {
        $0 == .sale || $0 == .unsentMoney || $0 == .receiptOwed
      }
    }
    if let noticeEnds { report.notice = max(0, ((noticeEnds - now).milliseconds + 999) / 1_000) }
    report.problem = machine.problem
    report.objection = unopened ?? (offerFailed ? .unreadable : nil)
    report.history = machine.history
    return report
  }

  /// What a person, a till or a tool wants of an update.
  public enum Wish: Hashable, Sendable {
    /// To know what is current.
    case check
    /// To have it fetched.
    case download
    /// To have it applied as soon as nothing forbids it.
    case apply
    /// So many minutes more.
    case postpone(minutes: Int64)
    /// Not to have it after all.
    case cancel
    /// To take it upon himself that money stays unsent.
    case override(OverrideRole)
    /// To have this file of the terminal installed, with a recovery document or without.
    case install(path: String, recovery: String?)
  }

  /// Why there are no updates yet where there should be.
  private var unopened: UpdateObjection? {
    guard !isOpen, let slots else { return nil }
    return .slotsUnknown(slots.silence)
  }

  /// Meets a wish, or says why not.
  public func ask(_ wish: Wish) -> UpdateObjection? {
    if !isOpen { return unopened ?? .notHere }
    let stage = machine.visibleStage
    // What comes of the file decides what anybody may want.
    if isLookingAtFile { return .notNow(report.stage) }
    switch wish {
    case .check: return isTaken(.checkAsked) ? nil : .notNow(stage)
    case .download: return isTaken(.downloadAsked) ? nil : .notNow(stage)
    case .apply: return isTaken(.applyAsked) ? nil : .notNow(stage)
    case .postpone(let minutes):
      return isTaken(.postponeAsked(minutes: minutes)) ? nil : .notPostponed
    case .cancel: return isTaken(.cancelAsked) ? nil : .notNow(stage)
    case .override(let role):
      if !isTaken(.overridden(role)) { return .notNow(stage) }
      gatesMayHaveChanged()
      return nil
    case .install(let path, let recovery):
      if !machine.takesFile { return .notNow(report.stage) }
      var document: [UInt8]?
      if let recovery {
        document = FileSystem.readPlain(recovery, limit: RecoveryKeys.documentLimit)
        if document == nil { return .unreadable }
      }
      return offer(path, recovery: document) ? nil : .unreadable
    }
  }

  /// Whether the machine does something with it.
  private func isTaken(_ event: UpdateMachine.Event) -> Bool {
    let before = machine.unexpectedEvents
    tell(event)
    return machine.unexpectedEvents == before
  }
}
