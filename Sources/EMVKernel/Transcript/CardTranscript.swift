// SPDX-License-Identifier: Apache-2.0

import Wire

//     # a remark, also behind a line
//     > 00A4040007F0504F5344010100        what a terminal sent
//     < 6F 1F 84 07 … 90 00               what the card answered; `-` where it was gone
//
// Blanks between digits do not matter. Of a VERIFY the header alone is written, so that no
// recording holds a PIN.

/// Exchanges with a card, as a text file keeps them. It prints no card data.
public struct CardTranscript: Hashable, Sendable {
  /// A command and its answer.
  public struct Exchange: Hashable, Sendable {
    /// The command's line, counted from 1.
    public let line: Int
    private let sent: SecretBytes
    private let received: SecretBytes

    init(line: Int, command: [UInt8], answer: [UInt8]) {
      self.line = line
      sent = SecretBytes(command)
      received = SecretBytes(answer)
    }

    /// At least four bytes.
    public var command: [UInt8] { sent.exposed }
    /// Data and status; empty where there was no answer.
    public var answer: [UInt8] { received.exposed }
  }

  /// In the order of the file.
  public private(set) var exchanges: [Exchange] = []
  /// The number of the last line with anything in it; 1 for an empty file.
  public private(set) var lastLine = 1

  /// Nothing yet.
  public init() {}

  /// Reads a file.
  public init(text: [UInt8]) throws(TranscriptFault) {
    var command: [UInt8] = []
    var commandLine = 0
    let lines = text.split(separator: 0x0A, omittingEmptySubsequences: false)
    for (index, bytes) in lines.enumerated() {
      let content = bytes.prefix { $0 != 0x23 }.filter { $0 > 0x20 }
      guard let mark = content.first else { continue }
      lastLine = index + 1
      let digits = Array(content.dropFirst())
      switch mark {
      case 0x3E:
        if !command.isEmpty { throw TranscriptFault(.unanswered, line: commandLine) }
        command = try CardTranscript.bytes(digits, line: lastLine)
        commandLine = lastLine
        if command.count < 4 { throw TranscriptFault(.command, line: lastLine) }
      case 0x3C:
        if command.isEmpty { throw TranscriptFault(.answerAlone, line: lastLine) }
        let answer = digits == [0x2D] ? [] : try CardTranscript.bytes(digits, line: lastLine)
        if answer.count == 1 { throw TranscriptFault(.answer, line: lastLine) }
        exchanges.append(Exchange(line: commandLine, command: command, answer: answer))
        command = []
      default: throw TranscriptFault(.mark, line: lastLine)
      }
    }
    if !command.isEmpty { throw TranscriptFault(.unanswered, line: commandLine) }
  }

  private static func bytes(_ digits: [UInt8], line: Int) throws(TranscriptFault) -> [UInt8] {
    guard let bytes = try? Hex.decode(digits) else { throw TranscriptFault(.digits, line: line) }
    return bytes
  }

  /// Adds what was exchanged; of a VERIFY what stands in front of the PIN.
  public mutating func add(command: [UInt8], answer: [UInt8]) {
    let isVerify = command.count > 4 && command[1] == 0x20
    let kept = isVerify ? Array(command[..<4]) : command
    let line = 2 * exchanges.count + 1
    exchanges.append(Exchange(line: line, command: kept, answer: answer))
    lastLine = line + 1
  }

  /// The file, two lines an exchange. It holds all that the card said.
  public var text: String {
    var text = ""
    for exchange in exchanges {
      let answer = exchange.answer
      text += "> " + Hex.text(exchange.command) + "\n"
      text += "< " + (answer.isEmpty ? "-" : Hex.text(answer)) + "\n"
    }
    return text
  }
}

/// What is wrong with a transcript, or with what is asked of it.
public struct TranscriptFault: Error, Hashable, Sendable {
  /// Kinds of faults.
  public enum Kind: UInt8, Hashable, Sendable, CaseIterable {
    /// A line begins with something other than `>`, `<` or `#`.
    case mark
    /// Not pairs of hexadecimal digits.
    case digits
    /// A command has less than four bytes.
    case command
    /// An answer has one byte: no status.
    case answer
    /// An answer without a command above it.
    case answerAlone
    /// A command without an answer below it.
    case unanswered
    /// The transcript ends here, and the terminal sends one command more.
    case ended
    /// The terminal sends another command than this one.
    case otherCommand
    /// The terminal sends a command that is nowhere, or not so often; here is what it sent last.
    case nowhere
  }

  /// What is wrong.
  public let kind: Kind
  /// Where, counted from 1.
  public let line: Int

  /// A fault in a line.
  public init(_ kind: Kind, line: Int) {
    self.kind = kind
    self.line = line
  }

  /// In words.
  public var text: String {
    switch kind {
    case .mark: "a line begins with `>`, `<` or `#`"
    case .digits: "these are not pairs of hexadecimal digits"
    case .command: "a command has at least four bytes"
    case .answer: "an answer has at least two bytes, or is `-`"
    case .answerAlone: "an answer without a command"
    case .unanswered: "a command without an answer; `< -` says that the card was gone"
    case .ended: "the transcript ends here, and the terminal sends a further command"
    case .otherCommand: "the terminal sends another command than this one"
    case .nowhere: "behind this command the terminal sends one that is nowhere, or not so often"
    }
  }
}
