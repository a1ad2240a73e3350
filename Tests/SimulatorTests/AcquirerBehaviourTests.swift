// SPDX-License-Identifier: Apache-2.0

import Clockwork
import ISO8583
import PaymentCrypto
import Testing

@testable import Simulator

@Suite("What amounts and orders make an acquirer do, and what terminals download")
struct AcquirerBehaviourTests {
  @Test("amounts above 100.00 make each behaviour happen, in both dialects")
  func amounts() throws {
    for dialect in AcquirerDialect.allCases {
      var bench = try AcquirerBench(dialect)
      for (amount, held) in [(10_201, false), (10_202, true), (10_205, true)] {
        let before = bench.host.heldTotal
        #expect(bench.tell(.sale, UInt64(amount)).answer == nil)
        #expect(bench.host.heldTotal == before + (held ? UInt64(amount) : 0))
      }
      let wrong = bench.tell(.sale, 10_204)
      #expect(AcquirerBench.text(wrong.answer?[11]) == "999998")
      #expect(AcquirerBench.text(bench.tell(.sale, 10_209).answer?[41]) == "99999999")
      _ = bench.tell(.sale, 10_206)
      #expect(bench.heard.count == 2 && bench.heard[0] == bench.heard[1])
      #expect(bench.tell(.sale, 10_208).answer?[64] == nil)
      #expect(bench.tell(.sale, 10_212).code == "A2")
      #expect(bench.tell(.sale, 10_213).code == "00")
      #expect(bench.tell(.sale, 10_214).code == "A0")
      #expect(bench.tell(.sale, 10_215).code == "77")
      let before = bench.now
      #expect(bench.tell(.sale, 10_107).code == "00")
      #expect(bench.now - before == .seconds(8))
    }
  }

  @Test("an answer in pieces is the same answer, byte by byte")
  func pieces() throws {
    var bench = try AcquirerBench(.unionPay)
    let told = bench.tell(.sale, 10_210)
    #expect(told.answer == nil)
    _ = bench.again(told)
    let effects = bench.host.holds.count
    #expect(effects == 1)
    #expect(bench.heard.allSatisfy { $0.isEmpty } && bench.heard.count > 100)
  }

  @Test("one byte of a garbled answer, and the end of one with a wrong MAC, are others")
  func damage() throws {
    for dialect in AcquirerDialect.allCases {
      var bench = try AcquirerBench(dialect)
      var plain = bench
      plain.host.rules.amountsDecide = false
      for amount in [UInt64(10_203), 10_207] {
        _ = bench.tell(.sale, amount)
        _ = plain.tell(.sale, amount)
        let pairs = zip(bench.heard[0], plain.heard[0])
        #expect(pairs.filter { $0 != $1 }.count == 1, "\(amount)")
      }
    }
  }

  @Test("a stubborn reversal is refused three times and then taken")
  func stubborn() throws {
    for dialect in AcquirerDialect.allCases {
      var bench = try AcquirerBench(dialect)
      let sale = bench.tell(.sale, 10_211)
      #expect(sale.answer == nil)
      let codes = (0..<5).map { _ in bench.reverse(sale) }
      #expect(codes == ["96", "96", "96", "00", "00"])
      #expect(bench.host.heldTotal == 0)
    }
  }

  @Test("orders stand in the headers of the next answers, one each")
  func orders() throws {
    var bench = try AcquirerBench(.unionPay)
    bench.host.orders = [4, 5]
    let nibbles = (0..<3).map { _ in
      _ = bench.tell(.sale, 1_200)
      return bench.heard[0][7] & 0x0F
    }
    #expect(nibbles == [4, 5, 0])
    _ = bench.tell(.sale, 10_213)
    #expect(bench.heard[0][7] & 0x0F == 3)
    #expect(Array(bench.heard[0][..<5]) == [0x60, 0, 0, 0, 0x14])
  }

