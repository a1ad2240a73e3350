// SPDX-License-Identifier: Apache-2.0

import Clockwork
import Devices
import ISO8583
import PINPadCrypto
import PaymentCrypto
import Simulator
import TerminalCore
import Testing
import Wire

@Suite("Keys of a sign-in, in sales")
struct SessionKeyTests {
  /// A till of this flavour in service.
  private static func till(_ flavour: ShopFlavour) throws -> Till {
    try inService(Till(flavour: flavour))
  }

  private static func inService(_ fresh: Till) -> Till {
    var till = fresh
    till.setUp()
    till.ask(.signIn)
    till.sell("test/1", 100)
    till.ask(.commission)
    till.forget()
    return till
  }

  /// Everything under SM4, the PIN too: for a pad that has such keys.
  private static func allSM4() throws -> Till {
    var till = try Till(flavour: .unionPaySM4) { settings in
      settings.dialect.signIn?.layout.hasTDESPINKey = false
      settings.dialect.table[52]?.length = .fixed(16)
    }
    var rules = HostRules(.unionPay)
    rules.hasWidePINBlocks = true
    rules.wantsEncryptedTracks = true
    till.acquirer = AcquirerModel(
      dialect: .unionPay, keys: HostKeys(master: SimulatedShop.sm4MasterKey),
      accounts: SimulatedShop.accounts, rules: rules)
    return inService(till)
  }

