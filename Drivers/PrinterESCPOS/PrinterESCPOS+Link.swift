// SPDX-License-Identifier: Apache-2.0

import Clockwork
import Devices

// The link, the printer's state and the questions about it.

extension PrinterESCPOS {
  /// Forgets whatever was said on the old link and asks anew. What the printer owes it still
  /// owes: it may be printing yet what came over the old link.
  mutating func opened(at now: Instant, _ effects: inout [Effect]) {
    lose(.unavailable(.link(.lost)), &effects)
    parser = ReplyParser(timing: timing, profile: profile)
    refreshDue = nil
    condition = nil
    until = nil
    state = .asking
    ask(full: true, at: now, &effects)
  }

  /// What was under way ends now: nobody can ask the printer any more.
  mutating func closed(_ fault: LinkFault, _ effects: inout [Effect]) {
    lose(.unavailable(.link(fault)), &effects)
    parser = ReplyParser(timing: timing, profile: profile)
    refreshDue = nil
    questions = nil
    condition = nil
    until = nil
    state = .down(fault)
    say(.unavailable(.link(fault)), &effects)
  }

  private mutating func lose(_ obstacle: PrintObstacle, _ effects: inout [Effect]) {
    switch state {
    case .down, .asking, .silent, .idle: break
    case .greeting(let job), .waking(let job), .printing(let job), .halted(let job),
      .clearing(let job, _):
      finish(job.order, unproven(job, obstacle), &effects)
    }
    if let waiting { finish(waiting, .notPrinted(obstacle, isFragment: false), &effects) }
    waiting = nil
  }

  /// Feeds the parser and takes what it understood.
  mutating func received(_ bytes: [UInt8], at now: Instant, _ effects: inout [Effect]) {
    if case .down = state {
      ignoredEvents += 1
      return
    }
    for reply in parser.take(bytes, at: now) { take(reply, at: now, &effects) }
  }

  /// Acts on one reply.
  mutating func take(_ reply: Reply, at now: Instant, _ effects: inout [Effect]) {
    switch reply {
    case .report(let bytes): changed(to: Condition(report: bytes), at: now, &effects)
    case .realTime(let byte): answered(byte, at: now, &effects)
    case .single(_, isBehindReport: true): answeredFence(at: now, &effects)
    case .processID(let number): printed(upTo: number, at: now, &effects)
    case .cleared: cleared(at: now, &effects)
    case .truncated, .desync:
      // What was torn may have been a change of state, so ask for it; never for the proof again:
      // a printer that was switched off and on would answer for paper it never printed.
      strayReplies += 1
      refresh(at: now, &effects)
    case .noise, .single(_, isBehindReport: false): strayReplies += 1
    case .block, .flow: break
    }
  }

  /// On a line of noise every answer may be torn again: it is asked now and then, not each time.
  mutating func refresh(at now: Instant, _ effects: inout [Effect]) {
    if now < refreshesFrom {
      refreshDue = refreshesFrom
      return
    }
    refreshDue = nil
    refreshesFrom = now + timing.refreshPause
    switch state {
    case .idle, .printing: write(Command.automaticStatus, &effects)
    case .down, .asking, .silent, .greeting, .waking, .halted, .clearing: break
    }
  }

  /// Begins a round of questions, or lets the one under way go on.
  mutating func ask(full: Bool, at now: Instant, _ effects: inout [Effect]) {
    if questions != nil { return }
    let questions = Questions(isFull: full, deadline: now + answerTime)
    self.questions = questions
    write(Command.status(questions.current), &effects)
  }

  private var answerTime: Interval { timing.realTimeAnswer + profile.wireTime(4) }

  private mutating func answered(_ byte: UInt8, at now: Instant, _ effects: inout [Effect]) {
    guard var questions else {
      strayReplies += 1
      return
    }
    questions.answers.append(byte)
    questions.misses = 0
    questions.deadline = now + answerTime
    if questions.areAnswered {
      self.questions = nil
      let known =
        questions.answers.count == 1
        ? Condition(isPaperLow: condition?.isPaperLow ?? false)
        : Condition(answers: questions.answers)
      learnt(known, at: now, &effects)
    } else {
      self.questions = questions
      write(Command.status(questions.current), &effects)
    }
  }

  /// An unanswered question is asked again; then the printer is silent.
  mutating func missed(at now: Instant, _ effects: inout [Effect]) {
    guard var questions else { return }
    questions.misses += 1
    if questions.misses < Limits.misses {
      questions.deadline = now + answerTime
      self.questions = questions
      write(Command.status(questions.current), &effects)
    } else {
      self.questions = nil
      fellSilent(at: now, &effects)
    }
  }

  private mutating func fellSilent(at now: Instant, _ effects: inout [Effect]) {
    switch state {
    case .down, .waking, .clearing: return
    case .halted:
      // A stopped printer may hold back the line and with it our questions: patience decides.
      return
    case .asking, .silent, .idle: break
    case .greeting(let job), .printing(let job):
      finish(job.order, unproven(job, .unavailable(.silent)), &effects)
    }
    if let waiting {
      finish(waiting, .notPrinted(.unavailable(.silent), isFragment: false), &effects)
    }
    waiting = nil
    becomeSilent(at: now, &effects)
  }

  /// Nothing is known of the printer until it answers again.
  mutating func becomeSilent(at now: Instant, _ effects: inout [Effect]) {
    state = .silent
    condition = nil
    until = now + timing.troublePoll
    say(.unavailable(.silent), &effects)
  }

  /// The questions are answered. After a silence the printer may have been switched off and on,
  /// and no longer report by itself.
  private mutating func learnt(
    _ known: Condition, at now: Instant, _ effects: inout [Effect]
  ) {
    switch state {
    case .asking, .silent:
      write(Command.automaticStatus, &effects)
      state = .idle
      owedEnds = now + owedTime + timing.lostAnswer
      changed(to: known, at: now, &effects)
    case .greeting(let job) where known.halt == nil:
      changed(to: known, at: now, &effects)
      wake(job, at: now, &effects)
    case .printing(let job) where known.halt == nil:
      changed(to: known, at: now, &effects)
      foundOnline(job, at: now, &effects)
    case .idle where known.halt != nil && condition?.halt == nil:
      write(Command.automaticStatus, &effects)
      changed(to: known, at: now, &effects)
    case .down, .idle, .greeting, .waking, .printing, .halted, .clearing:
      changed(to: known, at: now, &effects)
    }
  }

  /// The printer's state is known, changed or not.
  mutating func changed(to known: Condition, at now: Instant, _ effects: inout [Effect]) {
    let before = condition
    condition = known
    say(known.status, &effects)
    switch state {
    case .down, .asking, .silent, .waking, .clearing: break
    case .idle:
      if before?.halt != nil && known.halt == nil {
        owedEnds = now + owedTime + timing.lostAnswer
      }
      startOrWait(at: now, &effects)
    case .greeting(let job): greeted(job, by: known, at: now, &effects)
    case .printing(let job):
      if let halt = known.halt { stopped(job, by: halt, at: now, &effects) }
    case .halted(let job): stirred(job, known, at: now, &effects)
    }
  }

  /// Looks at the printer from time to time, for not every printer reports by itself.
  func nextLook(after now: Instant) -> Instant {
    condition?.halt == nil
      ? Heartbeat.next(after: now, every: timing.poll) : now + timing.troublePoll
  }

  /// The idle time is over: a document waits, or it is time to look.
  mutating func looked(at now: Instant, _ effects: inout [Effect]) {
    if waiting == nil { ask(full: condition?.halt != nil, at: now, &effects) }
    startOrWait(at: now, &effects)
  }
}
