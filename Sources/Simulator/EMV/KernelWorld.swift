// SPDX-License-Identifier: Apache-2.0

import Clockwork
public import EMVKernel
import PINPadCrypto
import PaymentCrypto
import Wire

/// Who is on the other side of a kernel: the card, with the pad's VERIFY, and the host.
public protocol KernelWorld {
  /// The card's answer; empty for a card that is gone.
  mutating func answer(_ command: [UInt8]) throws(TranscriptFault) -> [UInt8]
  /// The card's answer to VERIFY.
  mutating func verify(_ verification: PINVerification) throws(TranscriptFault) -> [UInt8]
  /// What comes of a request on line.
  mutating func ask(_ request: OnlineRequest) -> Kernel.Event
}

/// A recorded card. In the strict order each command has to be the next one of the transcript; by
/// command each takes the next recorded answer to the same bytes.
public struct TranscriptCard: KernelWorld {
  private var left: [CardTranscript.Exchange]
  private let lastLine: Int
  private let isByCommand: Bool
  private var reached = 1
  private var verifications: [[UInt8]]
  private let host: Kernel.Event

  /// A card that says again what it said; who the terminal speaks to otherwise is in its file.
  public init(_ transcript: CardTranscript, _ terminal: TerminalFile, isByCommand: Bool = false) {
    left = transcript.exchanges
    lastLine = transcript.lastLine
    self.isByCommand = isByCommand
    verifications = terminal.verifications
    host = terminal.host
  }

  /// How many exchanges nobody asked for.
  public var unread: Int { left.count }

  /// The next recorded answer.
  public mutating func answer(_ command: [UInt8]) throws(TranscriptFault) -> [UInt8] {
    try take { $0 == command }
  }

  /// Of the terminal's file, where it says something, or else of the recorded VERIFY.
  public mutating func verify(
    _ verification: PINVerification
  ) throws(TranscriptFault) -> [UInt8] {
    if !verifications.isEmpty { return verifications.removeFirst() }
    return try take { $0[1] == 0x20 }
  }

  /// As the terminal's file says.
  public mutating func ask(_ request: OnlineRequest) -> Kernel.Event { host }

  private mutating func take(
    _ isWanted: ([UInt8]) -> Bool
  ) throws(TranscriptFault) -> [UInt8] {
    guard let next = left.first else {
      throw TranscriptFault(isByCommand ? .nowhere : .ended, line: isByCommand ? reached : lastLine)
    }
    if !isByCommand && !isWanted(next.command) {
      throw TranscriptFault(.otherCommand, line: next.line)
    }
    guard let index = left.firstIndex(where: { isWanted($0.command) }) else {
      throw TranscriptFault(.nowhere, line: reached)
    }
    let exchange = left.remove(at: index)
    reached = exchange.line
    return exchange.answer
  }
}

/// A test card with its issuer, and a pad that knows the PIN: everything is written down.
public struct RecordedCard: KernelWorld {
  private var card: TestCard
  private var issuer: TestIssuer
  private let application: CardProfile.Application
  private var dice: Dice
  /// What was exchanged.
  public private(set) var transcript = CardTranscript()
  /// What the issuer said, as lines of a terminal's file.
  public private(set) var hostLines: [String] = []

  /// A card in the reader; the issuer has its master keys.
  public init(_ profile: CardProfile, switches: [IssuerSwitch] = []) {
    let keys = CardKeySet(seed: profile.seed, sizes: profile.sizes)
    card = profile.personalised(with: keys)
    _ = card.reset()
    application = profile.applications[0]
    dice = Dice(seed: profile.seed)
    issuer = TestIssuer(secrets: keys.secrets)
    issuer.derivation = application.derivation
    issuer.proof = application.proof
    issuer.filling = application.filling
    issuer.switches = switches
    if switches.contains(where: { $0.name.utf8.starts(with: "script".utf8) }) {
      issuer.orders = [.unblockPIN, .unblockApplication]
    }
  }

  /// The line of a terminal's file with the key of such a card's authority.
  public static func keyLine(_ profile: CardProfile) -> String {
    let key = CardKeySet(seed: profile.seed, sizes: profile.sizes).authority.publicKey
    let index = CardKeySet.authorityIndex
    let sum = AuthorityKey.sum(CardKeySet.scheme, index, key.modulus, key.exponent)
    let parts = [CardKeySet.scheme, [index], key.exponent, sum, key.modulus]
    return "authority-key: " + parts.map { Hex.text($0) }.joined(separator: " ")
  }

  /// The card's answer.
  public mutating func answer(_ command: [UInt8]) throws(TranscriptFault) -> [UInt8] {
    let answer = card.process(command)
    transcript.add(command: command, answer: answer)
    return answer
  }

  /// What a pad does with the PIN that it holds.
  public mutating func verify(
    _ verification: PINVerification
  ) throws(TranscriptFault) -> [UInt8] {
    guard let pin = ClearPIN(application.pin) else { return [] }
    switch verification {
    case .plaintext:
      return try answer([0x00, 0x20, 0x00, 0x80, 0x08] + PINBlock.format2(pin))
    case .enciphered(let with):
      let filling = dice.bytes(OfflinePIN.fillingCount(modulus: with.modulus.count))
      guard let key = try? RSAPublicKey(modulus: with.modulus, exponent: with.exponent),
        let data = try? OfflinePIN.enciphered(
          pin, for: key, challenge: with.challenge, filling: filling)
      else { return [] }
      return try answer([0x00, 0x20, 0x00, 0x88, UInt8(data.count)] + data)
    }
  }

  /// The issuer's answer.
  public mutating func ask(_ request: OnlineRequest) -> Kernel.Event {
    let answer = issuer.authorise(
      request.data.encoded(DataTag.ofRequest), pan: application.pan,
      sequence: application.sequence
    ).answer
    guard answer.delivery == .prompt else {
      hostLines.append("host: sent-in-vain")
      return .unableToGoOnline(mayHaveReachedHost: true)
    }
    let verdict: HostAnswer.Verdict
    switch answer.code {
    case Array("00".utf8): verdict = .approves
    case Array("01".utf8): verdict = .refers
    default: verdict = .declines
    }
    let code = String(decoding: answer.code, as: UTF8.self)
    hostLines.append("host: \(TerminalFile.word(of: verdict)) \(code)")
    if !answer.objects.isEmpty { hostLines.append("issuer-data: " + Hex.text(answer.objects)) }
    return .hostAnswered(
      HostAnswer(responseCode: answer.code, verdict: verdict, issuerData: answer.objects))
  }
}
