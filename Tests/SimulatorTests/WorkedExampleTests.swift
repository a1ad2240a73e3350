// SPDX-License-Identifier: Apache-2.0

import Clockwork
import ISO8583
import PaymentCrypto
import Testing
import Wire

@testable import Simulator

@Suite("The acquirer answers the worked examples of the reference byte by byte")
struct WorkedExampleTests {
  private static let sale = """
    0116 6000140000 603100310006 0200 702406C020C09A11
    19 62350134522000000690  000000  000000000058  000317  2611  0710  0000  00  12
    37 6235013452200000069D261122077880100000  3635343635343233  393431313330363539393939393235
    313536 FF0C47F016D61C79  26000000 00000000
    0145 9F2608AE60C8CABA4C02F99F2701809F101307020103A0A002010A010000001100B96D058B9F37043299714
    69F36020391950500A00470009A031903199C01009F02060000000000005F2A02015682027C009F1A0201569F0306
    0000000000009F3303E0F0C89F34030203009F3501228408A0000003330101019F090200009F4104000007259F1E08
    3635343635343233
    0014 22000105000601  4132354434343436
    """
  private static let saleAnswer = """
    00B3 6000000014 603104310006 0210 703E02810ED08A13
    19 62350134522000000690 000000 000000000058 000317 142530 0319 2611 0320 0000 00 08 00010344
    303331393134323533303137 303437313130 3030 3635343635343233 393431313330363539393939393235
    22 30333031303030302020203030303130333434202020 313536 26000000 00000000
    0017 9F36020391 910A11223344556677883030 0014 22000105000601 0003 435550 4630464630433734
    """
  private static let reversal = """
    008F 6000140000 603100310006 0400 7024068002C08211
    19 62350134522000000690 000000 000000000058 000317 2611 0710 0000 00 3938
    3635343635343233 393431313330363539393939393235 313536
    0045 950500A0047000 9F1E083635343635343233
    9F101307020103A0A002010A010000001100B96D058B 9F36020391
    0014 22000105000601 3839414145384439
    """
  private static let reversalAnswer = """
    008D 6000000014 603100310006 0410 703E02810AD08011
    19 62350134522000000690 000000 000000000058 000317 142612 0319 2611 0320 0000 00 08 00010344
    303331393134323631323434 3030 3635343635343233 393431313330363539393939393235
    22 30333031303030302020203030303130333434202020 313536 0014 22000105000601 3138373843434241
    """

  private static func bytes(_ text: String) throws -> [UInt8] {
    try Hex.decode(text.utf8.filter { $0 != 0x20 && $0 != 0x0A })
  }

  private static func key<Purpose: KeyPurpose>(
    _ algorithm: CipherAlgorithm, _ text: String
  ) throws -> Key<Purpose> { try Key<Purpose>(algorithm, bytes(text)) }

  /// A host at this time of day, whose next sign-in hands out these keys.
  private static func host(
    master: String, pin: String, mac: String, at clock: HostClock, batch: UInt32
  ) throws -> AcquirerModel {
    var rules = HostRules(.unionPay)
    rules.clock = clock
    rules.firstBatch = batch
    let pan = Array("62350134522".utf8) + Array("00000069".utf8)
    var host = AcquirerModel(
      dialect: .unionPay, keys: HostKeys(master: try key(.tdes2, master)),
      accounts: [IssuerAccount(pan: pan, pin: [], balance: 1_000_000)], rules: rules)
    host.nextSessions = [HostSession(pin: try key(.tdes2, pin), mac: try key(.des, mac))]
    return host
  }

  private static func pass(
    _ host: inout AcquirerModel, _ text: String, at now: Instant
  ) throws -> [UInt8] {
    _ = host.handle(.connected(connection: 7), at: now)
    let effects = host.handle(.received(connection: 7, try bytes(text)), at: now)
    _ = host.handle(.disconnected(connection: 7), at: now)
    guard case .send(_, let answer)? = effects.first else { return [] }
    return answer
  }

  private static let v1 = (
    master: "CA5D92598DCA48CE8A4C76361A9269E9", pin: "807A23AD32B36D457AE91FDF927570EA",
    mac: "5BB5C72CD00B7338"
  )

  @Test("V1 and X4: a sign-in hands out the keys of the example")
  func signIn() throws {
    let clock = HostClock(month: 3, day: 19, hour: 8, minute: 30, second: 0)
    let v1 = WorkedExampleTests.v1
    var host = try WorkedExampleTests.host(
      master: v1.master, pin: v1.pin, mac: v1.mac, at: clock, batch: 2)
    let answer = try WorkedExampleTests.pass(
      &host,
      """
      0057 6000030000 603100310000 0800 0020000000C00016 000001 3132333435363738
      313233343536373839303132333435 0011 000000010030
      0025 53657175656E6365204E6F 3132 33313235 3030303030303031 0003 303120
      """, at: .start)
    let expected = try WorkedExampleTests.bytes(
      """
      0079 6000000003 603100310000 0810 003800010AC00014 000001 083000 0319 08 00010344
      303331393038333030303031 3030 3132333435363738 313233343536373839303132333435
      0011 000000020030 0040 6701EAD6A9AD51E51AA406E2C27FCFA98D0A74B8
      B651F9E9BACE9AE10000000000000000AB7153CA
      """)
    #expect(Hex.text(answer) == Hex.text(expected))
  }

