// SPDX-License-Identifier: Apache-2.0

import Clockwork
import Devices
import ISO8583
import Simulator
import TerminalCore
import Testing

@Suite("A gateway that wants to be greeted first")
struct GreetingTests {
  private static let answer: [UInt8] = [0, 4, 0x30, 0x30, 0x31, 0x32]

  /// A connection that is up, with the greeting sent.
  private static func greeting(
    _ rules: LinkRules = LinkRules(), backup: Endpoint? = nil
  ) -> HostWire {
    var wire = HostWire(rules, greeting: HostWire.greeting)
    wire.start(1, backup: backup)
    wire.hear(.connected)
    #expect(wire.ends() == ["connect first.example", "greet"])
    return wire
  }

  @Test("the request leaves when the greeting is answered, on every short connection anew")
  func short() {
    var wire = GreetingTests.greeting()
    wire.hear(.received(GreetingTests.answer))
    #expect(wire.ends() == ["send request"])
    wire.hear(.received(HostWire.answer(1)))
    #expect(wire.ends() == ["disconnect", "1 answered 000001"])
    wire.start(2)
    wire.hear(.connected)
    #expect(wire.ends() == ["connect first.example", "greet"])
    wire.hear(.received(GreetingTests.answer))
    wire.hear(.received(HostWire.answer(2)))
    #expect(wire.ends() == ["send request", "disconnect", "2 answered 000002"])
  }

