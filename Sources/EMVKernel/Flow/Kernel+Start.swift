// SPDX-License-Identifier: Apache-2.0

import Devices

extension Kernel {
  /// Freezes everything that the card and the host shall see alike (EMV 4.4 Book 4, 10.1).
  mutating func start(_ transaction: TransactionData) -> [Effect] {
    session.kind = settings.kind(of: transaction.type)
    session.drawnNumber = transaction.drawnNumber
    session.isForcedOnline = transaction.isForcedOnline
    for object in settings.terminalObjects { session.common[object.tag] = object.value }
    session.common[.terminalType] = [settings.terminalType.rawValue]
    session.common[.terminalCapabilities] = settings.capabilities.bytes
    session.common[.additionalCapabilities] = settings.additionalCapabilities.bytes
    session.common[.terminalCountry] = bytes(settings.country)
    session.common[.currency] = bytes(transaction.currency)
    session.common[.currencyExponent] = [transaction.currencyExponent]
    session.common[.date] = transaction.date.packed
    session.common[.time] = Array(bytes(transaction.time).suffix(3))
    session.common[.type] = [transaction.type]
    session.common[.unpredictableNumber] = bytes(transaction.unpredictableNumber)
    session.common[.sequenceCounter] = decimal(UInt64(transaction.sequenceCounter), count: 4)
    session.common[.entryMode] = [transaction.entryMode]
    session.common[.accountType] = transaction.accountType.map { [$0] }
    if let amount = transaction.amount { set(amount, transaction.cashback) }
    return startSelection()
  }

  /// The amount in both its forms. The binary one has four bytes; an amount that does not fit has
  /// none, and who asks for it is not told zero: see `fits`.
  mutating func set(_ total: Amount, _ cashback: Amount) {
    session.amount = total.minorUnits
    session.cashback = cashback.minorUnits
    let objects: [(DataTag, [UInt8]?)] = [
      (.amount, decimal(total.minorUnits, count: 6)),
      (.otherAmount, decimal(cashback.minorUnits, count: 6)),
      (.amountBinary, UInt32(exactly: total.minorUnits).map { bytes($0) }),
      (.otherAmountBinary, UInt32(exactly: cashback.minorUnits).map { bytes($0) }),
    ]
    for (tag, value) in objects {
      session.common[tag] = value
      session.data.terminal[tag] = value
    }
  }

  /// Whether a list asks for no binary amount that does not fit into four bytes.
  func fits(_ list: DOL) -> Bool {
    let isTooLarge = session.amount.map { $0 > UInt64(UInt32.max) } ?? false
    return !isTooLarge || !list.asks(for: .amountBinary)
  }

  mutating func take(_ total: Amount, _ cashback: Amount, _ waiting: Waiting) -> [Effect] {
    set(total, cashback)
    switch waiting {
    case .initiation: return initiate()
    case .records: return startAuthentication()
    }
  }

  /// The terminal data of the selected application, in place of those of the one before.
  mutating func load(_ name: [UInt8]) {
    session.data.terminal = session.common
    for object in parameters.terminalObjects {
      session.data.terminal[object.tag] = object.value
    }
    session.data.terminal[.terminalAID] = name
    session.data.terminal[.terminalVersion] = parameters.versionNumbers.first.map { bytes($0) }
    session.data.terminal[.floorLimit] = bytes(risk.floorLimit)
    var capabilities = parameters.capabilities ?? settings.capabilities
    if let limit = parameters.belowCVMLimit, let amount = session.amount,
      amount < limit.amount.minorUnits
    {
      capabilities = limit.capabilities
    }
    // A retired method is not offered to the card either.
    if !settings.options.allowsPlaintextPIN { capabilities.remove(.plaintextPIN) }
    session.capabilities = capabilities
    session.data.terminal[.terminalCapabilities] = capabilities.bytes
  }

  /// Limits and action codes for this application and transaction type.
  var risk: RiskParameters { parameters.risk(for: session.kind.type) }

  func bytes(_ number: UInt16) -> [UInt8] { Array(bytes(UInt32(number)).suffix(2)) }

  func bytes(_ number: UInt32) -> [UInt8] {
    [24, 16, 8, 0].map { UInt8(truncatingIfNeeded: number >> UInt32($0)) }
  }

  /// A number as packed digits, the leading ones cut off.
  private func decimal(_ number: UInt64, count: Int) -> [UInt8] {
    var digits: [UInt8] = []
    var rest = number
    for _ in 0..<count {
      digits.append(UInt8(rest / 10 % 10) << 4 | UInt8(rest % 10))
      rest /= 100
    }
    return digits.reversed()
  }
}
