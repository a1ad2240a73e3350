// SPDX-License-Identifier: Apache-2.0

import PINPadCrypto
import Simulator
import Testing
import Wire

/// A transaction on line between a test card and its issuer, with a terminal that does as it is told.
private struct OnlineSale {
  var till: CardTill
  var issuer: TestIssuer
  private(set) var finding = IssuerFinding.authentic
  private(set) var answer = IssuerAnswer(code: [], objects: [], delivery: .prompt)
  private(set) var scriptWords: [String] = []

  init(
    _ change: (inout CardProfile) -> Void = { _ = $0 },
    _ set: (inout TestIssuer) -> Void = {
      _ = $0
    }
  ) {
    till = CardTill(CardTill.card([], change))
    issuer = TestIssuer(secrets: CardTill.keys.secrets)
    let application = till.card.applications[0].profile
    issuer.proof = application.proof
    issuer.filling = application.filling
    set(&issuer)
  }

  static func object(_ tag: UInt32, in bytes: [UInt8]) -> [UInt8]? {
    (try? TLVSlice.all(of: bytes))?.first { $0.tag.rawValue == tag }?.value
  }

  /// Up to the request.
  mutating func ask() {
    till.directory()
    till.send("options", "80A800000383012200")
    till.first("80")
    let profile = till.card.applications[0].profile
    (finding, answer) = issuer.authorise(
      field55("first"), pan: profile.pan, sequence: profile.sequence)
  }

  /// The chip data of a cryptogram, with the profile of this card.
  func field55(_ step: String) -> [UInt8] {
    var data = till.field55(step)
    let interchange = till.card.applications[0].profile.interchange
    if let place = data.indices.first(where: { data[$0...].starts(with: [0x82, 0x02]) }) {
      data.replaceSubrange(place + 2..<place + 4, with: interchange)
    }
    return data
  }

  mutating func run(_ tag: UInt32) {
    for template in (try? TLVSlice.all(of: answer.objects)) ?? []
    where template.tag.rawValue == tag {
      for command in (try? TLVSlice.all(of: template.value)) ?? []
      where command.tag.rawValue == 0x86 {
        scriptWords.append(Hex.text(Array(till.card.process(command.value).suffix(2))))
      }
    }
  }

  /// Issuer authentication, scripts and the second cryptogram; what it is.
  mutating func finish(asking type: String = "40") -> [UInt8] {
    let profile = till.card.applications[0].profile
    let proof = OnlineSale.object(0x91, in: answer.objects) ?? []
    if profile.interchange[0] & 0x04 != 0, !proof.isEmpty {
      till.send("external", "00820000" + Hex.text([UInt8(proof.count)] + proof))
    }
    run(0x71)
    let count = profile.proof == .code ? 10 : 8
    let padded = Array((proof + [UInt8](repeating: 0, count: count)).prefix(count))
    let data = Hex.text(answer.code + padded) + "0000008000" + "1A2B3C4D" + "F800"
    till.send("second", "80AE\(type)00" + Hex.text([UInt8(13 + count)]) + data + "00")
    run(0x72)
    return till.objects("second").first?.value ?? []
  }
}

@Suite("A test issuer knows its cards and proves itself to them")
struct TestIssuerTests {
  private let pin = ClearPIN([4, 3, 2, 1])

