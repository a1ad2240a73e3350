// SPDX-License-Identifier: Apache-2.0

import Clockwork
import Devices

// A document from the order to the proof.

extension PrinterESCPOS {
  /// Takes an order, or says at once why not. A document longer than any receipt, or a logo that
  /// is too large or for a printer that keeps none, counts as one this printer has no time for.
  mutating func ordered(_ order: PrintJob, at now: Instant, _ effects: inout [Effect]) {
    let clean: (PrintObstacle) -> PrintOutcome = { .notPrinted($0, isFragment: false) }
    let isTooMuch =
      order.lines.count > PrintJob.mostLines
      || order.keeps.contains { !profile.keepsLogo || !Encoder.takes($0) }
    if waiting != nil || isTooMuch {
      return finish(order, clean(.busy), &effects)
    }
    switch state {
    case .down(let fault): finish(order, clean(.unavailable(.link(fault))), &effects)
    case .silent: finish(order, clean(.unavailable(.silent)), &effects)
    case .asking: waiting = order
    case .idle:
      waiting = order
      startOrWait(at: now, &effects)
    case .greeting, .waking, .printing, .halted, .clearing:
      finish(order, clean(.busy), &effects)
    }
  }

  /// Begins the waiting document unless the printer has stopped, is being asked, or owes an
  /// answer that would be taken for one of this document's.
  mutating func startOrWait(at now: Instant, _ effects: inout [Effect]) {
    until = nextLook(after: now)
    guard let order = waiting else { return }
    if let halt = condition?.halt {
      waiting = nil
      return finish(order, .notPrinted(.halted(halt), isFragment: false), &effects)
    }
    if questions != nil { return }
    if !owed.isEmpty && now < owedEnds {
      until = owedEnds
      return
    }
    waiting = nil
    var job = Job(order: order)
    job.began = now
    greet(job, at: now, &effects)
  }

  /// Sends the preamble. Whatever was owed before is lost, or there would be no new document; but
  /// for this document's own preambles before, where nothing has cleared them away.
  mutating func greet(
    _ job: Job, isAnother: Bool = false, at now: Instant, _ effects: inout [Effect]
  ) {
    write(Command.preamble(profile), &effects)
    if !isAnother { owed = [] }
    owe(.preamble(job: job.order.number))
    owedTime = timing.preambleAnswer
    owedEnds = now + owedTime + timing.lostAnswer
    until = now + timing.preambleAnswer
    var job = job
    job.hasReport = false
    job.hasAnswer = false
    state = .greeting(job)
  }

  /// A status came while the preamble was out.
  mutating func greeted(
    _ job: Job, by known: Condition, at now: Instant, _ effects: inout [Effect]
  ) {
    if let halt = known.halt {
      finish(job.order, .notPrinted(.halted(halt), isFragment: false), &effects)
      return rest(at: now, &effects)
    }
    // Behind the answer only further answers are waited for: states may change as they like.
    if job.isGreeted { return }
    var job = job
    job.hasReport = true
    proceed(job, at: now, &effects)
  }

  /// The document is sent when the preamble is answered in full, and no other answer can follow
  /// that would be taken for the one which proves it. Of several preambles the earlier ones may
  /// have been swallowed by what a sender that died has left half, or the printer was only busy and
  /// answers them all; and a program that ran before may have left a question too. Those answers
  /// are close behind each other, so it is waited until none has come for a while.
  private mutating func proceed(_ job: Job, at now: Instant, _ effects: inout [Effect]) {
    state = .greeting(job)
    if !job.isGreeted { return }
    let isCounted = owed.isEmpty && !mayOweOthers
    if profile.hasProcessID || isCounted { return send(job, at: now, &effects) }
    questions = nil
    until = now + (job.wakings > 0 ? wakingAnswer : timing.strangeAnswer)
  }

  /// How long the answer to a preamble may take that is sent behind zeros.
  var wakingAnswer: Interval { profile.wireTime(Limits.zeroBytes) + timing.preambleAnswer }

  /// No further answer has come: the document is sent, or the printer is asked whether it is there.
  mutating func greetingOver(_ job: Job, at now: Instant, _ effects: inout [Effect]) {
    if job.isGreeted { send(job, at: now, &effects) } else { ask(full: false, at: now, &effects) }
  }