  @Test("V3, X1 and X3: a sale with its order, and the reversal that takes it back")
  func saleAndReversal() throws {
    let clock = HostClock(month: 3, day: 19, hour: 14, minute: 25, second: 30)
    var host = try WorkedExampleTests.host(
      master: WorkedExampleTests.v1.master, pin: WorkedExampleTests.v1.pin,
      mac: "C1A4AE89BAEAB029", at: clock, batch: 105)
    // The amount of the example asks for code 58; the host of the example approves it.
    host.rules.amountsDecide = false
    _ = try WorkedExampleTests.pass(
      &host,
      """
      0037 6000140000 603100310006 0800 0020000000C00010 000001 3635343635343233
      393431313330363539393939393235 0011 000001050030
      """, at: .start)
    host.orders = [4]
    host.numbers.reference = 16
    host.numbers.approval = 47_109
    let answer = try WorkedExampleTests.pass(&host, WorkedExampleTests.sale, at: .start)
    let expected = try WorkedExampleTests.bytes(WorkedExampleTests.saleAnswer)
    #expect(Hex.text(answer) == Hex.text(expected))
    #expect(host.heldTotal == 58)
    host.numbers.reference = 43
    let back = try WorkedExampleTests.pass(
      &host, WorkedExampleTests.reversal, at: .start + .seconds(42))
    let done = try WorkedExampleTests.bytes(WorkedExampleTests.reversalAnswer)
    #expect(Hex.text(back) == Hex.text(done))
    #expect(host.heldTotal == 0)
  }

  @Test("V2: the MAC of a swiped sale is right, and another is not")
  func swipedSale() throws {
    let mab = """
      0200 302004C020C09811 000000 000000000051 001834 0210 00 06
      32 4392260009942820D131210112008439 3136363838303134 303030303030303030303030303031 313536
      ACF46E73838A82F9 26000000 00000000 0008 22000001
      """
    for (mac, codes) in [("3841394539314238", ["14"]), ("3841394539314239", ["A0"])] {
      let clock = HostClock(month: 3, day: 19, hour: 14, minute: 25, second: 30)
      var host = try WorkedExampleTests.host(
        master: WorkedExampleTests.v1.master, pin: WorkedExampleTests.v1.pin,
        mac: "C24A8FB57AA20123", at: clock, batch: 1)
      let terminal = "3136363838303134303030303030303030303030303031"
      _ = try WorkedExampleTests.pass(
        &host,
        "00376000140000603100310006 0800 0020000000C00010 000001" + terminal
          + "0011 000000010030", at: .start)
      let message = mab + mac
      let count = try WorkedExampleTests.bytes(message).count + 11
      let length = Hex.text([UInt8(count >> 8), UInt8(count & 0xFF)])
      let answer = try WorkedExampleTests.pass(
        &host, length + "6000140000603100310006" + message, at: .start)
      let decoded = try? Codec(table: UnionPayTable.table).decode(Array(answer.dropFirst(13)))
      #expect(decoded != nil, "\(mac)")
      let code = AcquirerBench.text(decoded?[39])
      #expect(codes.contains(code), "\(code)")
    }
  }

  @Test("X6 and X7: totals that agree, two records of a magnetic upload, and the end")
  func settlement() throws {
    let clock = HostClock(month: 3, day: 19, hour: 23, minute: 0, second: 0)
    let v1 = WorkedExampleTests.v1
    var host = try WorkedExampleTests.host(
      master: v1.master, pin: v1.pin, mac: v1.mac, at: clock, batch: 2)
    for (place, kind) in [Hold.Kind.sale, .sale, .sale, .refund].enumerated() {
      var hold = Hold(
        terminalID: Array("12345678".utf8), stan: Digits.fixed(place + 11, 6),
        localTime: Array("0319120000".utf8),
        pan: Array("62350134522".utf8) + Array("00000069".utf8), amount: 500,
        state: .approved, responseCode: [0x30, 0x30], approvalCode: [], retrievalReference: [])
      hold.kind = kind
      hold.batch = 2
      host.ledger.holds.append(hold)
    }
    let total = try WorkedExampleTests.pass(
      &host,
      """
      0060 6000030000 603100310000 0500 0020000000C18012 000020 3132333435363738
      313233343536373839303132333435 0062
      000000001500 003 000000000500 001 0 000000000000 000 000000000000 000 0
      313536 0011 000000022010 0003 303120
      """, at: .start)
    let codec = Codec(table: UnionPayTable.table)
    let answer = try codec.decode(Array(total.dropFirst(13)))
    let expected = "0000000015000030000000005000011" + "0000000000000000000000000000001"
    #expect(AcquirerBench.text(answer[48]) == expected)
    #expect(answer.present == [11, 12, 13, 15, 32, 37, 41, 42, 48, 49, 60])
    let upload = try WorkedExampleTests.pass(
      &host,
      """
      0062 6000030000 603100310000 0320 0020000000C10010 000022 3132333435363738
      313233343536373839303132333435 0082 02
      00 000012 0623501345 2200000069 000000000058 00 000013 0000622588 7712345678 000000001442
      0011 000000022010
      """, at: .start)
    #expect(AcquirerBench.text(try codec.decode(Array(upload.dropFirst(13)))[39]) == "00")
    #expect(host.batches.last?.uploaded.map { $0.amount } == [58, 1_442])
    #expect(
      host.batches.last?.uploaded.map { AcquirerBench.text($0.pan) }
        == ["62350134522" + "00000069", "62258877" + "12345678"])
    let end = try WorkedExampleTests.pass(
      &host,
      """
      003B 6000030000 603100310000 0320 0020000000C10010 000021 3132333435363738
      313233343536373839303132333435 0004 0004 0011 000000022070
      """, at: .start)
    #expect(AcquirerBench.text(try codec.decode(Array(end.dropFirst(13)))[39]) == "00")
    #expect(host.batches.last?.isClosed == true && host.batches.last?.announcedCount == 4)
  }
}
