// SPDX-License-Identifier: Apache-2.0

import Clockwork
import Foundation
import LinuxHost
import TerminalCore
import Testing

@Suite("A ledger that has lost something")
struct LedgerLossTests {
  /// The files of a ledger with six entries: four in the file, two in the log.
  private struct Files {
    var database: [UInt8] = []
    var log: [UInt8]?
    var anchor: [UInt8]?
    /// Where the fifth entry ends in the log.
    var fifthEnds = 0
    /// The anchor when the fifth entry, or only the fourth, had been acknowledged.
    var anchorOfFifth: [UInt8] = []
    var anchorOfFourth: [UInt8] = []

    init() throws {
      let folder = try Folder()
      let ledger = try Ledger(folder: folder.path)
      for number in 1...4 { try LedgerTests.append(ledger, LedgerTests.entry(number)) }
      try ledger.settle()
      anchorOfFourth = folder.bytes("ledger.anchor")
      try LedgerTests.append(ledger, LedgerTests.entry(5))
      fifthEnds = folder.bytes("ledger.db-wal").count
      anchorOfFifth = folder.bytes("ledger.anchor")
      try LedgerTests.append(ledger, LedgerTests.entry(6))
      // Copied while it is open, as a kill or a power cut leaves it.
      database = folder.bytes("ledger.db")
      log = folder.bytes("ledger.db-wal")
      anchor = folder.bytes("ledger.anchor")
    }

    /// "lost", "damaged", "anchor damaged" or how many entries there are, all of them whole and in
    /// order.
    func outcome() throws -> String {
      let folder = try Folder(inMemory: true)
      try folder.write("ledger.db", database)
      if let log { try folder.write("ledger.db-wal", log) }
      if let anchor { try folder.write("ledger.anchor", anchor) }
      do throws(LedgerFault) {
        let ledger = try Ledger(folder: folder.path)
        let records = try ledger.liveRecords()
        let rows = try ledger.transactions(limit: 100)
        // Record and line of one entry are there together or not at all.
        let expected = (1...6).prefix(rows.count).map { "transaction/till/\($0)" }
        return records.map { $0.key } == expected ? "\(rows.count)" : "mixed up"
      } catch {
        // What is refused is not touched.
        #expect(folder.bytes("ledger.db") == database)
        #expect(folder.bytes("ledger.db-wal") == log ?? [])
        switch error {
        case .lost: return "lost"
        case .damaged: return "damaged"
        case .anchorDamaged: return "anchor damaged"
        default: return error.text
        }
      }
    }
  }

  @Test("a log torn at any byte of what was acknowledged is refused, and names what is missing")
  func tornAcknowledged() throws {
    let whole = try Files()
    let log = try #require(whole.log)
    var torn = whole
    // Every byte of the frame that makes the last commit one, and some of all others.
    let lastFrame = log.count - 4_120
    for length in Array(stride(from: 0, to: lastFrame, by: 509)) + (lastFrame..<log.count) {
      torn.log = Array(log.prefix(length))
      #expect(try torn.outcome() == "lost", "\(length)")
    }
    #expect(whole.fifthEnds < lastFrame)
    #expect(try whole.outcome() == "6")
  }

  @Test("a log torn within an entry that nobody was told of goes on without it")
  func tornUnacknowledged() throws {
    let whole = try Files()
    let log = try #require(whole.log)
    var torn = whole
    torn.anchor = whole.anchorOfFifth
    let lastFrame = log.count - 4_120
    let lengths = Array(stride(from: whole.fifthEnds, to: lastFrame, by: 61))
    for length in lengths + stride(from: lastFrame, to: log.count, by: 7) {
      torn.log = Array(log.prefix(length))
      #expect(try torn.outcome() == "5", "\(length)")
    }
    torn.log = log
    #expect(try torn.outcome() == "6")
  }

  @Test("one wrong bit anywhere in the log of acknowledged entries is refused")
  func wrongBit() throws {
    let whole = try Files()
    let log = try #require(whole.log)
    var dice = Dice(seed: 7)
    for offset in stride(from: 0, to: log.count, by: 211) {
      var wrong = whole
      wrong.log?[offset] ^= 1 << UInt8(dice.below(8))
      let outcome = try wrong.outcome()
      #expect(outcome == "lost" || outcome == "damaged", "\(offset): \(outcome)")
    }
  }

