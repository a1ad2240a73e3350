// SPDX-License-Identifier: Apache-2.0

import Assembly
import Clockwork
public import PaymentCrypto
public import TerminalCore

extension Configuration {
  /// The cipher of the key that the maker puts in.
  public var transportCipher: CipherAlgorithm {
    acquirer.dialect.signIn?.layout.isSM4 == true ? .sm4 : .tdes2
  }

  /// The names of the acquirer's keys whose check values nobody looks at, for a warning.
  public var uncheckedKeys: [String] {
    acquirer.dialect.signIn?.layout.unchecked.map { $0.text } ?? []
  }

  /// What the core is set to.
  public func settings(keys: TerminalKeys) -> TerminalSettings {
    var settings = TerminalSettings(
      serial: serial, dialect: acquirer.dialect, terms: acquirer.terms, columns: columns,
      connectLimit: .seconds(Int64(acquirerLink.connectSeconds)),
      answerLimit: .seconds(Int64(acquirer.answerSeconds)),
      reversalPauses: acquirer.reversalPauses.map { .seconds(Int64($0)) },
      reviewPause: .seconds(Int64(reviewSeconds)), responses: acquirer.responses, keys: keys,
      link: acquirer.link)
    let rules = acquirer.rules
    settings.reversalsBlock = rules.reversalsBlock
    settings.allowsUnlinkedRefunds = rules.allowsUnlinkedRefunds
    settings.adviceTries = UInt32(rules.adviceTries)
    settings.batchLimit = UInt32(rules.batchLimit)
    settings.domesticPrefixes = rules.domesticPrefixes.map { Array($0.utf8) }
    settings.offline = rules.offline
    settings.chip = acquirer.chip
    settings.printsSettlementSlips = printsSettlementSlips
    settings.slips = slips
    settings.logos = logo.map { [$0] } ?? []
    settings.refusedLogo = refusedLogo?.text ?? ""
    settings.refusedTemplates = refusedTemplates?.text ?? ""
    settings.requiredDownloads = rules.requiredDownloads
    settings.pinSlot = board.pinPad.masterSlot
    return settings
  }
}
