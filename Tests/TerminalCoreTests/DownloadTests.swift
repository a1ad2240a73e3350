// SPDX-License-Identifier: Apache-2.0

import Clockwork
import ISO8583
import Simulator
import TerminalCore
import Testing

@Suite("What a terminal downloads")
struct DownloadTests {
  @Test("a new terminal fetches what it must have, and sells nothing before")
  func required() throws {
    var till = try DownloadBench.till()
    #expect(till.terminal.publicKeys.map { $0.index } == [1, 2])
    #expect(till.terminal.publicKeys.first?.expiry == 20_401_231)
    #expect(till.terminal.publicKeys.first?.exponent == [3])
    #expect(till.terminal.publicKeys.first?.modulus.count == 64)
    let application = try #require(till.terminal.chipApplications.first)
    #expect(application.identifier == DownloadBench.provider + [1, 1, 1])
    #expect(!application.matchesPartly && application.takesOnlinePIN)
    #expect(application.maximumPercent == 99 && application.targetPercent == 0)
    #expect(application.actionDenial == [0xD8, 0x40, 0x13, 0xA8, 0])
    #expect(till.terminal.acquirerParameters.answerSeconds == 20)
    #expect(till.terminal.acquirerParameters.merchantName == "示例商店 Shop")
    #expect(
      till.terminal.downloadReport.lines.filter { $0.since.isEmpty }.map { $0.set }
        == [.blackList, .contactless])
    till.sell("test/1", 100)
    #expect(till.row("test/1")?.state == "approved")

