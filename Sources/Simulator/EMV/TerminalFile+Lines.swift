// SPDX-License-Identifier: Apache-2.0

import Devices
import EMVKernel
import Wire

extension TerminalFile {
  typealias Problem = TerminalFileFault.Kind

  /// Takes one line; nil when it is right.
  mutating func set(_ key: String, _ words: [[UInt8]]) -> Problem? {
    switch key {
    case "authority-key": return addKey(words)
    case "revoked": return addRevoked(words)
    case "aid": return addApplication(words)
    case "versions", "denial", "online", "default", "floor-limit", "threshold", "target",
      "maximum", "default-ddol", "default-tdol", "object":
      if settings.applications.isEmpty { return .missing }
      return setApplication(key, words) ? nil : .value
    case "host", "authorisation", "issuer-data", "71", "72", "91", "referral", "pin", "verify",
      "choose", "exception-file":
      return setPeople(key, words) ? nil : .value
    case "languages", "directory", "force-online", "drawn-number", "pin-bypass", "plaintext-pin",
      "try-counter", "cda-mode", "amount-later":
      return setChoice(key, words) ? nil : .value
    default:
      guard let tag = TerminalFile.tag(key) else { return .key }
      guard words.count == 1, let bytes = try? Hex.decode(words[0]) else { return .value }
      return setObject(tag, bytes) ? nil : .value
    }
  }

  private static func tag(_ key: String) -> UInt32? {
    guard let bytes = try? Hex.decode(Array(key.utf8)), (1...3).contains(bytes.count) else {
      return nil
    }
    let tag = bytes.reduce(UInt32(0)) { $0 << 8 | UInt32($1) }
    return TLVTag(tag) == nil ? nil : tag
  }

  // MARK: Keys

  private mutating func addKey(_ words: [[UInt8]]) -> Problem? {
    do throws(AuthenticationFault) {
      guard let key = try AuthorityKey(words: words) else { return .value }
      settings.keys.append(key)
      return nil
    } catch {
      switch error.check {
      case .checkSum: return .checkSum
      case .exponent: return .exponent
      default: return .keyLength
      }
    }
  }

  private mutating func addRevoked(_ words: [[UInt8]]) -> Problem? {
    let parts = words.compactMap { try? Hex.decode($0) }
    if parts.map({ $0.count }) != [5, 1, 3] || words.count != 3 { return .value }
    settings.revoked.append(
      RevokedCertificate(scheme: parts[0], index: parts[1][0], serial: parts[2]))
    return nil
  }

  // MARK: Applications

  private mutating func addApplication(_ words: [[UInt8]]) -> Problem? {
    guard let first = words.first, let name = try? Hex.decode(first), let aid = AID(name) else {
      return .value
    }
    let match = words.dropFirst().map { String(decoding: $0, as: UTF8.self) }
    let isKnown = ["exact", "partial"].contains(match.first ?? "partial")
    if match.count > 1 || !isKnown { return .value }
    settings.applications.append(
      ApplicationParameters(aid: aid, matchesPartially: match.first != "exact"))
    return nil
  }

