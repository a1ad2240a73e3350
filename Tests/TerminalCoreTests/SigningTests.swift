// SPDX-License-Identifier: Apache-2.0

import Clockwork
import Devices
import ISO8583
import Simulator
import TerminalCore
import Testing

@Suite("MACs of messages")
struct SigningTests {
  @Test("an answer whose second bitmap moves the MAC to element 128 is believed by that MAC alone")
  func secondBitmap() throws {
    let original: [UInt8] = Array("020000000309260102030000000000000000000000".utf8)
    for (hasMAC, state) in [(true, "approved"), (false, "reversal owed")] {
      var till = try Till.inService()
      till.changes = [AnswerChange(elements: [(90, original)], hasMAC: hasMAC)]
      till.sell("till/1", 1_200)
      #expect(till.row("till/1")?.state == state)
    }
  }

  @Test("a sale that finds an advice on its way waits for its turn")
  func turns() throws {
    var till = try Till.inService()
    till.sell("till/1", 1_200)
    till.hostIsSilent = true
    till.transact(TransactionRequest(.refund, reference: "till/2", amount: 500, original: "till/1"))
    till.wait(.seconds(25))
    #expect(till.row("till/2")?.state == "queued")
    // The advice is on its way again, and the host thinks about it.
    let sent = till.sent.count
    while till.sent.count == sent { till.wait(.seconds(1)) }
    till.ask(.sale(reference: "till/3", amount: 800, earlier: nil))
    till.swipe()
    till.enterPIN()
    #expect(till.row("till/3")?.state == "sent")
    till.hostIsSilent = false
    till.wait(.seconds(25))
    #expect(till.row("till/3")?.state == "approved")
    till.wait(.seconds(400))
    #expect(till.row("till/2")?.state == "approved")
  }
}