  @Test("card and issuer agree, by every kind of proof, of issuer data and of filling")
  func agree() {
    for proof in CardProfile.Proof.allCases {
      for interchange in [[0x7D, 0x00], [0x79, 0x00]] as [[UInt8]] {
        for data in [.results, .fixed([]), .fixed(cardHex("06010A03A00000"))]
          as [CardProfile.IssuerData]
        {
          for filling in CryptogramKey.Filling.allCases {
            var sale = OnlineSale {
              $0.applications[0].proof = proof
              $0.applications[0].interchange = interchange
              $0.applications[0].issuerData = data
              $0.applications[0].filling = filling
            }
            sale.ask()
            #expect(sale.finding == .authentic)
            #expect(sale.finish() == [0x40])
            let profile = sale.till.card.applications[0].profile
            // The TC is over the same data with what the second command changed.
            #expect(
              sale.issuer.finding(
                sale.field55("second"), pan: profile.pan, sequence: profile.sequence)
                == .authentic)
            #expect(sale.till.card.applications[0].lastOnline == 2)
          }
        }
      }
    }
  }

  @Test("a request changed in any byte, of another card or seen before, is refused")
  func refused() throws {
    var sale = OnlineSale()
    sale.ask()
    let profile = sale.till.card.applications[0].profile
    let data = sale.field55("first")
    #expect(
      sale.issuer.authorise(data, pan: profile.pan, sequence: profile.sequence).finding
        == .counterSeen(2))
    let counter = sale.issuer.authorise(data, pan: profile.pan, sequence: profile.sequence)
    #expect(counter.answer.code == Array("05".utf8) && counter.answer.objects.isEmpty)
    #expect(
      sale.issuer.finding(data, pan: profile.pan, sequence: profile.sequence ^ 1)
        == .wrongCryptogram)
    var other = profile.pan
    other[9] ^= 1
    #expect(
      sale.issuer.finding(data, pan: other, sequence: profile.sequence) == .wrongCryptogram)
    let objects = try TLVSlice.all(of: data)
    #expect(objects.count == 13)
    for (place, object) in objects.enumerated() {
      for index in object.value.indices {
        var value = object.value
        value[index] ^= 0x01
        let before = objects[..<place].flatMap { $0.bytes }
        let after = objects[(place + 1)...].flatMap { $0.bytes }
        let changed = before + CardObject(object.tag.rawValue, value).bytes + after
        let finding = sale.issuer.finding(changed, pan: profile.pan, sequence: profile.sequence)
        // Cryptogram information is not under the cryptogram.
        #expect(finding == (object.tag.rawValue == 0x9F27 ? .authentic : .wrongCryptogram))
      }
    }
    #expect(
      sale.issuer.finding([], pan: profile.pan, sequence: 1) == .unreadable(tag: 0))
    #expect(
      sale.issuer.finding(cardHex("9F0201 00"), pan: profile.pan, sequence: 1)
        == .unreadable(tag: 0x9F02))
  }

  @Test("what the issuer orders is done: PIN, application and card")
  func orders() throws {
    let pin = try #require(pin)
    for switches in [[], [.scriptBefore], [.scriptBoth], [.scriptEach]] as [[IssuerSwitch]] {
      var sale = OnlineSale(
        { $0.faults = [.triesUsedUp] },
        {
          $0.orders = [.changePIN(pin), .unblockPIN, .blockApplication]
          $0.switches = switches
        })
      sale.ask()
      let second = sale.finish()
      // An application blocked before its second cryptogram, by 71, does not approve.
      let isBlockedBefore = switches == [.scriptBefore] || switches == [.scriptEach]
      #expect(second == (isBlockedBefore ? [0x00] : [0x40]), "\(switches)")
      #expect(sale.scriptWords == ["9000", "9000", "9000"])
      #expect(sale.till.card.applications[0].tries == 3)
      #expect(sale.till.card.applications[0].isBlocked)
      var till = CardTill(sale.till.card)
      till.directory()
      #expect(till.word("select") == "6283")
      till.send("options", "80A800000383012200")
      till.verify("old")
      till.verify("new", pin: [4, 3, 2, 1])
      #expect(till.word("old") == "63C2" && till.word("new") == "9000")
      till.first("40")
      #expect(till.objects("first").first?.value == [0x00])
    }
  }

  @Test("a blocked application is unblocked; a blocked card answers nothing any more")
  func unblocked() {
    var sale = OnlineSale({ _ = $0 }, { $0.orders = [.blockApplication, .unblockApplication] })
    sale.ask()
    #expect(sale.finish() == [0x40])
    #expect(!sale.till.card.applications[0].isBlocked)
    var last = OnlineSale({ _ = $0 }, { $0.orders = [.blockCard, .unblockPIN] })
    last.ask()
    _ = last.finish()
    #expect(last.scriptWords == ["9000", "6A81"])
    last.till.directory()
    #expect(last.till.card.isBlocked)
    #expect(last.till.answers.suffix(6).allSatisfy { $0.bytes == cardHex("6A81") })
  }

  @Test("a script that was changed, or comes twice, is not obeyed")
  func changedScript() throws {
    let pin = try #require(pin)
    var sale = OnlineSale({ _ = $0 }, { $0.orders = [.changePIN(pin), .unknown, .unblockPIN] })
    sale.ask()
    let original = sale.answer.objects
    _ = sale.finish()
    // A command that no card knows breaks the chain.
    #expect(sale.scriptWords == ["9000", "6D00", "6988"])
    sale.run(0x72)
    #expect(sale.scriptWords.suffix(3) == ["6988", "6D00", "6988"])
    let template = try #require(OnlineSale.object(0x72, in: original))
    let commands = try TLVSlice.all(of: template).filter { $0.tag.rawValue == 0x86 }
    for index in commands[0].value.indices where index != 4 {
      var changed = OnlineSale({ _ = $0 }, { $0.orders = [.changePIN(pin)] })
      changed.ask()
      var command = commands[0].value
      command[index] ^= 0x01
      #expect(changed.till.card.process(command) != cardHex("9000"), "byte \(index)")
      // Behind a failed command the right one is of no use any more; another class is none of the
      // issuer's.
      let word = index == 0 ? "9000" : "6988"
      #expect(changed.till.card.process(commands[0].value) == cardHex(word))
    }
  }

  @Test("the card status update orders the card: blocked, tries, counters, on line next time")
  func updates() {
    func updated(_ update: String) -> OnlineSale {
      var sale = OnlineSale(
        { $0.applications[0].proof = .update }, { $0.update = cardHex(update) })
      sale.ask()
      _ = sale.finish()
      return sale
    }
    #expect(updated("00800000").till.objects("second").first?.value == [0x40])
    #expect(updated("00000000").till.objects("second").first?.value == [0x00])
    #expect(updated("00C00000").till.card.isBlocked)
    #expect(updated("00A00000").till.card.applications[0].isBlocked)
    #expect(updated("01900000").till.card.applications[0].tries == 1)
    #expect(updated("01800000").till.card.applications[0].tries == 3)
    // Told to go on line next time, a card that decides by its counters does.
    for (update, kind) in [("00880000", "80"), ("00800000", "40")] {
      var sale = OnlineSale(
        {
          $0.applications[0].proof = .update
          $0.applications[0].policy = .counters
        }, { $0.update = cardHex(update) })
      sale.ask()
      _ = sale.finish()
      var till = CardTill(sale.till.card)
      till.directory()
      till.send("options", "80A800000383012200")
      till.first("40")
      #expect(till.objects("first").first?.value == cardHex(kind))
    }
  }

  @Test("each switch of the issuer does what it says")
  func switches() throws {
    func sale(_ change: IssuerSwitch, _ proof: CardProfile.Proof = .code) -> OnlineSale {
      var sale = OnlineSale(
        { $0.applications[0].proof = proof }, { $0.switches = [change] })
      sale.ask()
      return sale
    }
    for (change, code) in [
      (.decline, "05"), (.referral, "01"), (.capture, "04"), (.withoutProof, "00"),
    ] as [(IssuerSwitch, String)] {
      #expect(sale(change).answer.code == Array(code.utf8))
    }
    #expect(OnlineSale.object(0x91, in: sale(.withoutProof).answer.objects) == nil)
    #expect(OnlineSale.object(0x91, in: sale(.shortProof).answer.objects)?.count == 7)
    #expect(OnlineSale.object(0x91, in: sale(.longProof).answer.objects)?.count == 17)
    for proof in CardProfile.Proof.allCases {
      var wrong = sale(.wrongProof, proof)
      #expect(wrong.finish() == [0x00])
      #expect(wrong.till.word("external") == "6300")
      var declined = sale(.cardDeclines, proof)
      #expect(declined.answer.code == Array("00".utf8))
      #expect(declined.finish() == [0x00])
    }
    #expect(sale(.late).answer.delivery == .late)
    #expect(sale(.silent).answer.delivery == .lost)
    #expect(throws: WireFault.self) { try TLVSlice.all(of: sale(.cutShort).answer.objects) }
    let unknown = try TLVSlice.all(of: sale(.unknownObjects).answer.objects)
    #expect(unknown.map { $0.tag.rawValue } == [0xDF55, 0x91, 0x9F7F])
  }

  @Test("scripts of every shape and length")
  func scripts() throws {
    func scripts(_ change: IssuerSwitch) throws -> [TLVSlice] {
      var sale = OnlineSale({ _ = $0 }, { $0.switches = [change] })
      sale.ask()
      return try TLVSlice.all(of: sale.answer.objects).filter { $0.tag.rawValue != 0x91 }
    }
    func tags(_ change: IssuerSwitch) throws -> [UInt32] {
      try scripts(change).map { $0.tag.rawValue }
    }
    #expect(try tags(.scriptBefore) == [0x71])
    #expect(try tags(.scriptAfter) == [0x72])
    #expect(try tags(.scriptBoth) == [0x71, 0x72])
    #expect(try tags(.scriptEach) == [0x71, 0x71, 0x72, 0x72])
    #expect(try tags(.decline) == [])
    #expect(try scripts(.script129).map { $0.bytes.count } == [129])
    #expect(try scripts(.scriptTooLong).map { $0.bytes.count } == [300])
    let sixteen = try TLVSlice.all(of: try scripts(.scriptSixteen)[0].value)
    #expect(sixteen.filter { $0.tag.rawValue == 0x86 }.count == 16)
    let bad = try scripts(.scriptUnreadable)
    #expect(throws: WireFault.self) { try TLVSlice.all(of: bad[0].value) }
  }
}
