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
}
