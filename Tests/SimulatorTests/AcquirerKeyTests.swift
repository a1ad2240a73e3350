// SPDX-License-Identifier: Apache-2.0

import Clockwork
import ISO8583
import PINPadCrypto
import PaymentCrypto
import Testing
import Wire

@testable import Simulator

@Suite("Keys, PINs and tracks at the acquirer")
struct AcquirerKeyTests {
  private static let sm4: KeyEncryptionKey? = try? KeyEncryptionKey(
    .sm4, Array("0123456789abcdef".utf8))

  private func blank() throws -> AcquirerBench {
    var bench = try AcquirerBench(.unionPay)
    bench.host.signOff(AcquirerBench.bytes("10000001"))
    return bench
  }

  @Test("nothing is taken before a sign-in or after a sign-off, under the code that rules say")
  func unsigned() throws {
    for code in ["A0", "99"] {
      var rules = HostRules(.unionPay)
      rules.unsignedCode = code
      var bench = try AcquirerBench(.unionPay, rules: rules)
      #expect(bench.tell(.sale, 1_200).code == "00")
      var message = Message(mti: AcquirerBench.bytes("0820"))
      message[11] = bench.nextTrace()
      message[41] = AcquirerBench.bytes("10000001")
      message[42] = AcquirerBench.bytes("898000000000001")
      message[60] = AcquirerBench.bytes("00000001002")
      #expect(AcquirerBench.text(bench.exchange(message, key: nil)?[39]) == "00")
      let refused = bench.tell(.sale, 1_200)
      #expect(refused.code == code && refused.answer?[64] == nil)
      #expect(bench.host.heldTotal == 1_200)
    }
  }

  @Test("old keys are taken until the first message under the new ones, and never after")
  func rotation() throws {
    var bench = try AcquirerBench(.unionPay)
    _ = bench.tell(.sale, 1_200)
    let old = bench.keys
    try bench.signIn()
    let new = bench.keys
    #expect(old.mac != new.mac)
    bench.keys = old
    #expect(bench.tell(.sale, 1_300).code == "00")
    // An answer to a sign-in was lost: the keys in use are still the first ones.
    _ = bench.host.signIn(AcquirerBench.bytes("10000001"), code: AcquirerBench.bytes("003"))
    #expect(bench.tell(.sale, 1_400).code == "00")
    bench.keys = new
    #expect(bench.tell(.sale, 1_500).code == "A0")
    try bench.signIn()
    let last = bench.keys
    #expect(bench.tell(.sale, 1_600).code == "00")
    bench.keys = old
    #expect(bench.tell(.sale, 1_700).code == "A0")
    bench.keys = last
    #expect(bench.tell(.sale, 1_800).code == "00")
  }

  @Test("every layout of keys is handed out as it is written, and the keys work")
  func layouts() throws {
    for (code, count) in [("001", 24), ("003", 40), ("004", 60), ("005", 57), ("006", 57)] {
      var bench = try blank()
      if count == 57, let master = AcquirerKeyTests.sm4 {
        bench.host = AcquirerModel(
          dialect: .unionPay, keys: HostKeys(master: master), accounts: SimulatedShop.accounts)
        bench.keys = KeyHierarchy(master: master)
      }
      try bench.signIn(code)
      let answer = try bench.codec.decode(Array(bench.heard[0].dropFirst(11)))
      #expect(answer[62]?.count == count)
      #expect((bench.keys.data != nil) == (count > 40))
      #expect(bench.tell(.sale, 1_200).code == "00", "\(code)")
    }
    var wrong = try blank()
    try wrong.signIn("005")
    let answer = try wrong.codec.decode(Array(wrong.heard[0].dropFirst(11)))
    #expect(AcquirerBench.text(answer[39]) == "96" && answer[62] == nil)
  }

