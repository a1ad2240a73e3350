// SPDX-License-Identifier: Apache-2.0

import CardReaderHID
import Clockwork
import Devices
import PaymentCrypto
import Simulator
import Testing
import Wire

@Suite("ID TECH SecureMag")
struct SecureMagTests {
  private static let masked =
    "252A343031322A2A2A2A2A383930395E444F452F4A414E455E2A2A2A2A2A2A2A2A2A2A2A2A2A2A2A2A2A2A2A2A3F2A"
    + "3B343031322A2A2A2A2A383930393D2A2A2A2A2A2A2A2A2A2A2A2A2A2A2A2A2A3F2A"
  private static let hashesAndSerial =
    "DC227EB7D9E097026346E37D16A96AEA4DEFC6D73CAB4FFFA035A1CB4AA40E8124D10B021F60C44D"
    + "FFFF9876543210E00001"
  /// Composed from the manual and the test keys of ANSI X9.24-1, apart from this code.
  private static let enhancedFrame =
    "02E200801B2F2200039B" + masked
    + "5599F47790423F41614ADAC279432031B15B9B0B7136895579A40F6E3CCF4307B93F08F4044E982323E3FBC1E0DE"
    + "BA9A5A7ABC7FEF1F0DEB2B1F8DD5E11D264F68E2479BA60C4F4417B05A9FC0B5C9830FAD04C7F714F89C"
    + hashesAndSerial + "14C403"
  private static let originalFrame =
    "02E000001B2F2200" + masked
    + "5599F47790423F41614ADAC279432031B15B9B0B7136895579A40F6E3CCF4307B93F08F4044E9823BE9E13FA86A0"
    + "C8BBB2A1741D9998D021B6A32994C91B47B9E0333E11D6B13031E93EF341CB0A70914A8B32DDF7BE0480"
    + hashesAndSerial + "063003"

  private static func model(_ output: SecureMagOutput) throws -> ReaderModel {
    ReaderModel(
      kind: .secureMag(
        output,
        initialKey: try InitialKey(
          .tdes2, Hex.decode(Array("6AC292FAA1315B4D858AB3A3D7D5933A".utf8))),
        serial: try KeySerialNumber(Hex.decode(Array("FFFF9876543210E00001".utf8)))),
      packetBytes: 64)
  }

  private static func swiped(
    _ output: SecureMagOutput, _ card: CardSwipe = Reader.card
  ) throws -> Reader {
    var reader = Reader(try model(output))
    reader.open()
    reader.swipe(card)
    return reader
  }

  /// What the driver says of a report whose data part is this.
  private static func read(
    _ data: [UInt8], type: UInt8 = 0, settings: SecureMagSettings = SecureMagSettings()
  ) throws -> [CardReaderReport] {
    var report = [UInt8](repeating: 0, count: 521)
    report[6] = type
    report[7] = UInt8(truncatingIfNeeded: data.count)
    report[8] = UInt8(data.count >> 8)
    if !settings.isLowFirst { report.swapAt(7, 8) }
    report.replaceSubrange(9..<9 + data.count, with: data)
    var reader = Reader(try model(.clear), secureMag: settings)
    reader.open()
    reader.tell(.link(.received(report)))
    return reader.reports
  }

  private static func frame(_ body: [UInt8]) -> [UInt8] {
    [0x02, UInt8(truncatingIfNeeded: body.count), UInt8(body.count >> 8)] + body
      + [body.reduce(0) { $0 ^ $1 }, body.reduce(0) { $0 &+ $1 }, 0x03]
  }

  @Test("the simulated reader composes both frames of the reference, byte for byte")
  func goldens() throws {
    for (output, frame) in [
      (SecureMagOutput.enhanced, enhancedFrame), (.original, originalFrame),
    ] {
      let bytes = try swiped(output).packets.flatMap { $0 }
      #expect(bytes.count == 521)
      let count = Int(bytes[7]) | Int(bytes[8]) << 8
      #expect(Hex.text(Array(bytes[9..<9 + count])) == frame)
    }
  }

  @Test("an enhanced frame gives each track's cipher text, which decrypts to the track")
  func enhanced() throws {
    let reader = try swiped(.enhanced)
    guard case .swiped(let card) = reader.reports.first, case .encrypted(let tracks) = card.tracks
    else {
      Issue.record("no encrypted card")
      return
    }
    #expect(Hex.text(tracks.keySerialNumber) == "FFFF9876543210E00001")
    #expect(tracks.maskedTrack2.exposed.prefix(5) == Array(";4012".utf8)[...])
    #expect(tracks.run == .separate)
    let clear = try key().decrypt(tracks.track2.exposed, .cbc([UInt8](repeating: 0, count: 8)))
    #expect(clear.prefix(34) == Array(";4012345678909=30122010000000000?6".utf8)[...])
  }

