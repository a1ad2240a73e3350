// SPDX-License-Identifier: Apache-2.0

import Glibc
import Logging
import SlotFiles
import Updates

//   begin ─▶ book ─▶ RAUC installs, and switches ─▶ what runs is marked active again ─▶ done
//   trial ─▶ book ─▶ the other one is marked active ─▶ book: a start is ordered
//   pass, commit ─▶ book ─▶ what runs is marked good
//   revert ─▶ book ─▶ what runs is marked bad, the other one active
//
// RAUC and its boot chooser know of no trial: what is tried, why and how it ended is posd's own
// book (``TrialBook``), and a boot chooser that fell back by itself is noticed at the next start.

/// Slots that RAUC keeps, for an update.
final class RAUCEngine: SlotEngine {
  let format: Release.Format
  private(set) var running = SlotName.a
  private(set) var version = ReleaseVersion.none
  var onProgress: (SlotProgress) -> Void = { _ in }
  private(set) var silence = "not asked yet"
  private let log = Logger(label: "rauc")
  private let rauc: RAUCSlots
  private let book: TrialBook<FolderDisk>
  private let note: SwitchNote
  private let osRelease: String
  /// What is done with RAUC's next answer.
  private var waiting: ((RAUCEvent) -> Void)?

  /// RAUC as it is set, the book in a folder of updates, and what a start of the machine forgets in
  /// `run`; nil where that cannot be made.
  init?(_ settings: UpdateSettings.RAUC, folder: String, run: String) {
    let path = folder + "/slots"
    if unsafe mkdir(path, 0o700) != 0, errno != EEXIST { return nil }
    format = settings.format
    osRelease = settings.osRelease
    note = SwitchNote(run)
    rauc = RAUCSlots(address: settings.bus)
    book = TrialBook(FolderDisk(path))
    rauc.onEvent = { [weak self] in self?.heard($0) }
  }

  var source: (any PollSource)? { rauc }
  var boot: BootState? { book.state }
  /// RAUC works by itself.
  var hasWork: Bool { false }
  func step() {}

  func open(_ done: @escaping (Bool) -> Void) {
    waiting = { [weak self] event in
      guard let self else { return done(false) }
      guard case .slots(let slots) = event else {
        if case .refused(let fault) = event { silence = fault.text }
        return done(false)
      }
      guard let booted = slots.first(where: { $0.role == .booted }),
        let name = SlotName(booted.bootName)
      else {
        silence = "no slot with the boot name A or B is booted"
        return done(false)
      }
      silence = "the book of trials or the boot chooser takes no word"
      running = name
      version = ReleaseVersion(booted.version) ?? ImageVersion.read(osRelease) ?? .none
      let before = book.state?.trial
      let isRestart = note.isThere
      let isBooked = written { book throws(DiskFault) in
        try book.booted(name, isRestart: isRestart)
      }
      if !isBooked { return done(false) }
      note.remove()
      settle(before, done)
    }
    rauc.askStatus()
  }

  func mayFallBack() -> Bool {
    do throws(DiskFault) { return try book.unseen() } catch { return false }
  }

  /// The chooser is told what the book says. Where a trial has ended without it, what runs is what
  /// starts next too, whatever was switched before. And what runs and is not tried is good: a
  /// chooser may count each start, and would fall back from a version that nobody confirms.
  private func settle(_ before: BootState.Trial?, _ done: @escaping (Bool) -> Void) {
    if let trial = book.state?.trial, trial.phase != .installing { return done(true) }
    let confirm = { [weak self] in self?.mark(.good, "booted") { _ in done(true) } ?? () }
    guard let before, before.phase != .installing, before.from == running else { return confirm() }
    mark(.active, "booted") { isMarked in
      if isMarked { confirm() } else { done(false) }
    }
  }

  func begin(_ order: InstallOrder, _ bundle: String, isSafe: Bool) {
    do throws(InstallFault) {
      try book.beginInstall(order, from: running)
    } catch {
      return onProgress(.failed(error))
    }
    waiting = nil
    if !rauc.install(bundle, order.expectations, isFileVerified: true) {
      onProgress(.failed(.engine(0)))
    }
  }

  func beginTrial(_ done: @escaping (Bool) -> Void) {
    if !written({ book throws(DiskFault) in try book.beginSwitch() }) { return done(false) }
    note.leave()
    mark(.active, "other") { [weak self] isMarked in
      let isBooked =
        isMarked && self?.written { book throws(DiskFault) in try book.switched() } == true
      done(isBooked)
    }
  }

  func pass(_ done: @escaping (Bool) -> Void) {
    if !written({ book throws(DiskFault) in try book.pass() }) { return done(false) }
    // It may be started as often again, as the book has it.
    mark(.good, "booted", done)
  }

  func commit(_ done: @escaping (Bool) -> Void) {
    if !written({ book throws(DiskFault) in try book.commit() }) { return done(false) }
    mark(.good, "booted", done)
  }

  func revert(_ failure: TrialFailure, _ done: @escaping (Bool) -> Void) {
    if !written({ book throws(DiskFault) in try book.beginRevert(failure) }) { return done(false) }
    mark(.bad, "booted") { [weak self] isMarked in
      if !isMarked { return done(false) }
      self?.mark(.active, "other", done)
    }
  }

  // MARK: RAUC

  private func mark(_ mark: SlotMark, _ slot: String, _ done: @escaping (Bool) -> Void) {
    waiting = { event in
      if case .marked = event { done(true) } else { done(false) }
    }
    rauc.mark(mark, slot)
  }

  private func heard(_ event: RAUCEvent) {
    switch event {
    case .progress(let percent, _): onProgress(.under(permille: Int64(percent) * 10))
    case .notInstalled(let failure):
      log.error(
        "not installed",
        metadata: ["why": "\(failure.text)", "isSwitched": "\(!failure.startsWhatRuns)"])
      onProgress(.failed(failure.fault))
    case .installed:
      // What is installed is not applied: RAUC's own switch is taken back until it is time.
      mark(.active, "booted") { [weak self] isMarked in
        self?.onProgress(isMarked ? .done : .failed(.engine(0)))
      }
    case .refused(let fault):
      log.warning("refused", metadata: ["why": "\(fault.text)"])
      answer(event)
    case .slots, .primary, .marked: answer(event)
    }
  }

  private func answer(_ event: RAUCEvent) {
    let waiting = waiting
    self.waiting = nil
    waiting?(event)
  }

  private func written(_ order: (TrialBook<FolderDisk>) throws(DiskFault) -> Void) -> Bool {
    do throws(DiskFault) {
      try order(book)
      return true
    } catch {
      log.error("the book of trials is not written", metadata: ["why": "\(error)"])
      return false
    }
  }
}
