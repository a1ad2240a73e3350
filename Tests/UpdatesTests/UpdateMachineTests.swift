// SPDX-License-Identifier: Apache-2.0

import Clockwork
import PaymentCrypto
import Simulator
import Testing
import Updates

@Suite("An update, from being found to being kept")
struct UpdateMachineTests {
  /// A machine and the moment.
  private struct Trial: MachineTrial {
    var machine: UpdateMachine
    var now = Instant.start

    init(mirrors: Int = 1, record: UpdateRecord = UpdateRecord()) {
      var policy = UpdatePolicy()
      policy.mirrors = mirrors
      machine = .recovered(
        from: record, policy: policy, board: "pos-x1", format: .directory,
        ring: ReleaseRing(serial: "1"), keys: nil)
    }

    /// To a bundle that is whole on the disk.
    mutating func toReady(_ gates: Gates = Gates()) throws {
      let target = try Trial.target()
      _ = tell(
        .started(UpdateMachineTests.start()), .gatesRead(gates), .checkAsked,
        .listed([target], isConsistent: true), .stored, .roomRead(1 << 40),
        .transferEnded(.complete, bytes: target.length), .verified(true))
    }
  }

  @Test("the management server chooses among what is signed and fits; a person is not bound by it")
  func wished() throws {
    let targets = try ["1.2", "1.3"].map { try Trial.target(ByteString($0)) }
    func listed(_ wish: String?) -> Trial {
      var trial = Trial()
      _ = trial.tell(.started(UpdateMachineTests.start()), .checkAsked)
      _ = trial.tell(.wished(wish.flatMap { ReleaseVersion(ByteString($0)) }))
      _ = trial.tell(.listed(targets, isConsistent: true))
      return trial
    }
    #expect(listed(nil).machine.offer?.release.version.description == "1.3.0")
    #expect(listed("1.2").machine.offer?.release.version.description == "1.2.0")
    // What runs is what is wanted, and an older version is no news.
    for version in ["1.1", "1.0"] {
      let trial = listed(version)
      #expect(trial.machine.offer == nil && trial.machine.visibleStage == .idle)
      #expect(trial.machine.problem == (version == "1.0" ? .unfit(.notListed) : nil))
    }
    var trial = listed("1.1")
    let file = targets[1]
    _ = trial.tell(.fileOffered(length: file.length, digests: file.digests, recovery: nil))
    #expect(trial.machine.offer?.target == file && trial.machine.offer?.isFile == true)
    // A wish for another version takes the one that waits away.
    var other = listed("1.3")
    _ = other.tell(
      .stored, .roomRead(1 << 40), .transferEnded(.complete, bytes: targets[1].length),
      .verified(true), .stored)
    _ = other.tell(.cancelAsked, .stored, .checkAsked, .wished(ReleaseVersion("1.2")))
    _ = other.tell(.listed(targets, isConsistent: true))
    #expect(other.machine.offer?.target == targets[0])
  }

  private static func start(
    _ running: SlotName = .a, _ version: ByteString = "1.1",
    boot: BootState? = BootState(chosen: .a)
  ) -> UpdateMachine.Start {
    UpdateMachine.Start(
      boot: boot, running: running, version: ReleaseVersion(version) ?? .none, isSafe: false)
  }

  private static func record(_ effects: [UpdateMachine.Effect]) -> UpdateRecord? {
    for case .store(let record) in effects { return record }
    return nil
  }

