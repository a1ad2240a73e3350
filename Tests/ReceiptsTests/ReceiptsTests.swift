// SPDX-License-Identifier: Apache-2.0

import Clockwork
import Devices
import Foundation
import Receipts
import Testing

private var sale: SaleReceiptData {
  var data = SaleReceiptData()
  data.merchantName = ["街角咖啡馆", "CORNER CAFE", "No. 8 Example Road"]
  data.merchantNumber = "898310154110001"
  data.terminalNumber = "31000001"
  data.transactionType = "消费 SALE"
  data.maskedPAN = "476173******0119"
  data.entryLetter = "I"
  data.traceNumber = "000042"
  data.referenceNumber = "612345000042"
  data.approvalCode = "A1B2C3"
  data.dateTime = "2026-01-31 12:00:00"
  data.amount = "CNY 12.30"
  data.response = "00 交易成功 APPROVED"
  data.applicationIdentifier = "A0000000031010"
  data.applicationLabel = "VISA CREDIT"
  data.cryptogram = "86D8506CE6A3F3AA"
  data.verification = .pin
  return data
}

private let sheet = CommissioningSheetData(
  merchantName: ["街角咖啡馆 CORNER CAFE"],
  facts: [.init("序列号 SERIAL", "PD-000123"), .init("版本 VERSION", "1.0.0")],
  checks: [
    .init("读卡器 CARD READER", hasPassed: true),
    .init("密码键盘 PIN PAD", hasPassed: true, detail: "KSN ends 00001"),
    .init("网络 NETWORK", hasPassed: false, detail: "TLS: certificate of the host has ended"),
  ])

private var settlement: SettlementSlipData {
  var data = SettlementSlipData()
  data.merchantName = sale.merchantName
  data.merchantNumber = sale.merchantNumber
  data.terminalNumber = sale.terminalNumber
  data.batchNumber = "000012"
  data.dateTime = "2026-01-31 22:00:00"
  data.currency = "CNY"
  data.groups = [
    .init(
      "内卡 DOMESTIC CARDS",
      kinds: [
        .init("消费 SALE", count: 128, amount: "45678.90"),
        .init("预授权完成 COMPLETION", count: 2, amount: "1200.00"),
        .init("退货 REFUND", count: 1, amount: "8.00"),
      ],
      debit: .init("借记 DEBIT", count: 130, amount: "46878.90"),
      credit: .init("贷记 CREDIT", count: 1, amount: "8.00"), verdict: "不符 DIFFERED"),
    .init(
      "外卡 FOREIGN CARDS", kinds: [], debit: .init("借记 DEBIT", count: 0, amount: "0.00"),
      credit: .init("贷记 CREDIT", count: 0, amount: "0.00"), verdict: "相符 AGREED"),
  ]
  data.net = "46870.90"
  data.tests = [.init("含测试 INCL. TEST 消费 SALE", count: 1, amount: "1.00")]
  data.outcome = "对账不平 NOT BALANCED"
  data.uploaded = 131
  data.refused = 1
  data.leftOut = [.init("消费 SALE 已挂起 PARKED", count: 1, amount: "20.00")]
  return data
}

private let printed = Slips.builtIn()

private func slips(_ data: SaleReceiptData, _ columns: Int, test: Bool, copy: Bool)
  -> [(String, [PrintLine])]
{
  SlipKind.allCases.map { kind in
    let values =
      switch kind {
      case .sale, .refund, .void, .declined, .reversal: of(kind, data).values
      case .commissioning: sheet.values
      case .settlement: settlement.values
      }
    return (
      kind.rawValue, printed.lines(kind, values, columns: columns, isTest: test, isCopy: copy)
    )
  }
}

/// The same payment as one of another kind.
private func of(_ kind: SlipKind, _ data: SaleReceiptData) -> SaleReceiptData {
  var data = data
  switch kind {
  case .refund: data.transactionType = SlipText("退货", "REFUND")
  case .void: data.transactionType = SlipText("消费撤销", "VOID")
  case .sale, .declined, .reversal, .settlement, .commissioning: return data
  }
  data.originalReference = "till-1/41"
  return data
}

