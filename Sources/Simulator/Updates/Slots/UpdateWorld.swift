// SPDX-License-Identifier: Apache-2.0

import Clockwork
import PaymentCrypto
import Updates
import Wire

/// A terminal's slots, supervisor and update from one seed: a version is published, and the power
/// is cut between any two effects and inside any write until the storm is over. Then it must have
/// come to the end that the story has.
public struct UpdateWorld {
  /// What a world has shown.
  public struct Report: Sendable {
    /// What broke, or nil.
    public var violation: String?
    /// How often the power was cut.
    public var cuts = 0
    /// How often the supervisor started something.
    public var starts = 0
    /// A digest of the history.
    public var digest: UInt64 = 0
  }

  static let old = PublishedBundle(version: "2026.11.1")
  static let cutLimit = 6
  static let startLimit = 200
  static let stepLimit = 4_000

  let story: UpdateStory
  let planted: PlantedUpdateFault?
  var dice: Dice
  let disk = ModelDisk()
  let new: PublishedBundle
  /// What lies in the place for bundles, and how much of it is on the disk.
  var staged: [UInt8] = []
  var now = Instant.start
  var report = Report()
  /// The highest version that was ever read as committed.
  var floor = ReleaseVersion.none
  var isStormOver = false
  var listed: UpdateMachine.Event?
  private var rounds = 0
  /// Trials of the new version that were begun by the supervisor.
  var trialStarts = 0

  /// The world of a seed; the story and the storm are drawn from it.
  public init(seed: UInt64, planted: PlantedUpdateFault? = nil) {
    var dice = Dice(seed: seed)
    story = UpdateStory.allCases[dice.below(UpdateStory.allCases.count)]
    self.planted = planted
    self.dice = dice
    new = PublishedBundle(version: story == .older ? "2026.10.9" : "2026.11.2")
    switch planted {
    case .filesNotSynced?: disk.flaw = .filesNotSynced
    case .stateInPlace?: disk.flaw = .oneCopy
    case .startsNotCounted?, .floorsForgotten?, .failuresForgotten?, .ownHalfIgnored?,
      .hostBlamed?, .mirrorBlamesVersion?, .bytesNotCompared?, .runningSlotWritten?,
      .trialForgotten?, .keptUntested?, .switchNotWritten?, nil:
      break
    }
  }

  var slots: DirectorySlots<ModelDisk> { DirectorySlots(disk) }

  /// Runs it to its end.
  public mutating func run() -> Report {
    let flaw = disk.flaw
    disk.flaw = nil
    provision()
    disk.flaw = flaw
    while report.violation == nil, report.starts < UpdateWorld.startLimit {
      scheduleStorm()
      if superviseAndRun() { break }
    }
    if report.violation == nil { report.violation = judgeEnd() }
    if report.violation == nil, story == .good { rot() }
    return report
  }

  mutating func fail(_ text: String) {
    if report.violation == nil { report.violation = "\(story): " + text }
  }

  private mutating func provision() {
    let bundle = UpdateWorld.old
    let source = ModelBundle(bundle.bytes)
    guard
      let expectations = SlotExpectations(
        manifest: bundle.manifest.bytes, length: Int64(bundle.bytes.count),
        digest: sha256(bundle.bytes))
    else { return fail("the first bundle is none") }
    do throws(InstallFault) {
      var work = try Installation(
        slots, source, InstallOrder(expectations, recovery: 0), running: .b, isSafe: true)
      while try work.step() {}
    } catch {
      return fail("the first bundle is not installed: \(error.code)")
    }
    if (try? slots.provision(.a)) == nil { fail("not provisioned") }
  }

  /// The next cut, as long as there is a storm.
  private mutating func scheduleStorm() {
    rounds += 1
    isStormOver = rounds > UpdateWorld.cutLimit
    disk.cutBehind = nil
    if isStormOver { return }
    // Some lives are long, so that later stages are met as well.
    disk.cutBehind = dice.below(dice.chance(1, in: 3) ? 12 : 140)
  }

  /// The power goes: what was not on the disk may be gone.
  mutating func cut() {
    report.cuts += 1
    disk.restart(&dice)
    if dice.chance(1, in: 2) { staged = Array(staged.prefix(dice.below(staged.count + 1))) }
    now = now + .seconds(5)
  }

  // MARK: The supervisor

  /// One life of the supervisor, until the power is cut or everything rests; true at the end.
  private mutating func superviseAndRun() -> Bool {
    var state = slots.bootState
    var current = slots.current
    while report.violation == nil, report.starts < UpdateWorld.startLimit {
      if planted == .floorsForgotten || planted == .failuresForgotten {
        state = state.map { forget($0) }
      }
      let choice = slots.choice(state, current: current)
      report.starts += 1
      if let slot = choice.current, slot != current {
        if (try? slots.point(to: slot)) == nil, disk.isOff {
          cut()
          return false
        }
      }
      let isWritten = choice.state != state && planted != .startsNotCounted
      if isWritten, (try? slots.save(choice.state)) == nil, disk.isOff {
        cut()
        return false
      }
      guard let slot = choice.slot else {
        fail("nothing starts")
        return true
      }
      check(slot, choice)
      if report.violation != nil { return true }
      var life = TerminalLife(slot, choice.mode, version: slots.facts(slot).version)
      switch live(&life) {
      case .cut:
        cut()
        return false
      case .rests:
        return isStormOver
      case .ended(let isOrderly, let wasReady, let wasSilent):
        state = slots.bootState
        current = slots.current
        if !isOrderly, var next = state {
          next.noteFailedStart(choice.mode, wasReady: wasReady, wasSilent: wasSilent)
          if planted != .startsNotCounted, (try? slots.save(next)) == nil, disk.isOff {
            cut()
            return false
          }
          state = next
        }
      }
    }
    return true
  }

