// SPDX-License-Identifier: Apache-2.0

// Processing restrictions (EMV 4.4 Book 3, 10.4).

extension Kernel {
  mutating func restrict() -> [Effect] {
    let card = session.data.card
    // 10.4.1: a card without a version is taken as compatible.
    if let version = card[.cardVersion] {
      let number = UInt16(version[0]) << 8 | UInt16(version[1])
      if !parameters.versionNumbers.contains(number) { session.data.tvr.insert(.versionsDiffer) }
    }
    // 10.4.2
    if let usage = card[.usageControl] {
      let control = UsageControl(rawValue: UInt16(usage[0]) << 8 | UInt16(usage[1]))
      if !allows(control, issuerCountry: card[.issuerCountry]) {
        session.data.tvr.insert(.serviceNotAllowed)
      }
    }
    // 10.4.3: by the day; the last day is still good.
    if let today = CardDate.read(session.data.terminal[.date]) {
      if let first = CardDate.read(card[.effectiveDate]), today < first {
        session.data.tvr.insert(.notYetEffective)
      }
      if let last = CardDate.read(card[.expirationDate]), last < today {
        session.data.tvr.insert(.expired)
      }
    }
    return verifyCardholder()
  }

  private func allows(_ control: UsageControl, issuerCountry: [UInt8]?) -> Bool {
    if !control.contains(isATM ? .atATMs : .elsewhere) { return false }
    guard let issuerCountry else { return true }
    let isDomestic = issuerCountry == bytes(settings.country)
    switch session.kind.service {
    case .cash:
      if !control.contains(isDomestic ? .domesticCash : .internationalCash) { return false }
    case .purchase:
      let either: UsageControl =
        isDomestic
        ? [.domesticGoods, .domesticServices] : [.internationalGoods, .internationalServices]
      if control.isDisjoint(with: either) { return false }
    case .other:
      // The Books have a column for cash, purchases and cashback alone.
      break
    }
    if !hasCashback { return true }
    return control.contains(isDomestic ? .domesticCashback : .internationalCashback)
  }

  /// Types 14 to 16 that pay out cash, and nothing else (EMV 4.4 Book 4, A1).
  var isATM: Bool {
    !settings.terminalType.isAttended && settings.additionalCapabilities.hasCash
      && settings.terminalType.operator == .financialInstitution
  }

  var hasCashback: Bool { session.cashback > 0 || session.kind.hasCashback }
}
