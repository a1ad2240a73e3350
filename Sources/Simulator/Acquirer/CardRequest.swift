// SPDX-License-Identifier: Apache-2.0

/// A message that concerns a card, in words that both dialects share.
struct CardRequest: Hashable, Sendable {
  /// What is asked, or what is to be reversed.
  var kind: Hold.Kind
  /// Whether it is the reversal of such a request.
  var isReversal = false
  /// Four ASCII digits; of a reversal empty.
  var messageType: [UInt8] = []
  var terminalID: [UInt8]
  var merchantID: [UInt8]
  var stan: [UInt8]
  /// DE13 and DE12, where the dialect's requests have them.
  var localTime: [UInt8]?
  var batch: UInt32 = 0
  /// Whether the batch is closed, or another than the terminal has to use.
  var isOutOfStep = false
  var pan: [UInt8]
  var code: [UInt8] = []
  var amount: UInt64
  /// Minor units of the amount that are a tip, where that is said.
  var tip: UInt64?
  /// DE38.
  var approvalCode: [UInt8]?
  /// Which transaction is referred to.
  var original: OriginalReference?
  var hasWrongPIN = false
  /// Whether the track is not the card's.
  var hasWrongTrack = false
  /// Whether the chip's cryptogram is not the card's.
  var hasWrongCryptogram = false
}

/// What a message says of the transaction that it refers to; what is nil does not matter.
struct OriginalReference: Hashable, Sendable {
  var messageType: [UInt8]?
  var retrievalReference: [UInt8]?
  var stan: [UInt8]?
  var localTime: [UInt8]?
  var batch: UInt32?
  var date: [UInt8]?
  var approvalCode: [UInt8]?

  var isEmpty: Bool { self == OriginalReference() }

  func isOf(_ hold: Hold) -> Bool {
    (messageType == nil || messageType == hold.messageType)
      && (retrievalReference == nil || retrievalReference == hold.retrievalReference)
      && (stan == nil || stan == hold.stan)
      && (localTime == nil || localTime == hold.localTime)
      && (batch == nil || batch == hold.batch)
      && (date == nil || date == Array(hold.localTime.prefix(4)))
      && (approvalCode == nil || approvalCode == hold.approvalCode)
  }
}

extension Hold {
  func isOf(_ request: CardRequest) -> Bool {
    if terminalID != request.terminalID || stan != request.stan { return false }
    return request.localTime.map { $0 == localTime } ?? (batch == request.batch)
  }
}