  @Test("a generic terminal may sign on for keys too")
  func genericSignOn() throws {
    var bench = try AcquirerBench(.generic)
    bench.host = AcquirerModel(
      dialect: .generic, keys: HostKeys(master: SimulatedShop.masterKey),
      accounts: SimulatedShop.accounts)
    #expect(bench.tell(.sale, 1_200).code == "A0")
    var message = Message(mti: AcquirerBench.bytes("0800"))
    message[7] = AcquirerBench.bytes("0921131320")
    message[11] = bench.nextTrace()
    message[41] = AcquirerBench.bytes("10000001")
    message[70] = AcquirerBench.bytes("001")
    let heard = bench.exchange(message, key: nil)
    let answer = try #require(heard)
    #expect(AcquirerBench.text(answer[60]) == "000001")
    let layout = try #require(bench.host.rules.layouts.first?.layout)
    var keys = KeyHierarchy(master: SimulatedShop.masterKey)
    try keys.signIn(answer[62] ?? [], layout)
    var told = bench.tell(.sale, 1_200)
    told.answer = bench.exchange(told.request, key: keys.mac)
    #expect(told.code == "00")
  }

  @Test("a PIN under the session's key is compared, with the card's number in it or without")
  func pins() throws {
    let right = SimulatedShop.accounts[0].pin
    for (digits, format) in [(right, "26"), ([1, 1, 1, 1], "26"), (right, "16")] {
      var bench = try AcquirerBench(.unionPay)
      let isBound = format == "26"
      let pan = isBound ? bench.account.pan : [UInt8](repeating: 0x30, count: 13)
      let pin = try #require(ClearPIN(digits))
      let block = try PINBlock.format0(pin, pan: pan)
      let cipher = try bench.keys.pin?.encipher(block)
      var told = bench.tell(.sale, 1_205)
      told.request[4] = AcquirerBench.bytes("000000001200")
      told.request[11] = bench.nextTrace()
      told.request[26] = AcquirerBench.bytes("12")
      told.request[52] = cipher
      told.request[53] = AcquirerBench.bytes(format + "00000000000000")
      #expect(bench.again(told).code == (digits.count == 4 ? "55" : "00"))
    }
  }

  @Test("under SM4 a PIN block has sixteen bytes, in either of two forms")
  func widePINs() throws {
    let master = try #require(AcquirerKeyTests.sm4)
    var rules = HostRules(.unionPay)
    rules.hasWidePINBlocks = true
    for form in PINBlock.Wide.allCases {
      for (digits, code) in [(SimulatedShop.accounts[0].pin, "00"), ([1, 1, 1, 1], "55")] {
        var bench = try AcquirerBench(.unionPay)
        bench.host = AcquirerModel(
          dialect: .unionPay, keys: HostKeys(master: master), accounts: SimulatedShop.accounts,
          rules: rules)
        bench.codec = bench.host.codec
        bench.keys = KeyHierarchy(master: master)
        try bench.signIn("005")
        let pin = try #require(ClearPIN(digits))
        let block = try PINBlock.wide(form, pin, pan: bench.account.pan)
        var told = bench.tell(.balance, 0)
        told.request[11] = bench.nextTrace()
        told.request[26] = AcquirerBench.bytes("12")
        told.request[52] = try bench.keys.pin?.encipher(block)
        told.request[53] = AcquirerBench.bytes("2400000000000000")
        #expect(bench.again(told).code == code)
      }
    }
  }

