// SPDX-License-Identifier: Apache-2.0

import Clockwork
import Devices
public import EMVKernel

/// What a terminal with a slot for chips has to know beside what the acquirer lets it download.
public struct ChipRules: Hashable, Sendable {
  /// The kernel's terminal data: type, capabilities, country, languages. Applications and keys that
  /// stand here hold where the acquirer has none for the terminal to download.
  public var kernel: KernelSettings
  /// Whether a card whose chip does not work may be swiped.
  public var allowsFallback: Bool

  /// Rules. Nothing is approved without the acquirer, which could not be told of it; and nobody
  /// chooses between applications, since there is no screen for that (EMV 4.4 Book 1, 12.4).
  public init(kernel: KernelSettings, allowsFallback: Bool) {
    precondition(kernel.terminalType.reach == .onlineOnly, "whoever reads the type has asked")
    self.kernel = kernel
    self.allowsFallback = allowsFallback
    self.kernel.options.cardholderSelects = false
    self.kernel.options.onlineOnlyTestsDefaultCodes = false
    self.kernel.options.allowsPINBypass = false
    // What has no way to the card's slot is not offered to the card.
    for method in [TerminalCapabilities.plaintextPIN, .encipheredPIN] {
      self.kernel.capabilities.remove(method)
    }
  }
}

extension ApplicationParameters {
  /// As the acquirer has set them.
  init?(_ application: ChipApplication) {
    guard let aid = AID(application.identifier) else { return nil }
    var risk = RiskParameters()
    risk.denialCode = ApplicationParameters.results(application.actionDenial)
    risk.onlineCode = ApplicationParameters.results(application.actionOnline)
    risk.defaultCode = ApplicationParameters.results(application.actionDefault)
    risk.floorLimit = UInt32(truncatingIfNeeded: application.floorLimit)
    risk.threshold = UInt32(truncatingIfNeeded: application.threshold)
    risk.targetPercentage = application.targetPercent
    risk.maximumPercentage = application.maximumPercent
    let version = application.version.reduce(0) { $0 << 8 | UInt16($1) }
    self.init(
      aid: aid, matchesPartially: application.matchesPartly, versionNumbers: [version], risk: risk)
    if !application.defaultDDOL.isEmpty { defaultDDOL = application.defaultDDOL }
  }

  private static func results(_ bytes: [UInt8]) -> TVR {
    TVR(rawValue: bytes.reduce(0) { $0 << 8 | UInt64($1) })
  }
}

extension AuthorityKey {
  /// A key of the acquirer's; nil for one that no authority may have.
  init?(_ key: CAPublicKey) {
    let sum = AuthorityKey.sum(key.provider, key.index, key.modulus, key.exponent)
    let made = try? AuthorityKey(
      scheme: key.provider, index: key.index, modulus: key.modulus, exponent: key.exponent,
      checkSum: sum)
    guard let made else { return nil }
    self = made
  }
}
