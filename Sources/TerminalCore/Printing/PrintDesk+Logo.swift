// SPDX-License-Identifier: Apache-2.0

import Clockwork
import Devices

//   free ──▶ beginning ──────────▶ storing ──────────────▶ ending ──▶ free
//             the attempt is          proven: kept            what became of it
//             written                 else: once more later   is written
//
// Nothing is torn off for it: a receipt that comes to be owed meanwhile waits, for a minute or two
// and a few times in the life of a printer, since half a logo would swallow the receipt.

/// How far the storing of a logo is.
enum LogoStep: Hashable, Sendable {
  /// The attempt is being written.
  case beginning
  /// The printer has it.
  case storing(job: UInt32)
  /// What became of it is being written.
  case ending(Problem?)
}

extension PrintDesk {
  /// Before a printer is sent the logo once more.
  private static let logoPause = Interval.seconds(600)

  /// Rows of the logo that the printer has; 0 for none.
  var logoDots: Int { logo.isKept ? logos.first?.height ?? 0 : 0 }

  /// Whether the printer is being given the logo.
  var isStoringLogo: Bool {
    if case .logo = phase { return true }
    return false
  }

  /// Whether it may be at work with it still: an attempt has ended a while ago without a proof.
  var mayBeStoringLogo: Bool {
    isStoringLogo || logoDue != nil && !logo.isKept && logo.attempts > 0
  }

  /// Whether the printer is to be given the logo as soon as nothing else is under way, or what
  /// became of the last time is to be written once more.
  var wantsLogo: Bool {
    guard !logos.isEmpty, logoDue == nil else { return false }
    return canBegin && (isLogoUnwritten || !logo.isKept && !logo.isGivenUp)
  }

  /// What an earlier run knew; of another logo it says nothing.
  mutating func adopt(_ stored: StoredLogo) {
    if stored.isOfSameLogo(as: logo) { logo = stored }
  }

  mutating func wantLogo(_ isOrdered: Bool, at now: Instant) -> [Effect] {
    if logos.isEmpty { return isOrdered ? [.orderEnded(.logoMissing)] : [] }
    if !canBegin { return isOrdered ? [.orderEnded(problem ?? .busy)] : [] }
    if isLogoUnwritten, !isOrdered {
      phase = .logo(.ending(nil), isOrdered: false)
      return [.journalLogo(logo)]
    }
    logoBefore = logo
    logo.isKept = false
    // What a person orders is one attempt: where it fails, none follows by itself. Where posd ends
    // before it is known how it went, one does.
    logo.attempts = isOrdered ? StoredLogo.mostAttempts - 1 : logo.attempts + 1
    phase = .logo(.beginning, isOrdered: isOrdered)
    return [.journalLogo(logo)]
  }

  mutating func logoJournalled(
    _ step: LogoStep, _ isOrdered: Bool, _ fault: JournalFault?, at now: Instant
  ) -> [Effect] {
    switch step {
    case .beginning:
      guard let fault else {
        let job = takeJob()
        phase = .logo(.storing(job: job), isOrdered: isOrdered)
        return logos.map { .printer(.print(PrintJob(number: job, keeps: $0))) }
      }
      // Nothing has left: it was no attempt.
      logo = logoBefore
      logoDue = now + PrintDesk.logoPause
      return endLogo(.journal(fault), isOrdered)
    case .storing:
      unexpectedEvents += 1
      return []
    case .ending(let problem):
      // What did not reach the disk is an attempt without a proof to the next start, until it does.
      isLogoUnwritten = fault != nil
      if isLogoUnwritten { logoDue = now + PrintDesk.logoPause }
      return endLogo(problem, isOrdered)
    }
  }

  mutating func logoEnded(
    _ outcome: PrintOutcome, _ isOrdered: Bool, at now: Instant
  ) -> [Effect] {
    switch outcome {
    case .printed:
      logo.isKept = true
      logo.attempts = 0
    case .notPrinted(_, isFragment: false):
      logo = logoBefore
      logoDue = now + PrintDesk.logoPause
    case .notPrinted(_, isFragment: true), .unknown:
      if isOrdered { logo.attempts = StoredLogo.mostAttempts }
      logoDue = now + PrintDesk.logoPause
    }
    phase = .logo(.ending(PrintDesk.problem(of: outcome)), isOrdered: isOrdered)
    return [.journalLogo(logo)]
  }

  private mutating func endLogo(_ problem: Problem?, _ isOrdered: Bool) -> [Effect] {
    phase = .free
    return (isOrdered ? [.orderEnded(problem)] : []) + next()
  }
}