  @Test("the pad of the UnionPay flavour makes the PIN block that its acquirer reads")
  func pad() throws {
    var bench = try AcquirerBench(.unionPay)
    var pad = SimulatedShop.pad(.unionPay)
    func send(_ text: String, start: UInt8 = 0x02, end: UInt8 = 0x03) -> [PINPadModel.Effect] {
      let checked = AcquirerBench.bytes(text) + [end]
      let frame = [start] + checked + [longitudinalRedundancyCheck(checked)]
      let effects = pad.handle(.received(frame), at: .start)
      _ = pad.handle(.received([0x06]), at: .start)
      return effects
    }
    _ = send("080", start: 0x0F, end: 0x0E)
    _ = send("Z2\u{1E}001")
    let cryptogram = try #require(bench.keys.pinCryptogram)
    let account = AcquirerBench.text(bench.account.pan)
    #expect(send("Z60." + account + "\u{1C}" + Hex.text(cryptogram)).last == .awaitingPIN)
    for digit in bench.account.pin { _ = pad.handle(.keyPressed(.digit(digit)), at: .start) }
    guard case .send(let frame)? = pad.handle(.keyPressed(.enter), at: .start).last else {
      Issue.record("the pad says nothing")
      return
    }
    var told = bench.tell(.balance, 0)
    told.request[11] = bench.nextTrace()
    told.request[26] = AcquirerBench.bytes("12")
    told.request[52] = try Hex.decode(Array(frame.dropLast(2).suffix(16)))
    told.request[53] = AcquirerBench.bytes("26") + [UInt8](repeating: 0x30, count: 14)
    #expect(bench.again(told).code == "00")
    told.request[11] = bench.nextTrace()
    told.request[52]?[0] ^= 1
    #expect(bench.again(told).code == "55")
  }

  @Test("an encrypted track is read with the track key, and not without it")
  func tracks() throws {
    var bench = try blank()
    try bench.signIn("004")
    let key = try #require(bench.keys.data)
    let clear = bench.account.track
    let end = 2 * ((clear.count + 1) / 2 - 1)
    let window = clear[(end - 16)..<end].map { $0 == 0x3D ? 0x44 : $0 }
    let cipher = Hex.encode(try key.encrypt(try Hex.decode(window), .ecb))
    let track = Array(clear[..<(end - 16)]) + cipher + Array(clear[end...])
    func code(_ track: [UInt8], _ security: String) -> String {
      var told = bench.tell(.sale, 1_205)
      told.request[4] = AcquirerBench.bytes("000000001200")
      told.request[11] = bench.nextTrace()
      told.request[35] = track
      told.request[53] = AcquirerBench.bytes(security)
      return bench.again(told).code
    }
    #expect(code(track, "0610000000000000") == "00")
    #expect(code(track, "0600000000000000") == "59")
    #expect(code(clear, "0600000000000000") == "00")
    #expect(code(clear, "0610000000000000") == "59")
    bench.host.rules.wantsEncryptedTracks = true
    #expect(code(clear, "0600000000000000") == "30")
    #expect(code(track, "0610000000000000") == "00")
    // Behind the window stands a digit that belongs to the card too.
    var other = track
    other[36] ^= 1
    #expect(code(other, "0610000000000000") == "59")
  }

  @Test("the terminal's own encryption of a track is read, under triple DES and under SM4")
  func ownTracks() throws {
    let track = SimulatedShop.accounts[1].track
    for algorithm in [CipherAlgorithm.tdes2, .tdes3, .sm4] {
      let key = try DataKey(algorithm, (1...UInt8(algorithm.keyByteCount)).map { $0 &* 37 })
      let cipher = try key.encryptTrack(track)
      #expect(cipher != track && cipher.count == track.count)
      #expect(UnionPaySecrets.decrypted(cipher, key) == track)
    }
  }

  @Test("X9: the track of the example, as it was before")
  func exampleTrack() throws {
    let key = try DataKey(.tdes2, try Hex.decode(Array("0123456789ABCDEFFEDCBA9876543210".utf8)))
    let cipher = AcquirerBench.bytes("6222021234567890B406CD65008B358590")
    let clear = UnionPaySecrets.decrypted(cipher, key)
    #expect(AcquirerBench.text(clear) == "6222021234567890=25121011234567890")
    #expect(UnionPaySecrets.decrypted(AcquirerBench.bytes("62220212"), key) == nil)
  }
}
