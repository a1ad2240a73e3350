// SPDX-License-Identifier: Apache-2.0

import Clockwork
import Simulator
import Testing
import Updates

@Suite("An update that waits")
struct UpdateWaitingTests {
  private struct Trial: MachineTrial {
    var machine: UpdateMachine
    var now = Instant.start
    let target: Target

    /// A bundle that is whole on the disk, and a till that sells.
    init() throws {
      target = try Trial.target("1.2")
      machine = .recovered(
        from: UpdateRecord(), policy: UpdatePolicy(), board: "pos-x1", format: .directory,
        ring: ReleaseRing(serial: "1"), keys: nil)
      tell(.started(UpdateWaitingTests.start), .gatesRead(UpdateWaitingTests.selling), .checkAsked)
      tell(.listed([target], isConsistent: true), .stored, .roomRead(1 << 40))
      tell(.transferEnded(.complete, bytes: target.length), .verified(true), .stored)
    }
  }

  private static let start = UpdateMachine.Start(
    boot: BootState(chosen: .a), running: .a, version: ReleaseVersion("1.1") ?? .none,
    isSafe: false)

  private static var selling: Gates {
    var gates = Gates()
    gates.isSelling = true
    return gates
  }

  private static var refusal: Refusal { Refusal(.fetchTarget, "timestamp", .absent) }

  @Test("what waits is looked up again: what was withdrawn goes, its bundle behind the record")
  func withdrawn() throws {
    var trial = try Trial()
    #expect(trial.machine.visibleStage == .gate)
    #expect(trial.wait() == [.list(mirror: 0)])
    let stored = trial.tell(.listed([], isConsistent: true))
    guard case .store(let record)? = stored.first else {
      Issue.record("the record is not written")
      return
    }
    #expect(record.offer == nil && stored.count == 1)
    #expect(trial.tell(.stored) == [.discard])
    #expect(trial.machine.visibleStage == .idle && trial.machine.offer == nil)
  }

  @Test("a person may have it looked up, and a newer one takes its place")
  func newer() throws {
    var trial = try Trial()
    #expect(trial.tell(.checkAsked) == [.list(mirror: 0)])
    let newer = try Trial.target("1.3")
    let effects = trial.tell(.listed([trial.target, newer], isConsistent: true))
    #expect(effects.first == .discard && trial.machine.offer?.target == newer)
  }

  @Test("a look that fails, and one that lists it still, leave it waiting")
  func vain() throws {
    var trial = try Trial()
    _ = trial.wait()
    #expect(trial.tell(.notListed(UpdateWaitingTests.refusal)).last == .verify(trial.target))
    trial.tell(.verified(true), .stored)
    #expect(trial.machine.visibleStage == .gate && trial.machine.offer?.target == trial.target)
    #expect(trial.wait() == [.list(mirror: 0)])
    trial.tell(.listed([trial.target], isConsistent: true))
    #expect(trial.machine.visibleStage == .gate)
    // And it is applied as soon as nothing forbids it.
    trial.tell(.applyAsked)
    guard case .store? = trial.tell(.gatesRead(Gates())).first else {
      Issue.record("it is not applied")
      return
    }
  }

  @Test("a slot that cannot be written is tried three times, then once behind each look")
  func unwritable() throws {
    var trial = try Trial()
    trial.tell(.applyAsked, .gatesRead(Gates()))
    for _ in 0..<2 {
      guard case .install? = trial.tell(.stored).first else {
        Issue.record("it is not installed")
        return
      }
      trial.tell(.notInstalled(.unreadable))
      #expect(trial.machine.visibleStage == .download)
      _ = trial.wait()
      trial.tell(.verified(true), .stored)
    }
    trial.tell(.stored)
    trial.tell(.notInstalled(.unreadable))
    #expect(trial.machine.visibleStage == .select)
    #expect(trial.machine.problem == .notInstalled(.unreadable))
    // The same again is no news.
    #expect(trial.machine.history.count == 1)
    #expect(trial.wait() == [.list(mirror: 0)])
    trial.tell(.listed([trial.target], isConsistent: true))
    #expect(trial.machine.visibleStage == .gate)
  }

  @Test("a file that is gone is not waited for")
  func goneFile() throws {
    var trial = try Trial()
    let digests = trial.target.digests
    trial.tell(.fileOffered(length: trial.target.length, digests: digests, recovery: nil))
    trial.tell(.gatesRead(Gates()), .stored)
    trial.tell(.stored)
    trial.tell(.notInstalled(.disk(.absent)), .stored)
    #expect(trial.machine.offer == nil && trial.machine.takesFile)
  }

  @Test("money and paper that a sale has left are told, and money that both roles waive is not")
  func business() throws {
    var trial = try Trial()
    var gates = Gates()
    #expect(!trial.machine.leavesBusiness(at: trial.now))
    gates.owesReceipt = true
    trial.tell(.gatesRead(gates))
    #expect(trial.machine.leavesBusiness(at: trial.now))
    gates.owesReceipt = false
    gates.hasUnsentMoney = true
    gates.isMoneyStuck = true
    trial.tell(.gatesRead(gates))
    #expect(trial.machine.leavesBusiness(at: trial.now))
    trial.tell(.overridden(.supervisor), .overridden(.technician))
    #expect(!trial.machine.leavesBusiness(at: trial.now))
  }
}