  @Test("a restart forgets connections and late answers, and no money")
  func restart() throws {
    var bench = try AcquirerBench(.generic)
    _ = bench.tell(.sale, 1_200)
    var message = bench.tell(.sale, 1_205).request
    message[4] = AcquirerBench.bytes("000000010130")
    message[11] = bench.nextTrace()
    let bytes = try #require(
      HostMAC.signed(message, bench.codec, SimulatedShop.macKey, bench.host.rules.mac))
    _ = bench.host.handle(.connected(connection: 5), at: bench.now)
    _ = bench.host.handle(
      .received(connection: 5, Framing().frame(bytes)), at: bench.now)
    #expect(bench.host.deadline != nil)
    bench.host.forgetConnections()
    #expect(bench.host.deadline == nil)
    #expect(bench.host.heldTotal == 1_200 + 10_130)
    #expect(
      bench.host.handle(.received(connection: 5, Framing().frame(bytes)), at: bench.now).isEmpty)
  }

  private func manage(
    _ bench: inout AcquirerBench, _ type: String, _ code: String, _ asked: String? = nil,
    bytes: [UInt8]? = nil
  ) -> Message? {
    var message = Message(mti: AcquirerBench.bytes(type))
    message[41] = AcquirerBench.bytes("10000001")
    message[42] = AcquirerBench.bytes("898000000000001")
    message[60] = AcquirerBench.bytes("00000001" + code)
    message[62] = bytes ?? asked.map { AcquirerBench.bytes($0) }
    return bench.exchange(message, key: nil)
  }

  @Test("keys and applications are listed in pieces and downloaded one by one")
  func downloads() throws {
    var bench = try AcquirerBench(.unionPay)
    let provider: [UInt8] = [0xA0, 0, 0, 3, 0x33]
    bench.host.rules.downloads.keys = (1...3).map {
      HostDownloads.key(
        provider: provider, index: UInt8($0), expiry: "20301231",
        modulus: [UInt8](repeating: UInt8($0), count: 144), exponent: [3])
    }
    var seen: [UInt8] = []
    for (asked, control) in [("100", "2"), ("102", "1"), ("103", "0")] {
      let content = manage(&bench, "0820", "372", asked)?[62] ?? []
      #expect(AcquirerBench.text(Array(content.prefix(1))) == control)
      seen += content.dropFirst()
    }
    #expect(seen == bench.host.rules.downloads.keys.flatMap { $0.name })
    let asked = [0x9F, 0x06, 5] + provider + [0x9F, 0x22, 1, 2]
    let answer = manage(&bench, "0800", "370", bytes: asked)
    #expect(answer?[62] == [0x31] + bench.host.rules.downloads.keys[1].content)
    let unknown = manage(&bench, "0800", "370", bytes: asked.dropLast() + [9])
    #expect(AcquirerBench.text(unknown?[39]) == "25")
    #expect(AcquirerBench.text(manage(&bench, "0800", "371")?[39]) == "00")
    let name: [UInt8] = provider + [1, 1, 1]
    bench.host.rules.downloads.applications = [
      HostDownloads.application(name, parameters: [0xDF, 0x01, 1, 0])
    ]
    let application = manage(&bench, "0800", "380", bytes: [0x9F, 0x06, 8] + name)
    #expect(application?[62] == [0x31, 0x9F, 0x06, 8] + name + [0xDF, 0x01, 1, 0])
  }

  @Test("parameters, black list, contactless parameters, status and echo")
  func management() throws {
    var bench = try AcquirerBench(.unionPay)
    let parameters = AcquirerBench.text(manage(&bench, "0800", "360")?[62])
    #expect(parameters.hasPrefix("1160"))
    bench.host.rules.downloads.blackList = ["622202", "40", "5555"].map { Array($0.utf8) }
    let first = manage(&bench, "0800", "390", "000")?[62]
    #expect(AcquirerBench.text(first) == "200206622202        0240            ")
    let second = manage(&bench, "0800", "390", "003")?[62]
    #expect(AcquirerBench.text(second) == "1003045555          ")
    let contactless = AcquirerBench.text(manage(&bench, "0800", "394")?[62])
    #expect(contactless.hasPrefix("FF805D"))
    #expect(AcquirerBench.text(manage(&bench, "0820", "362", "011")?[39]) == "00")
    #expect(bench.host.statusReports.last?.content == AcquirerBench.bytes("011"))
    let echo = manage(&bench, "0820", "301")
    #expect(AcquirerBench.text(echo?[39]) == "00" && echo?[11] == nil)
    #expect(AcquirerBench.text(manage(&bench, "0820", "999")?[39]) == "12")
  }

  @Test("a scanned code pays once; its sale can be voided and refunded by its number")
  func scanned() throws {
    var accounts = SimulatedShop.accounts
    accounts[0].codes = ["621234567890123", "621234567890124"].map { Array($0.utf8) }
    var bench = try AcquirerBench(.unionPay)
    bench.host = AcquirerModel(
      dialect: .unionPay, keys: HostKeys(master: SimulatedShop.masterKey), accounts: accounts)
    bench.keys = KeyHierarchy(master: SimulatedShop.masterKey)
    try bench.signIn()
    func pay(_ bench: inout AcquirerBench, _ code: String) -> AcquirerBench.Told {
      bench.tell(
        .sale, 1_200,
        changes: [(22, "032"), (35, nil), (53, nil), (59, "A3015" + code)])
    }
    let sale = pay(&bench, "621234567890123")
    #expect(sale.code == "00")
    #expect(AcquirerBench.text(sale.answer?[63]) == "CUP")
    #expect(pay(&bench, "621234567890123").code == "14")
    #expect(pay(&bench, "621234567890999").code == "14")
    #expect(bench.host.balance(of: accounts[0]) == accounts[0].balance - 1_200)
    for text in [
      "A3621234567890124", "A315621234567890124", "A3015621234567890124x",
      "A3014621234567890124", "A3016621234567890124", "A3000", "A301562123456789012X",
      "A3015621234567890124A3015621234567890124", "A2015621234567890124",
    ] {
      let told = bench.tell(
        .sale, 1_200, changes: [(22, "032"), (35, nil), (53, nil), (59, text)])
      #expect(told.code == "30", "\(text)")
    }
    let bare: [(Int, String?)] = [(35, nil), (53, nil)]
    let void = bench.tell(.saleVoid, 1_200, of: sale, changes: bare)
    #expect(void.code == "00")
    #expect(bench.host.heldTotal == 0)
    let other = pay(&bench, "621234567890124")
    let refund = bench.tell(.refund, 200, of: other, changes: bare)
    #expect(refund.code == "00")
    #expect(bench.host.balance(of: accounts[0]) == accounts[0].balance - 1_000)
  }

  @Test("a script's result is taken once, and for a known transaction alone")
  func script() throws {
    var bench = try AcquirerBench(.unionPay)
    let sale = bench.tell(.sale, 1_200)
    func notice(_ stan: [UInt8]) -> Message {
      var message = sale.request
      message.mti = AcquirerBench.bytes("0620")
      for element in [25, 35, 53] { message[element] = nil }
      message[2] = bench.account.pan
      message[11] = AcquirerBench.bytes("000500")
      message[32] = sale.answer?[32]
      message[37] = sale.answer?[37]
      message[55] =
        [0x95, 5, 0, 0, 0, 0, 0, 0x9F, 0x10, 1, 0, 0x9F, 0x26, 1, 0, 0x9F, 0x36, 1, 0, 0x82, 1, 0]
        + [0xDF, 0x31, 5, 0x20, 0, 0, 0, 1, 0x9F, 0x1A, 1, 0, 0x9A, 1, 0]
      message[60] = AcquirerBench.bytes("0000000195150")
      message[61] = AcquirerBench.bytes("000001") + stan + (sale.answer?[13] ?? [])
      return message
    }
    let unknown = notice(AcquirerBench.bytes("000999"))
    #expect(AcquirerBench.text(bench.exchange(unknown, key: bench.keys.mac)?[39]) == "25")
    var silent = notice(sale.stan)
    silent[55] = Array((silent[55] ?? []).prefix(22))
    #expect(AcquirerBench.text(bench.exchange(silent, key: bench.keys.mac)?[39]) == "30")
    for code in ["00", "94"] {
      let answer = bench.exchange(notice(sale.stan), key: bench.keys.mac)
      #expect(AcquirerBench.text(answer?[39]) == code)
      #expect(answer?[64] != nil)
    }
    #expect(bench.host.scriptNotices.count == 1)
  }
}
