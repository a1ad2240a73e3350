// SPDX-License-Identifier: Apache-2.0

import Wire

/// What commands and status words are called (EMV 4.4 Book 3, 6.3 and 6.5).
enum CommandWords {
  /// A command in words; `command` has at least four bytes.
  static func name(of command: [UInt8]) -> String {
    let (first, second) = (command[2], command[3])
    if command[0] & 0x0C != 0 {
      return "command of an issuer's script " + Hex.text(Array(command[..<4]))
    }
    switch command[1] {
    case 0xA4: return first == 0x04 && second & 0x03 == 0x02 ? "SELECT, the next one" : "SELECT"
    case 0xB2: return "READ RECORD \(first) of file \(second >> 3)"
    case 0xA8: return "GET PROCESSING OPTIONS"
    case 0x88: return "INTERNAL AUTHENTICATE"
    case 0x84: return "GET CHALLENGE"
    case 0x82: return "EXTERNAL AUTHENTICATE"
    case 0x20: return "VERIFY, " + (second == 0x88 ? "an enciphered PIN" : "a PIN in clear")
    case 0xC0: return "GET RESPONSE"
    case 0xCA:
      let tag = UInt32(first) << 8 | UInt32(second)
      return "GET DATA " + (TagWords.name(of: tag) ?? Hex.text([first, second]))
    case 0xAE: return "GENERATE AC, " + wish(first)
    default: return "command " + Hex.text(Array(command[..<4]))
    }
  }

  private static func wish(_ reference: UInt8) -> String {
    let signed = reference & 0x10 != 0 ? ", signed" : ""
    switch CryptogramType(rawValue: reference & 0xC0) {
    case .aac: return "asking for a refusal (AAC)" + signed
    case .tc: return "asking for an approval (TC)" + signed
    case .arqc: return "asking for a request on line (ARQC)" + signed
    case nil: return "asking for what does not exist" + signed
    }
  }

  /// A status word in words.
  static func meaning(of status: UInt16, after instruction: UInt8) -> String {
    switch status {
    case 0x9000: return "done"
    case 0x6283: return "the application is blocked"
    case 0x6300: return "authentication failed"
    case 0x6700: return "wrong length"
    case 0x6983: return "the PIN or method is blocked"
    case 0x6984: return "the PIN or its data cannot be used any more"
    case 0x6985: return "the conditions of use are not satisfied"
    case 0x6A81: return instruction == 0xA4 ? "the card is blocked" : "not supported"
    case 0x6A82: return "there is no such application or file"
    case 0x6A83: return "there is no such record"
    case 0x6A88: return "there are no such data"
    case 0x6D00: return "the card does not know this command"
    case 0x6E00: return "the card does not know this class of commands"
    default: break
    }
    if status & 0xFFF0 == 0x63C0 { return "wrong PIN, \(status & 0x0F) tries are left" }
    switch status >> 8 {
    case 0x61: return "\(status & 0xFF) bytes wait for GET RESPONSE"
    case 0x6C: return "the length has to be \(status & 0xFF)"
    case 0x62, 0x63: return "a warning"
    default: return "an error"
    }
  }
}
