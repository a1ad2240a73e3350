// SPDX-License-Identifier: Apache-2.0

import Clockwork
import Devices
import Simulator
import Testing

@testable import PrinterESCPOS

let fenceOnly = PrinterProfile(hasProcessID: false, dleDc4Clear: false)
let fenceAndClear = PrinterProfile(hasProcessID: false)
let latin58 = PrinterProfile(columns: 32, chinese: .none, hasProcessID: false, baud: 9_600)

@Suite("A document goes to paper")
struct PrintingTests {
  @Test("a receipt is printed, cut and proven by its process ID")
  func printedByProcessID() {
    var bench = Bench()
    bench.open()
    bench.run(.seconds(1))
    #expect(bench.statuses == [.ready(paperLow: false)])
    bench.print(document())
    bench.run(.seconds(5))
    #expect(bench.outcomes == [.printed(.processID)])
    #expect(bench.paperHolds(document()))
    #expect(bench.model.receipts.count == 1)
    #expect(bench.model.unknownCommands.isEmpty)
    #expect(bench.model.answeredIDs == 2)
    #expect(bench.driver.nextProcessID == 3)
  }

  @Test("a printer without process IDs proves by the fence", arguments: [fenceOnly, latin58])
  func printedByFence(profile: PrinterProfile) {
    var bench = Bench.fitting(profile)
    bench.open()
    let lines = [PrintLine("slip 1", style: .large, alignment: .centre), PrintLine("Tea  3.00")]
    bench.print(lines)
    bench.run(.seconds(5))
    #expect(bench.outcomes == [.printed(.fence)])
    #expect(bench.paperHolds(lines))
    #expect(bench.model.unknownCommands.isEmpty)
  }

  @Test("nothing is reported as printed before it is on paper")
  func notTooEarly() {
    for profile in [PrinterProfile(), fenceOnly] {
      var bench = Bench.fitting(profile)
      bench.open()
      bench.run(.seconds(1))
      bench.print(document(lines: 40))
      while bench.outcomes.isEmpty {
        let whole = bench.paperHolds(document(lines: 40))
        bench.run(.milliseconds(20))
        if !bench.outcomes.isEmpty { #expect(whole) }
      }
      #expect(bench.outcomes.count == 1)
    }
  }

  @Test("writes end at commands and hold at most 256 bytes")
  func chunks() {
    var bench = Bench()
    bench.open()
    bench.run(.seconds(1))
    bench.print(document(lines: 100))
    bench.run(.seconds(20))
    #expect(bench.outcomes == [.printed(.processID)])
    #expect(bench.writes.allSatisfy { $0.count <= 256 })
    for write in bench.writes where write.count > 10 {
      #expect(write.suffix(1) == [0x0A] || write.suffix(2) == [0x1C, 0x2E] || write.last == 0x01)
    }
  }

  @Test("a document longer than the printer's buffer comes out whole")
  func longDocument() {
    var bench = Bench(
      PrinterProfile(), printer: PrinterModel.Profile(receiveBuffer: 256))
    bench.open()
    bench.run(.seconds(1))
    bench.print(document(lines: 100))
    bench.run(.seconds(20))
    #expect(bench.outcomes == [.printed(.processID)])
    #expect(bench.paperHolds(document(lines: 100)))
    #expect(bench.model.overruns == 0)
  }

  @Test("documents follow each other without mixing up their answers")
  func oneAfterTheOther() {
    for profile in [PrinterProfile(), fenceOnly, fenceAndClear] {
      var bench = Bench.fitting(profile)
      bench.open()
      for number in UInt32(1)...5 {
        bench.print(document(number), number: number)
        bench.run(.seconds(5))
      }
      #expect(bench.outcomes.count == 5)
      for number in UInt32(1)...5 { #expect(bench.paperHolds(document(number))) }
      #expect(bench.driver.strayReplies == 0)
      #expect(bench.model.receipts.count == 5)
    }
  }

  @Test("a second order while one is under way is refused as busy and changes nothing")
  func busy() {
    var bench = Bench()
    bench.open()
    bench.run(.seconds(1))
    bench.print(document(1), number: 1)
    bench.print(document(2), number: 2)
    bench.run(.seconds(5))
    #expect(
      bench.reports.contains(.finished(job: 2, .notPrinted(.busy, isFragment: false))))
    #expect(bench.reports.contains(.finished(job: 1, .printed(.processID))))
    #expect(bench.linesOnPaper(containing: "slip 2") == 0)
  }

  @Test("process IDs go from 9999 to 1 and the proof still holds")
  func wrappingIDs() {
    var bench = Bench()
    bench.driver = PrinterESCPOS(profile: PrinterProfile(), nextProcessID: 9_999)
    bench.open()
    bench.print(document())
    bench.run(.seconds(5))
    #expect(bench.outcomes == [.printed(.processID)])
    #expect(bench.driver.nextProcessID == 2)
  }

  @Test("without a link, and with a silent printer, an order ends at once and says why")
  func unreachable() {
    var bench = Bench()
    bench.print(document())
    #expect(bench.outcomes == [.notPrinted(.unavailable(.link(.absent)), isFragment: false)])
    bench.happen(.powerCut)
    bench.open()
    bench.run(.seconds(2))
    #expect(bench.statuses.last == .unavailable(.silent))
    bench.print(document(2), number: 2)
    #expect(bench.outcomes.last == .notPrinted(.unavailable(.silent), isFragment: false))
    bench.happen(.powerOn)
    bench.run(.seconds(6))
    #expect(bench.statuses.last == .ready(paperLow: false))
    bench.print(document(3), number: 3)
    bench.run(.seconds(5))
    #expect(bench.outcomes.last == .printed(.processID))
  }

  @Test("a printer that is switched off while idle is noticed within a minute")
  func switchedOffIdle() {
    var bench = Bench()
    bench.open()
    bench.run(.seconds(1))
    bench.happen(.powerCut)
    bench.run(.minutes(1))
    #expect(bench.statuses.last == .unavailable(.silent))
  }

  @Test("waking too early or twice does nothing")
  func idempotentWakeUps() {
    var bench = Bench()
    bench.open()
    bench.run(.seconds(1))
    bench.print(document())
    let before = bench.driver
    for _ in 0..<3 {
      #expect(bench.driver.handle(.deadlinePassed, at: bench.now) == [])
    }
    #expect(bench.driver == before)
  }
}