  /// Sends the whole document with everything that will prove it.
  private mutating func send(_ job: Job, at now: Instant, _ effects: inout [Effect]) {
    var job = job
    questions = nil
    owed = []
    mayOweOthers = false
    var encoder = Encoder(profile: profile)
    if let logo = job.order.keeps.first {
      encoder.keep(logo)
    } else {
      print(&job, &encoder)
    }
    if profile.hasProcessID {
      job.cutID = takeProcessID()
      encoder.add(command: Command.processID(job.cutID))
    }
    encoder.add(command: Command.automaticStatus + Command.fence)
    encoder.flush()
    var bytes = 0
    for chunk in encoder.chunks {
      bytes += chunk.count
      write(chunk, &effects)
    }
    job.hasLeft = true
    job.budget = time(for: job.order, bytes: bytes)
    owe(.fence(job: job.order.number))
    owedTime = job.budget
    owedEnds = now + owedTime + timing.lostAnswer
    until = now + job.budget
    state = .printing(job)
  }

  /// Adds the document, and what ends it.
  private mutating func print(_ job: inout Job, _ encoder: inout Encoder) {
    if job.order.logoDots > 0, profile.keepsLogo { encoder.logo() }
    for line in job.order.lines { encoder.add(line) }
    if profile.hasProcessID {
      job.bodyID = takeProcessID()
      encoder.add(command: Command.processID(job.bodyID))
    }
    encoder.add(command: Command.end(profile))
  }

  private func time(for order: PrintJob, bytes: Int) -> Interval {
    if !order.keeps.isEmpty { return profile.wireTime(bytes) + timing.keeping }
    let dots = order.lines.reduce(12 * PrintLine.rowDots + order.logoDots) {
      $0 + $1.heightInDots
    }
    return profile.wireTime(bytes) + profile.paperTime(dots) + timing.margin
  }

  private mutating func takeProcessID() -> UInt16 {
    let number = nextProcessID
    nextProcessID = ProcessID.next(number)
    return number
  }

  private mutating func owe(_ answer: Owed) {
    if owed.count < Limits.owedAnswers { owed.append(answer) }
  }

  /// A single byte belongs to the oldest query, even if its document has long ended. A printer
  /// that has stopped answers no query, so then it is noise.
  ///
  /// Every fence is queued behind an order to report the status, so its answer is five bytes: a
  /// report and a single byte behind it. A byte of noise can look like the last, but not like all
  /// of them, and a printer that was switched off and on has forgotten them.
  mutating func answeredFence(at now: Instant, _ effects: inout [Effect]) {
    if owed.isEmpty || condition?.halt != nil {
      strayReplies += 1
      if case .greeting(let job) = state { proceed(job, at: now, &effects) }
      return
    }
    let answer = owed.removeFirst()
    switch state {
    case .greeting(var job) where answer == .preamble(job: job.order.number):
      job.hasAnswer = true
      proceed(job, at: now, &effects)
    case .printing(var job) where answer == .fence(job: job.order.number):
      if profile.hasProcessID { return }
      job.isFenced = true
      state = .printing(job)
      ask(full: false, at: now, &effects)
    case .idle: startOrWait(at: now, &effects)
    case .down, .asking, .silent, .greeting, .waking, .printing, .halted, .clearing: break
    }
  }

  /// The printer is online after the answer to the fence: what it processed is on paper.
  mutating func foundOnline(_ job: Job, at now: Instant, _ effects: inout [Effect]) {
    if profile.hasProcessID || !job.isFenced { return }
    finish(job.order, .printed(.fence), &effects)
    rest(at: now, &effects)
  }

  /// A process ID came. Only the two of this document count; what an older one left behind in
  /// the printer proves nothing about this one.
  mutating func printed(upTo number: UInt16, at now: Instant, _ effects: inout [Effect]) {
    switch state {
    case .printing(var job) where job.owns(number):
      job.isBodyPrinted = true
      state = .printing(job)
      if number != job.cutID { return }
      finish(job.order, .printed(.processID), &effects)
      rest(at: now, &effects)
    case .halted(let job) where job.owns(number):
      finish(job.order, .printed(.processID), &effects)
      rest(at: now, &effects)
    case .clearing(var job, let obstacle) where job.owns(number):
      job.isBodyPrinted = true
      state = .clearing(job, obstacle)
    case .down, .asking, .silent, .idle, .greeting, .waking, .printing, .halted, .clearing:
      strayReplies += 1
    }
  }

  /// The time the document needs is over without a proof.
  mutating func ranOut(_ job: Job, at now: Instant, _ effects: inout [Effect]) {
    finish(job.order, unproven(job, .unavailable(.silent)), &effects)
    rest(at: now, &effects)
    ask(full: true, at: now, &effects)
  }

  /// How a document ends that is not fully proven: by how far it came.
  func unproven(_ job: Job, _ obstacle: PrintObstacle) -> PrintOutcome {
    if job.isBodyPrinted { return .printed(.processID) }
    return job.hasLeft ? .unknown(obstacle) : .notPrinted(obstacle, isFragment: false)
  }

  /// Nothing is under way any more.
  mutating func rest(at now: Instant, _ effects: inout [Effect]) {
    questions = nil
    state = .idle
    until = nextLook(after: now)
  }
}