  @Test("what is found is fetched, verified, announced and installed, each at its word")
  func path() throws {
    var trial = Trial()
    let target = try Trial.target()
    #expect(trial.tell(.started(UpdateMachineTests.start())) == [])
    #expect(trial.tell(.checkAsked) == [.list(mirror: 0)])
    let stored = trial.tell(.listed([target], isConsistent: true))
    #expect(UpdateMachineTests.record(stored)?.offer?.target == target)
    #expect(trial.tell(.stored) == [.measureRoom])
    guard case .fetch(let fetch)? = trial.tell(.roomRead(1 << 40)).first else {
      Issue.record("nothing is fetched")
      return
    }
    #expect(fetch.length == target.length && fetch.rate == 256_000)
    #expect(trial.tell(.transferEnded(.complete, bytes: target.length)) == [.verify(target)])
    #expect(UpdateMachineTests.record(trial.tell(.verified(true))) != nil)
    guard case .announce(let notice)? = trial.tell(.stored).first else {
      Issue.record("nothing is announced")
      return
    }
    #expect(notice.inSeconds == 300 && notice.postponementsLeft == 3)
    #expect(UpdateMachineTests.record(trial.wait()) != nil)
    guard case .install(let order)? = trial.tell(.stored).first else {
      Issue.record("nothing is installed")
      return
    }
    #expect(order.expectations.target == target)
    #expect(trial.tell(.installed) == [.beginTrial])
    #expect(trial.tell(.trialBegun) == [.restart])
    #expect(trial.machine.unexpectedEvents == 0)
  }

  @Test("nothing is written before the record is on the disk")
  func writeAhead() throws {
    var trial = Trial()
    let target = try Trial.target()
    _ = trial.tell(.started(UpdateMachineTests.start()), .checkAsked)
    #expect(trial.tell(.listed([target], isConsistent: true)).count == 1)
    #expect(trial.tell(.roomRead(1 << 40)) == [])
    #expect(trial.tell(.notStored) == [.told(.notStored)])
    #expect(trial.wait() == [.measureRoom])
  }

  @Test("no sale, no unsent money, no owed receipt, no closed window and no weak battery")
  func locks() throws {
    let cases: [(UpdateLock, (inout Gates) -> Void)] = [
      (.sale, { $0.isSelling = true }), (.unsentMoney, { $0.hasUnsentMoney = true }),
      (.receiptOwed, { $0.owesReceipt = true }), (.menuInUse, { $0.isMenuInUse = true }),
      (.windowClosed, { $0.isWindowOpen = false }), (.noPower, { $0.hasPower = false }),
    ]
    for (lock, close) in cases {
      var gates = Gates()
      close(&gates)
      var trial = Trial()
      try trial.toReady(gates)
      #expect(trial.tell(.stored) == [], "\(lock)")
      #expect(trial.machine.locks(at: trial.now) == [lock])
      guard case .announce? = trial.tell(.gatesRead(Gates())).first else {
        Issue.record("\(lock) is never opened")
        continue
      }
      // It closes again while the till knows: nothing happens, and the till is told.
      _ = trial.tell(.gatesRead(gates))
      #expect(trial.wait() == [.withdraw], "\(lock)")
      // It closes while the slot is written: the switch waits.
      _ = trial.tell(.gatesRead(Gates()))
      _ = trial.wait()
      _ = trial.tell(.stored, .gatesRead(gates))
      #expect(trial.tell(.installed) == [], "\(lock)")
      #expect(trial.tell(.gatesRead(Gates())) == [.beginTrial])
    }
  }

  @Test("the merchant's word opens his window, and never a sale")
  func insistence() throws {
    var gates = Gates()
    gates.isWindowOpen = false
    var trial = Trial()
    try trial.toReady(gates)
    #expect(trial.tell(.stored) == [])
    #expect(UpdateMachineTests.record(trial.tell(.applyAsked)) != nil)
    trial = Trial()
    gates.isSelling = true
    try trial.toReady(gates)
    #expect(trial.tell(.stored, .applyAsked) == [])
  }

  @Test("unsent money stays only where it is stuck, both want it, within ten minutes")
  func override() throws {
    var gates = Gates()
    gates.hasUnsentMoney = true
    gates.isMoneyStuck = true
    var trial = Trial()
    try trial.toReady(gates)
    #expect(trial.tell(.stored, .overridden(.supervisor)) == [])
    trial.now = trial.now + .minutes(11)
    #expect(trial.tell(.overridden(.technician)) == [])
    guard case .announce? = trial.tell(.overridden(.supervisor)).first else {
      Issue.record("both are not enough")
      return
    }
    gates.isMoneyStuck = false
    trial = Trial()
    try trial.toReady(gates)
    #expect(trial.tell(.stored, .overridden(.supervisor), .overridden(.technician)) == [])
  }

