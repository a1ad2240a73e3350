// SPDX-License-Identifier: Apache-2.0

import PaymentCrypto
import Wire

/// The kinds of an application cryptogram, as bits 8 and 7 say them (EMV 4.4 Book 3, table 15).
public enum CryptogramType: UInt8, Hashable, Sendable, CaseIterable {
  /// Declined.
  case declined = 0x00
  /// Approved.
  case approved = 0x40
  /// To be asked on line.
  case online = 0x80
}

extension TestCard {
  /// GENERATE AC (EMV 4.4 Book 3, 6.5.5), once or twice in a transaction.
  mutating func generateCryptogram(_ command: CommandBytes) -> [UInt8] {
    guard command.second == 0, let asked = CryptogramType(rawValue: command.first & 0xC0) else {
      return status(.wrongParameters)
    }
    guard let index = session.selected, session.transaction.options != nil else {
      return status(.conditionsNotMet)
    }
    if !command.hasExpectedLength && !command.data.isEmpty { return status(.wrongLength) }
    let wantsSignature = command.first & 0x18 == 0x10
    switch session.transaction.firstType {
    case nil:
      if command.data.count != applications[index].firstList.byteCount {
        return status(.wrongLength)
      }
      if has(.firstRefused) { return status(.conditionsNotMet) }
      return firstCryptogram(asked, command.data, wantsSignature, index)
    case .online where session.transaction.secondType == nil && asked != .online:
      if command.data.count != applications[index].secondList.byteCount {
        return status(.wrongLength)
      }
      if has(.secondFails) { return status(.conditionsNotMet) }
      return secondCryptogram(asked, command.data, wantsSignature, index)
    default: return status(.conditionsNotMet)
    }
  }

  private mutating func firstCryptogram(
    _ asked: CryptogramType, _ data: [UInt8], _ wantsSignature: Bool, _ index: Int
  ) -> [UInt8] {
    var type = firstDecision(asked, applications[index])
    if has(.firstHigher) { type = .approved }
    session.transaction.first = data
    session.transaction.firstType = type
    switch type {
    case .approved: applications[index].offlineCount &+= 1
    case .online: applications[index].lastOnlineNotCompleted = true
    case .declined: break
    }
    let signs = wantsSignature && type != .declined && applications[index].signing != nil
    if signs { session.transaction.combinedDone = true }
    let made = cryptogram(index, data: data)
    session.transaction.cryptogram = made.cryptogram
    session.transaction.chain = made.cryptogram
    applications[index].scriptCommands = 0
    applications[index].scriptFailed = false
    if type != .online { writeLog(index, data, type) }
    var answer = CryptogramAnswer(
      information: type.rawValue, counter: applications[index].counter,
      cryptogram: made.cryptogram, issuerData: made.issuerData)
    if has(.firstReserved) { answer.information |= 0xC0 }
    if has(.firstWithoutCounter) { answer.counter = nil }
    if has(.adviceWanted) { answer.information |= 0x08 }
    if has(.serviceNotAllowed) { answer.information |= 0x01 }
    let body = signs ? signed(answer, index, asked: data) : plain(answer, index)
    return body + status(.done)
  }

  private func firstDecision(
    _ asked: CryptogramType, _ application: CardApplication
  ) -> CryptogramType {
    let declines =
      has(.firstDeclines) || has(.firstDeclinesPlain) || has(.firstDeclinesTagged)
      || has(.serviceNotAllowed) || application.isBlocked
    if asked == .declined || declines { return .declined }
    if has(.firstWantsOnline) { return .online }
    switch application.profile.policy {
    case .follow: return asked
    case .online: return .online
    case .decline: return .declined
    case .counters:
      let isDue =
        application.offlineCount >= application.lowerLimit || application.lastOnlineNotCompleted
        || application.goesOnlineNext
      return isDue ? .online : asked
    }
  }

