// SPDX-License-Identifier: Apache-2.0

import Clockwork
import Devices
import ISO8583
import TerminalCore
import Testing

@Suite("A connection for many requests")
struct LongLinkTests {
  /// A connection with so many requests on their way, numbered from 1.
  private static func open(
    _ count: UInt32, _ rules: LinkRules = LinkRules(idleLimit: .seconds(900), inFlightLimit: 4)
  ) -> HostWire {
    var wire = HostWire(rules)
    for number in 1...count { wire.start(number) }
    wire.hear(.connected)
    _ = wire.take()
    return wire
  }

  @Test("it stays open between requests until nobody has asked for long enough")
  func idle() {
    var wire = LongLinkTests.open(1)
    wire.hear(.received(HostWire.answer(1)))
    #expect(wire.ends() == ["1 answered 000001"])
    wire.wait(.seconds(899))
    wire.start(2)
    #expect(wire.ends() == ["send request"])
    wire.hear(.received(HostWire.answer(2)))
    wire.wait(.seconds(899))
    #expect(wire.ends() == ["2 answered 000002"])
    #expect(wire.link.isOpen)
    wire.wait(.seconds(1))
    #expect(wire.ends() == ["disconnect"])
    #expect(!wire.link.isOpen)
  }

  @Test("answers find their requests in any order")
  func anyOrder() {
    var wire = LongLinkTests.open(4)
    for number in [3, 1, 4, 2] as [UInt32] { wire.hear(.received(HostWire.answer(number))) }
    #expect(
      wire.ends() == [
        "3 answered 000003", "1 answered 000001", "4 answered 000004", "2 answered 000002",
      ])
    #expect(wire.link.isOpen)
  }

  @Test("no more requests are on their way than the acquirer takes")
  func limit() {
    var wire = LongLinkTests.open(4, LinkRules(idleLimit: .seconds(900), inFlightLimit: 3))
    wire.hear(.received(HostWire.answer(2)))
    #expect(wire.ends() == ["send request", "2 answered 000002"])
  }

  @Test("after a time-out the connection takes no new request and is closed behind the last one")
  func timeOut() {
    var wire = LongLinkTests.open(1)
    wire.wait(.seconds(15))
    wire.start(2)
    wire.wait(.seconds(5))
    #expect(wire.ends() == ["send request", "1 no answer"])
    wire.start(3)
    #expect(wire.ends() == [])
    // It comes late, and is nobody's.
    wire.hear(.received(HostWire.answer(1)))
    #expect(wire.ends() == [])
    #expect(wire.link.lateAnswers == 1)
    wire.hear(.received(HostWire.answer(2)))
    #expect(wire.ends() == ["disconnect", "connect first.example", "2 answered 000002"])
    wire.hear(.connected)
    wire.hear(.received(HostWire.answer(3)))
    #expect(wire.ends() == ["send request", "3 answered 000003"])
    #expect(wire.link.lateAnswers == 1 && wire.link.unmatchedAnswers == 0)
  }

  @Test("the answer to an abandoned request is late and ends no other")
  func abandoned() {
    var wire = LongLinkTests.open(2)
    wire.tell(.abandoned(ticket: 1))
    #expect(wire.ends() == ["1 no answer"])
    wire.hear(.received(HostWire.answer(1)))
    #expect(wire.ends() == [])
    wire.hear(.received(HostWire.answer(2)))
    #expect(wire.ends() == ["disconnect", "2 answered 000002"])
    #expect(wire.link.lateAnswers == 1)
  }

  @Test("an answer that comes again never answers the next request")
  func duplicate() {
    var wire = LongLinkTests.open(1)
    wire.hear(.received(HostWire.answer(1)))
    wire.start(2)
    wire.hear(.received(HostWire.answer(1)))
    #expect(wire.ends() == ["1 answered 000001", "send request"])
    wire.hear(.received(HostWire.answer(2)))
    #expect(wire.ends() == ["2 answered 000002"])
    #expect(wire.link.lateAnswers == 1 && wire.link.isOpen)
  }

  @Test("of several requests, none is ended by an answer to nothing")
  func unmatched() {
    var wire = LongLinkTests.open(2)
    wire.hear(.received(HostWire.answer(9)))
    #expect(wire.ends() == [])
    #expect(wire.link.unmatchedAnswers == 1)
    wire.hear(.received(HostWire.answer(2) + HostWire.answer(1)))
    #expect(wire.ends() == ["2 answered 000002", "1 answered 000001"])
  }

  @Test("a host that speaks without being asked is not listened to any longer")
  func unasked() {
    var wire = LongLinkTests.open(1)
    wire.hear(.received(HostWire.answer(1)))
    _ = wire.take()
    wire.hear(.received(HostWire.answer(9)))
    #expect(wire.ends() == ["disconnect"])
    #expect(wire.link.unmatchedAnswers == 1)
  }

  @Test("a lost connection or a bad frame ends every request without an answer")
  func lost() {
    for event in [
      AcquirerEvent.closed, .failed(.read, code: 56), .received([0xFF, 0xFF]),
      .received([0, 2, 1, 2]),
    ] {
      var wire = LongLinkTests.open(3)
      wire.hear(event)
      #expect(wire.ends() == ["disconnect", "1 no answer", "2 no answer", "3 no answer"])
      #expect(wire.link.isIdle && !wire.link.isOpen)
    }
  }

  @Test("one request has a bad frame for its answer")
  func badFrame() {
    for bytes in [[0xFF, 0xFF], [0, 2, 1, 2]] as [[UInt8]] {
      var wire = LongLinkTests.open(1)
      wire.hear(.received(bytes))
      #expect(wire.ends() == ["disconnect", "1 bad: unreadable"])
    }
  }

  @Test("a host may close a connection that nobody uses")
  func closed() {
    var wire = LongLinkTests.open(1)
    wire.hear(.received(HostWire.answer(1)))
    _ = wire.take()
    wire.hear(.closed)
    wire.start(2)
    #expect(wire.ends() == ["disconnect", "connect first.example"])
  }

  @Test("the same message again, or a reversal again, has a connection of its own")
  func repeated() {
    var wire = LongLinkTests.open(1)
    wire.hear(.received(HostWire.answer(1)))
    // A reversal has its sale's trace number, and another type.
    wire.start(1, mti: "0400")
    wire.hear(.received(HostWire.answer(1, mti: "0410", [(39, "05")])))
    #expect(wire.ends() == ["1 answered 000001", "send request", "1 answered 000001"])
    wire.start(1, mti: "0400")
    #expect(wire.ends() == ["disconnect", "connect first.example"])
  }

  @Test("settings that have changed, and a probe, have a connection of their own")
  func route() {
    var wire = LongLinkTests.open(1)
    wire.hear(.received(HostWire.answer(1)))
    wire.start(2, backup: HostWire.second)
    #expect(wire.ends() == ["1 answered 000001", "disconnect", "connect first.example"])
    wire = LongLinkTests.open(1)
    wire.hear(.received(HostWire.answer(1)))
    wire.tell(.started(HostWire.request(2, isProbe: true)))
    wire.hear(.connected)
    wire.hear(.received(HostWire.answer(2)))
    #expect(
      wire.ends() == [
        "1 answered 000001", "disconnect", "connect first.example", "send request", "disconnect",
        "2 answered 000002",
      ])
  }

  @Test("requests leave the back-up when the first host has rested")
  func rested() {
    var wire = HostWire(
      LinkRules(idleLimit: .seconds(900), primaryPause: .seconds(60)))
    wire.start(1, backup: HostWire.second)
    wire.hear(.failed(.tcp, code: 111))
    wire.hear(.connected)
    wire.hear(.received(HostWire.answer(1)))
    wire.wait(.seconds(59))
    _ = wire.take()
    wire.start(2, backup: HostWire.second)
    wire.hear(.received(HostWire.answer(2)))
    #expect(wire.ends() == ["send request", "2 answered 000002"])
    wire.wait(.seconds(1))
    wire.start(3, backup: HostWire.second)
    #expect(wire.ends() == ["disconnect", "connect first.example"])
  }

  @Test("an echo keeps a connection that nobody uses, and one that is not answered ends it")
  func echo() {
    let rules = LinkRules(
      idleLimit: .seconds(900), keepAlive: .echo, keepAlivePause: .seconds(60))
    var wire = LongLinkTests.open(1, rules)
    wire.hear(.received(HostWire.answer(1)))
    wire.wait(.seconds(60))
    #expect(wire.ends() == ["1 answered 000001", "echo due"])
    var echo = HostWire.request(50)
    echo.ticket = HostRequest.keepAlive
    wire.tell(.started(echo))
    // A sale waits for it, and not for long.
    wire.start(2)
    #expect(wire.ends() == ["send request"])
    wire.hear(.received(HostWire.answer(50)))
    wire.hear(.received(HostWire.answer(2)))
    #expect(wire.ends() == ["send request", "2 answered 000002"])
    wire.wait(.seconds(60))
    echo = HostWire.request(51)
    echo.ticket = HostRequest.keepAlive
    wire.tell(.started(echo))
    wire.start(3)
    wire.wait(.seconds(5))
    #expect(
      wire.ends() == ["echo due", "send request", "disconnect", "connect first.example"])
    // None is sent where there is nothing to keep.
    wire.hear(.failed(.tcp, code: 111))
    wire.tell(.started(echo))
    #expect(wire.ends() == ["3 not sent: tcp 111"])
  }

  @Test("an echo puts the end of an idle connection off for nobody")
  func echoes() {
    let rules = LinkRules(
      idleLimit: .seconds(100), keepAlive: .echo, keepAlivePause: .seconds(40))
    var wire = LongLinkTests.open(1, rules)
    wire.hear(.received(HostWire.answer(1)))
    for number in [50, 51] as [UInt32] {
      wire.wait(.seconds(40))
      var echo = HostWire.request(number)
      echo.ticket = HostRequest.keepAlive
      wire.tell(.started(echo))
      wire.hear(.received(HostWire.answer(number)))
    }
    _ = wire.take()
    wire.wait(.seconds(20))
    #expect(wire.ends() == ["disconnect"])
  }

  @Test("a frame without a message keeps a connection, from either side")
  func emptyFrame() {
    let rules = LinkRules(
      idleLimit: .seconds(900), keepAlive: .emptyFrame, keepAlivePause: .seconds(60))
    var wire = LongLinkTests.open(1, rules)
    wire.hear(.received([0, 0] + HostWire.answer(1) + [0, 0]))
    wire.wait(.seconds(120))
    #expect(wire.ends() == ["1 answered 000001", "send nothing", "send nothing"])
    wire.hear(.received([0, 0]))
    #expect(wire.link.isOpen && wire.link.unmatchedAnswers == 0)
  }
}
