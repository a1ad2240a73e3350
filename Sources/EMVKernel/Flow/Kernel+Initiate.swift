// SPDX-License-Identifier: Apache-2.0

import Wire

// Initiate application processing (EMV 4.4 Book 3, 10.1).

extension Kernel {
  mutating func initiate() -> [Effect] {
    session.data.tvr = TVR()
    session.data.tsi = TSI()
    session.data.cvmResults = .notPerformed
    // EMV 4.4 Book 4, 6.5.3: after the results were cleared.
    if session.isForcedOnline { session.data.tvr.insert(.forcedOnline) }
    guard let list = DOL(session.data.card[.pdol] ?? []) else { return end(.format(.initiation)) }
    let amounts: [DataTag] = [.amount, .amountBinary, .otherAmount, .otherAmountBinary]
    // EMV 4.4 Book 4, 6.3.1: where nobody can be asked, the card is sent zeros.
    if session.amount == nil, settings.terminalType.isAttended,
      amounts.contains(where: { list.asks(for: $0) })
    {
      return ask(.amount(.initiation), .askAmount)
    }
    if !fits(list) { return end(.amountTooLarge) }
    // A list may name terminal data alone (EMV 4.4 Book 3, 10.1), so no other are looked at.
    session.pdolData = list.data { session.data.terminal[$0] ?? transient($0) }
    // 83, its length in one or two bytes, and the data are one short command's.
    if session.pdolData.count > 252 { return end(.format(.initiation)) }
    return send(.getProcessingOptions(session.pdolData), .getProcessingOptions)
  }

  private func transient(_ tag: DataTag) -> [UInt8]? {
    switch tag {
    case .tvr, .tsi, .cvmResults: session.data.value(of: tag)
    default: nil
    }
  }

  mutating func takeOptions(_ response: CardResponse) -> [Effect] {
    if response.status == .notSatisfied {
      // EMV 4.4 Book 4, 6.3.1: this application is out, the others are not.
      session.selection.sawBlocked = true
      session.selection.candidates.remove(at: session.selection.chosen)
      if session.selection.candidates.isEmpty { return refuse(.blockedApplications) }
      return [.show(.notAccepted)] + returnToSelection()
    }
    if response.status != .success { return end(.status(.initiation, response.status)) }
    guard let options = ProcessingOptions(response.data.exposed) else {
      return end(.format(.initiation))
    }
    session.aip = AIP(rawValue: options.profile[0])
    session.aipBytes = options.profile
    session.data.card[.aip] = options.profile
    session.data.card[.afl] = options.locatorBytes
    session.locator = options.locator
    session.locatorIndex = 0
    session.record = options.locator[0].first
    session.staticRecords = []
    session.staticBytes = 0
    return readNextRecord()
  }

  private mutating func returnToSelection() -> [Effect] {
    if session.selection.isCardholdersChoice { session.selection.needsConfirmation = true }
    return chooseCandidate()
  }
}

/// What GET PROCESSING OPTIONS answers, in either of its formats (EMV 4.4 Book 3, 6.5.8.4).
struct ProcessingOptions: Hashable, Sendable {
  /// Two bytes.
  let profile: [UInt8]
  let locatorBytes: [UInt8]
  let locator: [LocatorEntry]

  init?(_ bytes: [UInt8]) {
    let locatorRange: Range<Int>
    if let plain = TLVWalk.only(.format1, in: bytes), plain.count >= 6 {
      profile = Array(bytes[plain.prefix(2)])
      locatorRange = plain.dropFirst(2)
    } else if let template = TLVWalk.only(.format2, in: bytes), TLVWalk.isSound(bytes, template),
      let profile = TLVWalk.first(.aip, in: bytes, template), profile.count == 2,
      let found = TLVWalk.first(.afl, in: bytes, template)
    {
      self.profile = Array(bytes[profile])
      locatorRange = found
    } else {
      return nil
    }
    locatorBytes = Array(bytes[locatorRange])
    guard let locator = LocatorEntry.all(locatorBytes) else { return nil }
    self.locator = locator
  }
}

/// An entry of the application file locator (94): records of one file.
struct LocatorEntry: Hashable, Sendable {
  /// 1...30.
  let file: UInt8
  let first: UInt8
  let last: UInt8
  /// How many of them, from the first on, authenticate the card.
  let authenticated: UInt8

  /// The entries of a locator; nil where one breaks the rules (EMV 4.4 Book 3, 10.2). The low three
  /// bits of the first byte are reserved and not looked at.
  static func all(_ bytes: [UInt8]) -> [LocatorEntry]? {
    if bytes.isEmpty || bytes.count % 4 != 0 || bytes.count > 252 { return nil }
    var entries: [LocatorEntry] = []
    for offset in stride(from: 0, to: bytes.count, by: 4) {
      let file = bytes[offset] >> 3
      let first = bytes[offset + 1]
      let last = bytes[offset + 2]
      let count = bytes[offset + 3]
      if file == 0 || file == 31 || first == 0 || last < first || Int(count) > Int(last - first) + 1
      {
        return nil
      }
      entries.append(LocatorEntry(file: file, first: first, last: last, authenticated: count))
    }
    return entries
  }
}
