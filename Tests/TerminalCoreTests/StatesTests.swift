// SPDX-License-Identifier: Apache-2.0

import Clockwork
import Foundation
import Simulator
import TerminalCore
import Testing

@Suite("States and what they allow")
struct StatesTests {
  @Test("the published table is the one the code has")
  func published() throws {
    let page = URL(fileURLWithPath: #filePath).deletingLastPathComponent()
      .deletingLastPathComponent().deletingLastPathComponent()
      .appendingPathComponent("Sources/TerminalCore/TerminalCore.docc/States.md")
    let text = try String(contentsOf: page, encoding: .utf8)
    let lines = text.split(separator: "\n").map(String.init).filter { $0.hasPrefix("|") }
    #expect(lines == TerminalState.table)
    #expect(lines.count == TerminalState.allCases.count + 2)
  }

  @Test("money moves in one state only, and nothing is sold by who is out of service")
  func money() {
    #expect(TerminalState.allCases.filter { $0.allows(.sale) } == [.ready])
    #expect(TerminalState.allCases.filter { $0.allows(.testSale) } == [.commissioning])
    for state in [TerminalState.tampered, .retired, .suspended, .safeMode, .locked, .factory] {
      #expect(!state.allows(.sale))
    }
    #expect(TerminalState.allCases.allSatisfy { $0.allows(.inspect) })
  }

  @Test("from factory to ready, each state in its turn")
  func life() throws {
    var till = try Till()
    #expect(till.terminal.state == .factory || till.terminal.state == .selfTest)
    till.start()
    #expect(till.terminal.state == .unregistered)
    till.ask(.setNetwork(NetworkSettings(acquirer: Till.endpoint)))
    till.ask(.commitNetwork)
    till.isHeld = true
    till.ask(.register(SimulatedShop.application(place: "Shop 1")))
    #expect(till.terminal.state == .applying)
    till.isHeld = false
    for effect in till.held { till.serve(effect) }
    #expect(till.terminal.state == .underReview)
    till.wait(.seconds(60))
    #expect(till.terminal.state == .commissioning)
    till.sell("test/1", 100)
    #expect(till.row("test/1")?.isTest == true)
    till.ask(.commission)
    #expect(till.answers.last == .done)
    #expect(till.terminal.state == .ready)
    till.ask(.sale(reference: "till/1", amount: 100, earlier: nil))
    #expect(till.terminal.state == .busy)
  }

  @Test("what a state does not allow is refused with the state's name, and changes nothing")
  func refused() throws {
    var till = try Till()
    till.start()
    let before = till.terminal
    for request in [
      ControlRequest.sale(reference: "a", amount: 1, earlier: nil), .commission, .sendQueue,
      .reprint(reference: "a", row: nil),
    ] {
      till.ask(request)
      #expect(till.refusal == "TRM-001")
    }
    till.ask(.register(SimulatedShop.application(place: "Shop 1")))
    #expect(till.refusal == "NET-010")
    #expect(till.terminal == before)
    #expect(till.journal.count == 1)
  }

  @Test("commissioning without an approved and printed test sale is refused")
  func commission() throws {
    var till = try Till.commissioning()
    till.ask(.commission)
    #expect(till.refusal == "TRM-008")
    till.sell("test/1", 151)
    #expect(till.row("test/1")?.state == "declined")
    till.ask(.commission)
    #expect(till.refusal == "TRM-008")
    till.sell("test/2", 100)
    till.ask(.commission)
    #expect(till.answers.last == .done)
  }
}