  private mutating func secondCryptogram(
    _ asked: CryptogramType, _ data: [UInt8], _ wantsSignature: Bool, _ index: Int
  ) -> [UInt8] {
    let application = applications[index]
    let code = application.secondList.value(0x8A, in: data) ?? []
    // Y3 and Z3: the terminal could not ask anybody (EMV 4.4 Book 4, A6).
    let isUnable = code == Array("Y3".utf8) || code == Array("Z3".utf8)
    if !isUnable { checkProof(in: data, index) }
    var type = isUnable ? unableDecision(asked, application) : secondDecision(asked, index)
    if has(.secondDeclines) { type = .declined }
    session.transaction.secondType = type
    if !isUnable { completeOnline(index) }
    if isUnable, type == .approved { applications[index].offlineCount &+= 1 }
    let signs = wantsSignature && type != .declined && applications[index].signing != nil
    if signs { session.transaction.combinedDone = true }
    let made = cryptogram(index, data: data)
    writeLog(index, data, type)
    var answer = CryptogramAnswer(
      information: type.rawValue, counter: applications[index].counter,
      cryptogram: made.cryptogram, issuerData: made.issuerData)
    if has(.secondOnline) { answer.information = CryptogramType.online.rawValue }
    if has(.secondReserved) { answer.information = 0xC0 }
    let before = session.transaction.first ?? []
    let body = signs ? signed(answer, index, asked: before + data) : tagged(answer, index)
    return body + status(.done)
  }

  private func unableDecision(
    _ asked: CryptogramType, _ application: CardApplication
  ) -> CryptogramType {
    let isOver =
      application.profile.policy == .counters
      && application.offlineCount >= application.upperLimit
    return isOver || application.isBlocked ? .declined : asked
  }

  private func secondDecision(_ asked: CryptogramType, _ index: Int) -> CryptogramType {
    if asked == .declined || applications[index].isBlocked { return .declined }
    switch session.transaction.proof {
    case .failed: return .declined
    case .none: return applications[index].profile.needsProof ? .declined : asked
    case .done(let update):
      return update.isEmpty || update[1] & 0x80 != 0 ? asked : .declined
    }
  }

  private func plain(_ answer: CryptogramAnswer, _ index: Int) -> [UInt8] {
    if answer.counter == nil { return answer.tagged }
    if has(.firstDeclinesPlain) { return answer.plain }
    if has(.firstDeclinesTagged) { return answer.tagged }
    if has(.firstTenBytes) { return CardObject(0x80, Array(answer.values.prefix(10))).bytes }
    if has(.firstTooLong) {
      let long = answer.values + [UInt8](repeating: 0, count: 44)
      return CardObject(0x80, Array(long.prefix(44))).bytes
    }
    return tagged(answer, index)
  }

  private func tagged(_ answer: CryptogramAnswer, _ index: Int) -> [UInt8] {
    applications[index].profile.answersTagged ? answer.tagged : answer.plain
  }

  private mutating func writeLog(_ index: Int, _ data: [UInt8], _ type: CryptogramType) {
    let first = session.transaction.first ?? data
    let list = applications[index].firstList
    var entry = list.value(0x9A, in: first) ?? [0, 0, 0]
    entry += list.value(0x9F02, in: first) ?? [0, 0, 0, 0, 0, 0]
    entry += list.value(0x5F2A, in: first) ?? [0, 0]
    entry += TestCard.bytes(applications[index].counter) + [type.rawValue]
    applications[index].log.insert(entry, at: 0)
    if applications[index].log.count > 10 { applications[index].log.removeLast() }
  }
}

/// An answer to GENERATE AC before it has its form.
struct CryptogramAnswer: Hashable, Sendable {
  var information: UInt8
  /// 9F36; nil leaves it out.
  var counter: UInt16?
  var cryptogram: [UInt8]
  var issuerData: [UInt8]

  private var counterBytes: [UInt8] { counter.map { TestCard.bytes($0) } ?? [] }

  /// The values in the order of format 1.
  var values: [UInt8] { [information] + counterBytes + cryptogram + issuerData }

  var plain: [UInt8] { CardObject(0x80, values).bytes }

  var tagged: [UInt8] {
    CardObject(
      0x77, (head + [CardObject(0x9F26, cryptogram)] + tail).bytes
    ).bytes
  }

  /// What stands in front of the cryptogram or the signature.
  var head: [CardObject] {
    let counted = counter == nil ? [] : [CardObject(0x9F36, counterBytes)]
    return [CardObject(0x9F27, [information])] + counted
  }

  /// What stands behind it.
  var tail: [CardObject] { issuerData.isEmpty ? [] : [CardObject(0x9F10, issuerData)] }
}