  @Test("the till may postpone three times, not beyond an hour, and not past the deadline")
  func postponing() throws {
    var trial = Trial()
    try trial.toReady()
    _ = trial.tell(.stored)
    #expect(trial.tell(.postponeAsked(minutes: 61)) == [])
    for _ in 0..<3 {
      #expect(trial.tell(.postponeAsked(minutes: 30)).first == .withdraw)
      #expect(trial.tell(.stored) == [])
      guard case .announce? = trial.wait().first else {
        Issue.record("it does not come back")
        return
      }
    }
    #expect(trial.tell(.postponeAsked(minutes: 30)) == [])
    #expect(trial.machine.unexpectedEvents == 2)
  }

  @Test("tries end at a mirror that brings nothing new, and begin anew where it does")
  func tries() throws {
    var trial = Trial(mirrors: 2)
    let target = try Trial.target()
    _ = trial.tell(
      .started(UpdateMachineTests.start()), .checkAsked, .listed([target], isConsistent: true),
      .stored, .roomRead(1 << 40))
    // Always from the beginning, up to the same place.
    var rounds = 0
    while trial.tell(.transferEnded(.broken(laterSeconds: nil), bytes: 100)).isEmpty {
      rounds += 1
      #expect(trial.wait() == [.measureRoom])
      #expect(trial.tell(.roomRead(1 << 40)).count == 1)
      if rounds > 20 { break }
    }
    #expect(rounds == 7)
    // The other mirror is asked, and one that brings something is asked on and on.
    for count in 101..<140 as Range<Int64> {
      #expect(trial.tell(.transferEnded(.broken(laterSeconds: 3), bytes: count)) == [])
      #expect(trial.wait() == [.measureRoom])
      _ = trial.tell(.roomRead(1 << 40))
    }
    // Gone for good: the last mirror, so it rests until the next look, and the version is none the
    // worse.
    let effects = trial.tell(.transferEnded(.final, bytes: 139))
    #expect(effects.first == .discard)
    #expect(trial.machine.visibleStage == .select && trial.machine.offer?.target == target)
  }

  @Test("forged bytes lead to the next mirror and count against no version")
  func forged() throws {
    var trial = Trial(mirrors: 2)
    let target = try Trial.target()
    _ = trial.tell(
      .started(UpdateMachineTests.start()), .checkAsked, .listed([target], isConsistent: true),
      .stored, .roomRead(1 << 40), .transferEnded(.complete, bytes: target.length))
    let effects = trial.tell(.verified(false))
    guard effects.first == .discard, case .fetch(let fetch)? = effects.last else {
      Issue.record("\(effects)")
      return
    }
    #expect(fetch.mirror == 1)
    _ = trial.tell(.transferEnded(.complete, bytes: target.length))
    #expect(trial.tell(.verified(false)).last == .told(.forged))
    // Ten more evenings of lies, and the genuine bundle is still taken.
    for _ in 0..<10 {
      #expect(trial.tell(.checkAsked) != [])
      _ = trial.tell(.listed([target], isConsistent: true), .stored, .roomRead(1 << 40))
      for _ in 0..<2 {
        _ = trial.tell(.transferEnded(.complete, bytes: target.length), .verified(false))
      }
    }
    _ = trial.tell(.checkAsked, .listed([target], isConsistent: true), .stored, .roomRead(1 << 40))
    _ = trial.tell(.transferEnded(.complete, bytes: target.length))
    #expect(UpdateMachineTests.record(trial.tell(.verified(true))) != nil)
  }

