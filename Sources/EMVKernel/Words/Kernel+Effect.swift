// SPDX-License-Identifier: Apache-2.0

public import Devices

extension Kernel {
  /// What a kernel wants done. None of it carries a PIN.
  public enum Effect: Hashable, Sendable {
    /// Send this to the card; answered by `responded` or `cardFailed`.
    case transmit(CardCommand)
    /// Let the cardholder choose, in this order; answered by `applicationChosen` or `cancelled`.
    case chooseApplication([ApplicationChoice])
    /// Let the cardholder agree; answered by `applicationConfirmed` or `cancelled`.
    case confirmApplication(ApplicationChoice)
    /// Let the cardholder choose a language; answered by `languageChosen` or `cancelled`.
    case askLanguage([Language])
    /// From now on the cardholder is spoken to in this language.
    case useLanguage(Language)
    /// Ask for the amount; answered by `amountEntered` or `cancelled`.
    case askAmount
    /// Look the card up; answered by `exceptionsChecked`.
    case checkExceptions(ExceptionQuestion)
    /// Ask for a PIN; answered by `pinEntered`, `pinBypassed`, `padFailed` or `cancelled`.
    case askPIN(PINQuestion)
    /// Build VERIFY with the PIN that the pad holds and send it; answered by `pinVerified`,
    /// `padFailed` or `cardFailed`. The pad erases the PIN whatever the answer.
    case verifyPIN(PINVerification)
    /// The PIN that the pad holds is not needed any more: erase it.
    case erasePIN
    /// Show a standard message.
    case show(StandardMessage)
    /// Ask the host; answered by `hostAnswered` or `unableToGoOnline`.
    case goOnline(OnlineRequest)
    /// Ask the attendant to call the issuer; answered by `referralDecided`.
    case askReferral
    /// The transaction is over; the card may be taken.
    case finished(Outcome)
  }
}

/// An application as the cardholder is shown it.
public struct ApplicationChoice: Hashable, Sendable {
  /// The name, printable characters of the code table.
  public var name: [UInt8]
  /// The part of ISO 8859 in which the name is written: 1...10.
  public var codeTable: UInt8
  /// The application identifier.
  public var aid: AID

  /// An application to choose.
  public init(name: [UInt8], codeTable: UInt8, aid: AID) {
    self.name = name
    self.codeTable = codeTable
    self.aid = aid
  }
}

/// Which card is asked about.
public struct ExceptionQuestion: Hashable, Sendable {
  /// The card's number.
  public var pan: PAN
  /// The card's sequence number (5F34), if it has one.
  public var sequenceNumber: UInt8?
  /// The application (9F06).
  public var aid: AID

  /// A question.
  public init(pan: PAN, sequenceNumber: UInt8?, aid: AID) {
    self.pan = pan
    self.sequenceNumber = sequenceNumber
    self.aid = aid
  }
}

/// Which PIN is asked for.
public enum PINQuestion: Hashable, Sendable {
  /// A PIN that the card checks; how many tries are left, if that is known.
  case offline(triesLeft: UInt8?, mayBypass: Bool)
  /// A PIN that the issuer checks.
  case online(pan: PAN, mayBypass: Bool)
}

/// How VERIFY is built around the PIN, outside the kernel.
public enum PINVerification: Hashable, Sendable {
  /// 00 20 00 80 with the block in clear (EMV 4.4 Book 3, 6.5.12).
  case plaintext
  /// 00 20 00 88 with the block enciphered for the card (EMV 4.4 Book 2, 7.2).
  case enciphered(PINEncipherment)
}

/// What a PIN is enciphered with: the card's key and its challenge.
public struct PINEncipherment: Hashable, Sendable {
  /// The modulus, the most significant byte first; the cryptogram is as long.
  public var modulus: [UInt8]
  /// The exponent: 03 or 010001.
  public var exponent: [UInt8]
  /// Eight bytes of the card's, good for one VERIFY.
  public var challenge: [UInt8]

  /// Key and challenge.
  public init(modulus: [UInt8], exponent: [UInt8], challenge: [UInt8]) {
    self.modulus = modulus
    self.exponent = exponent
    self.challenge = challenge
  }
}

/// What the host needs to know of the chip: frozen as the card saw it (EMV 4.4 Book 4, 10.1).
public struct OnlineRequest: Hashable, Sendable {
  /// All data objects as they stood in GENERATE AC 1, with its answer.
  public var data: DataStore
  /// Whether an online PIN was entered and travels with the request.
  public var hasOnlinePIN: Bool

  /// A request.
  public init(data: DataStore, hasOnlinePIN: Bool) {
    self.data = data
    self.hasOnlinePIN = hasOnlinePIN
  }
}
