// SPDX-License-Identifier: Apache-2.0

import Clockwork
import Devices
import ISO8583
import Simulator
import TerminalCore
import Testing

@Suite("Downloads that are wrong, and what downloads decide")
struct DownloadInputTests {
  private static let key = DownloadBench.key(7)

  /// The flaw that a download by hand ends with when the acquirer's first answers are these.
  private static func flaw(
    _ set: DownloadSet, _ contents: [[UInt8]?], code: String? = nil
  ) throws -> (DownloadFlaw?, Till) {
    var till = try DownloadBench.inService()
    till.changes = contents.map { content in
      var change = AnswerChange(hasMAC: false)
      if let content { change.elements.append((62, content)) }
      return change
    }
    if let code { till.changes[till.changes.count - 1].elements.append((39, Array(code.utf8))) }
    till.ask(.download(set))
    till.wait(.seconds(5))
    guard case .refused(.download(_, let flaw)) = till.answers.last else { return (nil, till) }
    return (flaw, till)
  }

  @Test("a query that is cut short, doubled, endless or too long changes nothing")
  func queries() throws {
    let name = DownloadInputTests.key.name
    let cut = try DownloadInputTests.flaw(.keys, [[0x31] + name.dropLast()])
    #expect(cut.0 == .unreadable)
    #expect(cut.1.terminal.publicKeys.map { $0.index } == [1, 2])
    #expect(try DownloadInputTests.flaw(.keys, [[0x31] + name + name]).0 == .duplicate)
    #expect(try DownloadInputTests.flaw(.keys, [[0x32] + name, [0x31] + name]).0 == .duplicate)
    #expect(try DownloadInputTests.flaw(.keys, [[0x32]]).0 == .endless)
    #expect(try DownloadInputTests.flaw(.keys, [[0x33] + name]).0 == .unreadable)
    #expect(try DownloadInputTests.flaw(.keys, [[]]).0 == .unreadable)
    var many: [[UInt8]?] = []
    for piece in 0..<10 as Range<UInt8> {
      let names = (0..<10 as Range<UInt8>).flatMap { DownloadBench.key(piece * 10 + $0).name }
      many.append([0x32] + names)
    }
    #expect(try DownloadInputTests.flaw(.keys, many).0 == .tooMany)
  }

  @Test("a key with a wrong check value, that is over, refused or cut short is left out, and told")
  func keys() throws {
    var wrong = DownloadBench.key(7)
    wrong.content[wrong.content.count - 1] ^= 1
    var short = DownloadBench.key(7)
    short.content.removeLast()
    let over = DownloadBench.key(7, expiry: "20200101")
    for bad in [wrong, short, over] {
      var downloads = SimulatedShop.downloads(0)
      downloads.keys.insert(bad, at: 1)
      var till = try DownloadBench.inService()
      till.acquirer.rules.downloads = downloads
      till.ask(.download(.keys))
      till.wait(.seconds(5))
      #expect(till.refusal == "DWN-008")
      #expect(till.terminal.publicKeys.map { $0.index } == [1, 2])
      #expect(DownloadBench.line(.keys, till)?.skipped == 1)
      #expect(try till.restarted().terminal.status.problems.map { $0.code }.contains("DWN-008"))
    }
    let refused = try DownloadInputTests.flaw(
      .keys, [[0x31] + DownloadInputTests.key.name, nil], code: "25")
    #expect(refused.0 == .skipped(count: 1))
    #expect(refused.1.terminal.publicKeys.map { $0.index } == [1, 2])
  }

