// SPDX-License-Identifier: Apache-2.0

import Clockwork
import Devices
import Simulator
import TerminalCore
import Testing

@Suite("What waits for what")
struct WaitingTests {
  @Test("a sale that finds the link in other hands goes on as soon as the link is free")
  func busyLink() throws {
    var settings = SimulatedShop.settings
    settings.reversalPauses = [.seconds(300)]
    var till = try Till.inService(settings: settings)
    till.hostIsSilent = true
    till.sell("till/1", 1_200)
    till.wait(.seconds(45))
    #expect(till.row("till/1")?.state == "reversal owed")
    till.ask(.setNetwork(NetworkSettings(acquirer: Till.endpoint)))
    till.ask(.sale(reference: "till/2", amount: 500, earlier: nil))
    #expect(till.progress.last == .clearingReversals)
    till.hostIsSilent = false
    till.wait(.seconds(25))
    #expect(till.row("till/1")?.state == "reversed")
    #expect(till.progress.last == .swipeCard)
  }

  @Test("reversals that do not block are owed up to a limit, and then they do")
  func reversals() throws {
    var settings = SimulatedShop.settings
    settings.reversalPauses = [.minutes(600)]
    settings.reversalsBlock = false
    var till = try Till.inService(settings: settings)
    till.hostIsSilent = true
    for number in 0..<50 {
      till.sell("till/\(number)", 1_200)
      till.wait(.seconds(45))
      #expect(till.row("till/\(number)")?.state == "reversal owed")
    }
    till.sell("till/50", 1_200)
    #expect(till.refusal == "TXN-001")
    #expect(till.row("till/50") == nil)
  }

  @Test("receipts are owed up to a limit, and then paper is wanted first")
  func receipts() throws {
    var settings = SimulatedShop.settings
    settings.batchLimit = 10_000
    var till = try Till.inService(settings: settings)
    till.tell(.printer(.status(.halted(.paperOut))))
    for number in 0..<300 {
      till.sell("till/\(number)", 100)
      till.forget()
    }
    #expect(till.terminal.status.receiptsOwed.count == 300)
    till.sell("till/300", 100)
    let refusal = try #require(till.refusal)
    #expect(refusal.hasPrefix("PRN"))
    #expect(till.row("till/300") == nil)
  }

  @Test("keys that the acquirer wants exchanged wait for the end of a sale")
  func keysBehindSale() throws {
    var till = try DownloadBench.inService()
    let before = till.terminal.keyInventory.map { $0.checkValue }
    till.isHeld = true
    till.ask(.download(.keys))
    till.isHeld = false
    till.ask(.sale(reference: "till/1", amount: 1_200, earlier: nil))
    #expect(till.progress.last == .swipeCard)
    // The acquirer answers what was asked before the sale: its keys are out of step.
    till.changes = [AnswerChange(elements: [(39, Array("A0".utf8))], hasMAC: false)]
    let held = till.held
    till.held = []
    for effect in held { till.serve(effect) }
    till.wait(.seconds(10))
    #expect(till.changes.isEmpty)
    #expect(till.terminal.keyInventory.map { $0.checkValue } == before)
    #expect(!WaitingTests.hasSignedIn(till))
    till.swipe()
    till.wait(.seconds(10))
    #expect(!WaitingTests.hasSignedIn(till), "a PIN is being entered")
    till.enterPIN()
    #expect(till.row("till/1")?.state == "approved")
    till.wait(.seconds(10))
    #expect(WaitingTests.hasSignedIn(till))
    #expect(till.terminal.keyInventory.map { $0.checkValue } != before)
  }

  private static func hasSignedIn(_ till: Till) -> Bool {
    DownloadBench.sentCodes(till).contains("003")
  }

  @Test("a sale is refused as busy while keys are on their way, and taken when they are there")
  func saleBehindKeys() throws {
    var till = try DownloadBench.inService()
    till.isHeld = true
    till.ask(.signIn)
    till.isHeld = false
    till.sell("till/1", 1_200)
    #expect(till.refusal == "TRM-002")
    #expect(till.row("till/1") == nil)
    let held = till.held
    till.held = []
    for effect in held { till.serve(effect) }
    #expect(WaitingTests.hasSignedIn(till))
    till.sell("till/2", 1_200)
    #expect(till.row("till/2")?.state == "approved")
  }
}
