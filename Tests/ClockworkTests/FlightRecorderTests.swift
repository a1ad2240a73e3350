// SPDX-License-Identifier: Apache-2.0

import Clockwork
import Testing

@Suite("The flight recorder")
struct FlightRecorderTests {
  private static func frame(_ number: Int, bytes: Int = 36) -> FlightRecorder.Frame {
    FlightRecorder.Frame(
      at: Instant(microseconds: Int64(number)), kind: UInt8(number % 2), answer: UInt64(number),
      body: [UInt8](repeating: UInt8(truncatingIfNeeded: number), count: bytes))
  }

  /// Room for ten frames of a hundred bytes, urgent from eight on, long from five on.
  private static var small: FlightRecorder {
    var limits = FlightRecorder.Limits()
    limits.long = 500
    limits.urgent = 800
    limits.full = 1_000
    return FlightRecorder(kinds: 2, limits: limits)
  }

  @Test("frames come back in the order in which they were added")
  func order() {
    var recorder = FlightRecorderTests.small
    for number in 0..<4 { recorder.add(FlightRecorderTests.frame(number)) }
    #expect(recorder.frames == (0..<4).map { FlightRecorderTests.frame($0) })
    #expect(!recorder.isLong)
    #expect(recorder.isWhole)
  }

  @Test("a reel says in time that it gets long, then that it is urgent")
  func limits() {
    var recorder = FlightRecorderTests.small
    for number in 1...10 {
      recorder.add(FlightRecorderTests.frame(number))
      #expect(recorder.isLong == (number >= 5))
      #expect(recorder.isUrgent == (number >= 8))
    }
    #expect(recorder.isWhole)
  }

  @Test("a full reel takes no more, counts what it missed and never has a hole in the middle")
  func full() {
    var recorder = FlightRecorderTests.small
    for number in 0..<13 { recorder.add(FlightRecorderTests.frame(number)) }
    #expect(recorder.frames.count == 10)
    #expect(recorder.missed == 3)
    #expect(!recorder.isWhole)
    recorder.add(FlightRecorderTests.frame(13, bytes: 0))
    #expect(recorder.frames.last == FlightRecorderTests.frame(9))
  }

  @Test("after a lost event nothing more is added until the next recovery")
  func lost() {
    var recorder = FlightRecorderTests.small
    recorder.add(FlightRecorderTests.frame(0))
    recorder.lose()
    recorder.add(FlightRecorderTests.frame(1))
    #expect(recorder.frames.count == 1)
    recorder.rewind()
    recorder.add(FlightRecorderTests.frame(2))
    #expect(recorder.isWhole)
    #expect(recorder.frames == [FlightRecorderTests.frame(2)])
  }

  @Test("the counters survive the reel")
  func counters() {
    var recorder = FlightRecorderTests.small
    for number in 0..<15 { recorder.add(FlightRecorderTests.frame(number)) }
    recorder.rewind()
    #expect(recorder.frames.isEmpty)
    #expect(recorder.counters == [8, 7])
    recorder.add(FlightRecorderTests.frame(1))
    #expect(recorder.counters == [8, 8])
  }
}
