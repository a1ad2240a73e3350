// SPDX-License-Identifier: Apache-2.0

import CardReaderHID
import Clockwork
import Devices
import Simulator
import Testing
import Wire

@Suite("Storms over chip cards")
struct ChipStormTests {
  /// A core that keeps to the words, and remembers what it is owed.
  private struct Storm {
    var bench: ChipBench
    var dice: Dice
    var asked: [UInt8]?
    var isWaiting = false
    var isTold = false
    var hasSession = false
    var sent: UInt16 = 0
    var responses = 0
    var faults = 0

    init(seed: UInt64) {
      dice = Dice(seed: seed)
      var profile = NEO2Profile()
      profile.takesCheckHighFirst = dice.chance(1, in: 4)
      profile.answersCheckLowFirst = dice.chance(1, in: 4)
      profile.showsLengths = dice.chance(1, in: 3)
      bench = ChipBench(profile)
      bench.open()
      bench.order(.accept)
    }

    /// Each answer is to what was asked, and each order has one.
    mutating func settle() {
      for report in bench.reports {
        switch report {
        case .responded(let response):
          responses += 1
          #expect(isWaiting)
          #expect(asked.flatMap { CardReaderReport.echo($0) } == .responded(response))
          isWaiting = false
        case .powered, .poweredOff, .chipFault:
          if case .chipFault = report { faults += 1 }
          #expect(isWaiting)
          isWaiting = false
        case .unavailable:
          isWaiting = false
          isTold = false
        case .cardInserted:
          #expect(!isTold)
          isTold = true
        case .cardRemoved: isTold = false
        case .ready: break
        case .swiped, .misread: Issue.record("nobody swiped")
        }
        switch report {
        case .powered:
          isTold = true
          hasSession = true
        // Now and then a core asks a card without power all the same.
        case .chipFault, .poweredOff, .unavailable: hasSession = dice.chance(1, in: 8)
        default: break
        }
      }
      bench.reports = []
    }

    mutating func ask() {
      if isWaiting { return }
      isWaiting = true
      asked = nil
      switch hasSession ? dice.below(12) : 0 {
      case 0: bench.order(.powerOn)
      case 1: bench.order(.powerOff)
      default:
        // No two commands of a storm are alike, and so no two answers.
        sent += 1
        let command = [0x80, UInt8(dice.below(256)), UInt8(sent >> 8), UInt8(sent & 0xFF), 0x00]
        asked = command
        if let order = CommandAPDU(command) { bench.order(.transmit(order)) }
      }
    }

    /// No card has carried out a command twice.
    mutating func examine() {
      let done = (bench.model.card?.done ?? []).filter { $0[1] != 0xC0 || $0[0] != 0x00 }
      #expect(Set(done.map { $0[2...3] }).count == done.count)
    }

    mutating func disturb() {
      switch dice.below(36) {
      case 0: bench.plant(.wrongCheck)
      case 1: bench.plant(.lostReport(dice.below(5)))
      case 2: bench.plant(.swappedReports)
      case 3: bench.plant(.shortReport)
      case 4: bench.plant(.slow(.seconds(Int64(dice.below(45)))))
      case 5: bench.plant(.mute)
      case 6: bench.plant(.noATR)
      case 7: bench.plant(.badTCK)
      case 8: bench.plant(.pulled(after: dice.below(4)))
      case 9: bench.plant(.deaf)
      case 10: bench.plant(.misheard)
      case 11:
        examine()
        bench.tell(.removed)
      case 12...16:
        if bench.model.card == nil { bench.tell(.inserted(EchoCard())) }
      case 17:
        bench.tell(.unplugged)
        settle()
        bench.wait(.milliseconds(Int64(dice.below(3_000))))
        bench.tell(.plugged)
      case 18: bench.order(dice.chance(1, in: 2) ? .accept : .ignore)
      case 19: bench.tell(.deadlinePassed as DriverEvent<CardReaderOrder>)
      case 20: bench.tell(.link(.received(dice.bytes(64))))
      default: break
      }
    }
  }

  @Test("every order ends in one report, and no answer is ever that to another command")
  func storm() {
    var responses = 0
    var faults = 0
    for seed in 1...200 as ClosedRange<UInt64> {
      var storm = Storm(seed: seed)
      storm.bench.tell(.inserted(EchoCard()))
      for _ in 0..<40 {
        storm.ask()
        storm.disturb()
        storm.bench.wait(.milliseconds(Int64(storm.dice.below(400))))
        storm.settle()
        // The longest way to an answer: a command's time, three pings, a look.
        let isPatient = storm.dice.chance(1, in: 2)
        for _ in 0..<80 where isPatient && storm.isWaiting {
          storm.bench.wait(.seconds(1))
          storm.settle()
        }
      }
      storm.bench.wait(.minutes(2))
      storm.settle()
      #expect(!storm.isWaiting)
      storm.examine()
      storm.bench.model.clearFaults()
      storm.isWaiting = true
      storm.bench.order(.powerOff)
      storm.bench.wait(.minutes(2))
      storm.settle()
      storm.bench.tell(.removed)
      storm.bench.order(.ignore)
      storm.bench.wait(.minutes(1))
      storm.settle()
      #expect(!storm.isTold)
      #expect(!storm.bench.model.isPowered)
      #expect(!storm.bench.model.isPassing)
      storm.bench.tell(.inserted(EchoCard()))
      storm.isWaiting = true
      storm.bench.order(.powerOn)
      storm.bench.wait(.seconds(2))
      storm.settle()
      #expect(storm.isTold)
      let reports = storm.bench.transmit(ChipTests.challenge)
      #expect(reports == [CardReaderReport.echo(ChipTests.challenge)].compactMap { $0 })
      responses += storm.responses
      faults += storm.faults
    }
    // A storm in which nothing ever went right, or wrong, would prove nothing.
    #expect(responses > 1_000)
    #expect(faults > 1_000)
  }

  @Test("reports cut, mixed and made up give no answer that was not sent, and never a crash")
  func reassembly() throws {
    let command: [UInt8] = [0x00, 0xB2, 0x01, 0xFD, 0x00]
    let expected = try #require(CardReaderReport.echo(command))
    var source = ChipBench()
    source.powerOn()
    var answers: [[UInt8]] = []
    source.order(.transmit(try #require(CommandAPDU(command))))
    while let due = source.model.deadline {
      source.now = due
      for effect in source.model.handle(.deadlinePassed, at: due) {
        if case .packet(let bytes) = effect { answers.append(bytes) }
      }
    }
    #expect(answers.map { $0[0] } == [2, 3, 3, 3, 4])
    var dice = Dice(seed: 64)
    var read = 0
    for _ in 0..<3_000 {
      // The driver waits for the answer; what comes is a shuffle of the real one and of noise.
      var bench = source
      bench.reports = []
      for _ in 0..<dice.within(1...12) {
        var report = answers[dice.below(answers.count)]
        switch dice.below(6) {
        case 0: report = Array(report.prefix(dice.below(64)))
        case 1: report = [UInt8(dice.below(6))] + dice.bytes(63)
        case 2: report[dice.below(64)] ^= 1 << UInt8(dice.below(8))
        case 3: report += dice.bytes(dice.below(200))
        case 4: for whole in answers { bench.tell(.link(.received(whole))) }
        default: break
        }
        bench.tell(.link(.received(report)))
      }
      for report in bench.reports {
        if case .responded = report {
          read += 1
          #expect(report == expected)
        }
      }
      #expect(bench.reports.count <= 1)
    }
    #expect(read > 100)
  }
}
