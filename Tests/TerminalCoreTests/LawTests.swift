// SPDX-License-Identifier: Apache-2.0

import Clockwork
import Devices
import Management
import Simulator
import TerminalCore
import Testing
import Wire

@Suite("The laws of the terminal")
struct LawTests {
  /// The updates of a journal up to an entry, as records of a restart.
  private static func records(
    _ base: [RecordUpdate], _ entries: ArraySlice<JournalEntry>
  ) -> [RecordUpdate] {
    var records = base
    for update in entries.flatMap({ $0.updates }) {
      records.removeAll { $0.key == update.key }
      records.append(update)
    }
    return records
  }

  @Test(
    "after a power cut behind any entry, a reversal is owed just when the outcome is open"
  )
  func recovery() throws {
    for amount in [1_200, 1_251, 10_202] as [UInt64] {
      var till = try Till.inService()
      let base = till.records
      till.sell("till/1", amount)
      till.wait(.seconds(120))
      #expect(till.journal.count >= 2)
      for count in 0...till.journal.count {
        let entries = till.journal[..<count]
        var again = try till.restarted()
        again.records = LawTests.records(base, entries)
        again = try again.restarted()
        let last = entries.compactMap { $0.rows.first?.state }.last
        let owes = last == "sent" || last == "reversal owed"
        #expect(again.terminal.status.reversals.count == (owes ? 1 : 0), "\(amount) \(count)")
        again.start()
        again.wait(.seconds(400))
        #expect(again.terminal.state == .ready)
        #expect(again.terminal.status.reversals.isEmpty)
        // What was begun and not seen on paper is doubtful, never printed by itself.
        let doubtful = again.terminal.status.receiptsDoubtful.count
        #expect(doubtful == (last == "approved" && count < 3 ? 1 : 0))
        again.sell("till/after", 1_200)
        #expect(again.row("till/after")?.state == "approved")
      }
    }
  }

  @Test("a trace number is never given twice, whatever is restarted")
  func traceNumbers() throws {
    var till = try Till.inService()
    var seen: Set<UInt32> = []
    for number in 0..<20 {
      till.sell("till/\(number)", 1_200)
      let stan = try #require(till.row("till/\(number)")?.stan)
      #expect(seen.insert(stan).inserted)
      if number % 3 == 0 {
        till = try till.restarted()
        till.start()
      }
    }
  }

  @Test("a record that makes no sense stops the recovery and is named")
  func unreadable() throws {
    let till = try Till.inService()
    for (index, record) in till.records.enumerated() where record.isLive && !record.body.isEmpty {
      var records = till.records
      records[index].body = [0x01]
      #expect(throws: RecoveryFault.unreadable(record.key)) { try Till(records: records) }
    }
  }

  @Test("records cut short at any byte are refused or read, never a crash")
  func truncated() throws {
    var till = try Till.inService()
    till.isHeld = false
    till.hostIsSilent = true
    till.sell("till/1", 1_200)
    till.wait(.seconds(25))
    for (index, record) in till.records.enumerated() where record.isLive {
      for length in 0..<record.body.count {
        var records = till.records
        records[index].body = Array(record.body.prefix(length))
        _ = try? Till(records: records)
      }
    }
  }

  /// Events of every kind, as likely as not where they make no sense.
  private static func event(_ dice: inout Dice) -> TerminalEvent {
    switch dice.below(16) {
    case 0:
      return .reader(
        [
          .misread(.blank), .misread(.malformed), .misread(.partial(bytes: 3)), .cardInserted,
          .cardRemoved, .poweredOff, .chipFault(.noATR), .unavailable(.silent),
        ][dice.below(8)])
    case 1: return .reader(.unavailable(.link(.lost)))
    case 2: return .reader(.ready(ReaderIdentity(vendor: 0x0801, product: 2, encrypts: false)))
    case 3: return .printer(.status([.ready(paperLow: true), .halted(.coverOpen)][dice.below(2)]))
    case 4: return .printer(.finished(job: UInt32(dice.below(4)), .unknown(.powerCut)))
    case 5: return .pinPad(.noPIN([.cancelled, .silent][dice.below(2)]))
    case 6: return .pinPad(.ready(serial: []))
    case 7: return .acquirer([.connected, .closed][dice.below(2)])
    case 8: return .acquirer(.received(dice.bytes(dice.below(60))))
    case 9: return .acquirer(.failed(.tcp, code: 1))
    case 10:
      return .management(
        .answered(number: UInt32(dice.below(5)), status: 200, body: dice.bytes(dice.below(20))))
    case 11: return .journalled
    case 12: return .journalFailed(.failed)
    case 13: return .deadlinePassed
    case 14: return .requesterLeft(RequestID(UInt32(dice.below(30))))
    default:
      return .requested(RequestID(UInt32(100 + dice.below(100))), request(&dice))
    }
  }

  private static func request(_ dice: inout Dice) -> ControlRequest {
    switch dice.below(6) {
    case 0: .sale(reference: "r\(dice.below(9))", amount: UInt64(dice.below(3_000)), earlier: nil)
    case 1: .cancel
    case 2: .setNetwork(NetworkSettings(acquirer: Till.endpoint))
    case 3: .commitNetwork
    case 4: .register(SimulatedShop.application(place: "Shop 1"))
    default: .sendQueue
    }
  }

  @Test(
    "every event is legal in every state, its effects are few, and a restart leads back to work",
    arguments: 0..<40)
  func total(_ seed: UInt64) throws {
    var dice = Dice(seed: seed)
    var till = seed % 2 == 0 ? try Till.inService() : try Till()
    till.isHeld = true
    for _ in 0..<400 {
      till.held = []
      if dice.chance(1, in: 10) { till.now = till.now + .seconds(Int64(dice.below(40))) }
      if dice.chance(1, in: 12) { till.swipe(dice.below(3)) }
      till.tell(LawTests.event(&dice))
      #expect(till.held.count <= 20)
    }
  }

  @Test("woken too early or twice, the terminal does nothing")
  func wakeUps() throws {
    var till = try Till.inService()
    till.hostIsSilent = true
    till.ask(.sale(reference: "till/1", amount: 1_200, earlier: nil))
    let waiting = till.terminal
    till.tell(.deadlinePassed)
    let isStill = till.terminal == waiting
    #expect(isStill)
    till.swipe()
    till.enterPIN()
    let asking = till.terminal
    till.tell(.deadlinePassed)
    till.tell(.deadlinePassed)
    let isSame = till.terminal == asking
    #expect(isSame, "\(till.terminal.unexpectedEvents) \(asking.unexpectedEvents)")
  }
}
