// SPDX-License-Identifier: Apache-2.0

import Devices
import Receipts
import Wire

/// What the slip of a closed batch says, and how far its paper is. It is written in the entry that
/// closes the batch, so that no power cut parts them, and stays in the ledger for a copy.
public struct SettlementSlip: Hashable, Sendable {
  /// The batch, as the acquirer and the terminal closed it.
  public var closed: ClosedBatch
  /// What it was added up from.
  public var lines: [BatchLine]
  /// When it was closed, `YYYY-MM-DD hh:mm:ss`; empty when no clock was known.
  public var localTime: String
  /// Where its paper is.
  public var state: ReceiptState

  /// The key of a batch's slip.
  public static func key(_ batch: UInt32) -> String { prefix + String(batch) }

  /// What the keys of all slips begin with.
  static let prefix = "slip/"

  var key: String { SettlementSlip.key(closed.batch.value) }

  init(closed: ClosedBatch, lines: [BatchLine], localTime: String, state: ReceiptState) {
    self.closed = closed
    self.lines = lines
    self.localTime = localTime
    self.state = state
  }

  /// Reads a record; nil when a field that must be there is missing or impossible.
  public init?(_ body: [UInt8]) {
    guard let fields = try? FieldReader(body),
      let batch = fields.number(1).flatMap({ BatchNumber(UInt32(truncatingIfNeeded: $0)) }),
      let state = fields.number(2).flatMap({ ReceiptState(rawValue: UInt8($0 & 0xFF)) }),
      let uploaded = fields.number(3), let refused = fields.number(4),
      let localTime = fields.text(5), let domestic = BatchTotals.Side(fields, from: 10),
      let foreign = BatchTotals.Side(fields, from: 20), let lines = BatchLine.read(fields, 30)
    else { return nil }
    var totals = BatchTotals()
    totals.domestic = domestic
    totals.foreign = foreign
    self.init(
      closed: ClosedBatch(
        batch: batch, totals: totals, uploaded: UInt32(truncatingIfNeeded: uploaded),
        refused: UInt32(truncatingIfNeeded: refused),
        parked: UInt32(truncatingIfNeeded: fields.number(6) ?? 0)),
      lines: lines, localTime: localTime, state: state)
  }

  var update: RecordUpdate {
    var fields = FieldWriter()
    fields.write(1, UInt64(closed.batch.value))
    fields.write(2, UInt64(state.rawValue))
    fields.write(3, UInt64(closed.uploaded))
    fields.write(4, UInt64(closed.refused))
    fields.write(5, localTime)
    if closed.parked > 0 { fields.write(6, UInt64(closed.parked)) }
    closed.totals.domestic.write(&fields, from: 10)
    closed.totals.foreign.write(&fields, from: 20)
    for line in lines { line.write(&fields, 30) }
    return RecordUpdate(key: key, isLive: state.isPending, body: fields.bytes)
  }
}

extension SettlementSlip {
  /// What of the batch was a test, by what it counts as.
  private var tests: [BatchLine] { lines.filter { $0.isTest && $0.isCounted } }

  /// Whether no money moved in all that it counts.
  var isTest: Bool { !tests.isEmpty && tests.count == lines.count { $0.isCounted } }

  /// The facts of the slip; who the merchant is, the terminal knows.
  var data: SettlementSlipData {
    var data = SettlementSlipData()
    data.batchNumber = closed.batch.text
    data.dateTime = localTime
    data.currency = "CNY"
    data.groups = [
      group(SlipText("内卡", "DOMESTIC CARDS"), closed.totals.domestic, isForeign: false),
      group(SlipText("外卡", "FOREIGN CARDS"), closed.totals.foreign, isForeign: true),
    ]
    let debit = closed.totals.domestic.debitAmount + closed.totals.foreign.debitAmount
    let credit = closed.totals.domestic.creditAmount + closed.totals.foreign.creditAmount
    let difference = Amount.decimalText(of: debit > credit ? debit - credit : credit - debit)
    data.net = (debit < credit ? "-" : "") + difference
    if !isTest { data.tests = sums(of: tests) { SlipText("含测试", "INCL. TEST") + $0.kindTitle } }
    data.outcome = outcome
    data.uploaded = closed.uploaded
    data.refused = closed.refused
    data.added = sums(of: lines.filter { $0.isUploaded }) { $0.kindTitle }
    data.leftOut = sums(of: lines.filter { $0.isLeftOut }) { line in
      line.stateTitle.map { line.kindTitle + $0 } ?? line.kindTitle
    }
    return data
  }

  private var outcome: SlipText {
    let results = [closed.totals.domestic.result, closed.totals.foreign.result]
    if closed.totals.hasAgreed { return SlipText("对账平", "BALANCED") }
    return results.contains(.differed)
      ? SlipText("对账不平", "NOT BALANCED") : SlipText("未对账", "NOT COMPARED")
  }

  private func group(
    _ title: SlipText, _ side: BatchTotals.Side, isForeign: Bool
  ) -> SettlementSlipData.Group {
    SettlementSlipData.Group(
      title,
      kinds: sums(of: lines.filter { $0.isCounted && $0.isForeign == isForeign }) { $0.kindTitle },
      debit: .init(
        SlipText("借记", "DEBIT"), count: side.debitCount,
        amount: Amount.decimalText(of: side.debitAmount)),
      credit: .init(
        SlipText("贷记", "CREDIT"), count: side.creditCount,
        amount: Amount.decimalText(of: side.creditAmount)),
      verdict: side.result.title)
  }

  /// The sums of these, one a label, in the order in which the kinds stand in their list.
  private func sums(
    of lines: [BatchLine], _ label: (BatchLine) -> SlipText
  ) -> [SettlementSlipData.Sum] {
    var labels: [SlipText] = []
    var counts: [UInt32] = []
    var amounts: [UInt64] = []
    for kind in TransactionKind.allCases {
      for line in lines where line.kind == kind.name {
        let text = label(line)
        if let index = labels.firstIndex(of: text) {
          counts[index] += line.count
          amounts[index] += line.amount
        } else {
          labels.append(text)
          counts.append(line.count)
          amounts.append(line.amount)
        }
      }
    }
    return labels.indices.map {
      .init(labels[$0], count: counts[$0], amount: Amount.decimalText(of: amounts[$0]))
    }
  }
}

extension BatchTotals.Comparison {
  /// On the slip.
  fileprivate var title: SlipText {
    switch self {
    case .agreed: SlipText("相符", "AGREED")
    case .differed: SlipText("不符", "DIFFERED")
    case .unknown, .failed: SlipText("未核对", "NOT COMPARED")
    }
  }
}