  @Test("without room nothing is fetched, and it is looked again later")
  func room() throws {
    var trial = Trial()
    let target = try Trial.target()
    _ = trial.tell(
      .started(UpdateMachineTests.start()), .checkAsked, .listed([target], isConsistent: true),
      .stored)
    #expect(
      trial.tell(.roomRead(16_777_216 + target.length - 1)) == [.told(.noRoom(missing: 1))])
    #expect(trial.wait() == [.measureRoom])
    #expect(trial.tell(.roomRead(16_777_216 + target.length)).count == 1)
  }

  @Test("a signed bundle that is no system is not fetched for ever")
  func badContent() throws {
    var trial = Trial()
    for round in 0..<2 {
      if round == 0 {
        try trial.toReady()
      } else {
        let target = try Trial.target()
        _ = trial.tell(
          .checkAsked, .listed([target], isConsistent: true), .stored, .roomRead(1 << 40),
          .transferEnded(.complete, bytes: target.length), .verified(true))
      }
      _ = trial.tell(.stored)
      _ = trial.wait()
      _ = trial.tell(.stored)
      // Behind the record: a cut between them leaves no offer without its file.
      #expect(!trial.tell(.notInstalled(.otherContent)).contains(.discard))
      #expect(trial.tell(.stored) == [.discard])
    }
    let target = try Trial.target()
    _ = trial.tell(.checkAsked)
    #expect(
      trial.tell(.listed([target], isConsistent: true)) == [.told(.unfit(.failedBefore))])
  }

  @Test("an unexpected event changes nothing but a counter, and a wake-up too early nothing at all")
  func total() throws {
    var trial = Trial()
    try trial.toReady()
    _ = trial.tell(.stored)
    let before = trial.machine
    let events: [UpdateMachine.Event] = [
      .stored, .notStored, .roomRead(1), .arrived(1), .verified(true), .bundleLost, .installed,
      .trialBegun, .trialNotBegun, .ownHalfEnded(.none), .worldHalfEnded(.reached), .saved,
      .notSaved,
      .recoveryCame(nil), .listed([], isConsistent: true), .downloadAsked, .installing(permille: 1),
      .notInstalled(.forged), .transferEnded(.complete, bytes: 1),
    ]
    for event in events { #expect(trial.tell(event) == [], "\(event)") }
    #expect(trial.machine.unexpectedEvents == before.unexpectedEvents + UInt32(events.count))
    let counted = trial.machine
    #expect(trial.tell(.deadlinePassed) == [])
    #expect(trial.machine == counted)
  }

  @Test("a record is read as it was written, and one that was torn is none")
  func record() throws {
    var trial = Trial()
    _ = trial.tell(.started(UpdateMachineTests.start()), .checkAsked)
    let target = try Trial.target()
    let stored = trial.tell(.listed([target], isConsistent: true))
    let record = try #require(UpdateMachineTests.record(stored))
    #expect(try UpdateRecord(parsing: record.bytes) == record)
    for count in 0..<record.bytes.count {
      #expect((try? UpdateRecord(parsing: Array(record.bytes.prefix(count)))) == nil)
    }
    var again = Trial(record: record)
    #expect(again.tell(.started(UpdateMachineTests.start())) == [.measureRoom])
  }

  @Test("without a supervisor nothing is looked up, and nothing is waited for that is over")
  func alone() {
    var trial = Trial()
    let start = UpdateMachine.Start(boot: nil, running: .a, version: .none, isSafe: false)
    _ = trial.tell(.started(start))
    for _ in 0..<3 {
      #expect(trial.wait() == [])
      #expect(trial.machine.deadline.map { $0 > trial.now } == true)
    }
  }

  @Test("a second file is not taken while one waits that was brought before")
  func oneFile() throws {
    var trial = Trial()
    var gates = Gates()
    gates.isSelling = true
    let target = try Trial.target()
    _ = trial.tell(
      .started(UpdateMachineTests.start()), .gatesRead(gates), .checkAsked,
      .listed([target], isConsistent: true), .stored, .roomRead(1 << 40),
      .transferEnded(.complete, bytes: target.length), .verified(true), .stored)
    #expect(trial.machine.takesFile)
    let brought = UpdateMachine.Event.fileOffered(
      length: target.length, digests: target.digests, recovery: nil)
    _ = trial.tell(brought, .stored)
    #expect(trial.machine.offer?.isFile == true && !trial.machine.takesFile)
    _ = trial.tell(.cancelAsked, .stored)
    #expect(trial.machine.takesFile)
  }
}
