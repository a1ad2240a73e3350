// SPDX-License-Identifier: Apache-2.0

import PaymentCrypto
import Simulator
import Testing
import Updates

@Suite("Which slot starts")
struct BootChoiceTests {
  private static func whole(_ version: ByteString, epoch: Int64 = 1) -> SlotFacts {
    SlotFacts(
      isWhole: true, version: ReleaseVersion(version) ?? .none, epoch: epoch, digest: [1])
  }

  /// A state as its text says, with a digest that is right.
  private static func state(_ lines: String) throws -> BootState {
    let body = Array(("posd-boot 1\ngeneration 1\n" + lines + "\n").utf8)
    let sum = PublisherKey.digits(sha256(body))
    guard case .text(let digits) = sum else { throw MetadataFault(.missing) }
    let text = body + Array("sum ".utf8) + digits.bytes + [0x0A]
    return try #require(BootState.reading(text)?.state)
  }

  private static let digest = String(repeating: "ab", count: 32)

  private static func trial(_ left: Int, _ phase: String, crashes: Int = 0) throws -> BootState {
    try state(
      "chosen A\nfloors 1 1.1\n"
        + "trial \(digest) 1.2 1 0 A \(left) \(crashes) \(phase) never-ready")
  }

  private static func choose(
    _ state: BootState?, _ current: SlotName?, a: SlotFacts? = whole("1.1"),
    b: SlotFacts? = whole("1.2")
  ) -> BootChoice {
    BootChoice.next(state, current: current) { ($0 == .a ? a : b) ?? .nothing }
  }

  @Test("in everyday service the chosen slot starts and nothing is written")
  func everyday() throws {
    let state = try BootChoiceTests.state("chosen A\nfloors 1 1.1\ncause committed")
    let choice = BootChoiceTests.choose(state, .a)
    #expect(choice.slot == .a && choice.mode == .full && choice.state == state)
  }

