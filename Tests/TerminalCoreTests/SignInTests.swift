// SPDX-License-Identifier: Apache-2.0

import Clockwork
import Devices
import Simulator
import TerminalCore
import Testing

@Suite("Keys that come with a sign-in")
struct SignInTests {
  private static func checkValues(_ till: Till) -> [[UInt8]] {
    till.terminal.keyInventory.map { $0.checkValue }
  }

  private static func signIns(_ till: Till) -> Int {
    till.journal.filter { $0.updates.contains { $0.key == "session-keys" && $0.isLive } }.count
  }

  @Test("a sign-in brings other keys, and they are in use at once and after a restart")
  func rotated() throws {
    var till = try Till.inService(flavour: .unionPay)
    let before = SignInTests.checkValues(till)
    till.ask(.signIn)
    #expect(till.answers.last == .done)
    #expect(SignInTests.checkValues(till) != before)
    till.sell("till/1", 1_200)
    #expect(till.row("till/1")?.state == "approved")
    var again = try till.restarted()
    again.start()
    #expect(SignInTests.checkValues(again) == SignInTests.checkValues(till))
    again.sell("till/2", 800)
    #expect(again.row("till/2")?.state == "approved")
  }

  @Test(
    "F20: one wrong check value, and none of the new keys is taken: the old ones stay",
    arguments: [19, 39])
  func wrongCheckValue(_ place: Int) throws {
    try refused("KEY-012") { $0[place] ^= 0x01 }
  }

  @Test("F20: a changed cryptogram is a wrong check value too", arguments: [0, 20])
  func wrongCryptogram(_ place: Int) throws {
    try refused("KEY-012") { $0[place] ^= 0x10 }
  }

  @Test("F21: keys in another layout are refused with an alert, too long or too short")
  func otherLayout() throws {
    try refused("KEY-012") { $0 += [UInt8](repeating: 0, count: 20) }
    try refused("KEY-012") { $0.removeLast(16) }
  }

  private func refused(
    _ code: String, _ edit: @escaping @Sendable (inout [UInt8]) -> Void
  ) throws {
    var till = try Till.inService(flavour: .unionPay)
    let before = SignInTests.checkValues(till)
    till.changes = [AnswerChange(edit: (62, edit))]
    till.ask(.signIn)
    #expect(till.refusal == code)
    #expect(SignInTests.checkValues(till) == before)
    #expect(SignInTests.signIns(till) == 0)
    #expect(till.terminal.status.problems.contains { $0.code == code })
    till.sell("till/1", 1_200)
    #expect(till.row("till/1")?.state == "approved")
    var again = try till.restarted()
    again.start()
    #expect(SignInTests.checkValues(again) == before)
    again.ask(.signIn)
    #expect(again.answers.last == .done)
    #expect(!again.terminal.status.problems.contains { $0.code == code })
  }

  @Test("a sign-in that the acquirer refuses says its code, and the old keys stay")
  func refusedByHost() throws {
    var till = try Till.inService(flavour: .unionPay)
    till.changes = [AnswerChange(elements: [(39, Array("96".utf8))])]
    till.ask(.signIn)
    #expect(till.answers.last == .refused(.signInRefused(code: Array("96".utf8))))
    till.sell("till/1", 1_200)
    #expect(till.row("till/1")?.state == "approved")
  }

  @Test(
    "F19: 77, 99 or A0 ends the sale, the terminal signs in by itself, the clerk may start again",
    arguments: ["77", "99", "A0"])
  func outOfStep(_ code: String) throws {
    var till = try Till.inService(flavour: .unionPay)
    till.changes = [AnswerChange(elements: [(38, nil), (39, Array(code.utf8))], hasMAC: false)]
    // The host declines it, so that nothing is held there either.
    till.sell("till/1", 151)
    #expect(till.row("till/1")?.state == "declined")
    #expect(till.row("till/1")?.responseCode == code)
    #expect(till.terminal.status.reversals.isEmpty)
    till.wait(.seconds(5))
    #expect(SignInTests.signIns(till) == 1)
    till.sell("till/2", 1_200)
    #expect(till.row("till/2")?.state == "approved")
  }

  @Test("F19: until new keys verify the old ones are used, and the sign-in is tried again")
  func triedAgain() throws {
    var till = try Till.inService(flavour: .unionPay)
    till.changes = [
      AnswerChange(elements: [(38, nil), (39, Array("A0".utf8))], hasMAC: false),
      AnswerChange(edit: (62, { $0[19] ^= 0x01 })),
    ]
    till.sell("till/1", 151)
    till.wait(.seconds(1))
    #expect(SignInTests.signIns(till) == 0)
    till.sell("till/2", 1_200)
    #expect(till.row("till/2")?.state == "approved")
    till.wait(.seconds(30))
    #expect(SignInTests.signIns(till) == 1)
  }

  @Test("an acquirer that hands out no keys has no sign-in")
  func generic() throws {
    var till = try Till.inService()
    till.ask(.signIn)
    #expect(till.refusal == "TXN-008")
  }

  /// The answer to a sign-in tells another batch number.
  private static func telling(_ batch: String) -> AnswerChange {
    AnswerChange(edit: (60, { $0.replaceSubrange(2..<8, with: batch.utf8) }))
  }

  @Test("the acquirer's batch number is taken where the batch is empty, and stays after a restart")
  func batchTaken() throws {
    var till = try Till.commissioning(flavour: .unionPay)
    till.changes = [SignInTests.telling("000777")]
    till.ask(.signIn)
    #expect(till.answers.last == .done)
    #expect(till.terminal.batch.batch.value == 777)
    #expect(try till.restarted().terminal.batch.batch.value == 777)
  }

  @Test("a batch with sales keeps its number, and that the acquirer has another one is told")
  func batchKept() throws {
    var till = try Till.inService(flavour: .unionPay)
    let own = till.terminal.batch.batch
    let before = SignInTests.checkValues(till)
    till.changes = [SignInTests.telling("000777")]
    till.ask(.signIn)
    #expect(till.refusal == "KEY-013")
    #expect(till.terminal.batch.batch == own)
    #expect(SignInTests.checkValues(till) != before, "the keys are good")
    #expect(till.terminal.status.problems.map { $0.code } == ["KEY-013"])
    // The terminal's own number was right: a sign-in that says so ends it.
    till.ask(.signIn)
    #expect(till.answers.last == .done)
    #expect(till.terminal.status.problems.isEmpty)
  }

  @Test("after the batch is closed the acquirer's number is taken, and nothing is told any more")
  func batchClosed() throws {
    var till = try Till.inService(flavour: .unionPay)
    till.changes = [SignInTests.telling("000777")]
    till.ask(.signIn)
    till.ask(.settle)
    till.wait(.seconds(5))
    #expect(till.terminal.batch.phase == .open)
    // Nobody has compared anything with the new batch.
    #expect(till.terminal.status.problems.isEmpty)
    till.changes = [SignInTests.telling("000778")]
    till.ask(.signIn)
    #expect(till.answers.last == .done)
    #expect(till.terminal.batch.batch.value == 778)
    #expect(till.terminal.status.problems.isEmpty)
  }
}
