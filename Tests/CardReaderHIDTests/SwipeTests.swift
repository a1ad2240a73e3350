// SPDX-License-Identifier: Apache-2.0

import CardReaderHID
import Clockwork
import Devices
import PaymentCrypto
import Simulator
import Testing
import Wire

@Suite("Swipes")
struct SwipeTests {
  private static func digest(of card: CardSwipe) -> String {
    var reader = Reader(ReaderModel(packetBytes: 8))
    reader.open()
    reader.swipe(card)
    return Hex.text(sha256(reader.packets.flatMap { $0 }))
  }

  @Test("the simulated SureSwipe composes the reports of the manual's layout, byte for byte")
  func goldens() {
    let track1 = Reader.card.track1
    let golden: [(CardSwipe, String)] = [
      (Reader.card, "928D87F79BB4F2A9085E64329A37AE6D335E3A620CF6DFB0C891B8ACCE9C0066"),
      (
        CardSwipe(track1: track1, track2: .undecodable),
        "A65FC0C9AC2FAA1C4D7ADFADEE42478512AE5AC1934C2E8AD44D331C772CB1BD"
      ),
      (
        CardSwipe(track1: .blank, track2: .blank),
        "75E005B95ECDE4AC22D2B0CF6BF510177C7D67D06C3333A0CFEDD22DCD999CD0"
      ),
      (
        CardSwipe(track1: .undecodable, track2: .undecodable, track3: .undecodable),
        "80C20E8A36128C82BB6F12D4DFBE38D61CA970B60F0D04DC710C0D484D99E1F8"
      ),
    ]
    for (card, expected) in golden { #expect(SwipeTests.digest(of: card) == expected) }
  }

  @Test("the simulated MagneSafe V5 composes the published report, byte for byte")
  func magneSafeGolden() throws {
    var reader = Reader(try #require(Reader.magneSafe()))
    reader.open()
    reader.swipe()
    let report = reader.packets.flatMap { $0 }
    #expect(report.count == 887)
    #expect(
      Hex.text(sha256(Array(report.prefix(856))))
        == "C05B221BE9490B0689142577307406CE120784CD78E7BE351C65037095498671")
    #expect(
      Hex.text(sha256(report))
        == "798C710DEBDF6AC9DF3C771538929E995A67C426A40A8EB5853E598BC1A848D0")
  }

  @Test("a card is read from packets of any size", arguments: [8, 64, 337])
  func packetSizes(_ bytes: Int) {
    for filling in [ReaderModel.Filling.zeros, .leftovers] {
      var reader = Reader(ReaderModel(packetBytes: bytes, filling: filling))
      reader.open()
      reader.swipe()
      reader.swipe()
      #expect(reader.cards == ["401234***8909", "401234***8909"])
    }
  }

  @Test("a whole track is read to its last character, and the tracks are those of the card")
  func exact() throws {
    var reader = Reader()
    reader.open()
    reader.swipe()
    guard case .swiped(let card) = reader.reports.first,
      case .clear(let track2, let track1) = card.tracks
    else {
      Issue.record("no card")
      return
    }
    #expect(track2.exposed == Array("4012345678909=30122010000000000".utf8))
    #expect(track2.expiry == Expiry(Array("3012".utf8)))
    #expect(track2.serviceCode == Array("201".utf8))
    #expect(track1?.exposed == Array("%B4012345678909^DOE/JANE^30122010000000000000?".utf8))
  }

  @Test("an encrypted swipe gives cipher text and serial number, which decrypt to the tracks")
  func encrypted() throws {
    var reader = Reader(try #require(Reader.magneSafe()))
    reader.open()
    reader.swipe()
    guard case .swiped(let card) = reader.reports.first,
      case .encrypted(let tracks) = card.tracks
    else {
      Issue.record("no encrypted card")
      return
    }
    #expect(Hex.text(tracks.keySerialNumber) == "FFFF9876543210E00003")
    #expect(tracks.maskedTrack2.exposed == Array(";4012006008909=30120000000000000?".utf8))
    let initial = try InitialKey(
      .tdes2, Hex.decode(Array("6AC292FAA1315B4D858AB3A3D7D5933A".utf8)))
    let key = try TDESDUKPT.transactionKey(
      initial: initial, serial: KeySerialNumber(tracks.keySerialNumber))
    let clear = try key.dataKeyOfPINVariant.decrypt(
      tracks.track2.exposed, .cbc([UInt8](repeating: 0, count: 8)))
    #expect(clear.prefix(33) == Array(";4012345678909=30122010000000000?".utf8)[...])
  }

  @Test("a reader without keys says so and gives no card")
  func exhausted() throws {
    var reader = Reader(try #require(Reader.magneSafe(counter: "FFF800")))
    reader.open()
    reader.swipe()
    reader.swipe()
    #expect(reader.reports == [.unavailable(.keysExhausted)])
  }

  @Test("what is no payment card is told apart from what cannot be read")
  func misreads() {
    let other = CardSwipe.Track.readable(Array(";4111111111111111=30122010000000000?".utf8))
    let cases: [(CardSwipe, Misread)] = [
      (CardSwipe(track1: .blank, track2: .blank), .blank),
      (CardSwipe(track1: .undecodable, track2: .undecodable), .undecodable),
      (CardSwipe(track1: Reader.card.track1, track2: .undecodable), .undecodable),
      (CardSwipe(track1: Reader.card.track1, track2: .blank), .notAPaymentCard),
      (CardSwipe(track1: .blank, track2: .readable(Array(";123=?".utf8))), .notAPaymentCard),
      (CardSwipe(track1: Reader.card.track1, track2: other), .tracksDisagree),
    ]
    for (card, expected) in cases {
      var reader = Reader()
      reader.open()
      reader.swipe(card)
      #expect(reader.reports == [.misread(expected)])
    }
  }

  @Test("a swipe nobody asked for is swallowed")
  func ignored() {
    var reader = Reader()
    reader.open()
    reader.tell(.ordered(.ignore))
    reader.swipe()
    #expect(reader.reports.isEmpty)
    reader.tell(.ordered(.accept))
    #expect(reader.reports.isEmpty)
    reader.swipe()
    #expect(reader.cards.count == 1)
  }

  @Test("a card never prints, neither as event nor as report nor as driver")
  func printing() {
    var reader = Reader()
    reader.open()
    reader.swipe()
    var dumped = "\(reader.reports) \(reader.driver)"
    dump(reader.reports, to: &dumped)
    dump(reader.driver, to: &dumped)
    #expect(!dumped.contains("4012345678909"))
    #expect(!dumped.contains("52, 48, 49, 50"))
  }
}