  @Test("a trial has three starts, each written before; then the version before is back")
  func trial() throws {
    var state = try BootChoiceTests.trial(3, "switching")
    for left in [2, 1, 0] as [UInt8] {
      let choice = BootChoiceTests.choose(state, .b)
      #expect(choice.slot == .b && choice.mode == .trial && choice.state.trial?.left == left)
      state = choice.state
    }
    let choice = BootChoiceTests.choose(state, .b)
    #expect(choice.slot == .a && choice.mode == .full && choice.current == .a)
    #expect(choice.state.cause == .fellBack(.neverReady) && choice.state.trial == nil)
    #expect(
      choice.state.isBad(.b) && choice.state.failures(of: [UInt8](repeating: 0xAB, count: 32)) == 1)
  }

  @Test("a switch that was cut counts for nobody; a way back that was cut is finished")
  func interrupted() throws {
    var choice = BootChoiceTests.choose(try BootChoiceTests.trial(3, "switching"), .a)
    #expect(choice.slot == .a && choice.state.cause == .switchInterrupted)
    #expect(choice.state.failures(of: [UInt8](repeating: 0xAB, count: 32)) == 0)
    choice = BootChoiceTests.choose(try BootChoiceTests.trial(0, "switching"), .a)
    #expect(choice.slot == .a && choice.state.cause == .fellBack(.neverReady))
    for current in SlotName.allCases {
      choice = BootChoiceTests.choose(try BootChoiceTests.trial(2, "reverting"), current)
      #expect(choice.slot == .a && choice.state.cause == .fellBack(.neverReady))
    }
  }

  @Test("an installation that was cut leaves the slot that ran")
  func installing() throws {
    let state = try BootChoiceTests.state(
      "chosen A\nfloors 1 1.1\nbad B\n"
        + "trial \(BootChoiceTests.digest) 1.2 1 0 A 3 0 installing never-ready")
    let choice = BootChoiceTests.choose(state, .a)
    #expect(choice.slot == .a && choice.mode == .full && choice.state == state)
  }

  @Test("who falls over in probation falls back, and silence uses up the trial at once")
  func crashes() throws {
    var choice = BootChoiceTests.choose(
      try BootChoiceTests.trial(3, "probation", crashes: 3), .b)
    #expect(choice.slot == .a && choice.state.cause == .fellBack(.crashed))
    choice = BootChoiceTests.choose(try BootChoiceTests.trial(3, "probation", crashes: 2), .b)
    #expect(choice.slot == .b)
    var state = choice.state
    state.noteFailedStart(.trial, wasReady: true, wasSilent: false)
    #expect(state.trial?.crashes == 3)
    state = try BootChoiceTests.trial(2, "switching")
    state.noteFailedStart(.trial, wasReady: false, wasSilent: true)
    #expect(state.trial?.left == 0)
  }

  @Test("a lost link leads to the version before a trial, else to the one that was committed")
  func lostLink() throws {
    var choice = BootChoiceTests.choose(try BootChoiceTests.trial(2, "switching"), nil)
    #expect(choice.slot == .a && choice.state.cause == .stateLost)
    choice = BootChoiceTests.choose(
      try BootChoiceTests.state("chosen B\nfloors 1 1.2"), nil)
    #expect(choice.slot == .b && choice.mode == .full)
  }

  @Test("a lost state follows the link, and without both the higher version")
  func lostState() {
    #expect(BootChoiceTests.choose(nil, .a).slot == .a)
    #expect(BootChoiceTests.choose(nil, nil).slot == .b)
    let swapped = BootChoiceTests.choose(
      nil, nil, a: BootChoiceTests.whole("1.3"), b: BootChoiceTests.whole("1.2"))
    #expect(swapped.slot == .a)
    #expect(BootChoiceTests.choose(nil, nil, a: nil).slot == .b)
    #expect(BootChoiceTests.choose(nil, .a, a: nil).slot == .b)
  }

  @Test("a damaged slot does not start; what is below the floor starts in safe mode alone")
  func floors() throws {
    let state = try BootChoiceTests.state("chosen B\nfloors 1 1.2\ncause committed")
    var choice = BootChoiceTests.choose(state, .b, b: nil)
    #expect(choice.slot == .a && choice.mode == .safe)
    choice = BootChoiceTests.choose(state, .b, a: BootChoiceTests.whole("1.2"), b: nil)
    #expect(choice.slot == .a && choice.mode == .full && choice.state.cause == .slotDamaged)
    choice = BootChoiceTests.choose(
      state, .b, a: BootChoiceTests.whole("1.3", epoch: 0), b: nil)
    #expect(choice.mode == .safe)
    choice = BootChoiceTests.choose(state, .b, a: nil, b: nil)
    #expect(choice.slot == nil)
  }

  @Test("a version that fails three starts ends in safe mode, and one good start forgets them")
  func safeMode() throws {
    var state = try BootChoiceTests.state("chosen B\nfloors 1 1.2")
    for _ in 0..<3 {
      #expect(BootChoiceTests.choose(state, .b).mode == .full)
      state.noteFailedStart(.full, wasReady: false, wasSilent: false)
    }
    let choice = BootChoiceTests.choose(state, .b)
    #expect(choice.slot == .b && choice.mode == .safe)
    #expect(choice.state.cause == .nothingStarts)
    // Another slot that stands on the floor is better than safe mode.
    let other = BootChoiceTests.choose(state, .b, a: BootChoiceTests.whole("1.2"))
    #expect(other.slot == .a && other.mode == .full)
    // Who starts the supervisor anew has one more try, and not three.
    state.allowOneStart()
    #expect(BootChoiceTests.choose(state, .b).mode == .full)
    state.noteFailedStart(.full, wasReady: false, wasSilent: false)
    #expect(BootChoiceTests.choose(state, .b).mode == .safe)
    state.noteGoodStart()
    #expect(BootChoiceTests.choose(state, .b).mode == .full)
  }

  @Test("safe mode forgets nothing of a trial whose way back is broken")
  func trialInSafeMode() throws {
    let state = try BootChoiceTests.trial(0, "switching")
    let choice = BootChoiceTests.choose(state, .b, a: nil)
    #expect(choice.slot == .b && choice.mode == .safe)
    #expect(choice.state.trial?.left == 0)
    let again = BootChoiceTests.choose(choice.state, .b, a: nil)
    #expect(again == choice)
  }

  @Test("a torn copy is as good as none, and the newer copy counts")
  func copies() throws {
    let old = BootState(chosen: .a).text(generation: 4)
    let new = BootState(chosen: .b).text(generation: 5)
    #expect(BootState.newest(old, new)?.state.chosen == .b)
    #expect(BootState.newest(new, old)?.state.chosen == .b)
    for count in 0..<new.count {
      let torn = Array(new.prefix(count))
      #expect(BootState.newest(torn, old)?.state.chosen == .a)
      #expect(BootState.newest(torn, nil) == nil)
    }
    for index in new.indices {
      var bytes = new
      bytes[index] ^= 0x10
      #expect(BootState.reading(bytes) == nil)
    }
  }

  @Test("every word of a state is written and read again")
  func text() throws {
    for failure in [TrialFailure.neverReady, .crashed, .organ(.pinPad), .tooSlow, .faultInside] {
      let code = String(decoding: failure.code.bytes, as: UTF8.self)
      let state = try BootChoiceTests.state(
        "chosen B\ncause fell-back-\(code)\nfloors 7 2026.11.3\nrecovery 9\nfailed-starts 2\n"
          + "bad A\nfailed \(BootChoiceTests.digest) 2\n"
          + "trial \(BootChoiceTests.digest) 2027.1 8 10 A 2 1 probation \(code)")
      #expect(BootState.reading(state.text(generation: 3))?.state == state)
      #expect(state.cause == .fellBack(failure) && state.trial?.failure == failure)
    }
  }
}