    var lacking = SimulatedShop.downloads(0)
    lacking.parameters = []
    var other = try DownloadBench.till(lacking)
    other.sell("test/1", 100)
    #expect(other.refusal == "DWN-001")
    #expect(other.row("test/1") == nil)
    #expect(other.terminal.status.problems.map { $0.code }.contains("DWN-001"))
  }

  @Test("an order in a sale's answer is on disk with its outcome, and done when the receipt is out")
  func ordered() throws {
    var till = try DownloadBench.inService()
    let next = SimulatedShop.downloads(4)
    till.acquirer.rules.downloads = next
    till.acquirer.orders = [7]
    till.sell("till/1", 1_200)
    let outcome = till.journal.first { $0.rows.first?.state == "approved" }
    #expect(outcome?.updates.contains { $0.key == "orders" } == true)
    #expect(till.papers.count == 1)
    #expect(DownloadBench.line(.blackList, till)?.isOrdered == true)
    let again = try till.restarted()
    #expect(DownloadBench.line(.blackList, again)?.isOrdered == true)
    till.wait(.seconds(5))
    #expect(DownloadBench.line(.blackList, till)?.count == 4)
    #expect(DownloadBench.line(.blackList, till)?.isOrdered == false)
    #expect(DownloadBench.sentCodes(till) == ["390", "390", "391"])
    #expect(try till.restarted().terminal.downloadReport == till.terminal.downloadReport)
  }

  @Test("an order that nobody knows is noted once, whatever else it says")
  func ignored() throws {
    var till = try DownloadBench.inService()
    till.acquirer.orders = [8, 8, 12]
    for number in 1...3 { till.sell("till/\(number)", 1_200) }
    #expect(till.terminal.downloadReport.ignoredOrders == [8, 12])
    let records = till.journal.flatMap { $0.updates }.filter { $0.key == "orders" }
    #expect(records.count == 2)
    #expect(try till.restarted().terminal.downloadReport.ignoredOrders == [8, 12])
  }

  @Test("a storage that refuses an order is asked once, and the next entry has it")
  func refusedOrder() throws {
    var till = try DownloadBench.inService()
    till.acquirer.orders = [8]
    till.journalFault = .failed
    till.ask(.signOff)
    till.wait(.seconds(1))
    till.journalFault = nil
    #expect(try till.restarted().terminal.downloadReport.ignoredOrders == [])
    till.ask(.signIn)
    till.wait(.seconds(5))
    #expect(till.terminal.downloadReport.ignoredOrders == [8])
    #expect(try till.restarted().terminal.downloadReport.ignoredOrders == [8])
  }

  @Test("reversals go first, and nothing is downloaded while one is owed")
  func order() throws {
    var till = try DownloadBench.inService()
    till.acquirer.orders = [4]
    till.sell("till/1", 10_203)
    till.hostIsSilent = true
    till.sell("till/2", 1_200)
    till.wait(.seconds(100))
    #expect(!till.terminal.status.reversals.isEmpty)
    till.forget()
    till.hostIsSilent = false
    till.wait(.seconds(200))
    let types = DownloadBench.messages(till).map { String(decoding: $0.mti, as: UTF8.self) }
    #expect(types.first == "0400")
    #expect(DownloadBench.line(.keys, till)?.isOrdered == false)
    #expect(till.terminal.status.reversals.isEmpty)
  }

  @Test("a sale takes the link away from a download, which asks again afterwards")
  func yields() throws {
    var till = try DownloadBench.inService()
    till.acquirer.rules.downloads = SimulatedShop.downloads(3)
    till.hostIsSilent = true
    till.ask(.download(.keys))
    #expect(till.answers.isEmpty)
    till.hostIsSilent = false
    till.sell("till/1", 1_200)
    #expect(till.row("till/1")?.state == "approved")
    till.wait(.seconds(5))
    #expect(till.answers.last == .done)
    #expect(till.terminal.publicKeys.map { $0.index } == [2, 3, 4])
  }

  @Test("the old set is in force until the end is answered, after a power cut behind any entry too")
  func cut() throws {
    let old = SimulatedShop.downloads(0)
    let new = SimulatedShop.downloads(9)
    let sets: [DownloadSet] = [.keys, .applications, .blackList]
    for set in sets {
      for cut in 0..<14 {
        var till = try DownloadBench.inService(old)
        till.acquirer.rules.downloads = new
        till.isHeld = true
        till.ask(.download(set))
        var served = 0
        while served < cut {
          if till.held.isEmpty { till.tell(.deadlinePassed) }
          if till.held.isEmpty { break }
          till.serve(till.held.removeFirst())
          served += 1
        }
        var again = try till.restarted()
        let indices = again.terminal.publicKeys.map { $0.index }
        #expect([[1, 2], [5, 6, 7]].contains(indices), "\(set) \(cut)")
        #expect([1].contains(again.terminal.chipApplications.count), "\(set) \(cut)")
        let isStaged = DownloadBench.line(set, again)?.isRunning == true
        again.start()
        again.wait(.seconds(30))
        if isStaged {
          #expect(DownloadBench.line(set, again)?.isRunning == false)
          if set == .keys { #expect(again.terminal.publicKeys.map { $0.index } == [5, 6, 7]) }
          if set == .blackList { #expect(DownloadBench.line(set, again)?.count == 4) }
        }
      }
    }
  }

  @Test("what was staged before a power cut is not asked for again")
  func goesOn() throws {
    var till = try DownloadBench.inService()
    till.acquirer.rules.downloads = SimulatedShop.downloads(9)
    till.ask(.download(.keys))
    till.forget()
    for _ in 0..<3 { till.tell(.deadlinePassed) }
    #expect(DownloadBench.line(.keys, till)?.isRunning == true)
    let staged = till.terminal.downloadReport.staged
    #expect(staged > 0)
    var again = try till.restarted()
    #expect(again.terminal.downloadReport.staged == staged)
    again.start()
    again.wait(.seconds(30))
    let codes = DownloadBench.sentCodes(again)
    #expect(!codes.contains("372"))
    #expect(codes.filter { $0 == "370" }.count == 3 - staged && codes.last == "371")
    #expect(again.terminal.publicKeys.map { $0.index } == [5, 6, 7])
  }

  @Test("a storage that refuses the new set leaves the old one in force, and it comes later")
  func storage() throws {
    for entry in 0..<5 {
      var till = try DownloadBench.inService()
      till.acquirer.rules.downloads = SimulatedShop.downloads(2)
      till.acquirer.orders = [4]
      till.sell("till/1", 1_200)
      till.failingEntry = entry
      till.wait(.seconds(2))
      #expect([[1, 2], [2, 3]].contains(till.terminal.publicKeys.map { $0.index }))
      till.wait(.seconds(60))
      #expect(till.terminal.publicKeys.map { $0.index } == [2, 3], "\(entry)")
      #expect(DownloadBench.line(.keys, till)?.isOrdered == false)
    }
  }

  @Test("a key that is there already is not fetched again, and one that is not listed goes")
  func missing() throws {
    var till = try DownloadBench.inService()
    till.acquirer.rules.downloads.keys = [2, 3].map { DownloadBench.key($0) }
    till.acquirer.rules.downloads.keys[0] = SimulatedShop.downloads(0).keys[1]
    till.ask(.download(.keys))
    till.wait(.seconds(5))
    #expect(DownloadBench.sentCodes(till) == ["372", "370", "371"])
    #expect(till.terminal.publicKeys.map { $0.index } == [2, 3])
  }

  @Test("by hand: done, refused where the acquirer has none, or busy")
  func byHand() throws {
    var till = try DownloadBench.inService()
    till.ask(.download(.contactless))
    till.wait(.seconds(5))
    #expect(till.answers.last == .done)
    #expect(DownloadBench.line(.contactless, till)?.count == 2)
    till.hostIsSilent = true
    till.ask(.download(.keys))
    till.ask(.download(.keys))
    #expect(till.refusal == "TRM-002")
    till.wait(.seconds(30))
    #expect(till.refusal == "NET-007")
    till.forget()
    till.wait(.minutes(90))
    #expect(till.sent.isEmpty, "a person was told; nobody else wants it")
    var generic = try Till.inService()
    generic.ask(.download(.keys))
    #expect(generic.refusal == "TXN-008")
    #expect(generic.terminal.downloadReport.lines.isEmpty)
  }
}
