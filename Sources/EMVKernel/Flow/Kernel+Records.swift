// SPDX-License-Identifier: Apache-2.0

import Wire

// Read application data (EMV 4.4 Book 3, 10.2, 7.5): the records of the locator, from left to
// right, and nothing else.

extension Kernel {
  mutating func readNextRecord() -> [Effect] {
    if session.locatorIndex == session.locator.count { return finishRecords() }
    let entry = session.locator[session.locatorIndex]
    return send(.readRecord(session.record, file: entry.file), .readRecord)
  }

  mutating func takeRecord(_ response: CardResponse) -> [Effect] {
    if response.status != .success { return end(.status(.records, response.status)) }
    let entry = session.locator[session.locatorIndex]
    let record = response.data.exposed
    let template = TLVWalk.only(.recordTemplate, in: record)
    if let template, TLVWalk.isSound(record, template) {
      if !store(record, template) { return end(.format(.records)) }
    } else if entry.file <= 10 {
      // The files above are a payment system's or an issuer's own, and may hold anything.
      return end(.format(.records))
    }
    if session.record - entry.first < entry.authenticated {
      session.staticBytes += record.count
      if session.staticBytes > KernelLimits.staticDataBytes { return end(.limit(.records)) }
      session.staticRecords.append(CardRecord(file: entry.file, bytes: record))
    }
    if session.record < entry.last {
      session.record += 1
    } else {
      session.locatorIndex += 1
      if session.locatorIndex < session.locator.count {
        session.record = session.locator[session.locatorIndex].first
      }
    }
    return readNextRecord()
  }

  /// Keeps the objects of a record that are a card's to say; false ends the transaction.
  private mutating func store(_ record: [UInt8], _ template: Range<Int>) -> Bool {
    var walk = TLVWalk(record, in: template)
    while let object = try? walk.next() {
      // Without a value an object counts as absent (EMV 4.4 Book 3, 5.2).
      if object.value.isEmpty { continue }
      let isExtra = parameters.furtherCardObjects.contains(object.tag)
      let rule = DataRule(of: object.tag)
      // Data of the terminal's or the issuer's, or out of place, mean nothing here (Book 3, 7.5).
      if rule.map({ $0.place != .record }) ?? !isExtra { continue }
      let value = Array(record[object.value])
      if let rule, !rule.allows(value) || !isPossible(object.tag, value) { return false }
      // EMV 4.4 Book 3, 10.2: no object twice.
      if session.data.card.contains(object.tag) { return false }
      session.data.card[object.tag] = value
    }
    return true
  }

  private func isPossible(_ tag: DataTag, _ value: [UInt8]) -> Bool {
    switch tag {
    case .expirationDate, .effectiveDate: CardDate.read(value) != nil
    default: true
    }
  }

  private mutating func finishRecords() -> [Effect] {
    let card = session.data.card
    // EMV 4.4 Book 3, 7.2. Lists that cannot be read, or whose data no command can hold, are seen
    // now rather than when the card was asked for a cryptogram.
    guard pan != nil, card.contains(.expirationDate), let first = DOL(card[.cdol1] ?? []),
      let second = DOL(card[.cdol2] ?? []), !first.entries.isEmpty, !second.entries.isEmpty,
      first.count <= 255, second.count <= 255
    else { return end(.format(.records)) }
    session.data.terminal[.terminalKeyIndex] = card[.caKeyIndex]
    if session.amount == nil { return ask(.amount(.records), .askAmount) }
    return startAuthentication()
  }
}
