// SPDX-License-Identifier: Apache-2.0

import Clockwork
import TerminalCore
import Testing

@Suite("Room on the disk")
struct StorageRoomTests {
  @Test("without room a sale is refused before the card is asked for, and the status says why")
  func full() throws {
    var till = try Till.inService()
    let entries = till.journal.count
    let orders = till.readerOrders.count
    till.tell(.storageRead(isRoomy: false))
    #expect(till.terminal.status.problems == [.journal(.diskFull)])
    #expect(till.terminal.status.problems.map { $0.code } == ["LED-001"])
    till.ask(.sale(reference: "till/1", amount: 1_200, earlier: nil))
    #expect(till.answers.last == .refused(.journal(.diskFull)))
    #expect(till.progress.isEmpty)
    #expect(till.readerOrders.count == orders)
    #expect(till.journal.count == entries)
    // It stays so until somebody has looked again.
    till.wait(.seconds(600))
    #expect(till.terminal.status.problems == [.journal(.diskFull)])
    till.tell(.storageRead(isRoomy: true))
    #expect(till.terminal.status.problems.isEmpty)
    till.sell("till/1", 1_200)
    #expect(till.row("till/1")?.state == "approved")
  }

  @Test("a sale that has begun is ended on a disk that has become full")
  func during() throws {
    var till = try Till.inService()
    till.ask(.sale(reference: "till/1", amount: 1_200, earlier: nil))
    till.tell(.storageRead(isRoomy: false))
    till.swipe(0)
    till.enterPIN(0)
    #expect(till.row("till/1")?.state == "approved")
    till.ask(.sale(reference: "till/1", amount: 1_200, earlier: till.row("till/1")))
    guard case .transaction(let row, problem: nil) = till.answers.last else {
      Issue.record("what became of it is not told: \(till.answers)")
      return
    }
    #expect(row.state == "approved")
  }

  @Test("a disk that has already failed as full is one problem, not two")
  func once() throws {
    var till = try Till.inService()
    till.ask(.sale(reference: "till/1", amount: 1_200, earlier: nil))
    till.swipe(0)
    till.journalFault = .diskFull
    till.tell(.storageRead(isRoomy: false))
    till.enterPIN(0)
    #expect(till.terminal.status.problems.filter { $0 == .journal(.diskFull) }.count == 1)
  }
}
