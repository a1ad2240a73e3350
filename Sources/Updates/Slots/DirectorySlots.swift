// SPDX-License-Identifier: Apache-2.0

/// Two folders, a link that says which one starts, and the state of the trial beside them.
///
///     A/…  B/…            a slot each: files, and MANIFEST, which is written last
///     current -> A        what starts
///     boot.state .copy    the state, twice
///
/// Every order is idempotent: done twice, or once more after a cut, it ends in the same place.
public struct DirectorySlots<Disk: SlotDisk> {
  /// The disk they lie on.
  public let disk: Disk

  static var link: ByteString { "current" }
  static var state: ByteString { "boot.state" }
  static var copy: ByteString { "boot.copy" }

  /// The slots of this disk.
  public init(_ disk: Disk) { self.disk = disk }

  /// What is written of the state; nil where nothing legible is.
  public var bootState: BootState? { stored?.state }

  /// How often the state was written; the higher of two states is the newer.
  public var generation: Int64 { stored?.generation ?? 0 }

  private var stored: (state: BootState, generation: Int64)? {
    BootState.newest(
      try? disk.read(DirectorySlots.state, limit: BootState.textLimit),
      try? disk.read(DirectorySlots.copy, limit: BootState.textLimit))
  }

  /// Writes the state, both copies, one after the other: whatever is cut, one of them is whole.
  public func save(_ state: BootState) throws(DiskFault) {
    let text = state.text(generation: (stored?.generation ?? 0) + 1)
    // The older copy first, so that the newest is never the one that is being written.
    let names = [DirectorySlots.copy, DirectorySlots.state]
    for name in names { try disk.replace(name, text) }
  }

  /// Which slot `current` leads to.
  public var current: SlotName? {
    (try? disk.target(of: DirectorySlots.link)).flatMap { SlotName($0) }
  }

  /// Lets `current` lead to a slot: at every moment it leads to one of the two.
  public func point(to slot: SlotName) throws(DiskFault) {
    if current == slot {
      // The rename may have been seen and not be on the disk yet.
      return try disk.syncFolder("")
    }
    let new = DirectorySlots.link + ".new"
    try disk.forget(new)
    try disk.link(new, to: slot.text)
    try disk.rename(new, to: DirectorySlots.link)
    try disk.syncFolder("")
  }

  /// All of a slot, looked at in one go.
  public func facts(_ slot: SlotName) -> SlotFacts {
    var check = SlotCheck(disk, slot)
    while check.step() {}
    return check.facts
  }

  /// The version that a slot says it is, without a look at its files.
  public func version(_ slot: SlotName) -> ReleaseVersion {
    let name = slot.text + "/" + SlotManifest.name
    guard let bytes = try? disk.read(name, limit: SlotManifest.limit) else { return .none }
    return SlotManifest(bytes)?.version ?? .none
  }

  /// Decides what starts next, with what is on the disk.
  public func choice(_ state: BootState?, current: SlotName?) -> BootChoice {
    BootChoice.next(state, current: current) { facts($0) }
  }

  /// The first slot is whole: it is what starts, and nothing older ever will.
  public func provision(_ slot: SlotName) throws(DiskFault) {
    var state = BootState(chosen: slot)
    let facts = facts(slot)
    state.raise(version: facts.version, epoch: facts.epoch)
    try save(state)
    try point(to: slot)
  }

  /// What runs has proved itself by running: failed starts before it are forgotten.
  public func noteGoodStart() throws(DiskFault) {
    guard var state = bootState, state.failedStarts > 0 else { return }
    state.noteGoodStart()
    try save(state)
  }

  // MARK: A trial, from the system that runs

  /// The slot is whole; from the next start on it is tried. The state first, the link behind it.
  public func beginTrial() throws(DiskFault) {
    guard var state = bootState, let trial = state.trial else { return }
    state.beginSwitch()
    try save(state)
    try point(to: trial.slot)
  }

  /// The own half has passed in this start.
  public func pass() throws(DiskFault) {
    guard var state = bootState else { return }
    state.pass()
    try save(state)
  }

  /// The version stays.
  public func commit() throws(DiskFault) {
    guard var state = bootState else { return }
    state.commit()
    try save(state)
  }

  /// The version before comes back at the next start. Why is written before the link is changed.
  public func revert(_ failure: TrialFailure) throws(DiskFault) {
    guard var state = bootState, let trial = state.trial else { return }
    state.beginRevert(failure)
    try save(state)
    try point(to: trial.from)
  }
}
