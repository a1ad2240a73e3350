// SPDX-License-Identifier: Apache-2.0

public import Devices
import Wire

/// How far the closing of a batch has come; on disk before the acquirer is told anything.
public enum SettlementPhase: UInt8, Hashable, Sendable, CaseIterable {
  /// New transactions go into the batch.
  case open
  /// Nothing new goes in; the acquirer is told the totals.
  case totals
  /// The acquirer is told of the transactions one by one.
  case uploading
  /// The acquirer is told that this is all.
  case ending
  /// The batch is closed; its cards are being erased.
  case erasing

  /// The message in it that is the batch's own; nil where the acquirer is told nothing.
  var message: Dialect.Management? {
    switch self {
    case .totals: .settlement
    case .uploading: .upload
    case .ending: .uploadEnd
    case .open, .erasing: nil
    }
  }

  /// For people.
  public var text: String {
    switch self {
    case .open: "open"
    case .totals: "comparing totals"
    case .uploading: "uploading"
    case .ending: "ending"
    case .erasing: "erasing cards"
    }
  }
}

/// The open batch, or the one that is being closed.
public struct SettlementRecord: Hashable, Sendable {
  static let key = "batch"

  /// Its number.
  public var batch: BatchNumber
  /// How far its closing has come.
  public var phase: SettlementPhase
  /// The trace number of the message that is sent in this phase, however often it is sent.
  public var stan: STAN?
  /// What it comes to, from the moment it is closed.
  public var totals: BatchTotals
  /// What the totals were added up from, for its slip.
  public var lines: [BatchLine]
  /// How many transactions the acquirer has been told of one by one.
  public var uploaded: UInt32
  /// How many of them it refused.
  public var refused: UInt32
  /// How many of the batch are parked and not in its totals, from the moment it is closed.
  public var parked: UInt32
  /// What the batch before it came to, once there was one.
  public var last: ClosedBatch?

  init(batch: BatchNumber) {
    self.batch = batch
    phase = .open
    totals = BatchTotals()
    lines = []
    uploaded = 0
    refused = 0
    parked = 0
  }

  init?(_ body: [UInt8]) {
    guard let fields = try? FieldReader(body),
      let batch = fields.number(1).flatMap({ BatchNumber(UInt32(truncatingIfNeeded: $0)) }),
      let phase = fields.number(2).flatMap({ SettlementPhase(rawValue: UInt8($0 & 0xFF)) }),
      let domestic = BatchTotals.Side(fields, from: 10),
      let foreign = BatchTotals.Side(fields, from: 20), let lines = BatchLine.read(fields, 50)
    else { return nil }
    self.init(batch: batch)
    self.lines = lines
    self.phase = phase
    totals.domestic = domestic
    totals.foreign = foreign
    uploaded = UInt32(truncatingIfNeeded: fields.number(3) ?? 0)
    refused = UInt32(truncatingIfNeeded: fields.number(4) ?? 0)
    stan = fields.number(8).flatMap { STAN(UInt32(truncatingIfNeeded: $0)) }
    parked = UInt32(truncatingIfNeeded: fields.number(60) ?? 0)
    guard let number = fields.number(5) else { return }
    guard let closed = BatchNumber(UInt32(truncatingIfNeeded: number)),
      let domestic = BatchTotals.Side(fields, from: 30),
      let foreign = BatchTotals.Side(fields, from: 40)
    else { return nil }
    var earlier = BatchTotals()
    earlier.domestic = domestic
    earlier.foreign = foreign
    last = ClosedBatch(
      batch: closed, totals: earlier,
      uploaded: UInt32(truncatingIfNeeded: fields.number(6) ?? 0),
      refused: UInt32(truncatingIfNeeded: fields.number(7) ?? 0),
      parked: UInt32(truncatingIfNeeded: fields.number(61) ?? 0))
  }

  var update: RecordUpdate {
    var fields = FieldWriter()
    fields.write(1, UInt64(batch.value))
    fields.write(2, UInt64(phase.rawValue))
    fields.write(3, UInt64(uploaded))
    fields.write(4, UInt64(refused))
    if let stan { fields.write(8, UInt64(stan.value)) }
    if parked > 0 { fields.write(60, UInt64(parked)) }
    totals.domestic.write(&fields, from: 10)
    totals.foreign.write(&fields, from: 20)
    for line in lines { line.write(&fields, 50) }
    if let last {
      fields.write(5, UInt64(last.batch.value))
      fields.write(6, UInt64(last.uploaded))
      fields.write(7, UInt64(last.refused))
      if last.parked > 0 { fields.write(61, UInt64(last.parked)) }
      last.totals.domestic.write(&fields, from: 30)
      last.totals.foreign.write(&fields, from: 40)
    }
    return RecordUpdate(key: SettlementRecord.key, isLive: true, body: fields.bytes)
  }
}

/// What a closed batch came to.
public struct ClosedBatch: Hashable, Sendable {
  /// Its number.
  public var batch: BatchNumber
  /// Its sums, and what the acquirer said of them.
  public var totals: BatchTotals
  /// How many transactions the acquirer was told of one by one.
  public var uploaded: UInt32
  /// How many of them it refused.
  public var refused: UInt32
  /// How many of the batch are parked and not in these sums.
  public var parked: UInt32

  /// A closed batch.
  public init(
    batch: BatchNumber, totals: BatchTotals, uploaded: UInt32, refused: UInt32, parked: UInt32
  ) {
    self.batch = batch
    self.totals = totals
    self.uploaded = uploaded
    self.refused = refused
    self.parked = parked
  }
}
