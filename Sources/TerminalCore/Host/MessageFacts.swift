// SPDX-License-Identifier: Apache-2.0

import Devices
import Wire

/// What a message is made of: the transaction, its card, and what the terminal knows of itself.
struct MessageFacts: Hashable, Sendable {
  var merchant: AcceptorIdentity
  var batch: BatchNumber
  /// The trace number of this message; a transaction's own where it has one, and nil of a message
  /// that has none.
  var stan: STAN?
  var time: LocalTime
  var record: TransactionRecord?
  var card: SealedCard?
  var track: Track2?
  /// What is told of the card's chip.
  var chip: SecretBytes?
  var pin: EncryptedPIN?
  var scannedCode: ScannedCode?
  var totals: BatchTotals?
  /// The details of a batch as its upload has them, one after the other.
  var uploads: [UInt8] = []
  var uploadCount: UInt64 = 0
  /// What a download asks for, or empty.
  var asked: [UInt8] = []
  /// Whether the PIN key is of SM4.
  var hasSM4PIN = false
  /// What the acquirer wants of the track.
  var trackEncryption = TrackEncryption.none
  /// The track with its window encrypted; what stands outside it is the card's.
  var encryptedTrack: SecretBytes?

  init(merchant: AcceptorIdentity, batch: BatchNumber, stan: STAN?, time: LocalTime) {
    self.merchant = merchant
    self.batch = batch
    self.stan = stan
    self.time = time
  }

  /// The facts of a transaction, whose own trace number, batch and time these are.
  init(_ record: TransactionRecord, merchant: AcceptorIdentity) {
    self.init(
      merchant: merchant, batch: record.batch, stan: record.stan, time: record.localTime)
    self.record = record
  }

  func holds(_ condition: MessageCondition) -> Bool {
    switch condition {
    case .track: track != nil
    case .swiped: record?.entry == .swiped
    case .scanned: record?.entry == .scanned
    case .chip: record?.entry == .chip
    case .pin: record?.hasPIN == true
    case .linked: record?.original.map { !$0.stan.isEmpty } ?? false
    case .answered: record?.reversalReason == .wrongMAC
    case .agreed: totals?.hasAgreed == true
    case .kind(let kind): record?.kind == kind
    }
  }

  /// The bytes of a value, or nil when it is not known.
  func value(_ value: MessageValue) -> [UInt8]? {
    switch value {
    case .pan: track?.pan.exposed ?? card?.pan.exposed
    case .account: account
    case .expiry: digits(track?.expiry ?? card?.expiry)
    case .track: trackEncryption == .none ? track?.exposed : encryptedTrack?.exposed
    case .sequence: sequence
    case .chipData: chip?.exposed
    case .amount: amount
    case .stan: stan.map { Array($0.text.utf8) }
    case .time: time.timeDigits
    case .date: time.dateDigits
    case .moment: time.dateDigits + time.timeDigits
    case .entryMode: entryMode
    case .pinBlock: pin?.block.exposed
    case .pinSerial: pin?.keySerialNumber.map { Hex.encode($0) }
    case .security: security
    case .approval: known(record?.approvalCode)
    case .retrieval: known(record?.retrievalReference)
    case .reason: record?.reversalReason?.code
    case .terminal: merchant.terminalID
    case .merchant: merchant.merchantID
    case .currency: merchant.currency
    case .batch: batch.digits
    case .tip: record?.kind == .tip ? record?.amount.twelveDigits : nil
    case .code: scannedCode?.exposed
    case .organisation: record.map { ascii($0.isForeign ? "000" : "CUP") }
    case .kindOfCard: record.map { ascii($0.isForeign ? "01" : "00") }
    case .operatorCode: ascii("01 ")
    case .answerDate: known(record?.answerDate) ?? ascii("0000")
    case .uploads: known(uploads)
    case .asked: known(asked)
    case .uploadCount: Array(String(uploadCount).utf8)
    // UnionPay's 60.4 and 60.5: whether contact chips are read, and whether the last one was not.
    case .reader: ascii(record?.readsChips == true ? "5" : "2")
    case .chipCondition: ascii(record?.isFallback == true ? "2" : "0")
    default: originalValue(value) ?? totalsValue(value)
    }
  }