private func width(_ line: PrintLine) -> Int {
  columns(of: line.text) * (line.style == .large ? 2 : 1)
}

@Suite("Receipts")
struct ReceiptsTests {
  @Test("slips look as they always have, at 48 and at 32 columns", arguments: [48, 32])
  func golden(paper: Int) throws {
    for (name, lines) in slips(sale, paper, test: false, copy: false) {
      try expectGolden("\(name)-\(paper).txt", rendered(lines, paper))
    }
    let marked = printed.lines(
      .sale, sale.values, columns: paper, isTest: true, isCopy: true)
    try expectGolden("sale-test-copy-\(paper).txt", rendered(marked, paper))
    var signed = sale
    signed.verification = .signature
    for name in ["merchant", "customer"] {
      signed.holder = name == "merchant" ? .merchant : .cardholder
      let lines = printed.lines(
        .sale, signed.values, columns: paper, isTest: false, isCopy: false)
      try expectGolden("sale-signature-\(name)-\(paper).txt", rendered(lines, paper))
    }
  }

  @Test("no line is wider than the paper, whatever stands on it", arguments: 0..<200)
  func neverTooWide(seed: Int) {
    var dice = Dice(seed: UInt64(seed))
    let paper = dice.within(24...96)
    var data = SaleReceiptData()
    data.merchantName = (0..<dice.below(4)).map { _ in text(&dice) }
    data.merchantNumber = text(&dice)
    data.terminalNumber = text(&dice)
    data.transactionType = SlipText(text(&dice))
    data.maskedPAN = MaskedNumber(text(&dice))
    data.entryLetter = text(&dice)
    data.amount = text(&dice)
    data.response = SlipText(text(&dice))
    data.applicationLabel = text(&dice)
    data.verification = dice.chance(1, in: 2) ? .signature : .none
    data.holder = .cardholder
    for (name, lines) in slips(data, paper, test: dice.chance(1, in: 2), copy: true) {
      for line in lines { #expect(width(line) <= paper, "\(name): \(line.text)") }
    }
  }

  @Test("a test slip says so at both ends, a real one nowhere")
  func testMode() {
    for paper in [32, 42, 48] {
      for (name, lines) in slips(sale, paper, test: true, copy: false) {
        let marks = ["TEST 测试", "NO MONEY MOVED", "非真实交易"]
        for mark in marks {
          #expect(lines.prefix(3).contains { $0.text.contains(mark) }, "\(name)")
          #expect(lines.suffix(3).contains { $0.text.contains(mark) }, "\(name)")
        }
      }
      for (name, lines) in slips(sale, paper, test: false, copy: false) {
        #expect(!lines.contains { $0.text.contains("*** TEST") }, "\(name)")
        #expect(!lines.contains { $0.text.contains("NO MONEY MOVED") }, "\(name)")
        #expect(!lines.contains { $0.text.contains("副本") }, "\(name)")
      }
    }
  }

  @Test("a copy says so, in both languages")
  func copies() {
    for (name, lines) in slips(sale, 32, test: false, copy: true) {
      #expect(lines.filter { $0.text.contains("COPY 副本") }.count == 2, "\(name)")
    }
  }

  @Test("the slip holds what the merchant must be able to find again")
  func contents() {
    let lines = printed.lines(
      .sale, sale.values, columns: 48, isTest: false, isCopy: false)
    let text = lines.map(\.text).joined(separator: "\n")
    for wanted in [
      "街角咖啡馆", "31000001", "000042", "612345000042", "A1B2C3", "476173******0119 I",
      "2026-01-31 12:00:00", "CNY 12.30", "PIN VERIFIED", "消费 SALE",
    ] {
      #expect(text.contains(wanted), "\(wanted)")
    }
    #expect(lines.contains { $0.style == .large && $0.text == "CNY 12.30" })
  }

  @Test("a declined slip never reads like a paid one")
  func declined() {
    let lines = printed.lines(
      .declined, sale.values, columns: 48, isTest: false, isCopy: false)
    let text = lines.map(\.text).joined(separator: "\n")
    #expect(text.contains("DECLINED"))
    #expect(!text.contains("VERIFIED"))
  }

  @Test("the commissioning sheet counts what failed")
  func commissioning() {
    var passed = sheet
    let failed = printed.lines(
      .commissioning, sheet.values, columns: 32, isTest: false, isCopy: false)
    #expect(failed.contains { $0.text.contains("NOT PASSED: 1/3") })
    passed.checks[2].hasPassed = true
    let lines = printed.lines(
      .commissioning, passed.values, columns: 32, isTest: false, isCopy: false)
    #expect(lines.contains { $0.text.contains("ALL PASSED") })
    passed.checks = []
    let empty = printed.lines(
      .commissioning, passed.values, columns: 32, isTest: false, isCopy: false)
    #expect(!empty.contains { $0.text.contains("ALL PASSED") })
  }

  @Test("a settlement slip says what was counted, what was not, and whether the acquirer agrees")
  func settlementContents() {
    let lines = printed.lines(
      .settlement, settlement.values, columns: 48, isTest: false, isCopy: false)
    let text = lines.map(\.text).joined(separator: "\n")
    for wanted in [
      "898310154110001", "000012", "NOT BALANCED", "UPLOADED", "NOT INCLUDED", "PARKED",
    ] {
      #expect(text.contains(wanted), "\(wanted)")
    }
    // Numbers and amounts stand below each other, so that a person can add them up.
    let sums = lines.map(\.text).filter { $0.hasSuffix(".00") || $0.hasSuffix(".90") }
    #expect(sums.count == 10)
    for sum in sums { #expect(columns(of: sum) == 48, "\(sum)") }
  }

  @Test("a settlement slip without uploads and rests says nothing of them")
  func plainSettlement() {
    var data = settlement
    data.uploaded = 0
    data.tests = []
    data.leftOut = []
    let lines = printed.lines(
      .settlement, data.values, columns: 32, isTest: false, isCopy: false)
    let text = lines.map(\.text).joined(separator: "\n")
    for word in ["UPLOADED", "REFUSED", "TEST", "NOT INCLUDED"] {
      #expect(!text.contains(word), "\(word)")
    }
  }

  @Test("an amount too long for large print is still printed whole")
  func longAmount() {
    var data = sale
    data.amount = "CNY 9,999,999,999.99"
    let lines = printed.lines(
      .sale, data.values, columns: 32, isTest: false, isCopy: false)
    #expect(lines.contains { $0.text == data.amount && $0.style == .bold })
  }

  private func text(_ dice: inout Dice) -> String {
    let pool = Array("AB c.1 -汉字￥éü\u{0301}\t\n～ё—𠀀".unicodeScalars)
    var view = String.UnicodeScalarView()
    for _ in 0..<dice.below(dice.chance(1, in: 4) ? 200 : 20) {
      view.append(pool[dice.below(pool.count)])
    }
    return String(view)
  }

  /// The slip as text: what is bold, large or a code has a mark in front.
  private func rendered(_ lines: [PrintLine], _ paper: Int) -> String {
    var text = ""
    for line in lines {
      let spare = line.alignment == .centre ? max(0, paper - width(line)) / 2 : 0
      let mark =
        switch line.style {
        case .plain: "  "
        case .bold: "b "
        case .large: "L "
        case .qrCode: "Q "
        case .barCode: "B "
        }
      text += mark + String(repeating: " ", count: spare) + line.text + "\n"
    }
    return text
  }

  private func expectGolden(_ name: String, _ text: String) throws {
    let url = URL(fileURLWithPath: #filePath).deletingLastPathComponent()
      .deletingLastPathComponent().appendingPathComponent("Fixtures/receipts/\(name)")
    if ProcessInfo.processInfo.environment["POSD_REWRITE_GOLDEN"] == "1" {
      try text.write(to: url, atomically: true, encoding: .utf8)
    }
    #expect(try String(contentsOf: url, encoding: .utf8) == text)
  }
}
