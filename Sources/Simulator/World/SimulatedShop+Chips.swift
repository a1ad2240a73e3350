// SPDX-License-Identifier: Apache-2.0

import EMVKernel
import PaymentCrypto
public import TerminalCore
import Wire

extension SimulatedShop {
  /// The keys behind the chips of the shop's cards: throw-away ones, drawn once a process.
  public static let cardKeys = CardKeySet(seed: 21, sizes: CardKeySet.Sizes())

  /// Chips on the cards of the accounts. The first signs with its cryptogram, the second before it,
  /// and the third finds the issuer's proof in the data of its second cryptogram.
  public static let cards: [TestCard] = {
    var cards: [TestCard] = []
    for (index, account) in accounts.enumerated() {
      var profile = CardProfile()
      profile.seed = UInt64(index)
      profile.applications[0].pan = account.pan.map { $0 - 0x30 }
      profile.applications[0].expires = [0x30, 0x12, 0x31]
      profile.applications[0].interchange = [[0x7D, 0x7C, 0x79][index], 0x00]
      let digits = account.track.map { $0 - 0x30 }
      let track = digits.count % 2 == 1 ? digits + [0x0F] : digits
      profile.applications[0].replaced = [CardObject(0x57, BCD.pack(track))]
      cards.append(profile.personalised(with: cardKeys))
    }
    return cards
  }()

  /// The issuer of these cards.
  public static var cardIssuer: TestIssuer { TestIssuer(secrets: cardKeys.secrets) }

  /// What a terminal of the shop with a slot for chips is set to.
  public static func chipRules(allowsFallback: Bool) -> ChipRules {
    guard let type = TerminalType(rawValue: 0x21), let language = Language(0x7A, 0x68),
      let extra = AdditionalCapabilities([0x60, 0x00, 0xF0, 0xA0, 0x01])
    else { preconditionFailure("EMV 4.4 Book 4, annex A has these") }
    return ChipRules(
      kernel: KernelSettings(
        terminalType: type, capabilities: TerminalCapabilities(rawValue: 0xE0_68C8),
        additionalCapabilities: extra, country: 0x0156, languages: [language], applications: []),
      allowsFallback: allowsFallback)
  }

  /// What the acquirer publishes that lets these cards pay.
  static var cardAuthority: HostDownloads.Entry {
    let key = cardKeys.authority.publicKey
    return HostDownloads.key(
      provider: CardKeySet.scheme, index: CardKeySet.authorityIndex, expiry: "20401231",
      modulus: key.modulus, exponent: key.exponent)
  }
}
