// SPDX-License-Identifier: Apache-2.0

import Clockwork
import Devices

// A printer that stops in the middle, a person who does not come, and a parser that sleeps.

extension PrinterESCPOS {
  /// The printer stopped with lines still to print. It keeps them and goes on by itself when the
  /// person is done, so the clock of the document stands still and that of patience starts.
  mutating func stopped(
    _ job: Job, by halt: PrinterHalt, at now: Instant, _ effects: inout [Effect]
  ) {
    if job.isBodyPrinted {
      finish(job.order, .printed(.processID), &effects)
      return rest(at: now, &effects)
    }
    var job = job
    questions = nil
    job.budget = until.map { $0 - now } ?? job.budget
    job.patienceEnds = now + timing.paperWait
    job.isDisturbed = halt == .coverOpen
    // Whether the answer came before or after the printer was switched off and on is not known.
    job.isFenced = false
    if halt == .broken { return giveUp(job, .halted(halt), at: now, &effects) }
    state = .halted(job)
    until = min(now + timing.troublePoll, job.patienceEnds)
  }

  /// The state of a stopped printer was seen again.
  mutating func stirred(
    _ job: Job, _ known: Condition, at now: Instant, _ effects: inout [Effect]
  ) {
    switch known.halt {
    case .coverOpen?, .paperOut?, .cutterJam?, .overheated?: return
    case .broken?: return giveUp(job, .halted(.broken), at: now, &effects)
    case .offline?:
      if !job.isDisturbed { return }
    case nil: break
    }
    if job.isDisturbed && profile.dleDc4Clear {
      // The line under the head may be lost or doubled: no slip is better than a wrong one.
      return giveUp(job, .halted(.coverOpen), at: now, &effects)
    }
    if known.halt != nil { return }
    questions = nil
    until = now + job.budget
    state = .printing(job)
  }

  /// Nothing has changed: look again, or give up when patience ends.
  mutating func stillHalted(_ job: Job, at now: Instant, _ effects: inout [Effect]) {
    if now >= job.patienceEnds {
      return giveUp(job, .halted(condition?.halt ?? .offline), at: now, &effects)
    }
    until = min(now + timing.troublePoll, job.patienceEnds)
    ask(full: true, at: now, &effects)
  }

  /// Makes sure that the rest never comes out by surprise, if this printer has a way.
  private mutating func giveUp(
    _ job: Job, _ obstacle: PrintObstacle, at now: Instant, _ effects: inout [Effect]
  ) {
    questions = nil
    if !profile.dleDc4Clear {
      finish(job.order, unproven(job, obstacle), &effects)
      owedTime = job.budget
      return rest(at: now, &effects)
    }
    effects.append(.link(.discardOutput))
    write(Command.clear, &effects)
    state = .clearing(job, obstacle)
    until = now + timing.clearAnswer
  }

  /// The buffers are empty: the tail of the document will never follow.
  mutating func cleared(at now: Instant, _ effects: inout [Effect]) {
    switch state {
    case .clearing(let job, let obstacle):
      owed = []
      let outcome: PrintOutcome =
        job.isBodyPrinted ? .printed(.processID) : .notPrinted(obstacle, isFragment: true)
      finish(job.order, outcome, &effects)
      rest(at: now, &effects)
      ask(full: true, at: now, &effects)
    case .waking(let job): greet(job, at: now, &effects)
    case .down, .asking, .silent, .idle, .greeting, .printing, .halted: strayReplies += 1
    }
  }

  /// The clear was not confirmed, so nobody can know.
  mutating func endUncleared(
    _ job: Job, _ obstacle: PrintObstacle, at now: Instant, _ effects: inout [Effect]
  ) {
    finish(job.order, unproven(job, obstacle), &effects)
    owedTime = job.budget
    owedEnds = now + owedTime + timing.lostAnswer
    rest(at: now, &effects)
    ask(full: true, at: now, &effects)
  }

  /// The core gives up waiting. A printer that is printing is not waited for in vain: its own
  /// deadline runs.
  mutating func abandoned(at now: Instant, _ effects: inout [Effect]) {
    if let waiting {
      finish(waiting, .notPrinted(.unavailable(.silent), isFragment: false), &effects)
      self.waiting = nil
      return
    }
    switch state {
    case .greeting(let job), .waking(let job):
      finish(job.order, .notPrinted(.unavailable(.silent), isFragment: false), &effects)
      rest(at: now, &effects)
    case .halted(let job):
      giveUp(job, .halted(condition?.halt ?? .offline), at: now, &effects)
    case .down, .asking, .silent, .idle, .printing, .clearing: ignoredEvents += 1
    }
  }

  /// The printer is online and does not answer the preamble: it takes it for the rest of a data
  /// block whose sender died. It is given an end of that block and the preamble again.
  mutating func wake(_ job: Job, at now: Instant, _ effects: inout [Effect]) {
    var job = job
    if now >= job.began + unsticking || profile.dleDc4Clear && job.wakings > 0 {
      return wakeFailed(job, at: now, &effects)
    }
    job.wakings += 1
    if profile.dleDc4Clear {
      write(Command.clear, &effects)
      state = .waking(job)
      until = now + timing.clearAnswer
      return
    }
    // A zero byte prints as nothing.
    let zeros = [UInt8](repeating: 0, count: Limits.chunkBytes)
    for _ in 0..<(Limits.zeroBytes / Limits.chunkBytes) { write(zeros, &effects) }
    greet(job, isAnother: true, at: now, &effects)
    owedTime = wakingAnswer
    owedEnds = now + owedTime + timing.lostAnswer
    until = now + owedTime
  }

  /// How long a sleeping parser is given the end of its block: a logo is longer than a band.
  private var unsticking: Interval {
    if !profile.keepsLogo || profile.dleDc4Clear { return timing.unsticking }
    let waves = Int64(PrintJob.mostLogoBytes / Limits.zeroBytes + 1)
    return timing.unsticking + profile.wireTime(PrintJob.mostLogoBytes)
      + .microseconds(timing.preambleAnswer.microseconds * waves)
  }

  /// It cannot be woken.
  mutating func wakeFailed(_ job: Job, at now: Instant, _ effects: inout [Effect]) {
    finish(job.order, .notPrinted(.unavailable(.silent), isFragment: false), &effects)
    questions = nil
    becomeSilent(at: now, &effects)
  }
}