  @Test("another key or application than was asked for stops the download")
  func others() throws {
    let name = DownloadInputTests.key.name
    let other = DownloadBench.key(8)
    let key = try DownloadInputTests.flaw(
      .keys, [[0x31] + name, [0x31] + other.content], code: "00")
    #expect(key.0 == .otherEntry)
    #expect(key.1.terminal.publicKeys.map { $0.index } == [1, 2])
    let application = SimulatedShop.downloads(2).applications[1]
    let wrong = try DownloadInputTests.flaw(.applications, [nil, [0x31] + application.content])
    #expect(wrong.0 == .otherEntry)
    #expect(wrong.1.terminal.chipApplications.count == 1)
    let refused = try DownloadInputTests.flaw(.applications, [nil, nil], code: "25")
    #expect(refused.0 == .refused(code: Array("25".utf8)))
  }

  @Test("an application whose value has a wrong length, comes twice or is missing is refused")
  func applications() throws {
    let good = SimulatedShop.downloads(0).applications[0].content
    let tag = try #require(
      good.indices.dropLast().first { good[$0] == 0xDF && good[$0 + 1] == 0x11 })
    var long = good
    long[tag + 2] = 4
    long.remove(at: tag + 3)
    let without = Array(good[..<tag]) + good[(tag + 8)...]
    let percent: [UInt8] = [0xDF, 0x17, 1, 0x9A]
    for bad in [long, without, good + percent, good + [0xDF, 0x01, 1, 0], good.dropLast()] {
      let found = try DownloadInputTests.flaw(.applications, [nil, [0x31] + bad])
      #expect(found.0 == .unreadable)
      #expect(found.1.terminal.chipApplications.count == 1)
    }
  }

  @Test("an unknown parameter stops the reading: what came before it counts, and it is told")
  func parameters() throws {
    let told = try DownloadInputTests.flaw(.parameters, [Array("1245991211".utf8)])
    #expect(told.0 == .unknownParameter(code: Array("99".utf8)))
    #expect(told.1.terminal.acquirerParameters.answerSeconds == 45)
    #expect(told.1.terminal.acquirerParameters.signsOffAfterSettlement == nil)
    for bad in ["124", "12451246", "1", "x2", ""] {
      let found = try DownloadInputTests.flaw(.parameters, [Array(bad.utf8)])
      #expect(found.0 == .unreadable, "\(bad)")
      #expect(found.1.terminal.acquirerParameters.answerSeconds == 20)
    }
  }

  @Test("a black list that does not add up, refuses everything or never ends is not taken")
  func blackLists() throws {
    func piece(_ head: String, _ records: [String]) -> [UInt8] {
      let fields = records.map { record in
        let count = record.utf8.count
        return (count < 10 ? "0" : "") + String(count) + record
          + String(repeating: " ", count: 14 - count)
      }
      return Array((head + fields.joined()).utf8)
    }
    let wrong: [([UInt8], DownloadFlaw)] = [
      (piece("1001", ["6222", "6223"]), .otherEntry), (piece("1002", ["6222"]), .otherEntry),
      (piece("1001", [""]), .unreadable), (piece("1001", ["62x2"]), .unreadable),
      (piece("1001", ["6222"]).dropLast(), .unreadable), (piece("2000", []), .endless),
    ]
    for (content, flaw) in wrong {
      let found = try DownloadInputTests.flaw(.blackList, [content])
      #expect(found.0 == flaw, "\(String(decoding: content, as: UTF8.self))")
      #expect(DownloadBench.line(.blackList, found.1)?.since.isEmpty == true)
    }
    let empty = try DownloadInputTests.flaw(.blackList, [piece("0000", [])])
    #expect(empty.1.answers.last == .done)
  }

  @Test("contactless parameters that are cut short or doubled are not taken")
  func contactless() throws {
    for bad in ["FF805D00", "FF805D0021", "FF805D0011FF805D0010"] {
      #expect(try DownloadInputTests.flaw(.contactless, [Array(bad.utf8)]).0 == .unreadable)
    }
  }

  @Test("a card of the black list is refused before anything leaves, and its refund is not")
  func refused() throws {
    var till = try DownloadBench.inService()
    till.transact(TransactionRequest(.sale, reference: "till/1", amount: 1_200), account: 2)
    #expect(till.row("till/1")?.state == "approved")
    till.acquirer.rules.downloads.blackList = [Array("55555".utf8)]
    till.ask(.download(.blackList))
    till.wait(.seconds(5))
    let sent = till.sent.count
    till.transact(TransactionRequest(.sale, reference: "till/2", amount: 1_200), account: 2)
    #expect(till.refusal == "CRD-006")
    #expect(till.row("till/2") == nil && till.sent.count == sent)
    #expect(!till.progress.contains(.askingAcquirer))
    till.sell("till/3", 1_200)
    #expect(till.row("till/3")?.state == "approved")
    till.transact(
      TransactionRequest(.refund, reference: "till/4", amount: 200, original: "till/1"), account: 2)
    #expect(till.row("till/4")?.state == "approved")
    let bodies = till.records.filter { $0.key == "download/black-list" }.map { $0.body }
    #expect(bodies.count == 1)
    #expect(!bodies[0].indices.contains { bodies[0][$0...].starts(with: Array("55555".utf8)) })
  }

  @Test("kinds that are switched off are refused, others go on; tips have a most")
  func switches() throws {
    var till = try DownloadBench.inService()
    // Sales alone.
    till.acquirer.rules.downloads.parameters = Array("1220181191026".utf8) + [0x04, 0, 0, 0]
    till.ask(.download(.parameters))
    till.wait(.seconds(5))
    #expect(till.answers.last == .done)
    till.sell("till/1", 1_200)
    #expect(till.row("till/1")?.state == "approved")
    for kind in [TransactionKind.balance, .preAuthorisation] {
      let amount: UInt64 = kind == .balance ? 0 : 500
      till.transact(TransactionRequest(kind, reference: "till/\(kind)", amount: amount))
      #expect(till.refusal == "DWN-010")
    }
    till.transact(TransactionRequest(.void, reference: "till/2", amount: 0, original: "till/1"))
    #expect(till.refusal == "DWN-010")
    till.transact(
      TransactionRequest(.tip, reference: "till/3", amount: 121, original: "till/1"))
    #expect(till.refusal == "DWN-011")
  }

  @Test("the acquirer's time-out, name and sign-off after settlement are honoured")
  func honoured() throws {
    var till = try DownloadBench.inService()
    var downloads = SimulatedShop.downloads(1)
    downloads.parameters = Array("1207".utf8) + downloads.parameters.dropFirst(8)
    till.acquirer.rules.downloads = downloads
    till.ask(.download(.parameters))
    till.wait(.seconds(5))
    till.sell("till/1", 1_200)
    let paper = try #require(till.papers.last)
    #expect("\(paper.lines)".contains("示例商店 Shop"))
    till.ask(.settle)
    till.wait(.seconds(2))
    guard case .settled = till.answers.last else {
      Issue.record("not settled")
      return
    }
    #expect(till.terminal.state == .signedOff)
    till.ask(.signIn)
    till.wait(.seconds(2))
    #expect(till.terminal.state == .ready)
    till.hostIsSilent = true
    till.sell("till/2", 1_200)
    till.wait(.seconds(6))
    #expect(till.terminal.state == .busy)
    till.wait(.seconds(2))
    #expect(till.row("till/2")?.state == "reversal owed")
  }

  @Test("no set prints its entries, of which those of a black list may be card numbers")
  func printed() throws {
    var downloads = SimulatedShop.downloads(0)
    downloads.blackList = [Array("62222222222222".utf8)]
    var till = try DownloadBench.inService(downloads)
    till.ask(.download(.blackList))
    till.wait(.seconds(5))
    let sets = till.terminal.downloadedSets
    #expect(sets.contains { $0.set == .blackList })
    for text in ["\(sets)", String(reflecting: sets)] {
      #expect(!text.contains("62222222222222"))
      #expect(!text.contains("54, 50, 50, 50"))
    }
  }
}
