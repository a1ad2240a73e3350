// SPDX-License-Identifier: Apache-2.0

import Clockwork
import Devices
import ISO8583
import Simulator
import TerminalCore
import Testing

@Suite("Trace numbers")
struct TraceNumberTests {
  /// The trace numbers of everything that was sent, in order.
  private static func numbers(_ till: Till) -> [[UInt8]] {
    till.sent.compactMap {
      try? Codec(table: .standard1987ASCII).decode(Array($0.dropFirst(2)))
    }.compactMap { $0[11] }
  }

  private static let longLink = LinkRules(
    idleLimit: .minutes(600), keepAlive: .echo, keepAlivePause: .seconds(60))

  @Test("no number is given twice, whatever was sent before the power went")
  func powerCut() throws {
    for minutes in [0, 1, 5, 7, 8, 9, 15, 16, 17, 40] as [Int64] {
      var till = try Till.inService(link: TraceNumberTests.longLink)
      till.sell("till/1", 1_200)
      till.wait(.minutes(minutes))
      var again = try till.restarted()
      again.start()
      again.sell("till/2", 800)
      #expect(again.row("till/2")?.state == "approved")
      let all = TraceNumberTests.numbers(till) + TraceNumberTests.numbers(again)
      #expect(Set(all).count == all.count, "after \(minutes) minutes")
    }
  }

  @Test("numbers without an entry of their own are written in bundles, not one by one")
  func bundles() throws {
    var till = try Till.inService(link: TraceNumberTests.longLink)
    till.sell("till/1", 1_200)
    till.forget()
    till.wait(.minutes(40))
    #expect(TraceNumberTests.numbers(till).count >= 39)
    #expect((4...6).contains(till.journal.count))
  }

  @Test("while nothing can be written, echoes end before a number could be given twice")
  func storageDown() throws {
    var till = try Till.inService(link: TraceNumberTests.longLink)
    till.sell("till/1", 1_200)
    till.forget()
    till.journalFault = .failed
    till.wait(.minutes(60))
    #expect(TraceNumberTests.numbers(till).count <= 16)
    till.journalFault = nil
    till.wait(.minutes(5))
    till.sell("till/2", 800)
    #expect(till.row("till/2")?.state == "approved")
  }

  @Test("a probe that finds no number left on a disk that cannot be written says so, and not busy")
  func probeWithoutNumber() throws {
    var till = try Till.inService()
    till.journalFault = .diskFull
    for _ in 0..<16 { till.ask(.setNetwork(NetworkSettings(acquirer: Till.endpoint))) }
    #expect(till.answers == Array(repeating: .done, count: 16))
    till.ask(.setNetwork(NetworkSettings(acquirer: Till.endpoint)))
    #expect(till.answers.last == .refused(.journal(.diskFull)))
    #expect(till.terminal.status.problems.map { $0.code } == ["LED-001", "LED-001"])
    till.journalFault = nil
    till.wait(.seconds(60))
    till.ask(.setNetwork(NetworkSettings(acquirer: Till.endpoint)))
    #expect(till.answers.last == .done)
  }

  @Test("on a disk that cannot be written sign-in and download say so, however often tried")
  func storageRefuses() throws {
    var till = try DownloadBench.inService()
    till.journalFault = .failed
    for _ in 0..<20 {
      till.ask(.signIn)
      #expect(till.answers.last == .refused(.journal(.failed)))
    }
    till.ask(.download(.keys))
    #expect(till.answers.last == .refused(.journal(.failed)))
  }

  @Test("a sign-in that the terminal tries by itself does not blame the line for its disk")
  func signInByItself() throws {
    var till = try DownloadBench.inService()
    till.changes = [
      AnswerChange(elements: [(38, nil), (39, Array("A0".utf8))], hasMAC: false)
    ]
    till.sell("till/1", 151)
    till.journalFault = .failed
    till.wait(.minutes(60))
    let codes = till.terminal.status.problems.map { $0.code }
    #expect(codes.contains("LED-002"))
    #expect(!codes.contains { $0.hasPrefix("NET") })
    till.journalFault = nil
    till.wait(.minutes(5))
    #expect(till.terminal.status.problems.isEmpty)
  }

  @Test("a message that has no trace number uses none up")
  func unnumbered() throws {
    var till = try Till.unionPay()
    func sell(_ reference: String) -> UInt32? {
      till.transact(TransactionRequest(.sale, reference: reference, amount: 1_200))
      return till.lastTold(11).flatMap { UInt32($0) }
    }
    let first = try #require(sell("till/1"))
    till.ask(.setNetwork(NetworkSettings(acquirer: Till.endpoint)))
    till.ask(.rollbackNetwork)
    till.ask(.download(.keys))
    till.wait(.seconds(5))
    #expect(till.answers.last == .done)
    #expect(sell("till/2") == first + 1)
    till.ask(.signIn)
    #expect(sell("till/3") == first + 3, "a sign-in has one")
  }

  @Test("an upload under the records' own numbers uses no other one up")
  func uploads() throws {
    var till = try Till.inService()
    till.acquirer.rules.disputesTotals = true
    till.sell("till/1", 1_200)
    till.ask(.settle)
    till.wait(.seconds(5))
    till.sell("till/2", 800)
    let numbers = TraceNumberTests.numbers(till).map { String(decoding: $0, as: UTF8.self) }
    let own = numbers.compactMap { UInt32($0) }
    let first = try #require(own.first)
    // A sale, the totals, two uploads, the end, a sale.
    #expect(own == [first, first + 1, first - 1, first, first + 2, first + 3])
  }
}
