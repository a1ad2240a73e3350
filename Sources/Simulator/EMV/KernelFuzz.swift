// SPDX-License-Identifier: Apache-2.0

import Clockwork
import EMVKernel
import PaymentCrypto
import Wire

/// Hostile input for the kernel, drawn from a seed. What breaks a rule traps, or is told.
public struct KernelFuzz {
  /// What is attacked.
  public enum Target: String, CaseIterable, Sendable {
    /// Data objects, lists of them, the words for both, and transcripts.
    case tlv
    /// Certificates and signatures.
    case certificate
    /// Whole cards.
    case card
  }

  /// How often something hostile was tried.
  public private(set) var executions: UInt64 = 0
  /// How many of them were taken: read, recovered, approved.
  public private(set) var accepted: UInt64 = 0

  private let target: Target
  private var dice: Dice
  private let terminal: TerminalFile
  private let card: RecordedCard
  /// What a card answers that pays on line.
  private let answers: [[UInt8]]
  private let transcript: [UInt8]
  private let certificates: HostileCertificates

  /// An attack; the same seed is the same attack. `terminal` accepts test cards.
  public init(_ target: Target, seed: UInt64) {
    self.target = target
    dice = Dice(seed: seed)
    let profile = CardProfile()
    let lines = [
      "aid: F0504F5344", "versions: 008C", "online: FFFFFFFFFF", "force-online: yes",
      RecordedCard.keyLine(profile),
    ]
    guard let file = try? TerminalFile(text: Array(lines.joined(separator: "\n").utf8)) else {
      preconditionFailure("every line is one of a terminal's file")
    }
    terminal = file
    card = RecordedCard(profile, switches: [.scriptBoth])
    var run = KernelRun(file)
    var world = card
    // A test card never says that a transcript ends.
    try? run.run(with: &world)
    answers = world.transcript.exchanges.map { $0.answer }.filter { $0.count > 2 }
    transcript = Array(world.transcript.text.utf8)
    certificates = HostileCertificates(profile)
  }

  /// One execution; what went wrong, or nil.
  public mutating func execute() -> String? {
    executions += 1
    switch target {
    case .tlv: return attackObjects()
    case .certificate: return attackCertificates()
    case .card: return attackWithCard()
    }
  }

  private mutating func attackObjects() -> String? {
    let right = answers[dice.below(answers.count)]
    let hostile = HostileAnswers.mutate(Array(right.dropLast(2)), &dice)
    if (try? TLV.parse(hostile)) != nil { accepted += 1 }
    var walk = TLVWalk(hostile)
    var objects = 0
    while let object = try? walk.next() {
      objects += 1
      if object.value.upperBound > hostile.count { return "an object ends behind its bytes" }
      if objects > hostile.count { return "there are more objects than bytes" }
    }
    let list = DOL(hostile)
    if let list, list.entries.count > KernelLimits.dataObjectListEntries {
      return "a list has too many entries"
    }
    _ = Explanation.lines(list: hostile)
    _ = try? Explanation.lines(of: hostile)
    let tags: [UInt32] = [0x8E, 0x94, 0x95, 0x9B, 0x9F27, 0x9F34, 0x9F33, 0x82, 0x5A, 0x8A]
    _ = ValueWords.sentences(of: tags[dice.below(tags.count)], hostile)
    if dice.chance(1, in: 16) {
      let text = HostileAnswers.mutate(transcript, &dice)
      if let read = try? CardTranscript(text: text) {
        if TranscriptExplanation(read).lines.isEmpty { return "a transcript is not explained" }
      }
    }
    return nil
  }

  private mutating func attackCertificates() -> String? {
    switch certificates.attack(&dice) {
    case .refused: return nil
    case .taken:
      accepted += 1
      return nil
    case .forged(let what): return what + " was taken with another signature"
    }
  }

  private mutating func attackWithCard() -> String? {
    var world = HostileCard(card: card, dice: dice.fork())
    var run = KernelRun(terminal)
    try? run.run(with: &world)
    guard let outcome = run.outcome else { return "a transaction came to no end" }
    if world.commands > KernelLimits.commands { return "a card was sent too many commands" }
    guard case .approved = outcome.result else { return nil }
    accepted += 1
    if outcome.information?.type != .tc || outcome.cryptogram?.count != 8 {
      return "an approval has no TC"
    }
    return nil
  }
}

/// A test card whose answers are spoiled now and then.
struct HostileCard: KernelWorld {
  var card: RecordedCard
  var dice: Dice
  var commands = 0

  mutating func answer(_ command: [UInt8]) throws(TranscriptFault) -> [UInt8] {
    commands += 1
    return HostileAnswers.spoil(try card.answer(command), &dice)
  }

  mutating func verify(_ verification: PINVerification) throws(TranscriptFault) -> [UInt8] {
    HostileAnswers.spoil(try card.verify(verification), &dice)
  }

  mutating func ask(_ request: OnlineRequest) -> Kernel.Event { card.ask(request) }
}
