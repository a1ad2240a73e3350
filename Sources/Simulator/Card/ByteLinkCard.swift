// SPDX-License-Identifier: Apache-2.0

// T=0 carries either data or an answer, never both in one exchange (ISO/IEC 7816-3, 12.2):
//
//     command with data and answer   ──▶  61 xx    then GET RESPONSE 00 C0 00 00 xx
//     command with another length    ──▶  6C xx    then the same command with the length xx
//
// A reader that does not hide this hands both on to whoever asked.

/// A card behind a reader that lets the status words of T=0 through.
public struct ByteLinkCard: Hashable, Sendable {
  /// The card.
  public var card: TestCard
  /// What GET RESPONSE gets, with its status word.
  private var waiting: [UInt8] = []
  /// The header that was answered with 6C, and the answer that it will get.
  private var repeatedHeader: [UInt8] = []
  private var repeatedAnswer: [UInt8] = []

  /// A card in such a reader.
  public init(_ card: TestCard) { self.card = card }

  /// Puts the card under power anew.
  public mutating func reset() -> AnswerToReset {
    self = ByteLinkCard(card)
    return card.reset()
  }

  /// Answers an exchange.
  public mutating func process(_ command: [UInt8]) -> [UInt8] {
    guard let parts = CommandBytes(command) else { return StatusWord.wrongLength.bytes }
    if parts.instruction == 0xC0, parts.instructionClass == 0x00 { return response(command) }
    waiting = []
    if parts.data.isEmpty { return withoutData(command, parts) }
    let answers: [UInt8] = [0xA4, 0xA8, 0x88, 0xAE]
    if !answers.contains(parts.instruction) { return card.process(command) }
    let full = parts.hasExpectedLength ? command : command + [0x00]
    let answer = card.process(full)
    if answer.count <= 2 { return answer }
    waiting = answer
    return [0x61, UInt8(truncatingIfNeeded: answer.count - 2)]
  }

  private mutating func response(_ command: [UInt8]) -> [UInt8] {
    if waiting.isEmpty { return StatusWord.conditionsNotMet.bytes }
    let count = waiting.count - 2
    if command.count == 5, Int(command[4]) == count & 0xFF {
      let answer = waiting
      waiting = []
      return answer
    }
    return [0x6C, UInt8(truncatingIfNeeded: count)]
  }

  private mutating func withoutData(_ command: [UInt8], _ parts: CommandBytes) -> [UInt8] {
    let wanted = command.count == 5 ? Int(command[4]) : 0
    let isRepeated = repeatedHeader == parts.header
    let answer = isRepeated ? repeatedAnswer : card.process(parts.header + [0x00])
    (repeatedHeader, repeatedAnswer) = ([], [])
    let count = answer.count - 2
    if count <= 0 || wanted == count & 0xFF { return answer }
    (repeatedHeader, repeatedAnswer) = (parts.header, answer)
    return [0x6C, UInt8(truncatingIfNeeded: count)]
  }
}
