// SPDX-License-Identifier: Apache-2.0

import Clockwork
import Devices
import ISO8583
import TerminalCore
import Testing

@Suite("A connection for one request")
struct ShortLinkTests {
  /// A request that has left.
  private static func asked(_ rules: LinkRules = LinkRules()) -> HostWire {
    var wire = HostWire(rules)
    wire.start(1)
    wire.hear(.connected)
    _ = wire.take()
    return wire
  }

  @Test("it is opened, carries one request and is closed with its answer")
  func plain() {
    var wire = HostWire()
    wire.start(1)
    wire.hear(.connected)
    wire.hear(.received(HostWire.answer(1)))
    #expect(
      wire.ends() == [
        "connect first.example", "send request", "disconnect", "1 answered 000001",
      ])
    #expect(wire.link.isIdle && !wire.link.isOpen && wire.link.deadline == nil)
  }

  @Test("refused, or no TLS: nothing was sent, and the layer is named")
  func notSent() {
    for (layer, code) in [(NetworkLayer.tcp, 111 as Int32), (.tls, 35), (.name, 0)] {
      var wire = HostWire()
      wire.start(1)
      wire.hear(.failed(layer, code: code))
      #expect(wire.ends() == ["connect first.example", "1 not sent: \(layer) \(code)"])
    }
    var wire = HostWire()
    wire.start(1)
    wire.wait(.seconds(10))
    #expect(wire.ends() == ["connect first.example", "disconnect", "1 not sent: tcp 0"])
  }

  @Test("closed or broken before an answer, or silent: bytes may have left")
  func noAnswer() {
    for event in [AcquirerEvent.closed, .failed(.write, code: 104), .failed(.read, code: 56)] {
      var wire = ShortLinkTests.asked()
      wire.hear(event)
      #expect(wire.ends() == ["disconnect", "1 no answer"])
    }
    var wire = ShortLinkTests.asked()
    wire.wait(.seconds(19))
    #expect(wire.ends() == [])
    wire.wait(.seconds(1))
    #expect(wire.ends() == ["disconnect", "1 no answer"])
  }

  @Test("what comes after the time-out finds no connection, and the next one is a new one")
  func late() {
    var wire = ShortLinkTests.asked()
    wire.wait(.seconds(20))
    _ = wire.take()
    wire.hear(.received(HostWire.answer(1)))
    #expect(wire.ends() == [])
    #expect(wire.link.unexpectedEvents == 1)
    wire.start(1, mti: "0400")
    wire.hear(.connected)
    #expect(wire.ends() == ["connect first.example", "send request"])
    wire.hear(.received(HostWire.answer(1, mti: "0410")))
    #expect(wire.ends() == ["disconnect", "1 answered 000001"])
  }

  @Test(
    "an answer with another trace number, terminal, type, amount or processing is none",
    arguments: [
      ("0210", 11, "000002"), ("0210", 41, "10000002"), ("0410", 11, "000001"),
      ("0210", 4, "000000000101"), ("0210", 3, "200000"), ("0210", 11, nil),
    ] as [(String, Int, String?)])
  func mismatch(_ mti: String, _ element: Int, _ text: String?) {
    for rules in [LinkRules(), LinkRules(idleLimit: .seconds(900))] {
      var wire = ShortLinkTests.asked(rules)
      wire.hear(.received(HostWire.answer(1, mti: mti, [(element, text)])))
      #expect(wire.ends() == ["disconnect", "1 bad: mismatch"])
      #expect(wire.link.unmatchedAnswers == 1)
    }
  }

  @Test("an answer cut short at any byte is waited for, and none when the host closes")
  func truncated() {
    let answer = HostWire.answer(1)
    for count in 0..<answer.count {
      var wire = ShortLinkTests.asked()
      wire.hear(.received(Array(answer[..<count])))
      #expect(wire.ends() == [])
      wire.hear(.closed)
      #expect(wire.ends() == ["disconnect", "1 no answer"])
      // The frame is whole and the message in it is not; one without any message says that the
      // host is there.
      if count == 0 { continue }
      let cut = Array(answer[2..<(2 + min(count, answer.count - 3))])
      wire = ShortLinkTests.asked()
      wire.hear(.received(HostWire.dialect.framing.frame(cut)))
      #expect(wire.ends() == ["disconnect", "1 bad: unreadable"])
    }
  }

  @Test("a frame of an impossible length is none")
  func length() {
    var wire = ShortLinkTests.asked()
    wire.hear(.received([0xFF, 0xFF, 0]))
    #expect(wire.ends() == ["disconnect", "1 bad: unreadable"])
  }

  @Test("an answer may come byte by byte, and of two in one piece the second is dropped")
  func segments() {
    var wire = ShortLinkTests.asked()
    let answer = HostWire.answer(1)
    for byte in answer.dropLast() { wire.hear(.received([byte])) }
    #expect(wire.ends() == [])
    wire.hear(.received(Array(answer.suffix(1))))
    #expect(wire.ends() == ["disconnect", "1 answered 000001"])
    wire = ShortLinkTests.asked()
    wire.hear(.received(answer + HostWire.answer(2)))
    #expect(wire.ends() == ["disconnect", "1 answered 000001"])
    #expect(wire.link.unmatchedAnswers == 1 && wire.link.lateAnswers == 0)
  }

  @Test("an answer that comes twice counts once")
  func duplicate() {
    var wire = ShortLinkTests.asked()
    wire.hear(.received(HostWire.answer(1) + HostWire.answer(1)))
    #expect(wire.ends() == ["disconnect", "1 answered 000001"])
    #expect(wire.link.lateAnswers == 1 && wire.link.unmatchedAnswers == 0)
  }

  @Test("a request that is started meanwhile has the next connection")
  func queue() {
    var wire = ShortLinkTests.asked()
    wire.start(2)
    #expect(wire.ends() == [])
    wire.hear(.received(HostWire.answer(1)))
    #expect(wire.ends() == ["disconnect", "connect first.example", "1 answered 000001"])
    wire.hear(.connected)
    wire.hear(.received(HostWire.answer(2)))
    #expect(wire.ends() == ["send request", "disconnect", "2 answered 000002"])
  }

  @Test("more requests than a terminal has tasks are refused at once")
  func bounded() {
    var wire = HostWire()
    for number in 1...9 as ClosedRange<UInt32> { wire.start(number) }
    #expect(wire.ends() == ["connect first.example", "9 not sent: link 0"])
  }

  @Test("a request that nobody wants any more ends, and its connection with it")
  func abandoned() {
    var wire = HostWire()
    wire.start(1)
    wire.tell(.abandoned(ticket: 1))
    #expect(wire.ends() == ["connect first.example", "disconnect", "1 not sent: tcp 0"])
    wire = ShortLinkTests.asked()
    wire.tell(.abandoned(ticket: 1))
    #expect(wire.ends() == ["disconnect", "1 no answer"])
    wire.tell(.abandoned(ticket: 1))
    #expect(wire.ends() == [])
    #expect(wire.link.unexpectedEvents == 1)
  }

  @Test("the back-up is tried when the first host cannot be connected to")
  func backup() {
    for failure in [AcquirerEvent.failed(.tcp, code: 111), .failed(.tls, code: 35), .closed] {
      var wire = HostWire()
      wire.start(1, backup: HostWire.second)
      wire.hear(failure)
      wire.hear(.connected)
      wire.hear(.received(HostWire.answer(1)))
      #expect(
        wire.ends() == [
          "connect first.example", "connect second.example", "send request", "disconnect",
          "1 answered 000001",
        ])
    }
    var wire = HostWire()
    wire.start(1, backup: HostWire.second)
    wire.wait(.seconds(10))
    #expect(wire.ends() == ["connect first.example", "disconnect", "connect second.example"])
    wire.hear(.failed(.name, code: 0))
    #expect(wire.ends() == ["1 not sent: tcp 0"])
  }

  @Test("what was sent to the first host is never sent to the back-up")
  func sentOnce() {
    var wire = HostWire()
    wire.start(1, backup: HostWire.second)
    wire.hear(.connected)
    wire.hear(.failed(.write, code: 104))
    #expect(
      wire.ends() == ["connect first.example", "send request", "disconnect", "1 no answer"])
    #expect(wire.link.lastBreak == HostExchange.Failure(layer: .write, code: 104))
  }

  @Test("a back-up without TLS is believed no more than a first host without it")
  func believed() {
    for (isDead, end) in [(false, "1 answered 000001"), (true, "1 bad: wrongMAC")] {
      var wire = HostWire()
      var request = HostWire.request(1, mti: "0400", backup: HostWire.second)
      request.expected.needsMAC = true
      wire.tell(.started(request))
      if isDead { wire.hear(.failed(.tcp, code: 111)) }
      wire.hear(.connected)
      wire.hear(.received(HostWire.answer(1, mti: "0410", [(39, "25")])))
      #expect(wire.ends().last == end)
    }
  }

  @Test("a dead host rests for a while, and is tried first again")
  func rest() {
    var wire = HostWire(LinkRules(primaryPause: .seconds(60)))
    func order(_ number: UInt32, failing: Bool) -> [String] {
      wire.start(number, backup: HostWire.second)
      if failing { wire.hear(.failed(.tcp, code: 111)) }
      wire.hear(.connected)
      wire.hear(.received(HostWire.answer(number)))
      return wire.ends().filter { $0.hasPrefix("connect") }
    }
    #expect(order(1, failing: true) == ["connect first.example", "connect second.example"])
    wire.wait(.seconds(59))
    #expect(order(2, failing: false) == ["connect second.example"])
    // A dead back-up makes even a host that rests worth a try.
    #expect(order(3, failing: true) == ["connect second.example", "connect first.example"])
    #expect(order(4, failing: false) == ["connect first.example"])
    #expect(order(5, failing: true) == ["connect first.example", "connect second.example"])
    wire.wait(.seconds(60))
    #expect(order(6, failing: false) == ["connect first.example"])
  }
}
