// SPDX-License-Identifier: Apache-2.0

import Clockwork
import Devices
import EMVKernel
import Wire

extension Terminal {
  /// Whether chips are read: there is a slot, and the acquirer's file says how.
  var readsChips: Bool { devices.readsChips && settings.chip != nil }

  mutating func heardOfChip(_ report: CardReaderReport, at now: Instant) -> [TerminalEffect] {
    switch report {
    case .cardInserted: return cardInserted(at: now)
    case .powered: return tellTransaction(.chip(.powered), at: now)
    case .responded(let answer): return tellTransaction(.chip(.responded(answer)), at: now)
    // A card that nobody waits for any more is pulled, or lets go of its power.
    case .cardRemoved:
      let wasKnown = devices.cardIsInSlot
      devices.cardIsInSlot = false
      // The slot is empty, whatever was left in it.
      devices.cardMayBeLeft = false
      return sale == nil || !wasKnown ? [] : tellTransaction(.chip(.removed), at: now)
    case .chipFault(let fault):
      return sale == nil ? [] : tellTransaction(.chip(.failed(fault)), at: now)
    case .poweredOff: return []
    case .ready, .unavailable, .swiped, .misread: return []
    }
  }

  private mutating func cardInserted(at now: Instant) -> [TerminalEffect] {
    devices.cardIsInSlot = true
    // Whose card it is nobody knows: it has to come out once.
    if devices.cardMayBeLeft {
      devices.cardMayBeLeft = false
      return sale?.tell(.removeCard) ?? []
    }
    if let way = sale?.machine.otherWay { return sale?.tell(way) ?? [] }
    guard sale != nil, let settings = kernelSettings(at: now), let data = chipData(at: now) else {
      unexpectedEvents += 1
      return []
    }
    return tellTransaction(.cardInserted(ChipDesk(settings: settings, data: data)), at: now)
  }

  /// The kernel's settings, with the applications and keys that the acquirer has last sent.
  private func kernelSettings(at now: Instant) -> KernelSettings? {
    guard var kernel = settings.chip?.kernel else { return nil }
    let applications = chipApplications.compactMap { ApplicationParameters($0) }
    if !applications.isEmpty { kernel.applications = applications }
    let keys = publicKeys
    // Those of the file do not come back because the acquirer's have ended.
    if !keys.isEmpty { kernel.keys = valid(keys, at: now).compactMap { AuthorityKey($0) } }
    guard let merchant else { return kernel }
    kernel.terminalObjects += [
      DataObject(.terminal, merchant.terminalID), DataObject(.merchant, merchant.merchantID),
      DataObject(.deviceSerial, deviceSerial),
    ]
    return kernel
  }

  /// 9F1E: eight characters.
  private var deviceSerial: [UInt8] {
    let serial = Array(settings.serial.utf8).suffix(8)
    return [UInt8](repeating: 0x30, count: 8 - serial.count) + serial
  }

  /// What the transaction brings to the card, with numbers that no card can foresee.
  private mutating func chipData(at now: Instant) -> TransactionData? {
    guard let sale, let clock, let merchant, var numbers = unpredictable.first,
      let currency = packed(merchant.currency), let nothing = Amount(minorUnits: 0)
    else { return nil }
    let time = clock.local(at: now)
    guard let year = packed(Digits.text(UInt64(time.year % 100), 2) ?? []),
      let date = packed(time.dateDigits), let clockTime = packed(time.timeDigits),
      case let bytes = [UInt8(year), UInt8(date >> 8), UInt8(date & 0xFF)],
      let day: CardDate = .init(bytes)
    else { return nil }
    let random = takeNonce()
    let number = numbers.number(random: random)
    let drawn = UInt8(numbers.number(random: random + [1]) % 99 + 1)
    numbers.finish(time: UInt64(bitPattern: now.microseconds), random: random, cryptogram: [])
    unpredictable = [numbers]
    return TransactionData(
      amount: sale.amount, cashback: nothing, type: sale.kind.chipType, currency: UInt16(currency),
      currencyExponent: 2, date: day, time: clockTime, unpredictableNumber: number,
      sequenceCounter: traces.next.value, drawnNumber: drawn)
  }

  /// Digits as the halves of bytes.
  private func packed(_ digits: [UInt8]) -> UInt32? {
    if !digits.allSatisfy({ (0x30...0x39).contains($0) }) { return nil }
    return digits.reduce(0) { $0 << 4 | UInt32($1 - 0x30) }
  }

  /// EMV 4.4 Book 2, 11.3. What is kept there while the power is off is here what the system draws
  /// at each start.
  mutating func startUnpredictableNumbers(_ facts: StartFacts) {
    unpredictable = [
      UnpredictableNumbers(
        stored: settings.keys.fingerprint,
        time: UInt64(bitPattern: facts.clock.unixMilliseconds),
        device: deviceSerial, terminal: merchant?.terminalID ?? [], random: facts.entropy)
    ]
  }
}

extension TransactionKind {
  /// 9C: the first two digits of the processing code.
  fileprivate var chipType: UInt8 {
    switch self {
    case .balance: 0x31
    case .preAuthorisation: 0x03
    default: 0x00
    }
  }
}
