// SPDX-License-Identifier: Apache-2.0

extension Kernel {
  /// What the kernel waits for: the card's answer to one command, or an answer from elsewhere.
  enum Step: Hashable, Sendable {
    case idle
    case card(Command)
    case asked(Question)
    case finished
  }

  /// The command that is outstanding.
  enum Command: Hashable, Sendable {
    case selectDirectory
    case readDirectory(file: UInt8, record: UInt8)
    /// The first SELECT of the terminal's application with this index.
    case selectListed(Int)
    /// A SELECT NEXT for it.
    case selectNext(Int)
    case selectFinally
    case getProcessingOptions
    case readRecord
    case internalAuthenticate
    case getTryCounter
    case getChallenge
    case getATC
    case getLastOnlineATC
    case generateFirst
    case externalAuthenticate
    case scriptCommand
    case generateSecond
  }

  /// What somebody else was asked.
  enum Question: Hashable, Sendable {
    case application
    case confirmation
    case language
    case amount(Waiting)
    case exceptions
    case pin
    case verification
    case host
    case referral
  }

  /// What comes when the amount is known.
  enum Waiting: Hashable, Sendable { case initiation, records }
}