  @Test("an original frame gives both tracks in one run, with the lengths to part them by")
  func original() throws {
    let reader = try swiped(.original)
    guard case .swiped(let card) = reader.reports.first, case .encrypted(let tracks) = card.tracks
    else {
      Issue.record("no encrypted card")
      return
    }
    #expect(tracks.run == .joined(track1: 47, track2: 34))
    let clear = try key().decrypt(tracks.track1.exposed, .cbc([UInt8](repeating: 0, count: 8)))
    #expect(clear[47..<81] == Array(";4012345678909=30122010000000000?6".utf8)[...])
  }

  private static func key() throws -> DataKey {
    try TDESDUKPT.transactionKey(
      initial: InitialKey(.tdes2, Hex.decode(Array("6AC292FAA1315B4D858AB3A3D7D5933A".utf8))),
      serial: KeySerialNumber(Hex.decode(Array("FFFF9876543210E00001".utf8)))
    ).dataRequestKey
  }

  private func key() throws -> DataKey { try SecureMagTests.key() }
  private func swiped(
    _ output: SecureMagOutput, _ card: CardSwipe = Reader.card
  ) throws -> Reader { try SecureMagTests.swiped(output, card) }
  private var enhancedFrame: String { SecureMagTests.enhancedFrame }
  private var originalFrame: String { SecureMagTests.originalFrame }

  @Test("clear tracks are read, whatever was configured to stand around them")
  func clear() throws {
    #expect(try swiped(.clear).cards == ["401234***8909"])
    let track = Array("%B4012345678909^DOE/JANE^30122010000000000000?".utf8)
    let track2 = Array(";4012345678909=30122010000000000?".utf8)
    for data in [
      Array("PRE".utf8) + track + track2 + [0x0D], track2, track2 + [0x0D, 0x0A],
    ] {
      let reports = try SecureMagTests.read(data)
      guard case .swiped = reports.first else {
        Issue.record("not read: \(data.count) bytes, \(reports)")
        continue
      }
    }
    let other = Array(";5555555555554444=30122010000000000?".utf8)
    #expect(try SecureMagTests.read(track + other) == [.misread(.tracksDisagree)])
    #expect(try SecureMagTests.read(track) == [.misread(.notAPaymentCard)])
    #expect(try SecureMagTests.read(track2, type: 1) == [.misread(.notAPaymentCard)])
  }

  @Test("nothing on the stripe, nothing that can be decoded and half a card are told apart")
  func misreads() throws {
    let blank = CardSwipe(track1: .blank, track2: .blank)
    let broken = CardSwipe(track1: .undecodable, track2: .undecodable)
    let half = CardSwipe(track1: Reader.card.track1, track2: .undecodable)
    let first = CardSwipe(track1: Reader.card.track1, track2: .blank)
    for output in [SecureMagOutput.clear, .original, .enhanced] {
      #expect(try swiped(output, blank).reports == [.misread(.blank)])
      #expect(try swiped(output, broken).reports == [.misread(.undecodable)])
      #expect(try swiped(output, half).reports == [.misread(.undecodable)])
      #expect(try swiped(output, first).reports == [.misread(.notAPaymentCard)])
    }
  }

  @Test("a frame with any one bit wrong, cut short or too long gives no card")
  func damaged() throws {
    for text in [enhancedFrame, originalFrame] {
      let frame = try Hex.decode(Array(text.utf8))
      for index in frame.indices {
        var wrong = frame
        wrong[index] ^= 0x10
        let reports = try SecureMagTests.read(wrong)
        let isCard = reports.contains { if case .swiped = $0 { true } else { false } }
        #expect(!isCard, "byte \(index)")
      }
      for count in 0..<frame.count {
        let reports = try SecureMagTests.read(Array(frame.prefix(count)))
        let isCard = reports.contains { if case .swiped = $0 { true } else { false } }
        #expect(!isCard, "\(count) bytes")
      }
    }
  }

