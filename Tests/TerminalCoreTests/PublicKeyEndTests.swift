// SPDX-License-Identifier: Apache-2.0

import Clockwork
import Devices
import EMVKernel
import ISO8583
import PaymentCrypto
import Simulator
import TerminalCore
import Testing
import Wire

// The terminals of these tests start on 2026-09-21.

@Suite("Public keys of certification authorities that end")
struct PublicKeyEndTests {
  private static let day = Interval.minutes(24 * 60)

  private static func till(_ expiries: [String]) throws -> Till {
    var downloads = SimulatedShop.downloads(0)
    downloads.keys = expiries.enumerated().map { number, expiry in
      DownloadBench.key(UInt8(number + 1), expiry: expiry)
    }
    return try DownloadBench.inService(downloads)
  }

  private static func told(_ till: Till) -> [String] {
    till.terminal.status.problems.map { $0.code }.filter { $0.hasPrefix("DWN") }
  }

  private static func wait(_ days: Int, _ till: inout Till) {
    for _ in 0..<days { till.wait(day) }
  }

  @Test("nothing is told 31 days before, a warning from 30 days on, and that it is over afterwards")
  func told() throws {
    var till = try PublicKeyEndTests.till(["20261031", "20401231"])
    PublicKeyEndTests.wait(9, &till)
    #expect(PublicKeyEndTests.told(till) == [])
    PublicKeyEndTests.wait(1, &till)
    #expect(PublicKeyEndTests.told(till) == ["DWN-012"])
    #expect(DownloadBench.line(.keys, till)?.problem?.code == "DWN-012")
    var again = try till.restarted()
    #expect(PublicKeyEndTests.told(again) == [], "nobody knows the day before the start")
    again.start()
    #expect(PublicKeyEndTests.told(again) == ["DWN-012"])
    PublicKeyEndTests.wait(30, &till)
    #expect(PublicKeyEndTests.told(till) == ["DWN-012"])
    PublicKeyEndTests.wait(1, &till)
    #expect(PublicKeyEndTests.told(till) == ["DWN-013"])
    #expect(DownloadBench.line(.keys, till)?.problem?.code == "DWN-013")
    // A new list without it ends the telling.
    till.acquirer.rules.downloads = SimulatedShop.downloads(0)
    till.ask(.download(.keys))
    till.wait(.seconds(5))
    #expect(till.answers.last == .done)
    #expect(PublicKeyEndTests.told(till) == [])
  }

  @Test("a clock that is set tells at once, before and back again")
  func clockSet() throws {
    var till = try PublicKeyEndTests.till(["20261031"])
    func set(_ days: Int64) {
      till.tell(
        .clockRead(
          WallClock(
            readAt: till.now, unixMilliseconds: 1_790_000_000_000 + days * 86_400_000,
            offsetMinutes: 480)))
    }
    set(45)
    #expect(PublicKeyEndTests.told(till) == ["DWN-013"])
    set(12)
    #expect(PublicKeyEndTests.told(till) == ["DWN-012"])
    set(0)
    #expect(PublicKeyEndTests.told(till) == [])
  }

  @Test("a listed key that has ended since it came is left out like one that comes too late")
  func knownKey() throws {
    var till = try PublicKeyEndTests.till(["20260925", "20401231"])
    PublicKeyEndTests.wait(10, &till)
    till.ask(.download(.keys))
    till.wait(.seconds(5))
    #expect(till.refusal == "DWN-008")
    #expect(till.terminal.publicKeys.map { $0.index } == [2])
    #expect(DownloadBench.line(.keys, till)?.skipped == 1)
  }

  /// Byte 1 of the verification results that the acquirer was told.
  private static func results(_ till: Till) throws -> UInt8 {
    let codec = Codec(table: till.settings.dialect.table)
    let head = till.settings.dialect.framing.headerCount + till.settings.dialect.framing.overhead
    let requests = till.sent.compactMap { try? codec.decode(Array($0.dropFirst(head))) }
    let data = try #require(requests.last { $0.mti == Array("0200".utf8) }?[55])
    let tag = try #require(TLVTag(0x95))
    return try #require(TLV.first(tag, in: try TLV.parse(data))?.value.first)
  }

  /// EMV 4.4 Book 3, Annex C5: not performed, SDA, DDA and CDA failed.
  private static let failures: UInt8 = 0x80 | 0x40 | 0x08 | 0x04

  @Test("a card is authenticated with it up to its last day, and not on the next")
  func authentication() throws {
    var till = try Till.withChips(keyExpiry: "20260922")
    PublicKeyEndTests.wait(1, &till)
    till.sellByChip("till/1", 1_200)
    #expect(till.row("till/1")?.state == "approved")
    #expect(try PublicKeyEndTests.results(till) & PublicKeyEndTests.failures == 0)
    PublicKeyEndTests.wait(1, &till)
    till.sellByChip("till/2", 1_200)
    #expect(try PublicKeyEndTests.results(till) & PublicKeyEndTests.failures != 0)
  }

  @Test("when every key of the acquirer's has ended those of the file do not come back")
  func fileKeys() throws {
    let authority = Till.chipKeys.authority.publicKey
    let sum = AuthorityKey.sum(
      CardKeySet.scheme, CardKeySet.authorityIndex, authority.modulus, authority.exponent)
    let key = try AuthorityKey(
      scheme: CardKeySet.scheme, index: CardKeySet.authorityIndex, modulus: authority.modulus,
      exponent: authority.exponent, checkSum: sum)
    var till = try Till.withChips(keyExpiry: "20260922", fileKeys: [key])
    till.sellByChip("till/1", 1_200)
    #expect(try PublicKeyEndTests.results(till) & PublicKeyEndTests.failures == 0)
    PublicKeyEndTests.wait(2, &till)
    till.sellByChip("till/2", 1_200)
    #expect(try PublicKeyEndTests.results(till) & PublicKeyEndTests.failures != 0)
  }
}
