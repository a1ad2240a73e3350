// SPDX-License-Identifier: Apache-2.0

import Simulator
import Testing
import Wire

@Suite("The file of a test card")
struct CardFileTests {
  private func fault(_ text: String) -> CardFileFault? {
    do throws(CardFileFault) {
      _ = try CardProfile(text: text)
      return nil
    } catch {
      return error
    }
  }

  @Test("what is written is read again, for every drawn card")
  func roundTrip() throws {
    for seed in 1...200 as ClosedRange<UInt64> {
      var profile = CardProfile.drawn(seed: seed)
      profile.faults = [CardFault.allCases[Int(seed) % CardFault.allCases.count]]
      profile.goneAt = seed % 3 == 0 ? Int(seed) : nil
      profile.garbledAt = seed % 5 == 0 ? Int(seed) : nil
      profile.applications[0].replaced = [CardObject(0x9F08, [0, 1]), CardObject(0x9F14, [])]
      profile.applications[0].leftOut = [0x9F4A, 0x5F30]
      if seed % 2 == 0 { profile.applications[0].issuerData = .fixed([6, 1]) }
      #expect(try CardProfile(text: profile.text) == profile)
    }
  }

  @Test("every setting may be left out")
  func short() throws {
    #expect(try CardProfile(text: "posd-test-card 1") == CardProfile())
    let text = """
      # a remark
      posd-test-card 1   # another

      fault locator-empty
      application A0000000041010
      label TWO  WORDS
      """
    let profile = try CardProfile(text: text)
    #expect(profile.faults == [.locatorEmpty])
    #expect(profile.applications.map { $0.name } == [cardHex("A0000000041010")])
    #expect(profile.applications[0].label == "TWO WORDS")
  }

  @Test("a line that cannot be read is named")
  func refused() {
    let head = "posd-test-card 1\n"
    for (line, word) in [
      ("sed 7", "sed"), ("seed", "seed"), ("seed x", "seed"), ("keys 144 128 96", "keys"),
      ("keys 144 128 96 300", "keys"), ("exponent 5", "exponent"), ("link t2", "link"),
      ("directory maybe", "directory"), ("fault none", "fault"), ("application 00", "application"),
      ("application", "application"), ("pin 1234", "pin"), ("gone-at x", "gone-at"),
    ] {
      #expect(fault(head + line) == CardFileFault(line: 2, word: word), "\(line)")
    }
    for (line, word) in [
      ("pin 123", "pin"), ("account 411111111111", "account"), ("expires 4912", "expires"),
      ("interchange 7D", "interchange"), ("tries 0", "tries"), ("tries 16", "tries"),
      ("counter 65536", "counter"), ("policy never", "policy"), ("object 9F08", "object"),
      ("object 9F 00", "object"), ("without", "without"), ("answers 77", "answers"),
      ("issuer-data 0", "issuer-data"), ("label ABCDEFGHIJKLMNO", "label"), ("seed 7", "seed"),
    ] {
      let text = head + "application F0504F53440101\n" + line
      #expect(fault(text) == CardFileFault(line: 3, word: word), "\(line)")
    }
    #expect(fault("") == CardFileFault(line: 1, word: "posd-test-card"))
    #expect(fault("posd-test-card 2") == CardFileFault(line: 1, word: "posd-test-card"))
    // Keys that no card can have.
    for keys in ["100 128 96 80", "144 128 130 80", "144 128 96 63", "248 248 96 80"] {
      #expect(fault(head + "keys \(keys)") == CardFileFault(line: 1, word: "keys"))
    }
  }

  @Test("a drawn card has an account number with a right check digit, of 13 to 19 digits")
  func drawn() {
    var lengths: Set<Int> = []
    for seed in 1...100 as ClosedRange<UInt64> {
      let digits = CardProfile.drawn(seed: seed).applications[0].pan
      lengths.insert(digits.count)
      var sum = 0
      for (index, digit) in digits.reversed().enumerated() {
        let value = index % 2 == 0 ? Int(digit) : Int(digit) * 2
        sum += value > 9 ? value - 9 : value
      }
      #expect(sum % 10 == 0)
    }
    #expect(lengths == [13, 15, 16, 17, 19])
  }

  @Test("objects are replaced, added and left out, and what is signed is signed over that")
  func objects() throws {
    let text = """
      posd-test-card 1
      application F0504F53440101
      object 5F28 0840
      object 9F05 01
      without 9F4A
      without 9F2D
      """
    let card = try CardProfile(text: text).personalised(with: CardTill.keys)
    let application = try #require(card.applications.first)
    #expect(application.value(0x5F28) == cardHex("0840"))
    #expect(application.value(0x9F05) == cardHex("01"))
    #expect(application.value(0x9F4A) == nil && application.value(0x9F2D) == nil)
    // Without a key of its own the PIN is for the card's key.
    #expect(application.pinKey == nil)
    #expect(application.signing == CardTill.keys.card)
  }
}

@Suite("A card behind a reader that lets the words of T=0 through")
struct ByteLinkCardTests {
  @Test("an answer is fetched, and a length is asked for again")
  func exchange() {
    var plain = CardTill.card()
    var link = ByteLinkCard(CardTill.card())
    #expect(link.reset() == plain.reset())
    func expect(_ command: String, _ answer: [UInt8]) {
      #expect(Hex.text(link.process(cardHex(command))) == Hex.text(answer), "\(command)")
    }
    let directory = plain.process(cardHex("00A404000E315041592E5359532E444446303100"))
    let count = Hex.text([UInt8(directory.count - 2)])
    expect("00A404000E315041592E5359532E4444463031", cardHex("61" + count))
    expect("00C0000001", cardHex("6C" + count))
    expect("00C00000" + count, directory)
    expect("00C00000" + count, cardHex("6985"))
    let record = plain.process(cardHex("00B2010C00"))
    let length = Hex.text([UInt8(record.count - 2)])
    expect("00B2010C00", cardHex("6C" + length))
    expect("00B2010C" + length, record)
    expect("00B2050C00", cardHex("6A83"))
    _ = plain.process(cardHex("00B2050C00"))
    let selected = plain.process(cardHex("00A4040007F0504F5344010100"))
    let selectedCount = Hex.text([UInt8(selected.count - 2)])
    expect("00A4040007F0504F5344010100", cardHex("61" + selectedCount))
    expect("00C00000" + selectedCount, selected)
    let options = plain.process(cardHex("80A800000383012200"))
    expect("80A8000003830122", cardHex("61" + Hex.text([UInt8(options.count - 2)])))
    // What has no answer is as it was.
    expect("0020008008249999FFFFFFFFFF", cardHex("63C2"))
    expect("00C0000008", cardHex("6985"))
    // A challenge is drawn once, and is the one that is fetched.
    expect("0084000000", cardHex("6C08"))
    let challenge = link.process(cardHex("0084000008"))
    _ = plain.process(cardHex("0020008008249999FFFFFFFFFF"))
    #expect(challenge == plain.process(cardHex("0084000000")))
  }
}
