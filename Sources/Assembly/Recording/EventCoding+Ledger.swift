// SPDX-License-Identifier: Apache-2.0

import Devices
import Management
import TerminalCore
import Wire

// Transactions and what the ledger says of them, as bytes of a recording.

extension ByteWriter {
  mutating func write(_ request: TransactionRequest) {
    write(request.kind.rawValue)
    writeCounted(request.reference)
    write(request.amount)
    writeCounted(request.original)
    write(request.foreignOriginal != nil)
    if let original = request.foreignOriginal {
      for part in [original.retrievalReference, original.approvalCode, original.date] {
        writeCounted(part)
      }
    }
    writeCounted(request.scannedCode?.exposed ?? [])
  }

  mutating func write(_ record: LiveRecord?) {
    guard let record else { return write(false) }
    write(true)
    writeCounted(record.key)
    writeCounted(record.body)
  }

  mutating func write(_ answer: LedgerAnswer) {
    switch answer {
    case .records(let records):
      write(0 as UInt8)
      write(UInt32(truncatingIfNeeded: records.count))
      for record in records { write(record) }
    case .totals(let lines):
      write(1 as UInt8)
      write(UInt32(truncatingIfNeeded: lines.count))
      for line in lines {
        writeCounted(line.kind)
        writeCounted(line.state)
        write(line.isForeign)
        write(line.isTest)
        write(line.count)
        write(line.amount)
      }
    case .failed: write(2 as UInt8)
    }
  }
}

extension ByteReader {
  /// The longest answer of a ledger in a recording; what is longer is damage.
  private static let answerLimit: UInt32 = 10_000

  mutating func readTransaction() throws(WireFault) -> TransactionRequest? {
    guard let kind = TransactionKind(rawValue: try readByte()) else { return nil }
    let reference = try readText()
    let amount = try readUInt64()
    let original = try readText()
    var foreign: ForeignOriginal?
    if try readFlag() {
      let retrieval = try readCounted()
      let approval = try readCounted()
      foreign = ForeignOriginal(
        retrievalReference: retrieval, approvalCode: approval, date: try readCounted())
    }
    let code = try readCounted()
    let scanned = ScannedCode(code)
    if scanned == nil, !code.isEmpty { return nil }
    return TransactionRequest(
      kind, reference: reference, amount: amount, original: original, foreignOriginal: foreign,
      scannedCode: scanned)
  }

  mutating func readRecord() throws(WireFault) -> LiveRecord? {
    if !(try readFlag()) { return nil }
    let key = try readText()
    return LiveRecord(key: key, body: try readCounted())
  }

  mutating func readLedgerAnswer() throws(WireFault) -> LedgerAnswer? {
    switch try readByte() {
    case 0:
      let count = try readUInt32()
      if count > ByteReader.answerLimit { return nil }
      var records: [LiveRecord] = []
      for _ in 0..<count {
        guard let record = try readRecord() else { return nil }
        records.append(record)
      }
      return .records(records)
    case 1:
      let count = try readUInt32()
      if count > ByteReader.answerLimit { return nil }
      var lines: [BatchLine] = []
      for _ in 0..<count {
        let kind = try readText()
        let state = try readText()
        let isForeign = try readFlag()
        let isTest = try readFlag()
        let number = try readUInt32()
        lines.append(
          BatchLine(
            kind: kind, state: state, isForeign: isForeign, isTest: isTest, count: number,
            amount: try readUInt64()))
      }
      return .totals(lines)
    case 2: return .failed
    default: return nil
    }
  }
}
