// SPDX-License-Identifier: Apache-2.0

import Clockwork
import Devices
import Simulator
import TerminalCore
import Testing

@Suite("The payment path, as a technician and an update ask for it")
struct PaymentPathTests {
  @Test("the acquirer is asked with the settings that are kept, and nothing changes by it")
  func reached() throws {
    var till = try Till.inService()
    let before = till.terminal.status
    till.ask(.testNetwork)
    #expect(till.answers.last == .done)
    #expect(till.sent.count == 1)
    #expect(till.terminal.status == before)
  }

  @Test("what fails is named by its layer; without settings there is nobody to ask")
  func unreached() throws {
    var till = try Till.inService()
    till.hostFailure = .tls
    till.ask(.testNetwork)
    #expect(till.refusal == "NET-005")
    var fresh = try Till()
    fresh.start()
    fresh.ask(.testNetwork)
    #expect(fresh.refusal == "NET-010")
  }

  @Test("a second question while the first is under way is told so, and whoever left is forgotten")
  func twice() throws {
    var till = try Till.inService()
    till.hostIsSilent = true
    let first = till.ask(.testNetwork)
    till.ask(.testNetwork)
    #expect(till.refusal == "TRM-002")
    till.tell(.requesterLeft(first))
    let count = till.answers.count
    till.wait(.seconds(60))
    #expect(till.answers.count == count)
    till.hostIsSilent = false
    till.ask(.testNetwork)
    #expect(till.answers.last == .done)
  }

  @Test("money that is to be sent is owed, and stuck once it was tried in vain three times")
  func money() throws {
    var till = try Till.inService()
    #expect(!till.terminal.owesMoney && !till.terminal.isMoneyStuck)
    till.losesAnswers = true
    till.sell("till/1", 1_200)
    till.hostIsSilent = true
    till.wait(.seconds(42))
    #expect(till.terminal.owesMoney && !till.terminal.isMoneyStuck)
    till.wait(.seconds(600))
    #expect(till.terminal.isMoneyStuck)
    till.hostIsSilent = false
    till.losesAnswers = false
    till.wait(.seconds(600))
    #expect(!till.terminal.owesMoney && !till.terminal.isMoneyStuck)
  }

  @Test("a sale is under way from its first word to its last, and its paper is owed until printed")
  func sale() throws {
    var till = try Till.inService()
    #expect(!till.terminal.isInTransaction && !till.terminal.owesPaper)
    till.printerIsSilent = true
    till.ask(.sale(reference: "till/1", amount: 1_200, earlier: nil))
    #expect(till.terminal.isInTransaction)
    till.swipe()
    till.enterPIN()
    #expect(till.terminal.owesPaper)
  }

  @Test("a message is coded and read back, in both dialects, with keys")
  func messages() throws {
    for flavour in [ShopFlavour.generic, .unionPay] {
      var till = try Till(flavour: flavour)
      #expect(!till.terminal.codesMessages(at: till.now), "without a clock there is no message")
      till.start()
      #expect(till.terminal.codesMessages(at: till.now))
      #expect(till.terminal.hasKeys && till.terminal.hasJournal)
    }
  }
}