  private static func message(_ till: Till) throws -> Message {
    try message(till, #require(till.sent.last))
  }

  private static func message(_ till: Till, _ frame: [UInt8]) throws -> Message {
    let framing = till.settings.dialect.framing
    let head = framing.headerCount + framing.overhead
    return try Codec(table: till.settings.dialect.table).decode(Array(frame.dropFirst(head)))
  }

  private static func text(_ bytes: [UInt8]?) -> String {
    String(decoding: bytes ?? [], as: UTF8.self)
  }

  @Test(
    "a sale is approved under each kind of keys, and DE53 says which",
    arguments: [
      (ShopFlavour.unionPay, "2600"), (.unionPayTracks, "2610"), (.unionPaySM4, "2610"),
    ])
  func approved(_ flavour: ShopFlavour, _ security: String) throws {
    var till = try SessionKeyTests.till(flavour)
    till.sell("keys/1", 1_200)
    #expect(till.row("keys/1")?.state == "approved")
    let request = try SessionKeyTests.message(till)
    #expect(SessionKeyTests.text(request[53]) == security + "000000000000")
    #expect(request[52]?.count == 8 && request[64]?.count == 8)
    let track = SimulatedShop.accounts[0].track
    #expect((request[35] == track) == (flavour == .unionPay))
    // The PAN stands outside the window of triple DES; the end of the track does not.
    #expect(request[35]?.suffix(3).first != track.suffix(3).first || flavour == .unionPay)
    #expect(till.acquirer.refusedFrames == 0)
  }

  @Test("under SM4 throughout, the issuer reads the PIN, and a wrong one is wrong")
  func sm4() throws {
    var till = try SessionKeyTests.allSM4()
    till.sell("sm4/1", 1_200)
    #expect(till.row("sm4/1")?.state == "approved")
    let request = try SessionKeyTests.message(till)
    #expect(SessionKeyTests.text(request[53]) == "2410" + "000000000000")
    #expect(request[52]?.count == 16)
    till.ask(.sale(reference: "sm4/2", amount: 1_200, earlier: nil))
    till.swipe(0)
    till.enterPIN(1)
    #expect(till.row("sm4/2")?.state == "declined")
    #expect(till.row("sm4/2")?.responseCode == "55")
  }

  @Test("a host that has other keys believes no sale, and its answer under them is none")
  func otherKeys() throws {
    for flavour in [ShopFlavour.unionPaySM4, .unionPayTracks] {
      var till = try SessionKeyTests.till(flavour)
      let twin = try SessionKeyTests.till(flavour)
      till.acquirer = twin.acquirer
      till.acquirer.numbers.session += 5
      till.acquirer.nextSessions = [HostSession()]
      till.sell("keys/1", 1_200)
      #expect(till.row("keys/1")?.state == "approved", "the twin's keys are the same")
      till.acquirer = AcquirerModel(
        dialect: .unionPay, keys: SimulatedShop.hostKeys(flavour),
        accounts: SimulatedShop.accounts, rules: till.acquirer.rules)
      till.sell("keys/2", 1_200)
      #expect(till.row("keys/2")?.state != "approved")
      #expect(till.acquirer.heldTotal == 0)
      // It signs in by itself and sells again.
      till.wait(.seconds(30))
      till.sell("keys/3", 1_300)
      #expect(till.row("keys/3")?.state == "approved")
    }
  }

  @Test("a card whose track is too short to be encrypted is refused before anything leaves")
  func shortTrack() throws {
    let pan = SimulatedShop.accounts[0].pan
    for (flavour, count, isTaken) in [
      (ShopFlavour.unionPaySM4, 32, false), (.unionPaySM4, 33, true), (.unionPay, 21, true),
      (.unionPayTracks, 21, true),
    ] {
      var till = try SessionKeyTests.till(flavour)
      till.ask(.sale(reference: "short/1", amount: 1_200, earlier: nil))
      let rest = Array("=3012101000000000000000000".utf8)
      let track = try #require(Track2([0x3B] + (pan + rest).prefix(count) + [0x3F]))
      #expect(track.count == count)
      till.present(track)
      #expect(till.terminal.status.problems.isEmpty)
      if isTaken {
        till.enterPIN()
        // It is not the card that the issuer knows.
        #expect(till.row("short/1")?.responseCode == "59")
      } else {
        #expect(till.refusal == "CRD-005" && till.sent.isEmpty && till.journal.isEmpty)
        #expect(!till.progress.contains(.enterPIN))
      }
    }
  }

  @Test("what is told again, reversed or uploaded has no track and says none is encrypted")
  func reversal() throws {
    var till = try SessionKeyTests.till(.unionPaySM4)
    till.hostIsSilent = true
    till.sell("silent/1", 1_200)
    till.wait(.seconds(20))
    till.hostIsSilent = false
    till.wait(.seconds(60))
    #expect(till.row("silent/1")?.state == "reversed")
    let frames = try till.sent.map { try SessionKeyTests.message(till, $0) }
    let reversals = frames.filter { SessionKeyTests.text($0.mti) == "0400" }
    #expect(!reversals.isEmpty)
    for reversal in reversals {
      #expect([2, 14, 35, 52, 53].allSatisfy { reversal[$0] == nil } && reversal[64] != nil)
    }
  }

  @Test("a scanned code travels in DE59 with its length, and pays")
  func scanned() throws {
    var till = try Till(flavour: .unionPay)
    var accounts = SimulatedShop.accounts
    accounts[0].codes = [Array("6212345678901234567".utf8)]
    till.acquirer = AcquirerModel(
      dialect: .unionPay, keys: SimulatedShop.hostKeys(.unionPay), accounts: accounts,
      rules: till.acquirer.rules)
    till = SessionKeyTests.inService(till)
    till.transact(
      TransactionRequest(
        .sale, reference: "qr/1", amount: 1_200,
        scannedCode: ScannedCode(accounts[0].codes[0]))
    )
    #expect(till.row("qr/1")?.state == "approved")
    let request = try SessionKeyTests.message(till)
    #expect(SessionKeyTests.text(request[59]) == "A30196212345678901234567")
    #expect(SessionKeyTests.text(request[22]) == "032")
    #expect([2, 35, 52, 53, 55].allSatisfy { request[$0] == nil })
  }

  @Test("a sign-in with one wrong check value or another length leaves the old keys in use")
  func keptKeys() throws {
    for flavour in [ShopFlavour.unionPayTracks, .unionPaySM4] {
      for flaw in 0..<4 {
        var till = try SessionKeyTests.till(flavour)
        // The host goes on with the old keys too, until it sees the new ones.
        till.answerFlaw = { message in
          guard var keys = message[62] else { return }
          switch flaw {
          case 0: keys[keys.count - 1] ^= 1
          case 1: keys[keys.count / 2] ^= 1
          // The first byte of the PIN key, with which every PIN would be wrong.
          case 2: keys[0] ^= 0x10
          default: keys.removeLast()
          }
          message[62] = keys
        }
        till.ask(.signIn)
        #expect(till.refusal == "KEY-012", "\(flavour) \(flaw)")
        till.answerFlaw = nil
        till.sell("old/1", 1_200)
        #expect(till.row("old/1")?.state == "approved", "\(flavour) \(flaw)")
        till.ask(.signIn)
        till.sell("new/1", 1_200)
        #expect(till.row("new/1")?.state == "approved", "\(flavour) \(flaw)")
      }
    }
  }
}

extension Till {
  /// The right PIN, as a pad encrypts it that has the acquirer's PIN key for this entry.
  mutating func enterSessionPIN(_ account: Int) {
    let owner = SimulatedShop.accounts[account]
    let asked = padOrders.compactMap {
      if case .enterPIN(let prompt) = $0 { prompt.session } else { nil }
    }
    let isWide = settings.dialect.signIn?.layout.algorithm(of: .pin) == .sm4
    let master = isWide ? SimulatedShop.sm4MasterKey : SimulatedShop.masterKey
    guard let session = asked.last, let pin = ClearPIN(owner.pin),
      let key: PINKey = try? master.unwrap(session.cryptogram, isWide ? .sm4 : .tdes2),
      let block = try? isWide
        ? PINBlock.wide(.long, pin, pan: owner.pan) : PINBlock.format0(pin, pan: owner.pan),
      let cipher = try? key.encipher(block)
    else { return }
    tell(.pinPad(.pinEntered(EncryptedPIN(block: SecretBytes(cipher), keySerialNumber: nil))))
  }
}
