// SPDX-License-Identifier: Apache-2.0

import CardReaderHID
import Clockwork
import Devices
import Simulator
import Testing

@Suite("The sign of life of swipe readers")
struct HeartbeatTests {
  @Test("a reader with nothing to do is asked every two minutes, all devices at the same moments")
  func asked() {
    var reader = Reader()
    reader.open()
    reader.wait(.minutes(10))
    #expect(reader.questions.map { $0.microseconds % 120_000_000 } == [0, 0, 0, 0, 0])
    #expect(reader.reports.isEmpty)
    #expect(reader.orders.isEmpty)
  }

  @Test("a refusal is a sign of life too")
  func refused() throws {
    // The model takes questions of 24 bytes, and this reader's reports have 60.
    var reader = Reader(try #require(Reader.magneSafe()))
    reader.open()
    reader.wait(.minutes(10))
    #expect(reader.questions.count == 5)
    #expect(reader.reports.isEmpty)
  }

  @Test("one that does not answer is told as silent and opened anew, and works when it is back")
  func silent() {
    var reader = Reader()
    reader.open()
    reader.isDeaf = true
    reader.wait(.minutes(10))
    #expect(reader.reports == [.unavailable(.silent)])
    #expect(reader.orders == [.reopen])
    #expect(reader.questions.count == 1)
    #expect(reader.driver.counters.silences == 1)
    reader.isDeaf = false
    reader.tell(.link(.closed(.lost)))
    reader.open()
    reader.swipe()
    #expect(reader.cards.count == 1)
  }

  @Test("a swipe is a sign of life: the question under way needs no answer then")
  func swiped() {
    var reader = Reader()
    reader.open()
    reader.isDeaf = true
    reader.wait(.seconds(119))
    #expect(reader.questions.count == 1)
    reader.swipe()
    #expect(reader.cards.count == 1)
    #expect(!reader.reports.contains(.unavailable(.silent)))
  }

  @Test("a reader that may not be asked, or has nothing to be asked for, is not")
  func notAsked() throws {
    for secureMag in [SecureMagSettings(), SecureMagSettings(isAsked: true)] {
      var reader = Reader(ReaderModel(kind: .secureMagOther), secureMag: secureMag)
      reader.open()
      reader.wait(.minutes(5))
      #expect(reader.questions.isEmpty == !secureMag.isAsked)
    }
    var reader = Reader()
    reader.tell(
      .link(
        .opened(
          .hid(
            HIDFacts(
              vendor: 0x0801, product: 2,
              reportDescriptor: [0x75, 0x08, 0x96, 0x51, 0x01, 0x81, 0x02], isBootKeyboard: false)))
      ))
    reader.wait(.minutes(5))
    #expect(reader.questions.isEmpty)
    #expect(reader.reports.count == 1)
  }
}