  @Test("a connection that stays open is greeted once, and a new one again")
  func long() {
    var wire = GreetingTests.greeting(LinkRules(idleLimit: .seconds(60)))
    wire.hear(.received(GreetingTests.answer))
    wire.hear(.received(HostWire.answer(1)))
    wire.start(2)
    wire.hear(.received(HostWire.answer(2)))
    #expect(
      wire.ends() == ["send request", "1 answered 000001", "send request", "2 answered 000002"])
    wire.wait(.seconds(60))
    wire.start(3)
    wire.hear(.connected)
    #expect(wire.ends() == ["disconnect", "connect first.example", "greet"])
  }

  @Test("the answer may come in any two pieces, and half of one is waited for and then none")
  func pieces() {
    for cut in 1..<GreetingTests.answer.count {
      var wire = GreetingTests.greeting()
      wire.hear(.received(Array(GreetingTests.answer[..<cut])))
      #expect(wire.ends() == [])
      var half = wire
      wire.hear(.received(Array(GreetingTests.answer[cut...])))
      #expect(wire.ends() == ["send request"])
      half.wait(.seconds(10))
      #expect(
        half.ends() == ["disconnect", "1 not sent: greeting \(GreetingFlaw.missing.rawValue)"])
    }
  }

  @Test("another answer, none, a closed connection, or words too many: nothing was sent")
  func flaws() {
    var wrong = GreetingTests.answer
    wrong[2] = 0x31
    let frame = HostWire.answer(1)
    for (bytes, flaw) in [
      (wrong, GreetingFlaw.other), ([9], .other), (GreetingTests.answer + frame, .surplus),
      (GreetingTests.answer + [0], .surplus), (GreetingTests.answer + [0xFF, 0xFF], .surplus),
    ] {
      var wire = GreetingTests.greeting()
      wire.hear(.received(bytes))
      #expect(wire.ends() == ["disconnect", "1 not sent: greeting \(flaw.rawValue)"])
      #expect(wire.link.isIdle && !wire.link.isOpen && wire.link.deadline == nil)
    }
    var wire = GreetingTests.greeting()
    wire.wait(.seconds(10))
    #expect(wire.ends() == ["disconnect", "1 not sent: greeting \(GreetingFlaw.missing.rawValue)"])
    wire = GreetingTests.greeting()
    wire.hear(.closed)
    #expect(wire.ends() == ["1 not sent: greeting \(GreetingFlaw.closed.rawValue)"])
    // What the connection itself says keeps its own layer.
    wire = GreetingTests.greeting()
    wire.hear(.failed(.tls, code: 98))
    #expect(wire.ends() == ["1 not sent: tls 98"])
  }

  @Test("a sign of life behind the greeting's answer is no word too many")
  func emptyFrame() {
    var wire = GreetingTests.greeting()
    wire.hear(.received(GreetingTests.answer + [0, 0]))
    #expect(wire.ends() == ["send request"])
  }

  @Test("connecting and greeting share one limit")
  func limit() {
    var wire = HostWire(greeting: HostWire.greeting)
    wire.start(1)
    wire.wait(.seconds(9))
    wire.hear(.connected)
    #expect(wire.ends() == ["connect first.example", "greet"])
    wire.wait(.seconds(1))
    #expect(wire.ends() == ["disconnect", "1 not sent: greeting \(GreetingFlaw.missing.rawValue)"])
  }

  @Test("the back-up is greeted when the first host's gateway fails, which then rests")
  func backup() {
    var wire = GreetingTests.greeting(backup: HostWire.second)
    wire.hear(.received([9]))
    #expect(wire.ends() == ["disconnect", "connect second.example"])
    wire.hear(.connected)
    wire.hear(.received(GreetingTests.answer))
    wire.hear(.received(HostWire.answer(1)))
    #expect(wire.ends() == ["greet", "send request", "disconnect", "1 answered 000001"])
    wire.start(2, backup: HostWire.second)
    #expect(wire.ends() == ["connect second.example"])
    // Both fail: the first host's cause is told.
    wire.hear(.failed(.tcp, code: 111))
    wire.hear(.connected)
    wire.hear(.received([9]))
    #expect(
      wire.ends() == [
        "connect first.example", "greet", "disconnect",
        "2 not sent: greeting \(GreetingFlaw.other.rawValue)",
      ])
  }

  @Test("a gateway that only listens is greeted, and the request follows at once")
  func listening() {
    let greeting = Framing.Greeting(request: [0x47, 0x57], answerPrefix: [], answerCount: 0)
    var wire = HostWire(greeting: greeting)
    wire.start(1)
    wire.hear(.connected)
    #expect(wire.ends() == ["connect first.example", "greet", "send request"])
    wire.hear(.received(HostWire.answer(1)))
    #expect(wire.ends() == ["disconnect", "1 answered 000001"])
  }

  @Test("who takes the request back while the gateway is greeted leaves nothing behind")
  func abandoned() {
    var wire = GreetingTests.greeting()
    wire.tell(.abandoned(ticket: 1))
    #expect(wire.ends() == ["disconnect", "1 not sent: tcp 0"])
    #expect(wire.link.isIdle && wire.link.deadline == nil)
  }

  @Test("a sale through a gateway is approved; through one that answers wrongly it never left")
  func sales() throws {
    var till = try Till(link: LinkRules()) {
      $0.dialect.framing.greeting = SimulatedShop.framedGreeting
    }
    till.acquirer.rules.greeting = SimulatedShop.greeting
    till.setUp()
    till.sell("greeted/1", 100)
    #expect(till.sent.first == SimulatedShop.greeting.request && till.sent.count == 2)
    #expect(till.row("greeted/1")?.state == "approved")
    till.ask(.commission)
    till.acquirer.rules.greeting?.answer[2] = 0x39
    till.forget()
    till.sell("greeted/2", 200)
    #expect(till.sent == [SimulatedShop.greeting.request])
    #expect(till.row("greeted/2")?.state == "not sent")
    guard case .transaction(_, let problem)? = till.answers.last else {
      Issue.record("the sale has no end")
      return
    }
    #expect(problem == .network(.greeting, code: GreetingFlaw.other.rawValue))
    #expect(till.terminal.status.reversals.isEmpty)
    // A host without a gateway takes the greeting for a frame, and breaks off.
    till.acquirer.rules.greeting = nil
    till.sell("greeted/3", 300)
    #expect(till.row("greeted/3")?.state == "not sent")
    #expect(till.acquirer.heldTotal == 100)
  }
}
