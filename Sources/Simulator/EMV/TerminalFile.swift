// SPDX-License-Identifier: Apache-2.0

public import Devices
public import EMVKernel
import Wire

//     9F35: 22                      a data object by its tag, in hexadecimal digits: 9F33, 9F40,
//                                   9F1A, 5F2A, 5F36, 9A, 9F21, 9C, 9F37, 9F41, 9F39, 9F02, 9F03;
//                                   any other tag is further terminal data (9F1C, 9F16, …)
//     languages: en de
//     directory: yes                or no: whether the directory is read
//     force-online: no              whether the merchant wants it on line
//     drawn-number: 99              for random selection, 1…99
//     pin-bypass: no                whether the attendant may pass over the PIN
//     plaintext-pin: yes            whether the chip is sent PINs in clear
//     try-counter: yes              whether 9F17 is read before the PIN
//     cda-mode: 1                   1…4
//     exception-file: none          or listed, not-listed
//     amount-later: no              yes keeps the amount back until it is asked for
//     aid: F0504F53440101 exact     or partial; below it, of this application:
//     versions: 0096 008C           the terminal's 9F09 first
//     denial: 0000000000            the terminal's action codes, also online and default
//     floor-limit: 20000            in minor units; also threshold
//     target: 0                     of a hundred, also maximum
//     default-ddol: 9F3704          also default-tdol
//     object: 9F1D 0000000000000000 terminal data of this application
//     authority-key: F0504F5344 01 03 2E5E… B679…   identifier, index, exponent, check sum, modulus
//     revoked: F0504F5344 01 000BAD                 identifier, index, certificate's serial number
//     host: approves 00             or declines 05, refers 01, unable, sent-in-vain
//     authorisation: A1B2C3         89, six characters
//     issuer-data: 910A…            all of the issuer's objects, or one of them by its tag:
//     91: A77DC20D2BB5CEF13030      91, 71, 72; each line is added to what is there
//     referral: approves            or declines
//     pin: entered                  or bypassed, broken, cancelled; one a question, then entered
//     verify: 9000                  how the card answers VERIFY, one a VERIFY
//     choose: 0                     which application or language is chosen, one a question
//
// `#` begins a remark. Every line but `aid` may be left out.

/// A terminal, a transaction and the people around them, as a small text file says it.
public struct TerminalFile: Hashable, Sendable {
  /// What the kernel knows before a card comes.
  public internal(set) var settings: KernelSettings
  /// The transaction.
  public internal(set) var transaction: TransactionData
  /// The amount, where the kernel has to ask for it.
  public internal(set) var lateAmount: Amount?
  /// What comes of a request on line.
  public internal(set) var host: Kernel.Event
  /// What comes of each question for a PIN.
  public internal(set) var pins: [Kernel.Event] = []
  /// How the card answers each VERIFY.
  public internal(set) var verifications: [[UInt8]] = []
  /// Which application or language is chosen.
  public internal(set) var choices: [Int] = []
  /// What the exception file says.
  public internal(set) var exceptions = ExceptionAnswer()
  /// What the issuer says on the telephone.
  public internal(set) var referralApproves = true

  /// Reads a file. Throws the first line that is wrong.
  public init(text: [UInt8]) throws(TerminalFileFault) {
    self = TerminalFile()
    let lines = text.split(separator: 0x0A, omittingEmptySubsequences: false)
    for (index, bytes) in lines.enumerated() {
      let content = bytes.prefix { $0 != 0x23 }
      let words = content.split { $0 <= 0x20 }.map { Array($0) }
      guard let first = words.first else { continue }
      let key = String(decoding: first.dropLast(), as: UTF8.self)
      let problem: TerminalFileFault.Kind?
      if first.last != 0x3A { problem = .key } else { problem = set(key, Array(words.dropFirst())) }
      if let problem {
        throw TerminalFileFault(line: index + 1, word: key, kind: problem)
      }
    }
    if settings.applications.isEmpty {
      throw TerminalFileFault(line: max(1, lines.count), word: "aid", kind: .missing)
    }
    if let amount = transaction.amount, isAmountLate {
      lateAmount = amount
      transaction.amount = nil
    }
  }

  /// Adds keys that stand in another file, behind those of this one.
  public mutating func add(_ keys: [AuthorityKey]) { settings.keys += keys }

  var isAmountLate = false

  /// What is not said in a file.
  init() {
    guard let type = TerminalType(rawValue: 0x22), let english = Language(0x65, 0x6E),
      let extra = AdditionalCapabilities([0x60, 0x00, 0xF0, 0xA0, 0x01]),
      let amount = Amount(minorUnits: 12_345), let none = Amount(minorUnits: 0),
      let date = CardDate.init([0x26, 0x12, 0x31])
    else { preconditionFailure("each of them is well formed") }
    settings = KernelSettings(
      terminalType: type, capabilities: TerminalCapabilities(rawValue: 0xE0_F8C8),
      additionalCapabilities: extra, country: 0x0156, languages: [english], applications: [])
    transaction = TransactionData(
      amount: amount, cashback: none, type: 0x00, currency: 0x0156, currencyExponent: 2,
      date: date, time: 0x12_3456, unpredictableNumber: 0x1A2B_3C4D, sequenceCounter: 1,
      drawnNumber: 99)
    host = .hostAnswered(HostAnswer(responseCode: [0x30, 0x30], verdict: .approves))
  }

  static func word(of verdict: HostAnswer.Verdict) -> String {
    switch verdict {
    case .approves: "approves"
    case .declines: "declines"
    case .refers: "refers"
    }
  }
}

/// Why a terminal's file cannot be used.
public struct TerminalFileFault: Error, Hashable, Sendable {
  /// Kinds of faults.
  public enum Kind: UInt8, Hashable, Sendable, CaseIterable {
    /// Nobody knows this key.
    case key
    /// The key has another kind of value.
    case value
    /// A line that has to be there is not, or not above this one.
    case missing
    /// The check sum of an authority's key is another one.
    case checkSum
    /// An authority's key has an exponent that is neither 3 nor 65537.
    case exponent
    /// An authority's key is too short or too long.
    case keyLength
  }

  /// Which line, counted from 1.
  public let line: Int
  /// The line's key.
  public let word: String
  /// What is wrong.
  public let kind: Kind

  init(line: Int, word: String, kind: Kind) {
    self.line = line
    self.word = word
    self.kind = kind
  }

  /// In words.
  public var text: String {
    switch kind {
    case .key: "`\(word)` is no key"
    case .value: "`\(word)` has a value that cannot be read"
    case .missing: "`aid` is missing, or stands below this line"
    case .checkSum: "the check sum of this key is another one: the key is refused"
    case .exponent: "the exponent is neither 3 nor 65537: the key is refused"
    case .keyLength: "the modulus is too short or too long: the key is refused"
    }
  }
}
