// SPDX-License-Identifier: Apache-2.0

import Clockwork
import PaymentCrypto
import Wire

extension TestCard {
  /// GET PROCESSING OPTIONS (EMV 4.4 Book 3, 6.5.8): the transaction begins, and is counted.
  mutating func processingOptions(_ command: CommandBytes) -> [UInt8] {
    guard command.first == 0, command.second == 0 else { return status(.wrongParameters) }
    guard let index = session.selected, session.transaction.options == nil else {
      return status(.conditionsNotMet)
    }
    guard command.hasExpectedLength, let objects = try? TLVSlice.all(of: command.data),
      objects.count == 1, objects[0].tag.rawValue == 0x83, objects[0].bytes == command.data
    else { return status(.wrongData) }
    let application = applications[index]
    if objects[0].value.count != application.processingList.byteCount {
      return status(.wrongLength)
    }
    if index == 0, has(.processingFails) { return status(.wrongData) }
    // The counter has an end, and so has the card (EMV 4.4 Book 2, D3).
    if (index == 0 && has(.processingRefused)) || application.counter == .max {
      return status(.conditionsNotMet)
    }
    applications[index].counter += 1
    session.transaction = Transaction()
    session.transaction.options = objects[0].value
    session.transaction.isBehindIncomplete = application.lastOnlineNotCompleted
    return options(application, isFirst: index == 0) + status(.done)
  }

  private func options(_ application: CardApplication, isFirst: Bool) -> [UInt8] {
    let profile = application.profile.interchange
    var objects = [CardObject(0x82, profile), CardObject(0x94, application.locator)]
    if isFirst, has(.processingWithoutProfile) {
      objects.remove(at: 0)
    } else if isFirst, has(.processingWithoutLocator) {
      objects.remove(at: 1)
    } else if !application.profile.answersTagged {
      return CardObject(0x80, profile + application.locator).bytes
    }
    return CardObject(0x77, objects.bytes).bytes
  }

  /// GET DATA (EMV 4.4 Book 3, 6.5.7).
  mutating func getData(_ command: CommandBytes) -> [UInt8] {
    guard command.data.isEmpty, command.hasExpectedLength else { return status(.wrongLength) }
    guard let index = session.selected else { return status(.conditionsNotMet) }
    let application = applications[index]
    let tag = UInt32(command.first) << 8 | UInt32(command.second)
    let value: [UInt8]
    switch tag {
    case 0x9F36:
      if index == 0, has(.withoutCounter) { return status(.noObject) }
      value = TestCard.bytes(application.counter)
    case 0x9F13:
      if index == 0, has(.withoutLastOnline) { return status(.noObject) }
      value = TestCard.bytes(application.lastOnline)
    case 0x9F17: value = [application.tries]
    case 0x9F4F: value = TestCard.logFormat
    default: return status(.noObject)
    }
    return CardObject(tag, value).bytes + status(.done)
  }

  static func bytes(_ number: UInt16) -> [UInt8] { [UInt8(number >> 8), UInt8(number & 0xFF)] }

  /// Date, amount, currency, counter and kind of cryptogram.
  private static var logFormat: [UInt8] {
    [0x9A, 0x03, 0x9F, 0x02, 0x06, 0x5F, 0x2A, 0x02, 0x9F, 0x36, 0x02, 0x9F, 0x27, 0x01]
  }

  /// INTERNAL AUTHENTICATE (EMV 4.4 Book 3, 6.5.9): a signature of the terminal's data.
  mutating func internalAuthenticate(_ command: CommandBytes) -> [UInt8] {
    guard command.first == 0, command.second == 0 else { return status(.wrongParameters) }
    guard let index = session.selected, session.transaction.options != nil,
      let key = applications[index].signing
    else { return status(.conditionsNotMet) }
    guard !command.data.isEmpty, command.hasExpectedLength else { return status(.wrongLength) }
    session.transaction.dynamicDone = true
    let number = dynamicNumber(applications[index])
    var data = [UInt8(number.count)] + number
    if has(.dynamicDataNone) { data = [] }
    if has(.dynamicDataNine) {
      data = [0x08] + (number + [UInt8](repeating: 0x5A, count: 8)).prefix(8)
    }
    if has(.dynamicDataSixty) {
      // A short key has room for fewer.
      let count = min(60, key.count - 25)
      data += [UInt8](repeating: 0x5A, count: count - data.count)
    }
    let signature = signature(
      data, by: key, over: command.data, length: .dynamicLength, format: .dynamicFormat,
      hash: .dynamicHash)
    let body =
      applications[index].profile.answersTagged
      ? CardObject(0x77, CardObject(0x9F4B, signature).bytes) : CardObject(0x80, signature)
    return body.bytes + status(.done)
  }

  /// Signs dynamic data, with the faults of this kind of signature.
  func signature(
    _ data: [UInt8], by key: CardKey, over rest: [UInt8], length: CardFault,
    format: CardFault? = nil, hash: CardFault
  ) -> [UInt8] {
    var block = SignedBlock(format: 0x05, content: [0x01, UInt8(data.count)] + data)
    if has(length) { block.spoiling = .length }
    if has(hash) { block.spoiling = .hash }
    if let format, has(format) { block.spoiling = .format }
    return block.signature(by: key, over: rest)
  }

  mutating func dynamicNumber(_ application: CardApplication) -> [UInt8] {
    application.dynamicNumber ?? dice.bytes(4)
  }

  /// GET CHALLENGE (EMV 4.4 Book 3, 6.5.6).
  mutating func getChallenge(_ command: CommandBytes) -> [UInt8] {
    if has(.challengeUnknown) { return status(.unknownInstruction) }
    guard command.first == 0, command.second == 0 else { return status(.wrongParameters) }
    guard command.data.isEmpty, command.hasExpectedLength else { return status(.wrongLength) }
    let challenge = dice.bytes(8)
    session.transaction.challenge = challenge
    return challenge.prefix(has(.challengeShort) ? 7 : 8) + status(.done)
  }
}
