// SPDX-License-Identifier: Apache-2.0

import Clockwork
public import PaymentCrypto

/// Which language a terminal speaks with its acquirer.
public enum AcquirerDialect: UInt8, Hashable, Sendable, CaseIterable {
  /// ISO 8583:1987 in ASCII, without TPDU and header.
  case generic
  /// UnionPay's of POS terminals: packed, with TPDU and header.
  case unionPay
}

/// What an acquirer does in its own way.
public struct HostRules: Hashable, Sendable {
  /// Whether a reversal that came before its request is remembered. One that forgets it is a
  /// mistake, for who wants to see it found.
  public var remembersEarlyReversals = true
  /// How much of a held amount may be taken, per cent.
  public var completionPercent: UInt64 = 115
  /// DE39 for who has not signed in: A0, or 99.
  public var unsignedCode = "A0"
  /// The MAC's algorithm.
  public var mac: MACAlgorithm
  /// How keys stand in sign-in answers, by the code of the network management.
  public var layouts: [SignInRule]
  /// The number of a terminal's first batch.
  public var firstBatch: UInt32 = 1
  /// The date and time of day at the start of time.
  public var clock = HostClock(month: 9, day: 21, hour: 13, minute: 13, second: 20)
  /// The card organisations by the numbers' first digits, the longest first; CUP is domestic.
  public var organisations = [
    CardOrganisation(prefix: "62", name: "CUP"), CardOrganisation(prefix: "4", name: "VIS"),
    CardOrganisation(prefix: "5", name: "MCC"),
  ]
  /// Whether amounts ask for response codes and behaviours; otherwise every amount is a plain one.
  public var amountsDecide = true
  /// Whether PIN blocks have sixteen bytes, as SM4 makes them.
  public var hasWidePINBlocks = false
  /// Whether it refuses a track that is not encrypted.
  public var wantsEncryptedTracks = false
  /// Whether it says of every batch that the totals differ, so that all of it is uploaded.
  public var disputesTotals = false
  /// How many records of an upload it answers before it falls silent; nil for all.
  public var uploadsAnswered: Int?
  /// Whether elements that a message should not have are refused, beside those that it lacks.
  public var isStrict = false
  /// What terminals download.
  public var downloads = HostDownloads()
  /// What its access gateway wants to hear first on every connection; nil for nothing.
  public var greeting: HostGreeting?
  /// Bytes of ARPC in answers to chip cards.
  public var cryptogram: [UInt8] = [0x11, 0x22, 0x33, 0x44, 0x55, 0x66, 0x77, 0x88]

  /// The usual rules of a dialect.
  public init(_ dialect: AcquirerDialect) {
    switch dialect {
    case .generic:
      mac = .retail(.zeros)
      layouts = [SignInRule("001", "PIK 16+4, MAK 16+4")]
    case .unionPay:
      mac = .unionPay
      layouts = [
        SignInRule("001", "PIK 8+4, MAK 8+4"),
        SignInRule("003", "PIK 16+4, MAK 8z8+4"),
        SignInRule("004", "PIK 16+4, MAK 8z8+4, TDK 16+4"),
        SignInRule("005", "PIK 16+3, MAK 16+3, TDK 16+3", isSM4: true),
        SignInRule("006", "PIK 16+3, MAK 16+3, TDK 16+3", isSM4: true),
      ]
    }
  }
}

/// What passes between a terminal and the gateway in front of a host before the first frame.
public struct HostGreeting: Hashable, Sendable {
  /// What the gateway wants to hear, to the byte.
  public var request: [UInt8]
  /// What it answers; nothing where it only listens.
  public var answer: [UInt8]

  /// A greeting.
  public init(request: [UInt8], answer: [UInt8]) {
    self.request = request
    self.answer = answer
  }
}

/// How the keys stand in the answer to one kind of sign-in.
public struct SignInRule: Hashable, Sendable {
  /// The code of the network management, three digits.
  public var code: [UInt8]
  /// The layout; nil when the text is none.
  public var layout: SignInLayout?

  /// A layout as acquirers' files write it.
  public init(_ code: String, _ layout: String, isSM4: Bool = false) {
    self.code = Array(code.utf8)
    self.layout = SignInLayout(layout, isSM4: isSM4)
  }
}

/// Whose cards begin with these digits.
public struct CardOrganisation: Hashable, Sendable {
  /// ASCII digits.
  public var prefix: [UInt8]
  /// Three letters.
  public var name: [UInt8]

  /// An organisation.
  public init(prefix: String, name: String) {
    self.prefix = Array(prefix.utf8)
    self.name = Array(name.utf8)
  }
}

/// The host's calendar, from a date at the start of time; its years have 365 days.
public struct HostClock: Hashable, Sendable {
  private static let days = [31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31]
  private var seconds: Int

  /// The date and time of day at the start of time.
  public init(month: Int, day: Int, hour: Int, minute: Int, second: Int) {
    precondition((1...12).contains(month), "a year has twelve months")
    let before = HostClock.days[..<(month - 1)].reduce(0, +) + day - 1
    seconds = ((before * 24 + hour) * 60 + minute) * 60 + second
  }

  /// MMDD, so many days on.
  func date(at now: Instant, daysOn: Int = 0) -> [UInt8] {
    var day = (total(now) / 86_400 + daysOn) % 365
    var month = 0
    while day >= HostClock.days[month] {
      day -= HostClock.days[month]
      month += 1
    }
    return Digits.fixed(month + 1, 2) + Digits.fixed(day + 1, 2)
  }

  /// hhmmss.
  func time(at now: Instant) -> [UInt8] {
    let second = total(now) % 86_400
    return Digits.fixed(second / 3_600, 2) + Digits.fixed(second / 60 % 60, 2)
      + Digits.fixed(second % 60, 2)
  }

  private func total(_ now: Instant) -> Int { seconds + Int((now - .start).seconds) }
}

/// Numbers in ASCII digits.
enum Digits {
  /// So many digits, the last ones.
  static func fixed(_ number: Int, _ count: Int) -> [UInt8] {
    fixed(UInt64(number), count)
  }

  /// So many digits, the last ones.
  static func fixed(_ number: UInt64, _ count: Int) -> [UInt8] {
    let digits = Array(String(number).utf8)
    if digits.count > count { return Array(digits.suffix(count)) }
    return [UInt8](repeating: 0x30, count: count - digits.count) + digits
  }

  /// The number, of at most eighteen digits; nil where there is anything else.
  static func number(_ digits: [UInt8]?) -> UInt64? {
    guard let digits, (1...18).contains(digits.count) else { return nil }
    if !digits.allSatisfy({ (0x30...0x39).contains($0) }) { return nil }
    return digits.reduce(0) { $0 * 10 + UInt64($1 - 0x30) }
  }
}

/// A text of ASCII as bytes.
func letters(_ text: String) -> [UInt8] { Array(text.utf8) }
