// SPDX-License-Identifier: Apache-2.0

import Clockwork
import Devices
import ISO8583
import Simulator
import TerminalCore
import Testing

@Suite("A download that a person asks for, and what it waits for")
struct DownloadWaitTests {
  /// A terminal that has begun what its acquirer ordered, and whose acquirer has fallen silent.
  private static func staged(_ order: UInt8) throws -> Till {
    var till = try DownloadBench.inService()
    till.acquirer.rules.downloads = SimulatedShop.downloads(9)
    till.acquirer.orders = [order]
    till.sell("till/1", 1_200)
    till.tell(.deadlinePassed)
    till.hostIsSilent = true
    till.forget()
    return till
  }

  /// A terminal with a refund that the acquirer has never answered.
  private static func owing(_ amount: UInt64) throws -> Till {
    var till = try DownloadBench.inService()
    till.acquirer.rules.downloads = SimulatedShop.downloads(3)
    till.sell("till/1", 1_200)
    till.hostIsSilent = true
    till.transact(
      TransactionRequest(.refund, reference: "till/2", amount: amount, original: "till/1"))
    till.wait(.seconds(42))
    #expect(till.row("till/2")?.state == "queued")
    till.hostIsSilent = false
    till.forget()
    return till
  }

  @Test("behind another set that does not come it ends with what is the matter with that")
  func behindAnother() throws {
    var till = try DownloadWaitTests.staged(4)
    #expect(DownloadBench.line(.keys, till)?.isRunning == true)
    till.wait(.seconds(60))
    till.ask(.download(.blackList))
    till.wait(.seconds(60))
    #expect(till.refusal == "NET-007")
    till.forget()
    till.hostIsSilent = false
    till.wait(.minutes(30))
    #expect(till.terminal.publicKeys.map { $0.index } == [5, 6, 7])
    #expect(DownloadBench.line(.blackList, till)?.since == "", "a person was told")
    #expect(till.answers.isEmpty)
  }

  @Test("behind another set that the acquirer refuses it comes at once")
  func behindRefused() throws {
    var till = try DownloadWaitTests.staged(5)
    #expect(DownloadBench.line(.applications, till)?.isRunning == true)
    till.wait(.seconds(50))
    till.hostIsSilent = false
    till.changes = [AnswerChange(elements: [(39, Array("25".utf8))], hasMAC: false)]
    till.ask(.download(.blackList))
    till.wait(.seconds(2))
    #expect(till.answers == [.done])
    #expect(DownloadBench.line(.blackList, till)?.count == 4)
    // What the acquirer has ordered comes behind it.
    #expect(DownloadBench.line(.applications, till)?.isOrdered == false)
  }

  @Test("behind an advice that cannot leave it ends with that, and nothing was asked for")
  func behindAdvice() throws {
    var till = try DownloadWaitTests.owing(591)
    till.ask(.download(.keys))
    till.wait(.seconds(60))
    #expect(till.refusal == "TXN-010")
    #expect(DownloadBench.sentCodes(till).isEmpty)
    #expect(till.terminal.publicKeys.map { $0.index } == [1, 2])
    till.wait(.minutes(60))
    #expect(till.answers.count == 1)
    #expect(DownloadBench.sentCodes(till).isEmpty)
  }

  @Test("an advice that leaves goes first, and the download follows at once")
  func behindDelivered() throws {
    var till = try DownloadWaitTests.owing(500)
    till.ask(.download(.keys))
    till.wait(.seconds(1))
    #expect(till.answers == [.done])
    let types = DownloadBench.messages(till).map { String(decoding: $0.mti, as: UTF8.self) }
    #expect(types.first == "0220")
    #expect(till.row("till/2")?.state == "approved")
    #expect(till.terminal.publicKeys.map { $0.index } == [2, 3, 4])
  }

  @Test("behind a reversal that the acquirer does not take it ends with that")
  func behindReversal() throws {
    var till = try DownloadBench.inService()
    till.hostIsSilent = true
    till.sell("till/1", 1_200)
    till.wait(.seconds(20))
    #expect(till.terminal.status.reversals.count == 1)
    till.forget()
    till.ask(.download(.keys))
    till.wait(.seconds(60))
    #expect(till.refusal == "TXN-001")
    #expect(DownloadBench.sentCodes(till).isEmpty)
  }

  @Test("behind a sale that takes its time it ends, and the sale goes on")
  func behindSale() throws {
    var till = try DownloadBench.inService()
    till.acquirer.rules.downloads = SimulatedShop.downloads(3)
    till.hostIsSilent = true
    till.ask(.download(.keys))
    till.hostIsSilent = false
    till.sell("till/1", 1_200)
    till.ask(.sale(reference: "till/2", amount: 500, earlier: nil))
    till.answers = []
    till.wait(.seconds(31))
    guard case .refused(.notAllowed(.download, in: .busy)) = till.answers.last else {
      Issue.record("\(till.answers)")
      return
    }
    till.swipe()
    till.enterPIN()
    #expect(till.row("till/2")?.state == "approved")
    till.forget()
    till.wait(.minutes(60))
    #expect(till.sent.isEmpty)
    #expect(till.terminal.publicKeys.map { $0.index } == [1, 2])
  }

