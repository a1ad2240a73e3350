// SPDX-License-Identifier: Apache-2.0

import Clockwork
import Devices
import Simulator
import TerminalCore
import Testing

@Suite("Limits of what the terminal approves by itself")
struct OfflineLimitTests {
  /// At most 50.00 each, two of them, 80.00 together, and none while one waits for over a day.
  private static func till() throws -> Till {
    var till = try Till.inService { settings in
      guard let floor = Amount(minorUnits: 5_000) else { return }
      settings.offline = OfflineLimits(floor: floor, count: 2, sum: 8_000, days: 1)
    }
    till.hostFailure = .tcp
    return till
  }

  private static func sell(_ till: inout Till, _ reference: String, _ amount: UInt64) {
    till.transact(TransactionRequest(.offlineSale, reference: reference, amount: amount))
  }

  /// The same refusal now, after a restart, and in spite of everything that waits being parked.
  private static func staysRefused(_ till: Till, _ amount: UInt64, _ limit: OfflineFlaw) throws {
    var parked = till
    for row in till.ledger.rows where row.state == "queued" { parked.park(row.reference) }
    var again = try till.restarted()
    again.hostFailure = .tcp
    again.start()
    again.wait(.seconds(1))
    for var till in [till, again, parked] {
      let sent = till.sent.count
      sell(&till, "off/refused", amount)
      #expect(till.answers.last == .refused(.offlineRefused(limit)))
      #expect(till.row("off/refused") == nil && till.sent.count == sent)
    }
  }

  @Test("one at the floor limit is queued and has its receipt; one above it is refused")
  func floor() throws {
    var till = try OfflineLimitTests.till()
    OfflineLimitTests.sell(&till, "off/1", 5_001)
    #expect(till.answers.last == .refused(.offlineRefused(.amount)))
    OfflineLimitTests.sell(&till, "off/1", 5_000)
    #expect(till.row("off/1")?.state == "queued")
    #expect(till.row("off/1")?.receipt == "printed")
    #expect(till.acquirer.heldTotal == 100)
    till.hostFailure = nil
    till.wait(.seconds(90))
    #expect(till.row("off/1")?.state == "approved")
    #expect(till.acquirer.heldTotal == 5_100)
  }

  @Test("so many may wait; one more is refused until they are delivered")
  func count() throws {
    var till = try OfflineLimitTests.till()
    OfflineLimitTests.sell(&till, "off/1", 1_000)
    OfflineLimitTests.sell(&till, "off/2", 1_000)
    try OfflineLimitTests.staysRefused(till, 1_000, .count)
    till.hostFailure = nil
    till.wait(.seconds(90))
    OfflineLimitTests.sell(&till, "off/3", 1_000)
    #expect(till.row("off/3")?.state == "queued")
  }

  @Test("they may come to so much; a minor unit more is refused")
  func sum() throws {
    var till = try OfflineLimitTests.till()
    OfflineLimitTests.sell(&till, "off/1", 5_000)
    try OfflineLimitTests.staysRefused(till, 3_001, .sum)
    OfflineLimitTests.sell(&till, "off/2", 3_000)
    #expect(till.row("off/2")?.state == "queued")
  }

  @Test("when the oldest has waited for too long there are no more")
  func age() throws {
    var till = try OfflineLimitTests.till()
    OfflineLimitTests.sell(&till, "off/1", 1_000)
    var young = till
    young.wait(.seconds(86_400))
    OfflineLimitTests.sell(&young, "off/2", 1_000)
    #expect(young.row("off/2")?.state == "queued")
    till.wait(.seconds(2 * 86_400))
    var again = try till.restarted()
    again.hostFailure = .tcp
    again.start()
    for var till in [till, again] {
      OfflineLimitTests.sell(&till, "off/2", 1_000)
      #expect(till.answers.last == .refused(.offlineRefused(.age)))
    }
  }

  @Test("one that is delivered and written at the second attempt makes room for one, not for two")
  func deliveredOnce() throws {
    for isRestarted in [false, true] {
      var till = try OfflineLimitTests.till()
      OfflineLimitTests.sell(&till, "off/1", 1_000)
      OfflineLimitTests.sell(&till, "off/2", 1_000)
      till.wait(.minutes(10))
      // The acquirer takes the first; that it has is written at the second attempt alone. It cannot
      // take the second now.
      let later = AnswerChange(elements: [(39, Array("91".utf8))])
      till.changes = [AnswerChange()]
      till.hostFailure = nil
      till.failingEntry = 1
      for _ in 0..<400 where till.failingEntry != nil { till.wait(.seconds(1)) }
      #expect(till.failingEntry == nil && till.changes.isEmpty)
      #expect(till.row("off/1")?.state == "queued")
      if isRestarted {
        till = try till.restarted()
        till.start()
      }
      till.changes = [AnswerChange()] + (0..<9).map { _ in later }
      for _ in 0..<400 where till.row("off/1")?.state != "approved" { till.wait(.seconds(1)) }
      #expect(till.row("off/1")?.deliveryCode == "94")
      #expect(till.ledger.row("off/2")?.state == "queued")
      till.hostFailure = .tcp
      till.wait(.seconds(30))
      OfflineLimitTests.sell(&till, "off/3", 1_000)
      #expect(till.row("off/3")?.state == "queued")
      OfflineLimitTests.sell(&till, "off/4", 1_000)
      #expect(till.answers.last == .refused(.offlineRefused(.count)))
    }
  }

  @Test("before the ledger has said what the batch holds the terminal approves nothing by itself")
  func uncounted() throws {
    var till = try OfflineLimitTests.till()
    till = try till.restarted { $0.offline?.days = nil }
    till.hostFailure = .tcp
    till.isHeld = true
    till.start()
    var questions: [TerminalEffect] = []
    while !till.held.isEmpty {
      let effect = till.held.removeFirst()
      if case .ledger = effect { questions.append(effect) } else { till.serve(effect) }
    }
    #expect(!questions.isEmpty)
    till.isHeld = false
    OfflineLimitTests.sell(&till, "off/1", 1_000)
    #expect(till.answers.last == .refused(.offlineRefused(.count)))
    for question in questions { till.serve(question) }
    OfflineLimitTests.sell(&till, "off/1", 1_000)
    #expect(till.row("off/1")?.state == "queued")
  }

  @Test("an acquirer that allows none gets none, and what one asks for cannot change that")
  func never() throws {
    var till = try Till.inService()
    OfflineLimitTests.sell(&till, "off/1", 1)
    #expect(till.answers.last == .refused(.offlineRefused(.never)))
  }

  @Test("a sale that was begun online never becomes one by itself")
  func online() throws {
    var till = try OfflineLimitTests.till()
    till.sell("till/1", 1_000)
    #expect(till.row("till/1")?.state == "not sent")
    till.hostFailure = nil
    till.hostIsSilent = true
    till.sell("till/2", 1_000)
    till.wait(.seconds(60))
    #expect(till.row("till/2")?.state == "reversal owed")
    #expect(!till.ledger.rows.contains { $0.state == "queued" })
  }
}