  /// What starts was verified, is what a publisher made, and stands on the floor.
  private mutating func check(_ slot: SlotName, _ choice: BootChoice) {
    let isOld = isContent(slot, of: UpdateWorld.old)
    let isNew = isContent(slot, of: new)
    if !isOld && !isNew { return fail("slot \(slot.text) runs and is nobody's bundle") }
    let version = slots.facts(slot).version
    if choice.mode == .safe { return fail("safe mode, though a version is whole") }
    if version < floor { return fail("\(version) runs below \(floor)") }
    if isNew, story == .older || story == .wrongBytes { return fail("\(version) runs") }
    if isNew, choice.mode == .trial { trialStarts += 1 }
    if isNew, choice.mode == .full, !story.isKept { fail("\(version) was kept") }
    if choice.state.floors.version > floor { floor = choice.state.floors.version }
  }

  private func isContent(_ slot: SlotName, of bundle: PublishedBundle) -> Bool {
    for member in bundle.members where member.kind == 0x30 {
      let path = slot.text + "/" + ByteString(Array(member.path.bytes.dropFirst(5)))
      guard let bytes = try? disk.read(path, limit: 1 << 20), bytes == member.bytes else {
        return false
      }
    }
    return true
  }

  private func forget(_ state: BootState) -> BootState {
    UpdateWorld.rewritten(state) { lines in
      if planted == .failuresForgotten { return lines.filter { !$0.hasPrefix("failed ") } }
      return lines.map { $0.hasPrefix("floors ") ? "floors 0 0.0.0" : $0 }
    }
  }

  /// A state that somebody has changed on the disk, with a digest that is right.
  static func rewritten(_ state: BootState, _ change: ([String]) -> [String]) -> BootState {
    let text = String(decoding: state.text(generation: 1), as: UTF8.self)
    let lines = change(text.split(separator: "\n").map { String($0) }.dropLast())
    let body = Array((lines.joined(separator: "\n") + "\n").utf8)
    let digits = Hex.encode(sha256(body)).map { $0 >= 0x41 ? $0 | 0x20 : $0 }
    return BootState.reading(body + Array("sum ".utf8) + digits + [0x0A])?.state ?? state
  }

  /// Years later a bit of the committed version is wrong: the one before lies below the floor, and
  /// is started to heal the terminal, not to sell.
  private mutating func rot() {
    guard let current = slots.current, var state = slots.bootState else { return }
    disk.spoil(current.text + "/posd")
    if planted == .floorsForgotten { state = forget(state) }
    let choice = slots.choice(state, current: current)
    if choice.slot != current.other || choice.mode != .safe {
      fail("a version below the floor runs as every day")
    }
  }

  // MARK: The end

  private func judgeEnd() -> String? {
    guard let state = slots.bootState, let current = slots.current else {
      return "\(story): no state is left"
    }
    if state.trial != nil, state.trial?.phase != .installing { return "\(story): still on trial" }
    let version = slots.facts(current).version
    let isNew = version == ReleaseVersion(new.version)
    if isNew != story.isKept { return "\(story): \(version) runs in the end" }
    if isNew, state.floors.version != version { return "\(story): the floor did not rise" }
    if !isNew, state.floors.version > version { return "\(story): the floor is above it" }
    let failures = state.failures(of: new.digest)
    switch story {
    case .neverReady, .silent, .cannotPay, .tooSlow, .faultInside, .fallsOver:
      if failures != BootState.failures { return "\(story): counted \(failures) failures" }
      // Each trial has three starts, and each cut costs one at most.
      let most = 9 * Int(BootState.failures) + UpdateWorld.cutLimit
      if trialStarts > most { return "\(story): \(trialStarts) starts of a bad version" }
    case .good, .hostAway, .wrongBytes, .older, .fullDisk, .recovery:
      if failures != 0 { return "\(story): counted \(failures) failures of a good version" }
    }
    return nil
  }
}

/// A bundle in memory.
final class ModelBundle: BundleSource {
  private let bytes: [UInt8]
  private var offset = 0

  init(_ bytes: [UInt8]) { self.bytes = bytes }

  func next(limit: Int) throws(DiskFault) -> [UInt8] {
    // Pieces that end anywhere.
    let part = Array(bytes.dropFirst(offset).prefix(min(limit, 1_300)))
    offset += part.count
    return part
  }
}
