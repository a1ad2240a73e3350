// SPDX-License-Identifier: Apache-2.0

import Clockwork
import PaymentCrypto
import Updates
import Wire

/// One run of the program in a slot.
struct TerminalLife {
  let slot: SlotName
  let mode: BootMode
  let version: ReleaseVersion
  var events: [UpdateMachine.Event] = []

  init(_ slot: SlotName, _ mode: BootMode, version: ReleaseVersion) {
    self.slot = slot
    self.mode = mode
    self.version = version
  }
}

extension UpdateWorld {
  /// How a run ended.
  enum LifeEnd {
    case cut
    case rests
    case ended(isOrderly: Bool, wasReady: Bool, wasSilent: Bool)
  }

  private static let recordName: ByteString = "update.record"
  static let recoveryKeys = [PublisherKey("recovery 1"), PublisherKey("recovery 2")]

  /// The program runs until it ends, rests, or the power is cut.
  mutating func live(_ life: inout TerminalLife) -> LifeEnd {
    let isNew = life.version == ReleaseVersion(new.version)
    if isNew, story == .neverReady {
      return .ended(isOrderly: false, wasReady: false, wasSilent: false)
    }
    if isNew, story == .silent {
      return .ended(isOrderly: false, wasReady: false, wasSilent: true)
    }
    var machine = recoveredMachine()
    var start = UpdateMachine.Start(
      boot: slots.bootState, running: life.slot, version: life.version,
      isSafe: life.mode == .safe)
    if planted == .keptUntested, start.boot?.trial?.slot == life.slot {
      if (try? slots.commit()) == nil { return .cut }
      start.boot = slots.bootState
    }
    life.events = [
      .clockRead(story == .recovery ? nil : RepositoryVisit.noon), .started(start), .checkAsked,
    ]
    let began = now
    var steps = 0
    while steps < UpdateWorld.stepLimit {
      steps += 1
      if life.events.isEmpty {
        guard let deadline = machine.deadline, report.violation == nil else { return .rests }
        // After the storm, days without news are rest; the pause behind a failed trial is not.
        if deadline > began + .minutes(60 * 24 * 4) { return .rests }
        now = max(now, deadline)
        life.events.append(.deadlinePassed)
        if isFallingOver(isNew, steps) {
          return .ended(isOrderly: false, wasReady: true, wasSilent: false)
        }
      }
      let event = life.events.removeFirst()
      for effect in machine.handle(event, at: now) {
        if disk.isOff { return .cut }
        if let end = perform(effect, machine, &life) { return end }
      }
      if disk.isOff { return .cut }
    }
    return .rests
  }

  private func isFallingOver(_ isNew: Bool, _ steps: Int) -> Bool {
    isNew && story == .fallsOver && slots.bootState?.trial?.phase == .probation && steps > 4
  }

  private func recoveredMachine() -> UpdateMachine {
    let bytes = try? disk.read(UpdateWorld.recordName, limit: UpdateRecord.limit)
    let record = bytes.flatMap { try? UpdateRecord(parsing: $0) } ?? UpdateRecord()
    var policy = UpdatePolicy()
    policy.mirrors = 2
    return .recovered(
      from: record, policy: policy, board: "pos-x1", format: .directory,
      ring: ReleaseRing(serial: "0001"), keys: UpdateWorld.keys)
  }

  private mutating func perform(
    _ effect: UpdateMachine.Effect, _ machine: UpdateMachine, _ life: inout TerminalLife
  ) -> LifeEnd? {
    let isNew = life.version == ReleaseVersion(new.version)
    switch effect {
    case .list: life.events.append(listing())
    case .seekRecovery: life.events.append(.recoveryCame(recoveryDocument()))
    case .store(let record):
      let isStored = (try? disk.place(UpdateWorld.recordName, record.bytes)) != nil
      life.events.append(isStored ? .stored : .notStored)
    case .measureRoom: life.events.append(.roomRead(1 << 30))
    case .fetch: life.events.append(fetch())
    case .verify(let target): life.events.append(.verified(isSigned(target)))
    case .discard: staged = []
    case .install(let order): life.events.append(install(order, life))
    case .beginTrial:
      life.events.append(beginTrial() ? .trialBegun : .trialNotBegun)
    case .restart:
      return .ended(isOrderly: true, wasReady: true, wasSilent: false)
    case .testOwnHalf: testOwnHalf(isNew, &life)
    case .testWorldHalf: life.events.append(.worldHalfEnded(worldHalf(isNew)))
    case .pass: life.events.append((try? slots.pass()) != nil ? .saved : .notSaved)
    case .commit:
      let isSaved = (try? slots.commit()) != nil
      if isSaved, let version = slots.bootState?.floors.version { floor = max(floor, version) }
      life.events.append(isSaved ? .saved : .notSaved)
    case .revert(let failure):
      if planted == .trialForgotten {
        life.events.append((try? slots.commit()) != nil ? .saved : .notSaved)
      } else {
        life.events.append((try? slots.revert(failure)) != nil ? .saved : .notSaved)
      }
    case .stopFetching, .announce, .withdraw, .told: break
    }
    return nil
  }

  // MARK: The world's answers

  /// What is listed does not change, so it is signed and verified once a world.
  private mutating func listing() -> UpdateMachine.Event {
    if let listed { return listed }
    let event = publishedListing()
    listed = event
    return event
  }

