// SPDX-License-Identifier: Apache-2.0

import Clockwork
import Devices
import Simulator
import Testing

@testable import PrinterESCPOS

@Suite("Paper, cover, link and power fail")
struct FaultTests {
  @Test("paper that ends at any line and is loaded again: the receipt comes out whole")
  func paperLoadedInTime() {
    for profile in [PrinterProfile(), fenceOnly] {
      for line in 1...8 {
        var bench = Bench.fitting(profile)
        bench.open()
        bench.run(.seconds(1))
        bench.happen(.paperRunsOutAfter(lines: line))
        bench.print(document())
        bench.run(.seconds(2))
        #expect(bench.outcomes.isEmpty)
        #expect(bench.statuses.last == .halted(.paperOut))
        #expect(bench.model.everythingPrinted.count == line)
        bench.run(.seconds(60))
        bench.happen(.coverOpened)
        bench.run(.seconds(10))
        bench.happen(.paperLoaded)
        bench.happen(.coverClosed)
        bench.run(.seconds(10))
        #expect(bench.outcomes.count == 1)
        #expect(bench.outcomes.first?.isPrinted == true)
        #expect(bench.paperHolds(document()))
        #expect(bench.statuses.last == .ready(paperLow: false))
      }
    }
  }

  @Test("paper that is never loaded: the rest is cleared and never comes out by surprise")
  func paperNeverLoaded() {
    for line in 1..<8 {
      var bench = Bench()
      bench.open()
      bench.run(.seconds(1))
      bench.happen(.paperRunsOutAfter(lines: line))
      bench.print(document())
      bench.run(.seconds(119))
      #expect(bench.outcomes.isEmpty)
      bench.run(.seconds(5))
      #expect(bench.outcomes == [.notPrinted(.halted(.paperOut), isFragment: true)])
      bench.happen(.paperLoaded)
      bench.run(.seconds(30))
      #expect(bench.model.everythingPrinted.count == line)
    }
  }

  @Test("a printer that cannot be cleared leaves the outcome unknown")
  func paperNeverLoadedNoClear() {
    var bench = Bench.fitting(fenceOnly)
    bench.afterLine[3] = [.paperRanOut]
    bench.open()
    bench.run(.seconds(1))
    bench.print(document())
    bench.run(.seconds(125))
    #expect(bench.outcomes == [.unknown(.halted(.paperOut))])
    bench.print(document(2), number: 2)
    #expect(bench.outcomes.last == .notPrinted(.halted(.paperOut), isFragment: false))
    bench.happen(.paperLoaded)
    bench.print(document(3), number: 3)
    bench.run(.seconds(20))
    #expect(bench.outcomes.last == .printed(.fence))
    #expect(bench.paperHolds(document(3)))
  }

  @Test("a printer without paper or with its cover open refuses before a byte of the body")
  func haltedBefore() {
    let faults: [(PrinterModel.Event, PrinterHalt)] = [
      (.paperRanOut, .paperOut), (.coverOpened, .coverOpen),
    ]
    for (event, halt) in faults {
      var bench = Bench()
      bench.open()
      bench.run(.seconds(1))
      bench.happen(event)
      #expect(bench.statuses.last == .halted(halt))
      let writes = bench.writes.count
      bench.print(document())
      #expect(bench.outcomes == [.notPrinted(.halted(halt), isFragment: false)])
      #expect(bench.writes.count == writes)
    }
  }

  @Test("a cover opened while printing: a fragment, and nothing more once it is closed")
  func coverWhilePrinting() {
    for line in 1..<8 {
      var bench = Bench()
      bench.afterLine[line] = [.coverOpened]
      bench.open()
      bench.run(.seconds(1))
      bench.print(document())
      bench.run(.seconds(10))
      #expect(bench.outcomes.isEmpty)
      #expect(bench.statuses.last == .halted(.coverOpen))
      bench.happen(.coverClosed)
      bench.run(.seconds(10))
      #expect(bench.outcomes == [.notPrinted(.halted(.coverOpen), isFragment: true)])
      #expect(bench.model.everythingPrinted.count <= line + 1)
      bench.print(document(2), number: 2)
      bench.run(.seconds(10))
      #expect(bench.outcomes.last == .printed(.processID))
    }
  }

  @Test("the core may give up waiting for paper")
  func abandoned() {
    var bench = Bench()
    bench.afterLine[2] = [.paperRanOut]
    bench.open()
    bench.run(.seconds(1))
    bench.print(document())
    bench.run(.seconds(3))
    bench.tell(.ordered(.abandon))
    bench.run(.seconds(3))
    #expect(bench.outcomes == [.notPrinted(.halted(.paperOut), isFragment: true)])
    bench.tell(.ordered(.abandon))
    #expect(bench.driver.ignoredEvents == 1)
  }

