// SPDX-License-Identifier: Apache-2.0

// Terminal action analysis (EMV 4.4 Book 3, 10.7): the results are laid over the codes of the
// acquirer (TAC) and the issuer (IAC); where one bit meets another, the code hits.
//
//                        denial hits    else online hits    else default hits    else
//     online-only        AAC            ARQC                ARQC                 ARQC
//     offline + online   AAC            ARQC                TC                   TC
//     offline-only       AAC            -                   AAC                  TC
//     no host after all  -              -                   AAC                  TC

extension Kernel {
  enum ActionCode: UInt8, Hashable, Sendable { case denial, online, `default` }

  mutating func analyse() -> [Effect] {
    requestFirst(session.kind.wantsDecline ? .aac : decide())
  }

  private func decide() -> CryptogramType {
    if hits(.denial) { return .aac }
    switch settings.terminalType.reach {
    case .onlineOnly: return .arqc
    case .offlineWithOnline: return hits(.online) ? .arqc : .tc
    case .offlineOnly:
      // Both ways are the Book's. With the first, the card may still turn its ARQC into a TC.
      if settings.options.offlineOnlyTestsOnlineCodes && hits(.online) { return .arqc }
      return hits(.default) ? .aac : .tc
    }
  }

  func hits(_ code: ActionCode) -> Bool {
    let acquirer: TVR
    let issuer: TVR
    // An issuer that says nothing denies nothing, and sends everything else online.
    switch code {
    case .denial:
      acquirer = risk.denialCode
      issuer = issuerCode(.iacDenial) ?? TVR()
    case .online:
      acquirer = risk.onlineCode
      issuer = issuerCode(.iacOnline) ?? .everything
    case .default:
      acquirer = risk.defaultCode
      issuer = issuerCode(.iacDefault) ?? .everything
    }
    return !session.data.tvr.isDisjoint(with: acquirer.union(issuer))
  }

  private func issuerCode(_ tag: DataTag) -> TVR? { session.data.card[tag].flatMap { TVR($0) } }
}
