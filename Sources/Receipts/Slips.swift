// SPDX-License-Identifier: Apache-2.0

public import Devices

/// What a terminal prints, laid out for a printer of so many columns (24...96), English and
/// Chinese side by side.
///
/// Each function turns data into lines and nothing else: the same data give the same slip in a
/// year. No line is wider than the paper, for a printer that wraps by itself wraps in the middle
/// of an amount. Card numbers arrive masked; there is no type here that could hold a whole one.
public enum Slips {
  /// The slip of a sale or a refund that was approved.
  public static func saleReceipt(
    _ data: SaleReceiptData, columns: Int, isTest: Bool, isCopy: Bool
  ) -> [PrintLine] {
    var slip = Layout(columns: columns)
    head(data, isTest: isTest, isCopy: isCopy, &slip)
    facts(data, &slip)
    amount(data, &slip)
    slip.centre(data.response, .bold)
    application(data, &slip)
    verification(data, &slip)
    slip.centre(data.holder.text)
    foot(isTest: isTest, isCopy: isCopy, &slip)
    return slip.lines
  }

  /// The slip of a payment that was not made.
  public static func declinedSlip(
    _ data: SaleReceiptData, columns: Int, isTest: Bool, isCopy: Bool
  ) -> [PrintLine] {
    var slip = Layout(columns: columns)
    head(data, isTest: isTest, isCopy: isCopy, &slip)
    facts(data, &slip)
    amount(data, &slip)
    slip.centre("交易未成功 DECLINED", .bold)
    slip.centre(data.response, .bold)
    slip.centre("未扣款 NO MONEY WAS TAKEN")
    slip.centre(data.holder.text)
    foot(isTest: isTest, isCopy: isCopy, &slip)
    return slip.lines
  }

  /// The notice for a payment whose outcome is not known and that is being taken back.
  public static func reversalNotice(
    _ data: SaleReceiptData, columns: Int, isTest: Bool, isCopy: Bool
  ) -> [PrintLine] {
    var slip = Layout(columns: columns)
    head(data, isTest: isTest, isCopy: isCopy, &slip)
    facts(data, &slip)
    amount(data, &slip)
    slip.centre("结果未知 OUTCOME UNKNOWN", .bold)
    slip.centre(data.response)
    slip.centre("本交易将自动冲正，请勿交付商品")
    slip.centre("This payment will be reversed. Do not hand over the goods.")
    slip.centre("如已扣款将自动退回")
    slip.centre("Money held on the card will be released.")
    slip.centre(data.holder.text)
    foot(isTest: isTest, isCopy: isCopy, &slip)
    return slip.lines
  }

  /// The sheet that ends commissioning: every check with its result, and a place to sign.
  public static func commissioningSheet(
    _ data: CommissioningSheetData, columns: Int, isTest: Bool, isCopy: Bool
  ) -> [PrintLine] {
    var slip = Layout(columns: columns)
    banners(isTest: isTest, isCopy: isCopy, &slip)
    slip.centre("安装验收单", .bold)
    slip.centre("COMMISSIONING SHEET", .bold)
    for name in data.merchantName { slip.centre(name) }
    slip.rule()
    for fact in data.facts { slip.pair(fact.label, fact.value) }
    slip.rule()
    for check in data.checks {
      slip.pair(check.name, check.hasPassed ? "通过 PASS" : "失败 FAIL", .plain)
      if !check.detail.isEmpty { slip.wrapped("  " + check.detail) }
    }
    slip.rule()
    let failed = data.checks.filter { !$0.hasPassed }.count
    slip.centre(
      failed == 0 && !data.checks.isEmpty
        ? "全部通过 ALL PASSED" : "未通过 NOT PASSED: \(failed)/\(data.checks.count)", .bold)
    slip.signature("技术员签名 TECHNICIAN")
    slip.signature("商户签名 MERCHANT")
    foot(isTest: isTest, isCopy: isCopy, &slip)
    return slip.lines
  }

  private static func head(
    _ data: SaleReceiptData, isTest: Bool, isCopy: Bool, _ slip: inout Layout
  ) {
    banners(isTest: isTest, isCopy: isCopy, &slip)
    for name in data.merchantName { slip.centre(name, .bold) }
    slip.rule()
  }

  static func foot(isTest: Bool, isCopy: Bool, _ slip: inout Layout) {
    slip.rule()
    banners(isTest: isTest, isCopy: isCopy, &slip)
  }

  /// A test slip must not pass for a real one even when it is torn: it says so at both ends.
  static func banners(isTest: Bool, isCopy: Bool, _ slip: inout Layout) {
    if isTest {
      let whole = "*** TEST 测试 – NO MONEY MOVED 非真实交易 ***"
      if columns(of: whole) <= slip.columns {
        slip.centre(whole, .bold)
      } else {
        slip.centre("*** TEST 测试 ***", .bold)
        slip.centre("NO MONEY MOVED", .bold)
        slip.centre("非真实交易", .bold)
      }
    }
    if isCopy { slip.centre("*** COPY 副本 ***", .bold) }
  }

  private static func facts(_ data: SaleReceiptData, _ slip: inout Layout) {
    slip.pair("商户号 MID", data.merchantNumber)
    slip.pair("终端号 TID", data.terminalNumber)
    slip.pair("交易类型 TYPE", data.transactionType)
    slip.pair("卡号 CARD", data.maskedPAN + (data.entryLetter.isEmpty ? "" : " ") + data.entryLetter)
    slip.pair("批次号 BATCH", data.batchNumber)
    slip.pair("凭证号 TRACE", data.traceNumber)
    slip.pair("参考号 RRN", data.referenceNumber)
    slip.pair("原交易 ORIGINAL", data.originalReference)
    slip.pair("授权码 AUTH", data.approvalCode)
    slip.pair("时间 TIME", data.dateTime)
    slip.rule()
  }

  private static func amount(_ data: SaleReceiptData, _ slip: inout Layout) {
    slip.centre("金额 AMOUNT")
    slip.centre(data.amount, columns(of: data.amount) * 2 <= slip.columns ? .large : .bold)
  }

  private static func application(_ data: SaleReceiptData, _ slip: inout Layout) {
    slip.pair("AID", data.applicationIdentifier)
    slip.pair("APP", data.applicationLabel)
    slip.pair(data.cryptogramKind, data.cryptogram)
    slip.pair("TVR", data.verificationResults)
    slip.pair("TSI", data.statusInformation)
    slip.pair("ATC", data.transactionCounter)
  }

  private static func verification(_ data: SaleReceiptData, _ slip: inout Layout) {
    switch data.verification {
    case .pin: slip.centre("密码已验证 PIN VERIFIED")
    case .signature: slip.signature("持卡人签名 SIGNATURE")
    case .none: slip.centre("免密免签 NO PIN, NO SIGNATURE")
    }
  }
}