  @Test("a body whose lengths promise more or less than it has is refused in spite of its sums")
  func contradictions() throws {
    // Of track 3 nothing is in the enhanced frame, so its length says nothing there.
    for (text, lengths) in [(enhancedFrame, 2..<4), (originalFrame, 2..<5)] {
      let frame = try Hex.decode(Array(text.utf8))
      let body = Array(frame[3..<frame.count - 3])
      for index in lengths {
        for value in [0, 1, 0x20, 0xFF] as [UInt8] where value != body[index] {
          var wrong = body
          wrong[index] = value
          let reports = try SecureMagTests.read(SecureMagTests.frame(wrong))
          let isCard = reports.contains { if case .swiped = $0 { true } else { false } }
          #expect(!isCard, "length \(index) is \(value)")
        }
      }
      for surplus in [[0], [UInt8](repeating: 0, count: 9)] as [[UInt8]] {
        #expect(
          try SecureMagTests.read(SecureMagTests.frame(body + surplus)) == [.misread(.malformed)])
      }
    }
  }

  @Test("the bits that differ between the models are the board file's to say, and none is guessed")
  func models() throws {
    let frame = try Hex.decode(Array(enhancedFrame.utf8))
    let body = Array(frame[3..<frame.count - 3])
    func isCard(_ sent: UInt8, _ model: SecureMagSettings.Model) throws -> Bool {
      var changed = body
      changed[5] = sent
      if sent & 0x80 != 0 { changed.insert(contentsOf: Array("1234567890".utf8), at: 217) }
      let reports = try SecureMagTests.read(
        SecureMagTests.frame(changed), settings: SecureMagSettings(model: model))
      return reports.contains { if case .swiped = $0 { true } else { false } }
    }
    // The chip bit of the USB model.
    #expect(try isCard(0x23, .usb))
    #expect(try !isCard(0x23, .uniMag))
    #expect(try isCard(0x23, .spi))
    // A serial number.
    #expect(try !isCard(0x83, .usb))
    #expect(try isCard(0x83, .spi))
    #expect(try isCard(0x83, .uniMag))
    // AES has longer blocks than these tracks were padded to.
    #expect(try !isCard(0x13, .spi))
    #expect(try !isCard(0x13, .uniMag))
    let data = Array(";4012345678909=30122010000000000?".utf8)
    let swapped = SecureMagSettings(isLowFirst: false)
    #expect(try SecureMagTests.read(data, settings: swapped).count == 1)
    guard case .swiped = try SecureMagTests.read(data, settings: swapped).first else {
      Issue.record("not read with its high byte first")
      return
    }
  }

  @Test("the other structure is SureSwipe's")
  func other() {
    var reader = Reader(ReaderModel(kind: .secureMagOther, packetBytes: 64))
    reader.open()
    reader.swipe()
    #expect(reader.cards == ["401234***8909"])
  }

  @Test("unplugged at any packet, opened among somebody's swipes or cut short, it stays in step")
  func stale() throws {
    for packets in 0...9 {
      var reader = Reader(try SecureMagTests.model(.enhanced))
      reader.open()
      reader.tell(.swiped(Reader.card))
      reader.wait(.milliseconds(Int64(packets) * 10))
      reader.tell(.unplugged)
      reader.wait(.seconds(1))
      reader.tell(.plugged)
      reader.tell(.opened as ReaderModel.Event)
      reader.wait(.seconds(1))
      let before = reader.reports.filter { if case .swiped = $0 { true } else { false } }.count
      #expect(before == (packets == 9 ? 1 : 0))
      reader.swipe()
      let after = reader.reports.filter { if case .swiped = $0 { true } else { false } }.count
      #expect(after == before + 1)
    }
    // The first packet behind an opening is lost: what is left is told, and the next card is read.
    var reader = Reader(try SecureMagTests.model(.enhanced))
    reader.open()
    reader.swipe()
    let lost = Array(reader.packets.flatMap { $0 }.dropFirst(64))
    reader.reports = []
    reader.tell(.link(.received(lost)))
    reader.wait(.seconds(1))
    #expect(reader.reports == [.misread(.partial(bytes: 457))])
    reader.reports = []
    reader.swipe()
    #expect(reader.reports.count == 1)
  }

  @Test("noise in the place of a report traps nothing and gives no card")
  func noise() throws {
    var dice = Dice(seed: 7)
    for _ in 0..<3_000 {
      var data = dice.bytes(dice.below(512))
      if !data.isEmpty, dice.chance(1, in: 2) { data = SecureMagTests.frame(data) }
      data = Array(data.prefix(512))
      let model = [SecureMagSettings.Model.usb, .spi, .uniMag][dice.below(3)]
      _ = try SecureMagTests.read(
        data, type: UInt8(dice.below(8)), settings: SecureMagSettings(model: model))
    }
  }
}