  private func publishedListing() -> UpdateMachine.Event {
    if story == .recovery {
      return .notListed(
        Refusal(
          .rootExpiry, "root", .expired(at: UTCTime(seconds: 0), now: UTCTime(seconds: 1))))
    }
    var visit = RepositoryVisit { $0.listsDigests = false }
    let repository = visit.repository
    let signed = repository.signed(
      "targets", repository.targets,
      [
        MetadataMember(
          "targets",
          .object(unsorted: [
            MetadataMember("new", new.listed()), MetadataMember("old", UpdateWorld.old.listed()),
          ]))
      ])
    visit.repository.served["1.targets.json"] = repository.document(signed, repository.targets)
    if let refusal = visit.refresh() { return .notListed(refusal) }
    return .listed(visit.client.targets, isConsistent: true)
  }

  private static var keys: RecoveryKeys? {
    let keys = recoveryKeys.map { MetadataMember($0.id, $0.value) }
    let file = MetadataValue.object(unsorted: [
      MetadataMember("keys", .object(unsorted: keys)),
      MetadataMember("keyids", .array(recoveryKeys.map { .text($0.id) })),
      MetadataMember("threshold", .integer(2)),
    ])
    return try? RecoveryKeys(parsing: file.canonical)
  }

  private func recoveryDocument() -> [UInt8] {
    var role = PublisherRole(UpdateWorld.recoveryKeys[0])
    role.keys = UpdateWorld.recoveryKeys
    role.expires = "1971-01-01T00:00:00Z"
    let repository = PublishedRepository()
    let signed = repository.signed(
      "targets", role,
      [MetadataMember("targets", .object([MetadataMember("new", new.listed())]))])
    return repository.document(signed, role)
  }

  /// A transfer that may break off, and a mirror that may lie.
  private mutating func fetch() -> UpdateMachine.Event {
    let whole = new.bytes
    if story == .wrongBytes {
      staged = whole
      staged[whole.count / 2] ^= 1
      return .transferEnded(.complete, bytes: Int64(staged.count))
    }
    let rest = whole.count - staged.count
    if rest > 0, dice.chance(1, in: 2) {
      staged = Array(whole.prefix(staged.count + dice.below(rest)))
      return .transferEnded(.broken(laterSeconds: nil), bytes: Int64(staged.count))
    }
    staged = whole
    return .transferEnded(.complete, bytes: Int64(staged.count))
  }

  private mutating func isSigned(_ target: Target) -> Bool {
    let found = Digests([Digests.Entry(.sha256, sha256(staged))])
    var isSigned = false
    do throws(Refusal) {
      try target.check(length: Int64(staged.count), digests: found)
      isSigned = true
    } catch {
      isSigned = false
    }
    if !isSigned, planted == .mirrorBlamesVersion, var state = slots.bootState {
      // As if the version had been tried.
      let digits = String(decoding: Hex.encode(new.digest).map { $0 | 0x20 }, as: UTF8.self)
      let count = state.failures(of: new.digest) + 1
      state = UpdateWorld.rewritten(state) { lines in
        lines.filter { !$0.hasPrefix("failed ") } + ["failed \(digits) \(count)"]
      }
      _ = try? slots.save(state)
    }
    return isSigned || planted == .bytesNotCompared
  }

  private mutating func install(
    _ order: InstallOrder, _ life: TerminalLife
  ) -> UpdateMachine.Event {
    if story == .fullDisk, dice.chance(1, in: 3) { disk.fullBehind = dice.below(30) }
    var order = order
    if planted == .bytesNotCompared, let trusting = trusting() { order.expectations = trusting }
    let running = planted == .runningSlotWritten ? life.slot.other : life.slot
    do throws(InstallFault) {
      var work = try Installation(
        slots, ModelBundle(staged), order, running: running, isSafe: false)
      while try work.step() {}
      return .installed
    } catch {
      return .notInstalled(error)
    }
  }

  /// What the staged bytes say of themselves.
  private func trusting() -> SlotExpectations? {
    SlotExpectations(
      manifest: new.manifest.bytes, length: Int64(staged.count), digest: sha256(staged))
  }

  private func beginTrial() -> Bool {
    if planted == .switchNotWritten {
      return (slots.bootState?.trial?.slot).map { (try? slots.point(to: $0)) != nil } ?? false
    }
    return (try? slots.beginTrial()) != nil
  }

  private mutating func testOwnHalf(_ isNew: Bool, _ life: inout TerminalLife) {
    if isNew, story == .tooSlow { return }
    let isBroken = isNew && story == .cannotPay && planted != .ownHalfIgnored
    life.events.append(.ownHalfEnded(isBroken ? Organs([.pinPad]) : .none))
  }

  private mutating func worldHalf(_ isNew: Bool) -> UpdateMachine.WorldHalf {
    switch story {
    case .faultInside where isNew: return .faultInside
    case .fallsOver: return .unreached
    case .hostAway where dice.chance(3, in: 4):
      return planted == .hostBlamed ? .faultInside : .unreached
    default: return .reached
    }
  }
}

extension ModelDisk {
  /// A file by the rules of slots: another name, synced, renamed, synced.
  func place(_ path: ByteString, _ bytes: [UInt8]) throws(DiskFault) {
    let new = path + ".new"
    do throws(DiskFault) {
      try remove(new, isFolder: false)
    } catch {
      if error != .absent { throw error }
    }
    try create(new, isExecutable: false)
    try append(bytes)
    try sync()
    try rename(new, to: path)
    try syncFolder("")
  }
}