  @Test("a sign-in that waits for its next try does not keep it waiting: it needs no keys")
  func besideSignIn() throws {
    var till = try DownloadBench.inService()
    till.acquirer.rules.downloads = SimulatedShop.downloads(3)
    till.changes = [DownloadWaitTests.outOfStep] + DownloadWaitTests.refusals
    till.sell("till/1", 151)
    till.wait(.minutes(3))
    #expect((1...28).contains(till.changes.count))
    till.changes = []
    till.forget()
    till.ask(.download(.keys))
    till.wait(.seconds(1))
    #expect(till.answers == [.done])
    #expect(till.terminal.publicKeys.map { $0.index } == [2, 3, 4])
  }

  @Test("what the acquirer refused while it wanted a sign-in comes as soon as that is taken")
  func behindTakenSignIn() throws {
    var till = try DownloadBench.inService()
    till.acquirer.rules.downloads = SimulatedShop.downloads(3)
    till.acquirer.orders = [4]
    till.changes =
      [AnswerChange(hasMAC: true), DownloadWaitTests.outOfStep]
      + [AnswerChange](repeating: DownloadWaitTests.refusals[0], count: 200)
    till.sell("till/1", 1_200)
    till.sell("till/2", 151)
    till.wait(.minutes(12))
    #expect(DownloadBench.line(.keys, till)?.isOrdered == true)
    till.changes = []
    till.ask(.signIn)
    till.wait(.seconds(2))
    #expect(till.terminal.publicKeys.map { $0.index } == [2, 3, 4])
  }

  @Test("an acquirer that answers each download with a sign-in is not called for ever")
  func signInAtEach() throws {
    var till = try DownloadBench.inService()
    till.acquirer.rules.downloads = SimulatedShop.downloads(3)
    till.acquirer.orders = [4]
    till.sell("till/1", 1_200)
    till.answerFlaw = { message in
      guard message.mti == Array("0810".utf8), message[62] != nil || message[39] != nil,
        let code = message[60]?.dropFirst(8).prefix(3), Array(code) != Array("003".utf8)
      else { return }
      message[39] = Array("A0".utf8)
    }
    till.forget()
    till.wait(.minutes(60))
    #expect((4...60).contains(till.sent.count), "\(till.sent.count) messages in an hour")
    till.answerFlaw = nil
    till.wait(.minutes(31))
    #expect(till.terminal.publicKeys.map { $0.index } == [2, 3, 4])
  }

  private static let outOfStep = AnswerChange(
    elements: [(38, nil), (39, Array("A0".utf8))], hasMAC: false)
  private static let refusals = [AnswerChange](
    repeating: AnswerChange(elements: [(39, Array("96".utf8))]), count: 30)

  @Test("asked for while what came of a set in vain is dropped, it comes as soon as that is done")
  func whileDropping() throws {
    var till = try DownloadBench.inService()
    till.acquirer.rules.downloads = SimulatedShop.downloads(3)
    till.ask(.download(.keys))
    #expect(DownloadBench.line(.keys, till)?.isRunning == true)
    till.isHeld = true
    let isOver = { (effect: TerminalEffect) in
      if case .answer(_, .refused(.network)) = effect { true } else { false }
    }
    for _ in 0..<60 where !till.held.contains(where: isOver) { till.wait(.seconds(1)) }
    #expect(till.held.contains(where: isOver))
    till.ask(.download(.blackList))
    till.isHeld = false
    for effect in till.held { till.serve(effect) }
    till.wait(.seconds(1))
    #expect(till.answers.last == .done)
    #expect(DownloadBench.line(.blackList, till)?.since.isEmpty == false)
  }

  @Test("what is dropped while the disk fails is dropped later, and no restart goes on with it")
  func droppedLater() throws {
    var till = try DownloadBench.inService()
    till.acquirer.rules.downloads = SimulatedShop.downloads(3)
    till.ask(.download(.keys))
    #expect(DownloadBench.line(.keys, till)?.isRunning == true)
    till.hostFailure = .read
    till.journalFault = .failed
    till.wait(.seconds(60))
    #expect(till.answers.last == .refused(.network(.read, code: 111)))
    #expect(till.records.contains { $0.key == "download-stage" && $0.isLive })
    #expect(!till.terminal.downloadsAreAtRest)
    till.journalFault = nil
    till.hostFailure = nil
    till.wait(.minutes(30))
    #expect(till.terminal.downloadsAreAtRest)
    #expect(!till.records.contains { $0.key == "download-stage" && $0.isLive })
    #expect(try till.restarted().terminal.downloadsAreAtRest)
  }
}
