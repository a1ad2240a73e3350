// SPDX-License-Identifier: Apache-2.0

import Wire

//  core                       driver                    card
//   powerOn      ───────────▶  reset        ──────────▶
//   powered(ATR) ◀───────────               ◀──────────  answer to reset
//   transmit     ───────────▶  command APDU ──────────▶
//   responded    ◀───────────  61xx, 6Cxx followed up ◀─ response APDU
//   powerOff     ───────────▶
//   poweredOff   ◀───────────

/// A command for a chip card, short form (ISO/IEC 7816-3, 12.1.3); it prints its header alone.
public struct CommandAPDU: Hashable, Sendable, CustomStringConvertible {
  /// Header, one byte of length, 255 of data, one of the length expected.
  public static let countLimit = 261

  private let secret: SecretBytes

  /// Class, instruction, two parameters, then nothing, Le, Lc and data, or Lc, data and Le; nil
  /// when the lengths do not agree.
  public init?(_ bytes: [UInt8]) {
    if bytes.count < 4 || bytes.count > CommandAPDU.countLimit { return nil }
    if bytes.count > 5 {
      let data = Int(bytes[4])
      if data == 0 || bytes.count != 5 + data && bytes.count != 6 + data { return nil }
    }
    secret = SecretBytes(bytes)
  }

  /// The bytes, for the reader.
  public var exposed: [UInt8] { secret.exposed }

  /// The same command asking for so many bytes, 0 for 256; nil when it never asked for any.
  public func expecting(_ count: UInt8) -> CommandAPDU? {
    var bytes = secret.exposed
    if bytes.count == 4 || bytes.count > 5 && bytes.count == 5 + Int(bytes[4]) { return nil }
    bytes[bytes.count - 1] = count
    return CommandAPDU(bytes)
  }

  /// Class, instruction and parameters; never the data.
  public var description: String {
    "command \(Hex.text(Array(secret.exposed.prefix(4)))), \(secret.count) bytes"
  }
}

/// What a chip card answers: data and status word; it prints the status word alone.
public struct ResponseAPDU: Hashable, Sendable, CustomStringConvertible {
  /// 256 bytes of data and the status word.
  public static let countLimit = 258

  private let secret: SecretBytes
  /// SW1 and SW2.
  public let statusWord: UInt16

  /// Data and two bytes of status; nil when it is shorter or longer than a response can be.
  public init?(_ bytes: [UInt8]) {
    if bytes.count < 2 || bytes.count > ResponseAPDU.countLimit { return nil }
    statusWord = UInt16(bytes[bytes.count - 2]) << 8 | UInt16(bytes[bytes.count - 1])
    secret = SecretBytes(Array(bytes.dropLast(2)))
  }

  /// How many bytes of data there are.
  public var dataCount: Int { secret.count }

  /// The data without the status word, for the kernel.
  public var exposed: [UInt8] { secret.exposed }

  /// The status word; never the data.
  public var description: String {
    let status = [UInt8(statusWord >> 8), UInt8(truncatingIfNeeded: statusWord)]
    return "response \(Hex.text(status)), \(secret.count) bytes"
  }
}

/// Why an order to a chip card was not done.
public enum ChipFault: Hashable, Sendable {
  /// There is no reader, or it has no slot for chips.
  case noReader
  /// Another order is under way; this one was not begun.
  case busy
  /// There is no card in the slot.
  case noCard
  /// The card has no power: it has to be reset first.
  case notPowered
  /// The card was reset and said nothing, twice.
  case noATR
  /// The card was reset and said what no card may say, twice.
  case badATR(AnswerToReset.Refusal)
  /// The card was pulled out.
  case removed
  /// The card did not answer a command.
  case mute
  /// The answer did not come through, or no card may give it. Whether the card has carried out the
  /// command is not known, so it is not repeated.
  case answerLost
  /// The reader would not pass the command on; its own status.
  case refused(status: UInt8)
  /// The reader has no way to take a PIN block without its being seen on the way.
  case cannotVerify
}
