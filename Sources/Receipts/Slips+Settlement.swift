// SPDX-License-Identifier: Apache-2.0

public import Devices

extension Slips {
  /// The slip of a closed batch: what was added up, and whether the acquirer has the same.
  public static func settlementSlip(
    _ data: SettlementSlipData, columns: Int, isTest: Bool, isCopy: Bool
  ) -> [PrintLine] {
    var slip = Layout(columns: columns)
    banners(isTest: isTest, isCopy: isCopy, &slip)
    for name in data.merchantName { slip.centre(name, .bold) }
    slip.rule()
    slip.centre("结算单 SETTLEMENT", .bold)
    slip.pair("商户号 MID", data.merchantNumber)
    slip.pair("终端号 TID", data.terminalNumber)
    slip.pair("批次号 BATCH", data.batchNumber)
    slip.pair("时间 TIME", data.dateTime)
    slip.pair("货币 CURRENCY", data.currency)
    for group in data.groups {
      slip.rule()
      add(group, &slip)
    }
    slip.rule()
    slip.pair("净额 NET", data.net, .bold)
    for sum in data.tests { slip.sum(sum) }
    slip.centre(data.outcome, .bold)
    if data.uploaded > 0 {
      slip.pair("逐笔上送 UPLOADED", String(data.uploaded))
      slip.pair("其中被拒 OF THESE REFUSED", String(data.refused))
    }
    if !data.added.isEmpty {
      slip.rule()
      slip.centre("批上送补入 ADDED BY UPLOAD", .bold)
      for sum in data.added { slip.sum(sum) }
    }
    if !data.leftOut.isEmpty {
      slip.rule()
      slip.centre("未计入本批 NOT INCLUDED", .bold)
      for sum in data.leftOut { slip.sum(sum) }
    }
    foot(isTest: isTest, isCopy: isCopy, &slip)
    return slip.lines
  }

  private static func add(_ group: SettlementSlipData.Group, _ slip: inout Layout) {
    slip.wrapped(group.title)
    for kind in group.kinds { slip.sum(kind) }
    slip.sum(group.debit, .bold)
    slip.sum(group.credit, .bold)
    slip.pair("对账 CHECK", group.verdict)
  }
}

extension Layout {
  /// The widths of a number and of an amount of twelve digits, so that they stand below each other.
  private static let countWidth = 5
  private static let amountWidth = 14

  /// A label with a number and an amount at the right edge.
  mutating func sum(_ sum: SettlementSlipData.Sum, _ style: PrintLine.Style = .plain) {
    let value =
      Layout.right(String(sum.count), Layout.countWidth)
      + Layout.right(sum.amount, Layout.amountWidth)
    pair(sum.label, value, style)
  }

  private static func right(_ text: String, _ width: Int) -> String {
    String(repeating: " ", count: max(1, width - Devices.columns(of: text))) + text
  }
}