  @Test("a wrong bit with a later entry behind it is found even by who has an old anchor")
  func wrongInTheMiddle() throws {
    var whole = try Files()
    whole.anchor = whole.anchorOfFourth
    let log = try #require(whole.log)
    for offset in stride(from: 32 + 24, to: whole.fifthEnds, by: 97) {
      // The heads of the frames have tests of their own; here are the pages.
      if (offset - 32) % (24 + 4_096) < 24 { continue }
      var wrong = whole
      wrong.log?[offset] ^= 0x10
      #expect(try wrong.outcome() == "damaged", "\(offset)")
    }
    // In the last entry it looks as a power cut leaves it.
    var torn = whole
    torn.log?[log.count - 100] ^= 0x10
    #expect(try torn.outcome() == "5")
  }

  @Test("a log that is gone, a ledger that is gone and one from a backup are no factory state")
  func gone() throws {
    let whole = try Files()
    var changed = whole
    changed.log = nil
    #expect(try changed.outcome() == "lost")
    changed.log = []
    #expect(try changed.outcome() == "lost")
    changed.database = []
    #expect(try changed.outcome() == "lost")
    changed.log = whole.log
    #expect(try changed.outcome() == "damaged")
    // Without an anchor it is one that somebody has put there.
    changed = whole
    changed.anchor = nil
    #expect(try changed.outcome() == "6")
    changed.log = nil
    #expect(try changed.outcome() == "4")
    let folder = try Folder()
    try folder.write("ledger.anchor", try #require(whole.anchor))
    #expect(throws: LedgerFault.lost(path: folder.path + "/ledger.db", found: 0, acknowledged: 6)) {
      try Ledger(folder: folder.path)
    }
    #expect(folder.bytes("ledger.db").isEmpty)
  }

  @Test("an anchor torn in one line is read from the other, torn in both refused")
  func anchor() throws {
    let whole = try Files()
    var torn = whole
    torn.anchor?[20] ^= 1
    #expect(try torn.outcome() == "6")
    torn.log = nil
    #expect(try torn.outcome() == "lost")
    torn = whole
    torn.anchor?[4_096 + 20] ^= 1
    #expect(try torn.outcome() == "6")
    torn.anchor?[20] ^= 1
    #expect(try torn.outcome() == "anchor damaged")
    torn.anchor = []
    #expect(try torn.outcome() == "anchor damaged")
  }

  @Test("torn at any place, the one file is whole, refused, or visibly something else")
  func tornFile() throws {
    var whole = try Files()
    whole.log = nil
    whole.anchor = whole.anchorOfFourth
    #expect(try whole.outcome() == "4")
    var dice = Dice(seed: 20)
    var refused = 0
    for round in 0..<120 {
      var torn = whole
      if round % 2 == 0 {
        torn.database = Array(whole.database.prefix(dice.below(whole.database.count)))
        let outcome = try torn.outcome()
        #expect(outcome != "0" && outcome != "1" && outcome != "2" && outcome != "3")
      } else {
        let at = dice.below(whole.database.count)
        for index in at..<min(at + 200, whole.database.count) {
          torn.database[index] = UInt8(dice.below(256))
        }
      }
      // A record that makes no sense is refused by the core.
      if try torn.outcome() != "4" { refused += 1 }
    }
    #expect(refused > 20)
  }

  @Test("the log is emptied at the start, at the end and when it is asked for")
  func settled() throws {
    let whole = try Files()
    let folder = try Folder()
    try folder.write("ledger.db", whole.database)
    try folder.write("ledger.db-wal", try #require(whole.log))
    try folder.write("ledger.anchor", whole.anchorOfFourth)
    do {
      let ledger = try Ledger(folder: folder.path)
      #expect(ledger.isSettled)
      #expect(folder.bytes("ledger.db-wal").isEmpty)
      try LedgerTests.append(ledger, LedgerTests.entry(7))
      #expect(!ledger.isSettled)
      #expect(!folder.bytes("ledger.db-wal").isEmpty)
      try ledger.settle()
      #expect(ledger.isSettled)
      #expect(folder.bytes("ledger.db-wal").isEmpty)
      try LedgerTests.append(ledger, LedgerTests.entry(8))
    }
    #expect(folder.bytes("ledger.db-wal").isEmpty)
    #expect(try Ledger(folder: folder.path).transactions(limit: 9).map { $0.stan }.first == 8)
  }
}
