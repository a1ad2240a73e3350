// SPDX-License-Identifier: Apache-2.0

import Devices
import LinuxHost
import Management
import Simulator
import TerminalCore
import Testing

@Suite("What a till may ask for")
struct TransactCallTests {
  private static func member(_ name: String, _ value: String?) -> String {
    value.map { #","\#(name)":\#($0)"# } ?? ""
  }

  private static func call(
    _ kind: String, amount: String? = nil, original: String? = nil, _ rest: String = ""
  ) -> String {
    #"{"kind":"\#(kind)","reference":"r"\#(member("amount", amount))"#
      + "\(member("original", original))\(rest)}"
  }

  @Test("each kind takes what it needs, and nothing that it would have to pass over")
  func needs() throws {
    let cases: [(kinds: [TransactionKind], amount: Bool, original: Bool)] = [
      ([.sale, .preAuthorisation, .offlineSale, .refund], true, false),
      ([.completion, .completionAdvice, .tip], true, true),
      ([.void, .preAuthorisationVoid, .completionVoid, .offlineVoid], false, true),
      ([.balance], false, false),
    ]
    let asked = TransactionKind.allCases.filter { $0.isAskedFor }
    #expect(cases.flatMap { $0.kinds }.count == asked.count)
    let other = try ControlTests.Talk()
    #expect(try other.refused("Transact", TransactCallTests.call("script-notice")) == "kind")
    for (kinds, needsAmount, needsOriginal) in cases {
      for kind in kinds {
        let talk = try ControlTests.Talk()
        let amount = needsAmount ? "1200" : nil
        let original = needsOriginal ? #""o""# : nil
        let otherAmount = needsAmount ? nil : "1200"
        #expect(
          try talk.refused(
            "Transact", TransactCallTests.call(kind.name, amount: otherAmount, original: original))
            == "amount", "\(kind)")
        if kind != .refund {
          let other = needsOriginal ? nil : #""o""#
          #expect(
            try talk.refused(
              "Transact", TransactCallTests.call(kind.name, amount: amount, original: other))
              == "original", "\(kind)")
        }
        #expect(talk.house.asked.isEmpty)
        talk.say("Transact", TransactCallTests.call(kind.name, amount: amount, original: original))
        let request = TransactionRequest(
          kind, reference: "r", amount: needsAmount ? 1_200 : 0,
          original: needsOriginal ? "o" : "")
        #expect(
          talk.house.asked.map { $0.request }
            == [.transact(request, earlier: nil, original: nil)], "\(kind)")
      }
    }
  }

  @Test("what is no kind, no reference, no number of a receipt and no code is named")
  func invalid() throws {
    let receipt = #","originalRetrieval":"123456789012","originalDate":"0229""#
    let cases = [
      (#"{"reference":"r"}"#, "kind"), (#"{"kind":"gift","reference":"r"}"#, "kind"),
      (#"{"kind":7,"reference":"r"}"#, "kind"), (#"{"kind":"sale","amount":1}"#, "reference"),
      (TransactCallTests.call("sale", amount: "-1"), "amount"),
      (TransactCallTests.call("sale", amount: "1.5"), "amount"),
      (TransactCallTests.call("void", original: #""""#), "original"),
      (TransactCallTests.call("void", original: #""a b""#), "original"),
      (TransactCallTests.call("void", original: "7"), "original"),
      (
        TransactCallTests.call("void", original: "\"" + String(repeating: "x", count: 65) + "\""),
        "original"
      ),
      (
        TransactCallTests.call("refund", amount: "1", original: #""o""#, receipt),
        "originalRetrieval"
      ),
      (TransactCallTests.call("sale", amount: "1", receipt), "originalRetrieval"),
      (
        TransactCallTests.call("refund", amount: "1", #","originalDate":"0101""#),
        "originalRetrieval"
      ),
      (
        TransactCallTests.call("refund", amount: "1", #","originalApproval":"123456""#),
        "originalDate"
      ),
      (
        TransactCallTests.call(
          "refund", amount: "1", #","originalRetrieval":"12345678901","originalDate":"0101""#),
        "originalRetrieval"
      ),
      (
        TransactCallTests.call(
          "refund", amount: "1", #","originalApproval":"12 456","originalDate":"0101""#),
        "originalApproval"
      ),
      (TransactCallTests.call("sale", amount: "1", #","code":"123""#), "code"),
      (TransactCallTests.call("sale", amount: "1", #","code":"62000000000000000x""#), "code"),
      (
        TransactCallTests.call(
          "tip", amount: "1", original: #""o""#, #","code":"6200000000000000""#), "code"
      ),
      (TransactCallTests.call("sale", amount: "1", #","tip":1"#), "tip"),
    ]
    let talk = try ControlTests.Talk()
    for (parameters, wrong) in cases {
      #expect(try talk.refused("Transact", parameters) == wrong, "\(parameters)")
    }
    for date in ["0001", "1301", "0132", "0230", "0431", "1200", "101", "01011", "01-1", "ab01"] {
      let rest = #","originalRetrieval":"123456789012","originalDate":"\#(date)""#
      #expect(
        try talk.refused("Transact", TransactCallTests.call("refund", amount: "1", rest))
          == "originalDate", "\(date)")
    }
    #expect(talk.house.asked.isEmpty)
  }

  @Test("a receipt's numbers and a scanned code arrive as they were given, and null is nothing")
  func given() throws {
    let talk = try ControlTests.Talk()
    let numbers =
      #","originalRetrieval":"00000000000a","originalApproval":"B12345","originalDate":"1231""#
    talk.say("Transact", TransactCallTests.call("refund", amount: "5", numbers))
    let code = #","code":"6200000000000000001","originalDate":null"#
    let second = try ControlTests.Talk()
    second.say("Transact", TransactCallTests.call("sale", amount: "5", original: "null", code))
    #expect(try talk.answers().isEmpty && second.answers().isEmpty)
    let original = ForeignOriginal(
      retrievalReference: Array("00000000000a".utf8), approvalCode: Array("B12345".utf8),
      date: Array("1231".utf8))
    let refund = TransactionRequest(
      .refund, reference: "r", amount: 5, foreignOriginal: original)
    let sale = TransactionRequest(
      .sale, reference: "r", amount: 5,
      scannedCode: ScannedCode(Array("6200000000000000001".utf8)))
    #expect(
      (talk.house.asked + second.house.asked).map { $0.request }
        == [refund, sale].map { .transact($0, earlier: nil, original: nil) })
  }

  @Test("the other requests arrive as what they are, and a settlement is told step by step")
  func others() throws {
    let cases: [(String, String, ControlRequest)] = [
      ("Park", #"{"reference":"a"}"#, .park(reference: "a", record: nil)),
      ("Unpark", #"{"reference":"a"}"#, .unpark(reference: "a", record: nil)),
      (
        "Close", #"{"reference":"a","reason":"paid by transfer","by":"Li"}"#,
        .close(reference: "a", record: nil, Closing(reason: "paid by transfer", by: "Li"))
      ),
      ("Settle", "{}", .settle), ("SignIn", "{}", .signIn), ("SignOff", "{}", .signOff),
      ("SendQueue", "{}", .sendQueue), ("Download", #"{"set":"keys"}"#, .download(.keys)),
      ("Download", #"{"set":"black-list"}"#, .download(.blackList)),
    ]
    for (method, parameters, request) in cases {
      let talk = try ControlTests.Talk()
      talk.say(method, parameters)
      #expect(try talk.answers().isEmpty)
      #expect(talk.house.asked.map { $0.request } == [request])
    }
    for method in ["Park", "Unpark", "Close"] {
      #expect(try ControlTests.Talk().refused(method, "{}") == "reference")
    }
    let lacking = #"{"reference":"a","by":"Li"}"#
    #expect(try ControlTests.Talk().refused("Close", lacking) == "reason")
    for set in [#"{"set":"blackList"}"#, #"{"set":1}"#, "{}"] {
      #expect(try ControlTests.Talk().refused("Download", set) == "set")
    }
    let talk = try ControlTests.Talk()
    let call = #"{"method":"org.posd.terminal.Settle","more":true}"#
    talk.say(Array(call.utf8) + [0])
    #expect(try talk.answers().isEmpty)
    let id = try #require(talk.house.asked.first?.id)
    talk.server.progress(id, .askingAcquirer)
    talk.server.answer(id, .done)
    let answers = try talk.answers()
    #expect(answers.count == 2)
    #expect(answers.first?["parameters"]?["progress"]?.text == "asking acquirer")
  }

  @Test("what is downloaded is told set by set, and what is missing with its cause")
  func downloads() throws {
    let talk = try ControlTests.Talk()
    talk.house.report = try Terminal.recovered(
      from: [], settings: SimulatedShop.settings(.unionPay)
    ).downloadReport
    talk.say("GetDownloads", "{}")
    let answer = try #require(try talk.answers().first?["parameters"])
    let sets = try #require(answer["sets"]?.array)
    #expect(
      sets.map { $0["name"]?.text }
        == ["parameters", "keys", "applications", "black-list", "contactless"])
    #expect(sets.map { $0["required"]?.boolean } == [true, true, true, false, false])
    #expect(sets.allSatisfy { $0["since"] == .null && $0["count"]?.integer == 0 })
    #expect(answer["parameters"]?.array?.isEmpty == true)
  }

  @Test("a closed batch is told with its sums, and with what is parked and in none of them")
  func closedBatch() throws {
    var till = try Settling()
    let talk = try ControlTests.Talk()
    talk.say("Settle", "{}")
    #expect(try talk.answers().isEmpty)
    talk.server.answer(try #require(talk.house.asked.first?.id), .settled(till.close(parked: 2)))
    let batch = try #require(try talk.answers().first?["parameters"]?["batch"])
    #expect(batch["number"]?.integer == 7)
    #expect(batch["own"]?["debit"]?.integer == 1_200)
    #expect(batch["own"]?["debits"]?.integer == 1)
    #expect(batch["own"]?["result"]?.text == "agreed")
    #expect(batch["foreign"]?["credits"]?.integer == 0)
    #expect(batch["uploaded"]?.integer == 3)
    #expect(batch["refused"]?.integer == 1)
    #expect(batch["parked"]?.integer == 2)
  }

  /// A batch with one sale of 12.00.
  private struct Settling {
    private var totals = BatchTotals()
    private let number: BatchNumber

    init() throws {
      number = try #require(BatchNumber(7))
      totals.domestic.debitAmount = 1_200
      totals.domestic.debitCount = 1
      totals.domestic.result = .agreed
    }

    mutating func close(parked: UInt32) -> ClosedBatch {
      ClosedBatch(batch: number, totals: totals, uploaded: 3, refused: 1, parked: parked)
    }
  }

  @Test("an answer says what its code means, and whether the cardholder may be told")
  func response() throws {
    for (code, isTold, name) in [("43", false, "call-acquirer"), ("51", true, "declined")] {
      let talk = try ControlTests.Talk()
      talk.say("Transact", #"{"kind":"sale","reference":"a","amount":5}"#)
      #expect(try talk.answers().isEmpty)
      var row = TransactionRow()
      row.reference = "a"
      row.responseCode = code
      talk.server.answer(
        try #require(talk.house.asked.first?.id), .transaction(row, problem: nil))
      let response = try #require(try talk.answers().first?["parameters"]?["response"])
      #expect(response["code"]?.text == code)
      #expect(response["class"]?.text == name)
      #expect(response["tellCardholder"]?.boolean == isTold)
      #expect(response["advice"]?.text == ResponseClass.allCases.first { $0.name == name }?.english)
    }
  }

  @Test("lists are chosen by day, batch and place, and a wrong choice is named")
  func lists() throws {
    let talk = try ControlTests.Talk()
    let cases = [
      (#"{}"#, "limit"), (#"{"limit":0}"#, "limit"), (#"{"limit":1001}"#, "limit"),
      (#"{"limit":5,"day":"yesterday"}"#, "day"), (#"{"limit":5,"day":"2026-1-01"}"#, "day"),
      (#"{"limit":5,"day":7}"#, "day"), (#"{"limit":5,"batch":-1}"#, "batch"),
      (#"{"limit":5,"batch":4294967296}"#, "batch"), (#"{"limit":5,"batch":"1"}"#, "batch"),
      (#"{"limit":5,"batch":1,"day":"today"}"#, "day"), (#"{"limit":5,"before":-1}"#, "before"),
    ]
    for (parameters, wrong) in cases {
      #expect(try talk.refused("ListTransactions", parameters) == wrong, "\(parameters)")
    }
    #expect(try talk.refused("ListQueue", #"{"limit":1001}"#) == "limit")
    #expect(try talk.refused("ListQueue", #"{"limit":9,"after":"x"}"#) == "after")
    talk.say("ListTransactions", #"{"limit":5,"day":"today","before":90}"#)
    talk.say("ListTransactions", #"{"limit":5,"batch":7,"day":null}"#)
    talk.say("ListTransactions", #"{"limit":5}"#)
    let answers = try talk.answers()
    #expect(talk.house.listed == [.day("2026-03-04"), .batch(7), .all])
    #expect(answers.map { $0["parameters"]?["next"] } == [.integer(85), .null, .null])
  }

  @Test("the queue says why each item waits, since when, and what was delivered")
  func queue() throws {
    let talk = try ControlTests.Talk()
    let cases = [
      ("sent", "", "", "asked, and no answer yet"), ("reversal owed", "98", "", "no answer came"),
      ("reversal owed", "A0", "", "the answer had a wrong MAC"),
      ("reversal owed", "06", "", "the answer could not be used"),
      ("queued", "", "", "the acquirer has still to be told"),
      ("parked", "", "", "parked by a person"),
      ("parked", "", "13", "parked: the acquirer answered 13"),
    ]
    let now = SystemClock.unixMilliseconds
    for (state, reason, code, _) in cases {
      var row = LedgerTests.row(1, state)
      row.reversalReason = reason
      row.deliveryCode = code
      talk.house.page.items.append(QueuePage.Item(row: row, began: now - 90_500))
    }
    talk.house.page.total = 100_000
    talk.house.page.next = 77
    var delivered = LedgerTests.row(2, "reversed")
    delivered.deliveryCode = "00"
    delivered.deliveredAt = "2026-01-02 03:04:06"
    talk.house.page.delivered = [delivered]
    talk.say("ListQueue", #"{"limit":7}"#)
    let answer = try #require(try talk.answers().first?["parameters"])
    let items = answer["items"]?.array ?? []
    #expect(items.map { $0["reason"]?.text } == cases.map { $0.3 })
    #expect(items.allSatisfy { (90...95).contains($0["age"]?.integer ?? 0) })
    #expect(answer["nextTry"]?.integer == 30 && answer["next"]?.integer == 77)
    #expect(answer["total"]?.integer == 100_000)
    #expect(answer["delivered"]?.array?.first?["at"]?.text == "2026-01-02 03:04:06")
  }

  @Test("a transaction that runs is known from its request to its end, then as the ledger has it")
  func running() throws {
    let talk = try ControlTests.Talk()
    let other = try talk.another()
    func state() throws -> [JSON?] {
      other.say("GetTransaction", #"{"reference":"r"}"#)
      let answer = try other.answers().first
      return [answer?["error"], answer?["parameters"]?["running"]]
    }
    #expect(try state() == [.text("org.posd.terminal.Refused"), nil])
    talk.say("Sale", #"{"reference":"r","amount":100}"#)
    #expect(try state() == [nil, .boolean(true)])
    talk.house.rows = [LedgerTests.row(1, "sent")]
    talk.house.rows[0].reference = "r"
    let id = try #require(talk.house.asked.first?.id)
    talk.server.answer(id, .refused(.noCard))
    #expect(try state() == [nil, .boolean(true)])
    talk.house.rows[0].state = "approved"
    #expect(try state() == [nil, .boolean(false)])
  }
}
