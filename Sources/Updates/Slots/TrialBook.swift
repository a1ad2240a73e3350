// SPDX-License-Identifier: Apache-2.0

/// The trial of a version where a boot chooser starts the slots that knows of no trial: what posd
/// itself writes of it, before whatever depends on it happens, and what it makes of the slot that
/// it finds itself started from.
public struct TrialBook<Disk: SlotDisk> {
  private let slots: DirectorySlots<Disk>

  /// The book on this disk.
  public init(_ disk: Disk) { slots = DirectorySlots(disk) }

  /// What is written; nil where nothing legible is.
  public var state: BootState? { slots.bootState }

  /// This slot was started: what it means for a trial. `isRestart` where the machine itself was not
  /// started since the boot chooser was told. A terminal without a book begins one.
  public func booted(_ running: SlotName, isRestart: Bool = false) throws(DiskFault) {
    let before = slots.bootState
    var state = before ?? BootState(chosen: running)
    state.noteBooted(running, isRestart: isRestart)
    if state != before { try slots.save(state) }
  }

  /// The other slot is about to be written.
  public func beginInstall(_ order: InstallOrder, from running: SlotName) throws(InstallFault) {
    var state = slots.bootState ?? BootState(chosen: running)
    if let trial = state.trial, trial.phase != .installing { throw .slotInUse }
    state.beginInstall(order, from: running)
    do throws(DiskFault) { try slots.save(state) } catch { throw .disk(error) }
  }

  /// The boot chooser is about to be told to start the other slot.
  public func beginSwitch() throws(DiskFault) { try change { $0.beginSwitch() } }

  /// It has been told: the next start is a try of the new version.
  public func switched() throws(DiskFault) { try change { $0.noteOrderedStart() } }

  /// The own half has passed in this start.
  public func pass() throws(DiskFault) { try change { $0.pass() } }

  /// Nobody says which slot runs, for as long as a trial may take: whether a start of the machine,
  /// which is counted like one that was ordered, may bring back the version before.
  public func unseen() throws(DiskFault) -> Bool {
    let before = slots.bootState
    try change { $0.noteUnseen() }
    return slots.bootState != before
  }

  /// The version stays.
  public func commit() throws(DiskFault) { try change { $0.commit() } }

  /// It does not, and why.
  public func beginRevert(_ failure: TrialFailure) throws(DiskFault) {
    try change { $0.beginRevert(failure) }
  }

  private func change(_ change: (inout BootState) -> Void) throws(DiskFault) {
    guard let before = slots.bootState else { return }
    var state = before
    change(&state)
    if state != before { try slots.save(state) }
  }
}

extension BootState {
  /// A boot chooser has started this slot.
  mutating func noteBooted(_ running: SlotName, isRestart: Bool) {
    guard let trial else {
      if chosen != running {
        chosen = running
        cause = .chosen
      }
      return
    }
    switch trial.phase {
    case .installing:
      // An engine that switches at the end of an installation had no time to take it back: then the
      // trial has begun without being ordered, and is one.
      if running == trial.slot {
        beginSwitch()
        noteOrderedStart()
      }
    case .switching, .probation:
      if running == trial.slot { return }
      // Before the chooser was told nothing was tried, nor before the machine starts; behind that,
      // it fell back by itself.
      if trial.phase == .switching, trial.left == BootState.tries || isRestart {
        return dropTrial(.switchInterrupted)
      }
      beginRevert(.neverReady)
      endRevert()
    case .reverting:
      // Where the version that was given up is started again, it is given up again.
      if running == trial.from { endRevert() }
    }
  }

  /// A start whose slot nobody has said is given up, as one of the new version.
  mutating func noteUnseen() {
    guard var trial, trial.left > 0 else { return }
    switch trial.phase {
    case .switching where trial.left < BootState.tries, .probation: trial.left -= 1
    case .installing, .switching, .reverting: return
    }
    self.trial = trial
  }

  /// The next start is one of the new version.
  mutating func noteOrderedStart() {
    guard var trial, trial.phase == .switching, trial.left == BootState.tries else { return }
    trial.left -= 1
    self.trial = trial
  }
}