  private mutating func setApplication(_ key: String, _ words: [[UInt8]]) -> Bool {
    let last = settings.applications.count - 1
    let parts = words.compactMap { try? Hex.decode($0) }
    switch key {
    case "versions":
      if parts.isEmpty || parts.count != words.count || !parts.allSatisfy({ $0.count == 2 }) {
        return false
      }
      settings.applications[last].versionNumbers = parts.map { UInt16($0[0]) << 8 | UInt16($0[1]) }
    case "denial", "online", "default":
      guard words.count == 1, parts.count == 1, let code = TVR(parts[0]) else { return false }
      switch key {
      case "denial": settings.applications[last].risk.denialCode = code
      case "online": settings.applications[last].risk.onlineCode = code
      default: settings.applications[last].risk.defaultCode = code
      }
    case "floor-limit", "threshold":
      guard let number = number(words), let limit = UInt32(exactly: number) else { return false }
      if key == "threshold" { settings.applications[last].risk.threshold = limit }
      if key == "floor-limit" { settings.applications[last].risk.floorLimit = limit }
    case "target", "maximum":
      guard let number = number(words), number <= 99 else { return false }
      let percentage = UInt8(number)
      if key == "target" { settings.applications[last].risk.targetPercentage = percentage }
      if key == "maximum" { settings.applications[last].risk.maximumPercentage = percentage }
    case "default-ddol", "default-tdol":
      guard words.count == 1, parts.count == 1 else { return false }
      if key == "default-ddol" { settings.applications[last].defaultDDOL = parts[0] }
      if key == "default-tdol" { settings.applications[last].defaultTDOL = parts[0] }
    default:
      guard words.count == 2, parts.count == 2,
        let tag = TerminalFile.tag(String(decoding: words[0], as: UTF8.self))
      else { return false }
      settings.applications[last].terminalObjects.append(DataObject(DataTag(tag), parts[1]))
    }
    return true
  }

  // MARK: The terminal

  private mutating func setChoice(_ key: String, _ words: [[UInt8]]) -> Bool {
    switch key {
    case "languages":
      let languages = words.compactMap { $0.count == 2 ? Language($0[0], $0[1]) : nil }
      if languages.isEmpty || languages.count != words.count { return false }
      settings.languages = languages
      return true
    case "drawn-number":
      guard let number = number(words), (1...99).contains(number) else { return false }
      transaction.drawnNumber = UInt8(number)
      return true
    case "cda-mode":
      guard let number = number(words), let value = UInt8(exactly: number),
        let mode = KernelOptions.CDAMode(rawValue: value)
      else { return false }
      settings.options.cdaMode = mode
      return true
    default: break
    }
    let isYes = words == [Array("yes".utf8)]
    if !isYes && words != [Array("no".utf8)] { return false }
    switch key {
    case "directory": settings.options.usesDirectory = isYes
    case "force-online": transaction.isForcedOnline = isYes
    case "pin-bypass": settings.options.allowsPINBypass = isYes
    case "plaintext-pin": settings.options.allowsPlaintextPIN = isYes
    case "try-counter": settings.options.readsTryCounter = isYes
    default: isAmountLate = isYes
    }
    return true
  }

  private mutating func setObject(_ tag: UInt32, _ bytes: [UInt8]) -> Bool {
    let number = bytes.count <= 4 ? bytes.reduce(UInt32(0)) { $0 << 8 | UInt32($1) } : 0
    switch (tag, bytes.count) {
    case (0x9F35, 1):
      guard let type = TerminalType(rawValue: bytes[0]) else { return false }
      settings.terminalType = type
    case (0x9F33, 3): settings.capabilities = TerminalCapabilities(rawValue: number)
    case (0x9F40, 5):
      guard let more = AdditionalCapabilities(bytes) else { return false }
      settings.additionalCapabilities = more
    case (0x9F1A, 2): settings.country = UInt16(number)
    case (0x5F2A, 2): transaction.currency = UInt16(number)
    case (0x5F36, 1): transaction.currencyExponent = bytes[0]
    case (0x9A, 3):
      guard let date = CardDate.init(bytes) else { return false }
      transaction.date = date
    case (0x9F21, 3): transaction.time = number
    case (0x9C, 1): transaction.type = bytes[0]
    case (0x9F37, 4): transaction.unpredictableNumber = number
    case (0x9F39, 1): transaction.entryMode = bytes[0]
    case (0x9F41, 4):
      guard let counter = TerminalFile.decimal(bytes) else { return false }
      transaction.sequenceCounter = UInt32(counter)
    case (0x9F02, 6), (0x9F03, 6):
      guard let units = TerminalFile.decimal(bytes), let amount = Amount(minorUnits: units)
      else { return false }
      if tag == 0x9F02 { transaction.amount = amount } else { transaction.cashback = amount }
    case (0x9F35, _), (0x9F33, _), (0x9F40, _), (0x9F1A, _), (0x5F2A, _), (0x5F36, _), (0x9A, _),
      (0x9F21, _), (0x9C, _), (0x9F37, _), (0x9F39, _), (0x9F41, _), (0x9F02, _), (0x9F03, _):
      return false
    default: settings.terminalObjects.append(DataObject(DataTag(tag), bytes))
    }
    return true
  }

