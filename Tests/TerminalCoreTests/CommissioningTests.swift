// SPDX-License-Identifier: Apache-2.0

import Clockwork
import Simulator
import TerminalCore
import Testing

@Suite("Going into service")
struct CommissioningTests {
  @Test("nothing is sold for real before the disk says that the terminal is in service")
  func writeAhead() throws {
    var till = try Till.commissioning()
    till.sell("test/1", 100)
    till.isHeld = true
    till.ask(.commission)
    #expect(till.terminal.state == .commissioning)
    till.ask(.sale(reference: "till/1", amount: 100, earlier: nil))
    #expect(till.terminal.state == .busy)
    // A power cut now finds a terminal that is not in service, as it was.
    var again = try till.restarted()
    again.start()
    #expect(again.terminal.state == .commissioning)
    till.isHeld = false
    while !till.held.isEmpty { till.serve(till.held.removeFirst()) }
    till.swipe()
    till.enterPIN()
    #expect(till.row("till/1")?.isTest == true)
    #expect(till.terminal.state == .ready)
  }
}
