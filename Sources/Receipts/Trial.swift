// SPDX-License-Identifier: Apache-2.0

/// What trial slips are printed with, and what must be found on them.
enum Trial {
  /// On every slip of an approved payment: what the brands want (AID and label of a chip, the
  /// statement of a PIN), and what finds it again at the acquirer.
  static let approvedFields: [SlipField] = [
    .merchantName, .merchantNumber, .terminalNumber, .transactionType, .card, .batchNumber,
    .traceNumber, .referenceNumber, .approvalCode, .dateTime, .amount, .response,
    .applicationIdentifier, .applicationLabel,
  ]

  /// On the slip of a payment that was not made.
  static let unpaidFields: [SlipField] = [
    .merchantName, .merchantNumber, .terminalNumber, .transactionType, .card, .traceNumber,
    .dateTime, .amount, .response,
  ]

  /// On the slip of a closed batch.
  static let settlementFields: [SlipField] = [
    .merchantName, .merchantNumber, .terminalNumber, .batchNumber, .dateTime, .currency, .net,
    .outcome, .uploaded, .refused,
  ]

  /// Of each sum.
  static let sumFields: [SlipField] = [.label, .count, .sum]

  /// Of each group of a closed batch.
  static let groupFields: [SlipField] = [
    .group, .debit, .debitCount, .debitSum, .credit, .creditCount, .creditSum, .verdict,
  ]

  /// What a payment may go without, all at once: a swiped card, and an acquirer that says little.
  static func leastPayments(_ kind: SlipKind) -> [Absence] {
    switch kind {
    case .settlement, .commissioning: return []
    case .sale, .refund, .void, .declined, .reversal:
      let fields: [SlipField] = [
        .entryLetter, .batchNumber, .referenceNumber, .originalReference, .approvalCode, .response,
        .applicationIdentifier, .applicationLabel, .cryptogramKind, .cryptogram,
        .verificationResults, .statusInformation, .transactionCounter,
      ]
      return [Absence(fields.map { .field($0) })]
    }
  }

  /// As much as a slip may have to hold: more than any terminal puts on it.
  static func crowded(_ kind: SlipKind) -> SlipValues {
    var values = Slips.example(kind)
    // The example of a sale follows nothing.
    if values[.amount] != nil { values.set(.originalReference, payment(kind).originalReference) }
    for (list, count) in [
      (SlipList.merchantNames, 6), (.groups, 2), (.tests, 12), (.added, 12), (.leftOut, 24),
      (.facts, 12), (.checks, 20),
    ] {
      guard var item = values[list]?.first else { continue }
      if let kind = item[.kinds]?.first { item[.kinds] = Array(repeating: kind, count: 12) }
      values[list] = Array(repeating: item, count: count)
    }
    return values
  }

  /// A payment with everything on it; no value is a part of another.
  static func payment(_ kind: SlipKind) -> SaleReceiptData {
    var data = SaleReceiptData()
    data.merchantName = ["示例商户 EXAMPLE SHOP"]
    data.merchantNumber = "123456789012345"
    data.terminalNumber = "T0000001"
    data.transactionType =
      switch kind {
      case .refund: SlipText("退货", "REFUND")
      case .void: SlipText("消费撤销", "VOID")
      case .sale, .declined, .reversal, .settlement, .commissioning: SlipText("消费", "SALE")
      }
    data.maskedPAN = "476173******0119"
    data.entryLetter = "I"
    data.traceNumber = "600001"
    data.batchNumber = "700001"
    // Completions and tips are printed as sales and name what they belong to.
    data.originalReference = "till-1/41"
    data.referenceNumber = "R00000000001"
    data.approvalCode = "A1B2C3"
    data.dateTime = "2026-01-31 12:00:00"
    data.amount = "CNY 1,234,567.89"
    data.response = SlipText("00 交易成功", "APPROVED")
    data.applicationIdentifier = "A0000000031010"
    data.applicationLabel = "EXAMPLE CREDIT"
    data.cryptogram = "86D8506CE6A3F3AA"
    data.verificationResults = "0080008000"
    data.statusInformation = "E800"
    data.transactionCounter = "0AB1"
    return data
  }

  /// A closed batch with everything on it; no value is a part of another, and sums and counts are
  /// as long as a large shop's.
  static var settlement: SettlementSlipData {
    var data = SettlementSlipData()
    data.merchantName = ["示例商户 EXAMPLE SHOP"]
    data.merchantNumber = "123456789012345"
    data.terminalNumber = "T0000001"
    data.batchNumber = "700001"
    data.dateTime = "2026-01-31 22:00:00"
    data.currency = "CNY"
    data.groups = [
      .init(
        SlipText("内卡", "DOMESTIC CARDS"),
        kinds: [.init(SlipText("退货", "REFUND"), count: 81_211, amount: "1111111110.01")],
        debit: .init(SlipText("借记", "DEBIT"), count: 82_322, amount: "2222222220.02"),
        credit: .init(SlipText("贷记", "CREDIT"), count: 83_433, amount: "3333333330.03"),
        verdict: SlipText("相符", "AGREED"))
    ]
    data.net = "-4444444440.04"
    data.tests = [.init(SlipText("含测试", "INCL. TEST"), count: 85_655, amount: "5555555550.05")]
    data.outcome = SlipText("对账平", "BALANCED")
    data.uploaded = 86_766
    data.refused = 87_877
    data.added = [.init(SlipText("试补", "TRIAL-ADD"), count: 89_099, amount: "9999999990.09")]
    data.leftOut = [.init(SlipText("已挂起", "PARKED"), count: 88_988, amount: "8888888880.08")]
    return data
  }

  /// A commissioning sheet of two checks.
  static func commissioning(_ first: Bool, _ second: Bool) -> CommissioningSheetData {
    CommissioningSheetData(
      merchantName: ["示例商户 EXAMPLE SHOP"], facts: [.init(SlipText("版本", "VERSION"), "V-0001")],
      checks: [
        .init(SlipText("读卡器", "CARD READER"), hasPassed: first, detail: "detail A"),
        .init(SlipText("密码键盘", "PIN PAD"), hasPassed: second, detail: "detail B"),
      ])
  }

  /// Whether a row is a place to sign.
  static func isSignatureLine(_ row: String) -> Bool {
    row.utf8.count { $0 == UInt8(ascii: "_") } >= 12
  }

  /// Rows as one text, each ended.
  static func page(_ rows: [String]) -> [UInt8] {
    var page: [UInt8] = []
    for row in rows {
      page += row.utf8
      page.append(0x0A)
    }
    return page
  }

  /// Whether a row of the page has this text, which has no end of a row in it.
  static func has(_ page: [UInt8], _ text: String) -> Bool {
    let text = Array(text.utf8)
    if text.isEmpty { return false }
    var start = 0
    while start + text.count <= page.count {
      var same = 0
      while same < text.count, page[start + same] == text[same] { same += 1 }
      if same == text.count { return true }
      start += 1
    }
    return false
  }
}
