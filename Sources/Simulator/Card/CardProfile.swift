// SPDX-License-Identifier: Apache-2.0

import Wire

/// What a test card is to be: a small text file says it (`CardProfile+Text.swift`), and
/// `CardProfile.personalised` makes the card of it.
public struct CardProfile: Hashable, Sendable {
  /// The protocol of the answer to reset.
  public enum Link: UInt8, Hashable, Sendable, CaseIterable {
    /// Bytes.
    case t0
    /// Blocks.
    case t1
  }

  /// What keys and random numbers are drawn from.
  public var seed: UInt64 = 1
  /// Lengths and exponent of the keys.
  public var sizes = CardKeySet.Sizes()
  /// The protocol.
  public var link = Link.t1
  /// Whether there is a directory of applications.
  public var hasDirectory = true
  /// The applications, in the order of the directory.
  public var applications: [Application] = [Application()]
  /// What is wrong with the card.
  public var faults: [CardFault] = []
  /// The command, counted from 1 behind a reset, at which the card is gone.
  public var goneAt: Int?
  /// The command whose answer is cut to one byte.
  public var garbledAt: Int?

  /// The usual card: one application, a directory, nothing wrong.
  public init() {}
}

extension CardProfile {
  /// How the card decides about a first cryptogram.
  public enum Policy: UInt8, Hashable, Sendable, CaseIterable {
    /// As asked.
    case follow
    /// On line where a terminal would have approved.
    case online
    /// Never.
    case decline
    /// On line behind so many cryptograms off line, or one on line that was not completed.
    case counters
  }

  /// How the issuer proves itself (EMV 4.4 Book 2, 8.2).
  public enum Proof: UInt8, Hashable, Sendable, CaseIterable {
    /// Eight bytes and the response code.
    case code
    /// Four bytes and the card status update.
    case update
  }

  /// What 9F10 holds.
  public enum IssuerData: Hashable, Sendable {
    /// Format code A with the card's verification results (EMV 4.4 Book 3, C9).
    case results
    /// Up to 32 bytes that do not change.
    case fixed([UInt8])
  }

  /// One application.
  public struct Application: Hashable, Sendable {
    /// The application's name.
    public var name = CardKeySet.scheme + [0x01, 0x01]
    /// 50.
    public var label = "POSD TEST"
    /// 87.
    public var priority: UInt8 = 0x01
    /// Digit values, 13 to 19.
    public var pan: [UInt8] = [9, 9, 9, 0, 0, 1, 0, 0, 0, 0, 0, 0, 0, 0, 1, 0]
    /// 5F34.
    public var sequence: UInt8 = 0x01
    /// 5F24, YYMMDD packed.
    public var expires: [UInt8] = [0x49, 0x12, 0x31]
    /// 5F25.
    public var effective: [UInt8] = [0x20, 0x01, 0x01]
    /// The last month of all certificates, MMYY packed.
    public var certificates: [UInt8] = [0x12, 0x49]
    /// 82: SDA, DDA, CDA, cardholder verification, EXTERNAL AUTHENTICATE.
    public var interchange: [UInt8] = [0x7D, 0x00]
    /// The PIN's digit values, 4 to 12.
    public var pin: [UInt8] = [1, 2, 3, 4]
    /// How often a wrong PIN may be tried.
    public var tries: UInt8 = 3
    /// 9F36 before the next transaction.
    public var counter: UInt16 = 1
    /// 9F13.
    public var lastOnline: UInt16 = 1
    /// How it decides.
    public var policy = Policy.follow
    /// How the issuer proves itself.
    public var proof = Proof.code
    /// Whether an approval on line needs the issuer's proof.
    public var needsProof = true
    /// Whether answers are 77 rather than 80.
    public var answersTagged = true
    /// 9F10.
    public var issuerData = IssuerData.results
    /// How the data of cryptograms are filled up.
    public var filling = CryptogramKey.Filling.mark
    /// How the card's keys come from the issuer's.
    public var derivation = DerivationOption.optionA
    /// Objects that replace what is there, or are added to the last record.
    public var replaced: [CardObject] = []
    /// Objects that are left out.
    public var leftOut: [UInt32] = []

    /// The usual application.
    public init() {}
  }
}