  /// DE23 of the card's 5F34, two packed digits.
  private var sequence: [UInt8]? {
    card?.sequence.flatMap { Digits.text(UInt64($0 >> 4) * 10 + UInt64($0 & 0x0F), 3) }
  }

  /// A scanned code has no account number, and 0 stands for it.
  private var account: [UInt8]? {
    value(.pan) ?? (record?.entry == .scanned ? ascii("0") : nil)
  }

  /// UnionPay's DE53: the PIN block's format, the algorithm, whether the track is encrypted; only
  /// where there is a PIN or a track.
  private var security: [UInt8]? {
    let hasPIN = record?.hasPIN == true
    if !hasPIN, track == nil { return nil }
    let isSM4 = hasPIN ? hasSM4PIN : trackEncryption == .sm4
    return [hasPIN ? 0x32 : 0x30, isSM4 ? 0x34 : 0x36, encryptedTrack == nil ? 0x30 : 0x31]
      + [UInt8](repeating: 0x30, count: 13)
  }

  /// A track is never kept: what is told again has the account number alone, and says so. A
  /// reversal repeats what its original said.
  private var entryMode: [UInt8]? {
    guard let record else { return nil }
    let isRead = record.entry == .swiped || record.entry == .chip
    let isRepeat = isRead && track == nil && chip == nil && record.state != .reversing
    let entry = isRepeat ? EntryMode.stored : record.entry
    return entry.digits + [record.hasPIN ? 0x31 : 0x32]
  }

  /// A tip is told with the whole amount it leads to.
  private var amount: [UInt8]? {
    guard let record else { return nil }
    guard record.kind == .tip else { return record.amount.twelveDigits }
    return Digits.text(record.amount.minorUnits + (record.original?.amount ?? 0), 12)
  }

  private func originalValue(_ value: MessageValue) -> [UInt8]? {
    guard let original = record?.original else { return nil }
    switch value {
    case .originalSTAN: return known(original.stan)
    case .originalBatch: return known(original.batch)
    case .originalDate:
      // The acquirer looks for the day of its own books, which may be another than the terminal's.
      if !original.date.isEmpty { return original.date }
      return original.moment.count < 4 ? nil : Array(original.moment.prefix(4))
    case .originalMoment: return original.moment.count == 10 ? original.moment : nil
    case .originalType: return known(original.messageType)
    case .originalApproval: return known(original.approvalCode)
    case .originalRetrieval: return known(original.retrievalReference)
    case .originalProcessing: return known(original.processing)
    case .originalAcquirer: return known(original.acquirer)
    case .originalAmount: return original.amount == 0 ? nil : Digits.text(original.amount, 12)
    default: return nil
    }
  }

  private func totalsValue(_ value: MessageValue) -> [UInt8]? {
    guard let totals else { return nil }
    let domestic = totals.domestic
    let foreign = totals.foreign
    let number: UInt64
    switch value {
    case .domesticDebitAmount: return Digits.text(domestic.debitAmount, 12)
    case .domesticCreditAmount: return Digits.text(domestic.creditAmount, 12)
    case .foreignDebitAmount: return Digits.text(foreign.debitAmount, 12)
    case .foreignCreditAmount: return Digits.text(foreign.creditAmount, 12)
    case .debitAmount: return Digits.text(domestic.debitAmount + foreign.debitAmount, 12)
    case .creditAmount: return Digits.text(domestic.creditAmount + foreign.creditAmount, 12)
    case .domesticDebitCount: number = UInt64(domestic.debitCount)
    case .domesticCreditCount: number = UInt64(domestic.creditCount)
    case .foreignDebitCount: number = UInt64(foreign.debitCount)
    case .foreignCreditCount: number = UInt64(foreign.creditCount)
    case .debitCount: number = UInt64(domestic.debitCount) + UInt64(foreign.debitCount)
    case .creditCount: number = UInt64(domestic.creditCount) + UInt64(foreign.creditCount)
    default: return nil
    }
    return Array(String(number).utf8)
  }

  private func known(_ bytes: [UInt8]?) -> [UInt8]? {
    guard let bytes, !bytes.isEmpty else { return nil }
    return bytes
  }

  private func digits(_ expiry: Expiry?) -> [UInt8]? {
    guard let expiry else { return nil }
    return [
      0x30 + expiry.year / 10, 0x30 + expiry.year % 10,
      0x30 + expiry.month / 10, 0x30 + expiry.month % 10,
    ]
  }
}
