// SPDX-License-Identifier: Apache-2.0

import Clockwork
import Wire

// A payment card as EMV 4.4 knows it, made of nothing but this program and its file:
//
//     reset ──▶ answer to reset
//     command ──▶ process ──▶ answer and status word; no bytes: the card is gone
//
// It is a value: a copy is another card with the same past. What it remembers over a reset is in its
// applications, the rest in its session. All chance comes from its seed.

/// A software card for tests.
public struct TestCard: Hashable, Sendable {
  /// What a reset forgets.
  struct Session: Hashable, Sendable {
    var commands = 0
    var isDirectorySelected = false
    var hasReadDirectory = false
    /// SELECT commands of applications, by name, not of the directory.
    var selections = 0
    var selectionsOfFirst = 0
    /// The last name selected, and how many matches SELECT NEXT has passed.
    var sought: [UInt8] = []
    var passed = 0
    var selected: Int?
    var transaction = Transaction()
  }

  /// What a selection forgets.
  struct Transaction: Hashable, Sendable {
    /// The values sent for the processing options; nil before them.
    var options: [UInt8]?
    /// Valid for one command.
    var challenge: [UInt8]?
    /// Whether the last request on line was not completed, when this transaction began.
    var isBehindIncomplete = false
    var verifications = 0
    var pinDone = false
    var pinFailed = false
    var dynamicDone = false
    var combinedDone = false
    /// The values sent for the first cryptogram; nil before it.
    var first: [UInt8]?
    var firstType: CryptogramType?
    var cryptogram: [UInt8] = []
    var secondType: CryptogramType?
    var proof = IssuerProof.none
    var proofs = 0
    /// What the next script command's MAC begins with; nil when the chain is broken.
    var chain: [UInt8]?
    var scriptCommands = 0
  }

  /// What the issuer has proved.
  enum IssuerProof: Hashable, Sendable {
    case none
    case failed
    /// With the card status update, if there was one.
    case done(update: [UInt8])
  }

  var directory: CardDirectory?
  /// The applications with what they remember.
  public internal(set) var applications: [CardApplication]
  /// Whether the issuer has blocked the card.
  public internal(set) var isBlocked = false
  /// What is wrong with the card.
  public var faults: [CardFault]
  /// The protocol of the answer to reset.
  public var link = CardProfile.Link.t1
  /// The command, counted from 1 behind a reset, from which on the card is gone.
  public var goneAt: Int?
  /// The command whose answer is cut to one byte.
  public var garbledAt: Int?
  var dice: Dice
  var session = Session()

  /// A card of these parts.
  public init(
    directory: CardDirectory?, applications: [CardApplication], seed: UInt64,
    faults: [CardFault] = []
  ) {
    self.directory = directory
    self.applications = applications
    self.faults = faults
    dice = Dice(seed: seed)
  }

  /// Puts the card under power anew.
  public mutating func reset() -> AnswerToReset {
    session = Session()
    return AnswerToReset(link)
  }

  /// Answers a command; no bytes where the card is gone.
  public mutating func process(_ command: [UInt8]) -> [UInt8] {
    session.commands += 1
    if let goneAt, session.commands >= goneAt { return [] }
    let answer = answer(to: command)
    if session.commands == garbledAt { return Array(answer.prefix(1)) }
    return answer
  }

  private mutating func answer(to bytes: [UInt8]) -> [UInt8] {
    let challenge = session.transaction.challenge
    session.transaction.challenge = nil
    if isBlocked { return status(.cardBlocked) }
    guard let command = CommandBytes(bytes) else { return status(.wrongLength) }
    switch (command.instructionClass, command.instruction) {
    case (0x00, 0xA4): return select(command)
    case (0x00, 0xB2): return readRecord(command)
    case (0x80, 0xA8): return processingOptions(command)
    case (0x80, 0xCA): return getData(command)
    case (0x00, 0x88): return internalAuthenticate(command)
    case (0x00, 0x84): return getChallenge(command)
    case (0x00, 0x20): return verify(command, challenge)
    case (0x80, 0xAE): return generateCryptogram(command)
    case (0x00, 0x82): return externalAuthenticate(command)
    case (0x84, _), (0x8C, _): return script(command)
    case (0x00, _), (0x80, _): return status(.unknownInstruction)
    default: return status(.unknownClass)
    }
  }

  func status(_ word: StatusWord) -> [UInt8] { word.bytes }

  func has(_ fault: CardFault) -> Bool { faults.contains(fault) }
}

/// What a card answers when it gets power (EMV Contact Interface Specification; ISO/IEC 7816-3).
public struct AnswerToReset: Hashable, Sendable {
  /// From TS to the last byte.
  public let bytes: [UInt8]

  init(_ link: CardProfile.Link) {
    let historical = Array("POSDTEST".utf8)
    switch link {
    case .t0: bytes = [0x3B, 0x68, 0x00, 0x00] + historical
    case .t1:
      let head: [UInt8] = [0xE8, 0x00, 0x00, 0x81, 0x31, 0xFE, 0x45]
      bytes =
        [0x3B] + head + historical + [longitudinalRedundancyCheck(head + historical)]
    }
  }
}
