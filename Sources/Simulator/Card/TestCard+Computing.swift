// SPDX-License-Identifier: Apache-2.0

import PaymentCrypto
import Wire

extension TestCard {
  /// The tags whose values a cryptogram is over, in this order, and how long they are; profile,
  /// counter and issuer data follow (EMV 4.4 Book 2, CCD, table CCD 3).
  static var covered: [(tag: UInt32, count: Int)] {
    [
      (0x9F02, 6), (0x9F03, 6), (0x9F1A, 2), (0x95, 5), (0x5F2A, 2), (0x9A, 3), (0x9C, 1),
      (0x9F37, 4),
    ]
  }

  /// The cryptogram of the transaction as it now stands, with 9F10. What the second list does not
  /// have is taken from the first.
  func cryptogram(_ index: Int, data: [UInt8]) -> (cryptogram: [UInt8], issuerData: [UInt8]) {
    let application = applications[index]
    let isSecond = session.transaction.secondType != nil
    let first = session.transaction.first ?? data
    var input: [UInt8] = []
    for (tag, count) in TestCard.covered {
      let own = isSecond ? application.secondList.value(tag, in: data) : nil
      input +=
        own ?? application.firstList.value(tag, in: first) ?? [UInt8](repeating: 0, count: count)
    }
    let issuerData = issuerData(application)
    input += application.profile.interchange + TestCard.bytes(application.counter) + issuerData
    let key = application.secrets.cryptogramKey(counter: application.counter)
    return (key.cryptogram(over: input, application.profile.filling), issuerData)
  }

  /// 9F10 in format code A (EMV 4.4 Book 3, C9), or as fixed.
  private func issuerData(_ application: CardApplication) -> [UInt8] {
    switch application.profile.issuerData {
    case .fixed(let bytes): return bytes
    case .results:
      let counters = [0, application.offlineCount] + [UInt8](repeating: 0, count: 6)
      return [0x0F, 0xA5, 0x00] + results(application) + counters + [0x0F]
        + [UInt8](repeating: 0, count: 15)
    }
  }

  /// The card verification results (EMV 4.4 Book 3, table CCD 10).
  private func results(_ application: CardApplication) -> [UInt8] {
    let transaction = session.transaction
    var results: [UInt8] = [0, application.tries << 4, 0, 0, 0]
    results[0] = transaction.secondType.map { $0.rawValue } ?? 0x80
    results[0] |= (transaction.firstType ?? .declined).rawValue >> 2
    if transaction.combinedDone { results[0] |= 0x08 }
    if transaction.dynamicDone { results[0] |= 0x04 }
    if transaction.secondType != nil {
      switch transaction.proof {
      case .none: results[0] |= 0x02
      case .failed: results[0] |= 0x01
      case .done: break
      }
    }
    if transaction.pinDone { results[1] |= 0x08 }
    if transaction.pinFailed { results[1] |= 0x04 }
    if application.tries == 0 { results[1] |= 0x02 }
    if transaction.isBehindIncomplete { results[1] |= 0x01 }
    if application.offlineCount > application.lowerLimit { results[2] |= 0x80 }
    if application.offlineCount > application.upperLimit { results[2] |= 0x40 }
    results[3] = min(application.scriptCommands, 15) << 4
    if application.scriptFailed { results[3] |= 0x08 }
    if application.goesOnlineNext { results[3] |= 0x02 }
    return results
  }

  /// The answer with a combined signature in place of the cryptogram (EMV 4.4 Book 2, 6.6.1).
  /// `asked` are the values sent for CDOL1 and CDOL2.
  mutating func signed(_ answer: CryptogramAnswer, _ index: Int, asked: [UInt8]) -> [UInt8] {
    let application = applications[index]
    guard let key = application.signing else { return answer.tagged }
    var tail = answer.tail
    if has(.combinedMoreObjects) { tail.append(CardObject(0xDF01, [0x41])) }
    let isTurned = has(.combinedOtherOrder)
    let before = isTurned ? tail : answer.head
    let after = isTurned ? answer.head : tail
    let options = session.transaction.options ?? []
    var covered = options + asked + (before + after).bytes
    if has(.combinedTransactionHash) { covered.append(0) }
    let number = dynamicNumber(application)
    let information = has(.combinedInformation) ? answer.information ^ 0xC0 : answer.information
    let data =
      [UInt8(number.count)] + number + [information] + answer.cryptogram
      + HashAlgorithm.sha1.digest(covered)
    let signature = signature(
      data, by: key, over: unpredictable(application, asked), length: .combinedLength,
      hash: .combinedHash)
    let objects = before + [CardObject(0x9F4B, signature)] + after
    return CardObject(0x77, objects.bytes).bytes
  }

  /// The terminal's number in the values of this command, or else of the first.
  private func unpredictable(_ application: CardApplication, _ asked: [UInt8]) -> [UInt8] {
    let first = session.transaction.first ?? []
    let second = Array(asked.dropFirst(first.count))
    return application.secondList.value(0x9F37, in: second)
      ?? application.firstList.value(0x9F37, in: first) ?? []
  }
}