  /// Packed digits.
  private static func decimal(_ bytes: [UInt8]) -> UInt64? {
    let digits = BCD.unpack(bytes)
    if !digits.allSatisfy({ $0 <= 9 }) { return nil }
    return digits.reduce(0) { $0 * 10 + UInt64($1) }
  }

  /// Decimal digits.
  private func number(_ words: [[UInt8]]) -> UInt64? {
    words.count == 1 ? UInt64(String(decoding: words[0], as: UTF8.self)) : nil
  }
}

// What people and the host say.
extension TerminalFile {
  private mutating func setPeople(_ key: String, _ words: [[UInt8]]) -> Bool {
    let texts = words.map { String(decoding: $0, as: UTF8.self) }
    switch key {
    case "host": return setHost(texts)
    case "authorisation":
      guard words.count == 1, words[0].count == 6 else { return false }
      return change { $0.authorisationCode = words[0] }
    case "issuer-data", "71", "72", "91":
      guard words.count == 1, let bytes = try? Hex.decode(words[0]) else { return false }
      let tag = TerminalFile.tagOfIssuer(key)
      return change {
        $0.issuerData += tag.map { DataObject(DataTag($0), bytes).encoded } ?? bytes
      }
    case "referral":
      guard texts == ["approves"] || texts == ["declines"] else { return false }
      referralApproves = texts == ["approves"]
    case "exception-file":
      guard let word = texts.first, texts.count == 1,
        ["none", "listed", "not-listed"].contains(word)
      else { return false }
      settings.options.hasExceptionFile = word != "none"
      exceptions.isListed = word == "listed"
    case "verify":
      let parts = words.compactMap { try? Hex.decode($0) }
      if parts.count != words.count || !parts.allSatisfy({ $0.count == 2 }) { return false }
      verifications += parts
    case "choose":
      let numbers = texts.compactMap { Int($0) }.filter { $0 >= 0 }
      if numbers.count != texts.count { return false }
      choices += numbers
    default:
      let events = texts.compactMap { TerminalFile.event($0) }
      if events.count != texts.count { return false }
      pins += events
    }
    return true
  }

  private static func tagOfIssuer(_ key: String) -> UInt32? {
    switch key {
    case "71": 0x71
    case "72": 0x72
    case "91": 0x91
    default: nil
    }
  }

  private static func event(_ word: String) -> Kernel.Event? {
    switch word {
    case "entered": .pinEntered
    case "bypassed": .pinBypassed
    case "broken": .padFailed
    case "cancelled": .cancelled
    default: nil
    }
  }

  private mutating func setHost(_ words: [String]) -> Bool {
    switch words.first {
    case "unable" where words.count == 1: host = .unableToGoOnline(mayHaveReachedHost: false)
    case "sent-in-vain" where words.count == 1: host = .unableToGoOnline(mayHaveReachedHost: true)
    default:
      let verdict = HostAnswer.Verdict.allCases.first { TerminalFile.word(of: $0) == words.first }
      guard let verdict, words.count == 2, words[1].utf8.count == 2 else { return false }
      let code = Array(words[1].utf8)
      if case .hostAnswered(var answer) = host {
        answer.verdict = verdict
        answer.responseCode = code
        host = .hostAnswered(answer)
      } else {
        host = .hostAnswered(HostAnswer(responseCode: code, verdict: verdict))
      }
    }
    return true
  }

  /// Changes the host's answer; false where there is none.
  private mutating func change(_ work: (inout HostAnswer) -> Void) -> Bool {
    guard case .hostAnswered(var answer) = host else { return false }
    work(&answer)
    host = .hostAnswered(answer)
    return true
  }
}
