// SPDX-License-Identifier: Apache-2.0

import Clockwork
import PaymentCrypto
import Simulator
import Testing

@testable import Updates

@Suite("An update that meets with trouble")
struct UpdateTroubleTests {
  private struct Trial: MachineTrial {
    var machine: UpdateMachine
    var now = Instant.start
    let target: Target

    init(_ more: [MetadataMember] = [], record: UpdateRecord = UpdateRecord()) throws {
      target = try Trial.target("1.2", more)
      machine = .recovered(
        from: record, policy: UpdatePolicy(), board: "pos-x1", format: .directory,
        ring: ReleaseRing(serial: "1"), keys: nil)
    }

    /// To a slot that is written.
    mutating func toInstalled(_ gates: Gates = Gates()) {
      tell(.started(UpdateTroubleTests.start()), .checkAsked)
      tell(.listed([target], isConsistent: true), .stored, .roomRead(1 << 40))
      tell(.transferEnded(.complete, bytes: target.length), .verified(true), .stored)
      tell(.applyAsked, .stored, .gatesRead(gates), .installed)
    }
  }

  private static func start(
    _ boot: BootState = BootState(chosen: .a), running: SlotName = .a,
    _ version: ByteString = "1.1", isSafe: Bool = false
  ) -> UpdateMachine.Start {
    UpdateMachine.Start(
      boot: boot, running: running, version: ReleaseVersion(version) ?? .none, isSafe: isSafe)
  }

  private static func record(_ effects: [UpdateMachine.Effect]) -> UpdateRecord? {
    for case .store(let record) in effects { return record }
    return nil
  }

  private static var selling: Gates {
    var gates = Gates()
    gates.isSelling = true
    return gates
  }

  /// A terminal that was handed over to a trial which failed so often, with its record.
  private static func failed(
    _ times: Int, _ more: [MetadataMember] = []
  ) throws -> (boot: BootState, record: UpdateRecord) {
    var trial = try Trial(more)
    trial.toInstalled()
    let offer = try #require(trial.machine.offer)
    var boot = BootState(chosen: .a)
    for _ in 0..<times {
      boot.beginInstall(offer.order, from: .a)
      boot.beginSwitch()
      boot.beginRevert(.organ(.printer))
      boot.endRevert()
    }
    return (boot, trial.machine.record)
  }

  @Test("a bundle that cannot be read any more is fetched once more, and nobody is accused")
  func lost() throws {
    var trial = try Trial()
    trial.tell(.started(UpdateTroubleTests.start()), .checkAsked)
    trial.tell(.listed([trial.target], isConsistent: true), .stored, .roomRead(1 << 40))
    trial.tell(.transferEnded(.complete, bytes: trial.target.length))
    var effects = trial.tell(.bundleLost)
    #expect(effects.first == .discard && UpdateTroubleTests.record(effects)?.phase == .fetching)
    #expect(trial.tell(.stored) == [.measureRoom])
    guard case .fetch? = trial.tell(.roomRead(1 << 40)).last else {
      Issue.record("nothing is fetched")
      return
    }
    trial.tell(.transferEnded(.complete, bytes: trial.target.length))
    // A disk that reads nothing back is not written all night.
    effects = trial.tell(.bundleLost)
    #expect(effects == [.discard, .told(.notFetched)])
    #expect(trial.machine.problem == .notFetched)
  }

  @Test("what the disk loses behind the check is not fetched again and again either")
  func forgedAtInstallation() throws {
    var trial = try Trial()
    var fetches = 0
    trial.tell(.started(UpdateTroubleTests.start()), .checkAsked)
    trial.tell(.listed([trial.target], isConsistent: true), .stored)
    for _ in 0..<5 {
      guard case .fetch? = trial.tell(.roomRead(1 << 40)).last else { break }
      fetches += 1
      trial.tell(.transferEnded(.complete, bytes: trial.target.length), .verified(true), .stored)
      trial.tell(.applyAsked, .stored)
      #expect(trial.tell(.notInstalled(.forged)).contains(.discard))
      trial.tell(.stored)
    }
    #expect(fetches == 2 && trial.machine.visibleStage == .select)
  }

  @Test("a switch that is refused is tried ever less often, told, and may be given up")
  func refusedSwitch() throws {
    var trial = try Trial()
    trial.toInstalled()
    let began = trial.now
    var told = 0
    for _ in 0..<12 {
      #expect(trial.machine.visibleStage == .change)
      if trial.tell(.trialNotBegun) == [.told(.notStored)] { told += 1 }
      #expect(trial.wait() == [.beginTrial])
    }
    #expect(told == 1 && trial.machine.problem == .notStored)
    #expect(trial.now - began > .minutes(60))
    trial.tell(.trialNotBegun)
    #expect(UpdateTroubleTests.record(trial.tell(.cancelAsked))?.phase == UpdateRecord.Phase.none)
    // A till that had begun this very moment is no refusal.
    var busy = try Trial()
    busy.toInstalled()
    for _ in 0..<6 {
      busy.tell(.gatesRead(UpdateTroubleTests.selling), .trialNotBegun)
      busy.now = busy.now + .seconds(5)
      busy.tell(.deadlinePassed)
      #expect(busy.tell(.gatesRead(Gates())) == [.beginTrial])
    }
    #expect(busy.machine.problem == nil)
  }

