// SPDX-License-Identifier: Apache-2.0

/// How a slot is started.
public enum BootMode: UInt8, Hashable, Sendable, CaseIterable {
  /// As every day.
  case full
  /// For the first time, or before it is committed.
  case trial
  /// With console, network, log and update alone.
  case safe

  /// The argument that the started program gets; none for everyday service.
  public var argument: ByteString? {
    switch self {
    case .full: nil
    case .trial: nil
    case .safe: "--safe"
    }
  }
}

/// What the supervisor starts next, and what it writes before.
public struct BootChoice: Hashable, Sendable {
  /// The slot; nil where none is whole, which a later look may find otherwise.
  public var slot: SlotName?
  /// How.
  public var mode: BootMode
  /// What is true from now on. It is written first, `current` after it.
  public var state: BootState
  /// Where `current` must lead; a safe start changes nothing there.
  public var current: SlotName?

  /// Decides. `facts` is asked for a slot only where its answer matters, as it has to read it all.
  ///
  /// It never refuses to start something that is whole: where nothing may be started as every day,
  /// something is started in safe mode.
  public static func next(
    _ stored: BootState?, current: SlotName?, facts: @escaping (SlotName) -> SlotFacts
  ) -> BootChoice {
    var look = SlotLook(facts)
    guard let stored else {
      return withoutState(current, &look)
    }
    var state = stored
    if let choice = onTrial(&state, current, &look) { return choice }
    return everyday(&state, current, &look)
  }

  // MARK: A trial

  private static func onTrial(
    _ state: inout BootState, _ current: SlotName?, _ look: inout SlotLook
  ) -> BootChoice? {
    guard let trial = state.trial else { return nil }
    switch trial.phase {
    case .installing:
      return nil
    case .reverting:
      return back(&state, &look)
    case .switching, .probation:
      break
    }
    if current != trial.slot {
      // The switch was cut before anything was tried, or `current` is lost: nobody's fault. Where a
      // start was counted, the version before is here because the new one was given up.
      let isUntried = trial.phase == .switching && trial.left == BootState.tries
      if current == nil || isUntried {
        state.dropTrial(current == nil ? .stateLost : .switchInterrupted)
        return nil
      }
      state.beginRevert(trial.crashes >= BootState.crashes ? .crashed : .neverReady)
      return back(&state, &look)
    }
    if trial.crashes >= BootState.crashes {
      state.beginRevert(.crashed)
      return back(&state, &look)
    }
    if trial.left == 0 {
      state.beginRevert(.neverReady)
      return back(&state, &look)
    }
    if !look.isUsable(trial.slot, state) {
      state.dropTrial(.slotDamaged)
      return everyday(&state, trial.from, &look)
    }
    state.trial?.left -= 1
    return BootChoice(slot: trial.slot, mode: .trial, state: state, current: trial.slot)
  }

  /// The version before comes back; where it cannot, nothing is forgotten of the trial.
  private static func back(_ state: inout BootState, _ look: inout SlotLook) -> BootChoice? {
    guard let trial = state.trial else { return nil }
    if look.isUsable(trial.from, state) {
      state.endRevert()
      return BootChoice(slot: trial.from, mode: .full, state: state, current: trial.from)
    }
    return safe(state, first: trial.from, &look)
  }

  // MARK: Everyday service

  private static func everyday(
    _ state: inout BootState, _ current: SlotName?, _ look: inout SlotLook
  ) -> BootChoice {
    let first = current ?? state.chosen
    if state.failedStarts >= BootState.crashes {
      // Only if the floors allow it, which an older version does not pass.
      if look.isUsable(first.other, state), state.trial == nil {
        state.mark(first, isBad: true)
        state.failedStarts = 0
        state.cause = .fellBack(.neverReady)
        state.chosen = first.other
        return BootChoice(slot: first.other, mode: .full, state: state, current: first.other)
      }
      return safe(state, first: first, &look)
    }
    if look.isUsable(first, state) {
      if state.chosen != first, state.trial == nil {
        state.chosen = first
        state.cause = .chosen
      }
      return BootChoice(slot: first, mode: .full, state: state, current: first)
    }
    if look.isUsable(first.other, state) {
      state.chosen = first.other
      state.cause = .slotDamaged
      return BootChoice(slot: first.other, mode: .full, state: state, current: first.other)
    }
    return safe(state, first: first, &look)
  }

  /// Nothing legible says anything: what `current` names, else the higher version. A lost link is
  /// no way to an older version.
  private static func withoutState(_ current: SlotName?, _ look: inout SlotLook) -> BootChoice {
    let newer: SlotName =
      look[.b].isWhole && (!look[.a].isWhole || look[.a].version < look[.b].version) ? .b : .a
    let first = current ?? newer
    var state = BootState(chosen: first)
    state.cause = .stateLost
    return everyday(&state, first, &look)
  }

  /// In safe mode nothing is sold, so what is below the floors or has failed may still heal the
  /// terminal; what is not whole may not.
  private static func safe(
    _ state: BootState, first: SlotName, _ look: inout SlotLook
  ) -> BootChoice {
    var state = state
    state.cause = .nothingStarts
    let order = [first, first.other]
    let best =
      order.first { look.isUsable($0, state) }
      ?? order.first { look[$0].isWhole && !state.isBad($0) }
      ?? order.first { look[$0].isWhole }
    return BootChoice(slot: best, mode: .safe, state: state, current: nil)
  }
}

/// Looks at each slot at most once.
struct SlotLook {
  private let facts: (SlotName) -> SlotFacts
  private var first: SlotFacts?
  private var second: SlotFacts?

  init(_ facts: @escaping (SlotName) -> SlotFacts) { self.facts = facts }

  subscript(slot: SlotName) -> SlotFacts {
    mutating get {
      switch slot {
      case .a:
        let known = first ?? facts(.a)
        first = known
        return known
      case .b:
        let known = second ?? facts(.b)
        second = known
        return known
      }
    }
  }

  /// Whether it may be started as every day.
  mutating func isUsable(_ slot: SlotName, _ state: BootState) -> Bool {
    if state.isBad(slot) { return false }
    let facts = self[slot]
    return facts.isWhole && state.floors.allow(version: facts.version, epoch: facts.epoch)
  }
}

extension BootState {
  /// A program ended, or was silent too long, before or shortly after it was ready; the supervisor
  /// saw it. What was counted before the start is not counted again.
  public mutating func noteFailedStart(_ mode: BootMode, wasReady: Bool, wasSilent: Bool) {
    switch mode {
    case .safe:
      break
    case .full:
      failedStarts = failedStarts == .max ? .max : failedStarts + 1
    case .trial:
      guard var trial else { return }
      if trial.phase == .probation, trial.crashes < .max { trial.crashes += 1 }
      // Silence does not get better by being waited for again.
      if wasSilent, !wasReady { trial.left = 0 }
      self.trial = trial
    }
  }

  /// The program has run long enough.
  public mutating func noteGoodStart() { failedStarts = 0 }
}
