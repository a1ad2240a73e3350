// SPDX-License-Identifier: Apache-2.0

import PINPadCrypto
import Wire

extension TestCard {
  /// VERIFY (EMV 4.4 Book 3, 6.5.12): 80 a clear block, 88 one enciphered for the card.
  mutating func verify(_ command: CommandBytes, _ challenge: [UInt8]?) -> [UInt8] {
    guard command.first == 0, command.second == 0x80 || command.second == 0x88 else {
      return status(.wrongParameters)
    }
    guard let index = session.selected, session.transaction.options != nil else {
      return status(.conditionsNotMet)
    }
    if command.data.isEmpty || command.hasExpectedLength { return status(.wrongLength) }
    session.transaction.verifications += 1
    if let answer = verifyFault() { return answer }
    if applications[index].tries == 0 {
      session.transaction.pinFailed = true
      return status(.blockedMethod)
    }
    guard let entered = pin(in: command, challenge, applications[index]) else {
      session.transaction.pinFailed = true
      return status(.invalidatedReference)
    }
    session.transaction.pinDone = true
    if entered == applications[index].pin {
      session.transaction.pinFailed = false
      applications[index].tries = applications[index].profile.tries
      return status(.done)
    }
    session.transaction.pinFailed = true
    applications[index].tries -= 1
    return [0x63, 0xC0 | applications[index].tries]
  }

  private mutating func verifyFault() -> [UInt8]? {
    if has(.verifyFails) { return status(.wrongData) }
    if has(.verifyNoTries) { return [0x63, 0xC0] }
    if has(.verifyBlocked) { return status(.blockedMethod) }
    if has(.verifyInvalidated) { return status(.invalidatedReference) }
    if has(.verifyFirstWrong), session.transaction.verifications == 1 { return [0x63, 0xC2] }
    return nil
  }

  /// The PIN; nil where the block, its header or its challenge is wrong: one word for all of them
  /// (EMV 4.4 Book 2, 7.2).
  private func pin(
    in command: CommandBytes, _ challenge: [UInt8]?, _ application: CardApplication
  ) -> ClearPIN? {
    if command.second == 0x80 { return try? PINBlock.pin(format: 2, command.data) }
    guard let challenge, let key = application.pinKey ?? application.signing,
      command.data.count == key.count, let plain = key.apply(command.data)
    else { return nil }
    return try? OfflinePIN.pin(in: plain, challenge: challenge)
  }
}
