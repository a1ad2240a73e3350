// SPDX-License-Identifier: Apache-2.0

import Devices
import Receipts
import Wire

extension BatchLine {
  /// Whether it counts in the totals. What was taken back counts as well, beside what took it back;
  /// what an acquirer has not taken does not.
  var isCounted: Bool {
    guard let kind = TransactionKind(name: kind), kind.counts else { return false }
    return state == TransactionState.approved.name || state == TransactionState.voided.name
  }

  /// Whether it may have moved money and counts nowhere: parked, or still owed to the acquirer.
  var isLeftOut: Bool {
    guard let kind = TransactionKind(name: kind), kind.counts else { return false }
    return stateTitle != nil
  }

  /// Whether it was parked when the batch was added up, and the batch's upload has delivered it: it
  /// counts in the acquirer's batch, and not in what the acquirer was told before.
  var isUploaded: Bool { state == BatchLine.uploaded }

  /// The state of such a line. No transaction has it.
  static var uploaded: String { "uploaded" }

  /// On the slip.
  var kindTitle: SlipText { TransactionKind(name: kind)?.rules.title ?? SlipText(kind) }

  /// The state on the slip; nil where it is one at rest.
  var stateTitle: SlipText? {
    switch TransactionState.allCases.first(where: { $0.name == state }) {
    case .intent: SlipText("结果未知", "UNKNOWN")
    case .reversing: SlipText("待冲正", "REVERSAL OWED")
    case .queued: SlipText("待上送", "NOT SENT")
    case .parked: SlipText("已挂起", "PARKED")
    case .closed: SlipText("人工了结", "CLOSED BY HAND")
    case .approved, .declined, .cancelled, .reversed, .voided, nil: nil
    }
  }

  /// One field of a record.
  func write(_ fields: inout FieldWriter, _ tag: UInt8) {
    var line = FieldWriter()
    line.write(1, kind)
    line.write(2, state)
    line.write(3, isForeign ? 1 : 0)
    line.write(4, isTest ? 1 : 0)
    line.write(5, UInt64(count))
    line.write(6, amount)
    fields.write(tag, line.bytes)
  }

  /// All fields of a record that have this tag; nil when one of them is no line.
  static func read(_ fields: FieldReader, _ tag: UInt8) -> [BatchLine]? {
    var lines: [BatchLine] = []
    for bytes in fields.all(tag) {
      guard let line = BatchLine(bytes) else { return nil }
      lines.append(line)
    }
    return lines
  }

  fileprivate func has(_ record: TransactionRecord, state: String) -> Bool {
    kind == record.kind.name && self.state == state && isForeign == record.isForeign
      && isTest == record.isTest
  }

  private init?(_ bytes: [UInt8]) {
    guard let line = try? FieldReader(bytes), let kind = line.text(1), let state = line.text(2),
      let isForeign = line.number(3), let isTest = line.number(4), let count = line.number(5),
      let amount = line.number(6)
    else { return nil }
    self.init(
      kind: kind, state: state, isForeign: isForeign == 1, isTest: isTest == 1,
      count: UInt32(truncatingIfNeeded: count), amount: amount)
  }
}

extension [BatchLine] {
  /// What was parked has been delivered by the batch's upload.
  mutating func move(_ record: TransactionRecord) {
    let parked = firstIndex { $0.has(record, state: TransactionState.parked.name) }
    guard let parked, self[parked].count > 0 else { return }
    let amount = record.amount.minorUnits
    self[parked].count -= 1
    self[parked].amount -= Swift.min(self[parked].amount, amount)
    if self[parked].count == 0 { remove(at: parked) }
    if let index = firstIndex(where: { $0.has(record, state: BatchLine.uploaded) }) {
      self[index].count += 1
      self[index].amount += amount
    } else {
      append(
        BatchLine(
          kind: record.kind.name, state: BatchLine.uploaded, isForeign: record.isForeign,
          isTest: record.isTest, count: 1, amount: amount))
    }
  }
}