  @Test("what goes out of order while the switch waits is not the new version's fault")
  func ailingSince() throws {
    var trial = try Trial()
    trial.toInstalled(UpdateTroubleTests.selling)
    var gates = Gates()
    gates.ailing = Organs([.pinPad])
    let record = UpdateTroubleTests.record(trial.tell(.gatesRead(gates)))
    #expect(record?.ailing == Organs([.pinPad]))
    #expect(trial.machine.visibleStage == .change)
    #expect(trial.tell(.stored) == [.beginTrial])
    var boot = BootState(chosen: .a)
    boot.beginInstall(try #require(trial.machine.offer).order, from: .a)
    boot.beginSwitch()
    var next = try Trial(record: try #require(record))
    next.tell(.started(UpdateTroubleTests.start(boot, running: .b, "1.2")))
    #expect(next.tell(.ownHalfEnded(Organs([.pinPad]))) == [.pass])
  }

  @Test("a version that failed waits, however much its maker hurries, and a person does not")
  func overduePause() throws {
    let deadline = MetadataMember("deadline", .text("2026-01-01T00:00:00Z"))
    let (boot, record) = try UpdateTroubleTests.failed(1, [deadline])
    var trial = try Trial([deadline], record: record)
    trial.tell(.clockRead(UTCTime(seconds: 1_790_000_000)))
    let effects = trial.tell(.started(UpdateTroubleTests.start(boot)))
    #expect(effects.first == .told(.fellBack(.organ(.printer))))
    #expect(trial.machine.offer?.release.deadline != nil)
    #expect(trial.tell(.stored) == [])
    #expect(trial.machine.locks(at: trial.now) == [.postponed])
    let began = trial.now
    while trial.machine.visibleStage == .gate, trial.now - began < .minutes(400) {
      if case .list? = trial.wait().first {
        trial.tell(.listed([trial.target], isConsistent: true))
      }
      if case .announced = trial.machine.stage { break }
    }
    #expect(trial.now - began == .minutes(360))
    var hurried = try Trial([deadline], record: record)
    hurried.tell(.started(UpdateTroubleTests.start(boot)), .stored)
    #expect(UpdateTroubleTests.record(hurried.tell(.applyAsked))?.phase == .installing)
  }

  @Test("a failure counts whatever starts now, and three are the end of it")
  func countedAnyway() throws {
    for times in [1, 3] {
      var (boot, record) = try UpdateTroubleTests.failed(times)
      // The version before does not start either: it is safe mode.
      boot.cause = .nothingStarts
      var trial = try Trial(record: record)
      let effects = trial.tell(.started(UpdateTroubleTests.start(boot, isSafe: true)))
      #expect(effects.first == .told(.fellBack(.neverReady)))
      record = try #require(UpdateTroubleTests.record(effects))
      #expect(record.phase == (times < 3 ? .ready : UpdateRecord.Phase.none))
      #expect(record.history.last?.code == "fell-back-never-ready")
      if times < 3 { #expect(trial.machine.locks(at: trial.now) == [.postponed]) }
    }
  }

  @Test("safe mode of a version that was given up does not give it up for ever")
  func revertingInSafeMode() throws {
    var (boot, record) = try UpdateTroubleTests.failed(0)
    let offer = try #require(record.offer)
    boot.beginInstall(offer.order, from: .a)
    boot.beginSwitch()
    boot.beginRevert(.crashed)
    var trial = try Trial(record: record)
    let effects = trial.tell(.started(UpdateTroubleTests.start(boot, running: .b, isSafe: true)))
    record = try #require(UpdateTroubleTests.record(effects))
    #expect(record.phase == UpdateRecord.Phase.none && record.offer == nil)
    #expect(trial.tell(.stored) == [.discard])
    guard case .list? = trial.wait().first else {
      Issue.record("nothing is looked for")
      return
    }
    // Outside safe mode the version before is brought back.
    var other = try Trial()
    #expect(
      other.tell(.started(UpdateTroubleTests.start(boot, running: .b)))
        == [.told(.fellBack(.crashed)), .revert(.crashed)])
  }

  @Test("probation ends where the host says nothing and the shop is switched off every night")
  func nights() throws {
    var (boot, record) = try UpdateTroubleTests.failed(0)
    boot.beginInstall(try #require(record.offer).order, from: .a)
    boot.beginSwitch()
    var day: Int64 = 1_790_000_000
    for round in 0..<3 {
      var trial = try Trial(record: record)
      trial.tell(.clockRead(UTCTime(seconds: day)))
      trial.tell(.started(UpdateTroubleTests.start(boot, running: .b, "1.2")))
      #expect(trial.tell(.ownHalfEnded(.none)) == [.pass])
      boot.pass()
      let effects = trial.tell(.saved)
      // When it first passed is written once, and a disk that refuses it stops nothing.
      if round == 0 {
        var refused = trial
        #expect(refused.tell(.notStored) == [.testWorldHalf])
        record = try UpdateRecord(
          parsing: try #require(UpdateTroubleTests.record(effects)).bytes)
        #expect(trial.tell(.stored) == [.testWorldHalf])
      } else {
        #expect(effects == [.testWorldHalf])
      }
      // Asked every five minutes for ten hours of the day.
      for _ in 0..<120 {
        trial.tell(.worldHalfEnded(.unreached))
        day += 300
        trial.tell(.clockRead(UTCTime(seconds: day)))
        if trial.wait() == [.commit] { break }
      }
      #expect((trial.machine.visibleStage == .commit) == (round == 1), "day \(round)")
      if round == 1 { break }
      day += 14 * 3_600
    }
  }

  @Test("what has passed before has half an hour at a later start, and two minutes at the first")
  func switchedOnLater() throws {
    var (boot, record) = try UpdateTroubleTests.failed(0)
    boot.beginInstall(try #require(record.offer).order, from: .a)
    boot.beginSwitch()
    /// After how many seconds the printer's silence ends the trial.
    func lasts() throws -> Int64 {
      var trial = try Trial(record: record)
      trial.tell(.started(UpdateTroubleTests.start(boot, running: .b, "1.2")))
      let began = trial.now
      while trial.machine.visibleStage == .trial {
        trial.tell(.ownHalfEnded(Organs([.printer])))
        if trial.wait().contains(.revert(.organ(.printer))) { break }
      }
      return (trial.now - began).seconds
    }
    #expect(try lasts() == 120)
    boot.pass()
    #expect(try lasts() == 1_800)
    var trial = try Trial(record: record)
    trial.tell(.started(UpdateTroubleTests.start(boot, running: .b, "1.2")))
    for _ in 0..<600 {
      trial.tell(.ownHalfEnded(Organs([.printer])))
      #expect(trial.wait() == [.testOwnHalf])
    }
    #expect(trial.tell(.ownHalfEnded(.none)) == [.pass])
  }

  @Test("a file that was brought is never asked of a mirror, and never thrown away for one")
  func broughtFile() throws {
    for word in [UpdateMachine.Event.applyAsked, .downloadAsked] {
      var trial = try Trial()
      trial.tell(.started(UpdateTroubleTests.start()), .checkAsked)
      trial.tell(.listed([trial.target], isConsistent: true), .stored, .roomRead(1 << 40))
      trial.tell(.transferEnded(.final, bytes: 0))
      trial.tell(
        .fileOffered(
          length: trial.target.length, digests: trial.target.digests, recovery: nil), .stored)
      for _ in 0..<3 {
        #expect(trial.machine.visibleStage == .install)
        trial.tell(.stored, .notInstalled(.disk(.full)))
        if trial.machine.visibleStage != .select {
          _ = trial.wait()
        }
      }
      #expect(trial.machine.visibleStage == .select && trial.machine.offer?.isFile == true)
      let record = UpdateTroubleTests.record(trial.tell(word))
      #expect(record?.phase == .ready && record?.offer?.isFile == true)
    }
  }

  @Test("a management server that is heard no more, or is late, keeps no version out")
  func wish() throws {
    let newest = try Trial.target("1.3")
    var trial = try Trial()
    let both = [trial.target, newest]
    func offered() -> String? { trial.machine.offer?.release.version.description }
    trial.tell(.started(UpdateTroubleTests.start()), .checkAsked)
    trial.tell(.wished(ReleaseVersion("1.1")), .listed(both, isConsistent: true))
    #expect(offered() == nil)
    trial.now = trial.now + .minutes(1_439)
    trial.tell(.checkAsked, .listed(both, isConsistent: true))
    #expect(offered() == nil)
    trial.now = trial.now + .minutes(1)
    trial.tell(.checkAsked, .listed(both, isConsistent: true))
    #expect(offered() == "1.3.0")
    // The maker's last day for the older one of two is over.
    var late = try Trial([MetadataMember("deadline", .text("2026-01-01T00:00:00Z"))])
    late.tell(.clockRead(UTCTime(seconds: 1_790_000_000)))
    late.tell(.started(UpdateTroubleTests.start()), .checkAsked)
    late.tell(.wished(ReleaseVersion("1.1")))
    late.tell(.listed([late.target, newest], isConsistent: true))
    #expect(late.machine.offer?.release.version.description == "1.2.0")
  }
}