  @Test("a link lost before any write: unknown once a byte of the body has left, else clean")
  func linkLostAtEveryWrite() {
    for write in 0...10 {
      var bench = Bench()
      bench.linkLostAtWrite = write
      bench.open()
      bench.run(.seconds(1))
      bench.print(document())
      bench.run(.seconds(10))
      #expect(bench.outcomes.count == 1)
      let onPaper = bench.linesOnPaper(containing: "1")
      switch bench.outcomes[0] {
      case .printed: #expect(bench.paperHolds(document()))
      case .notPrinted(.unavailable(.link(.lost)), isFragment: false): #expect(onPaper == 0)
      case .notPrinted: Issue.record("a lost link leaves no proof of a clear")
      case .unknown(let obstacle): #expect(obstacle == .unavailable(.link(.lost)))
      }
    }
  }

  @Test("a power cut at the printer in the middle leaves the outcome unknown")
  func powerCut() {
    for profile in [PrinterProfile(), fenceOnly, fenceAndClear] {
      for line in 1..<8 {
        var bench = Bench.fitting(profile)
        bench.afterLine[line] = [.powerCut]
        bench.open()
        bench.run(.seconds(1))
        bench.print(document())
        bench.run(.milliseconds(1_200))
        bench.happen(.powerOn)
        bench.run(.seconds(30))
        #expect(bench.outcomes == [.unknown(.unavailable(.silent))])
        bench.print(document(2), number: 2)
        bench.run(.seconds(10))
        #expect(bench.outcomes.last?.isPrinted == true)
        #expect(bench.paperHolds(document(2)))
      }
    }
  }

  @Test("a stray or lost byte in the answers never proves what is not on paper")
  func noiseAtEveryOffset() {
    for profile in [PrinterProfile(), fenceOnly] {
      for position in 0..<40 {
        for byte: UInt8? in [nil, 0x00, 0x03, 0x12, 0x10, 0x37, 0x5F, 0xFF, 0x13] {
          var bench = Bench.fitting(profile)
          if let byte {
            bench.noise = (position, byte)
          } else {
            bench.lostReply = position
          }
          bench.open()
          bench.run(.seconds(2))
          bench.print(document())
          bench.run(.seconds(60))
          #expect(bench.outcomes.count == 1)
          if bench.outcomes.first?.isPrinted == true { #expect(bench.paperHolds(document())) }
          if bench.outcomes.first?.isClean == true {
            #expect(bench.model.everythingPrinted.isEmpty)
          }
          bench.print(document(2), number: 2)
          bench.run(.seconds(60))
          #expect(bench.outcomes.count == 2)
          if bench.outcomes.last?.isPrinted == true { #expect(bench.paperHolds(document(2))) }
        }
      }
    }
  }

  @Test("a line of nothing but noise is asked for the state now and then, not for each torn answer")
  func constantNoise() {
    var bench = Bench()
    bench.open()
    bench.run(.seconds(2))
    let before = bench.writes.count
    for _ in 0..<200 {
      // The beginning of a report, torn by the answer to a question.
      bench.tell(.link(.received([0x10, 0x12, 0x10, 0x12])))
      bench.run(.milliseconds(10))
    }
    let questions = bench.writes.dropFirst(before).filter { $0 == [0x1D, 0x61, 0x0F] }
    #expect((2...5).contains(questions.count), "\(questions.count) in two seconds")
    bench.run(.seconds(5))
    bench.print([PrintLine("behind the noise")], number: 1)
    bench.run(.seconds(30))
    #expect(bench.outcomes.last?.isPrinted == true)
  }

  @Test("a parser that swallows commands as pixels is woken and prints")
  func stuckParser() {
    for profile in [PrinterProfile(), fenceOnly] {
      var bench = Bench.fitting(profile)
      bench.happen(.received([0x1D, 0x76, 0x30, 0x00, 0x48, 0x00, 0x60, 0x00, 0xFF]))
      bench.open()
      bench.run(.seconds(1))
      bench.print(document())
      bench.run(.seconds(30))
      #expect(bench.outcomes.first?.isPrinted == true)
      #expect(bench.paperHolds(document()))
    }
  }

  @Test("paper about to end is a warning and not an obstacle")
  func paperLow() {
    var bench = Bench()
    bench.open()
    bench.run(.seconds(1))
    bench.happen(.paperRunsOutAfter(lines: 20))
    #expect(bench.statuses.last == .ready(paperLow: true))
    bench.print(document())
    bench.run(.seconds(5))
    #expect(bench.outcomes == [.printed(.processID)])
  }
}

extension PrintOutcome {
  var isPrinted: Bool { if case .printed = self { true } else { false } }
  var isClean: Bool {
    if case .notPrinted(_, isFragment: false) = self { true } else { false }
  }
  var isFragment: Bool {
    if case .notPrinted(_, isFragment: true) = self { true } else { false }
  }
}
