// SPDX-License-Identifier: Apache-2.0

import Wire

/// What the values of some objects mean, in sentences.
public enum ValueWords {
  /// Sentences about a value; none where there is nothing to say beyond its digits.
  public static func sentences(of tag: UInt32, _ value: [UInt8]) -> [String] {
    if let bits = BitWords.sentences(of: tag, value) { return bits }
    switch tag {
    case 0x8A: return [responseCode(value)]
    case 0x8C, 0x8D, 0x97, 0x9F38, 0x9F49, 0x9F4F: return list(value)
    case 0x8E: return methods(value)
    case 0x94: return locator(value)
    case 0x9F27: return information(value)
    case 0x9F34: return methodResults(value)
    case 0x9F35: return terminalType(value)
    case 0x50, 0x5F2D, 0x9F12, 0x9F1C, 0x9F16, 0x9F4E, 0x9F1E: return text(value)
    case 0x9F13, 0x9F36, 0x9F17, 0x9F14, 0x9F23: return ["\(number(value))"]
    default: return []
    }
  }

  private static func number(_ value: [UInt8]) -> UInt64 {
    value.suffix(8).reduce(0) { $0 << 8 | UInt64($1) }
  }

  /// Printable ASCII; anything else is a dot.
  private static func text(_ value: [UInt8]) -> [String] {
    let shown = value.map { (0x20...0x7E).contains($0) ? $0 : 0x2E }
    return ["\"" + String(decoding: shown, as: UTF8.self) + "\""]
  }

  private static func information(_ value: [UInt8]) -> [String] {
    guard value.count == 1 else { return [] }
    var sentences: [String] = []
    switch value[0] & 0xC0 {
    case 0x00: sentences.append("AAC: declined")
    case 0x40: sentences.append("TC: approved")
    case 0x80: sentences.append("ARQC: to be asked online")
    default: sentences.append("a reserved kind of cryptogram")
    }
    if value[0] & 0x08 != 0 { sentences.append("an advice is wanted") }
    switch value[0] & 0x07 {
    case 0x01: sentences.append("reason: the service is not allowed")
    case 0x02: sentences.append("reason: the PIN try limit is exceeded")
    case 0x03: sentences.append("reason: issuer authentication failed")
    default: break
    }
    return sentences
  }

  private static func responseCode(_ value: [UInt8]) -> String {
    switch value {
    case [0x59, 0x31]: "Y1: approved offline"
    case [0x5A, 0x31]: "Z1: declined offline"
    case [0x59, 0x33]: "Y3: unable to go online, approved"
    case [0x5A, 0x33]: "Z3: unable to go online, declined"
    default: "of the issuer: " + text(value)[0]
    }
  }

  private static func terminalType(_ value: [UInt8]) -> [String] {
    guard value.count == 1, let words = terminalWords(value[0]) else { return [] }
    return [words]
  }

  private static func terminalWords(_ type: UInt8) -> String? {
    let owner: String
    switch type >> 4 {
    case 1: owner = "of a financial institution"
    case 2: owner = "of a merchant"
    case 3: owner = "of a cardholder"
    default: return nil
    }
    let low = type & 0x0F
    if !(1...6).contains(low) || (type >> 4 == 3 && low < 4) { return nil }
    let reaches = ["online only", "offline with online capability", "offline only"]
    let attended = low <= 3 ? "attended" : "unattended"
    return attended + ", " + owner + ", " + reaches[Int(low - 1) % 3]
  }

  /// Tags and lengths of a data object list.
  private static func list(_ value: [UInt8]) -> [String] {
    var reader = ByteReader(value)
    var sentences: [String] = []
    var total = 0
    while !reader.isAtEnd {
      guard let tag = readTag(&reader), let length = try? reader.readByte() else {
        return sentences + ["the list ends inside an entry"]
      }
      total += Int(length)
      let name = TagWords.name(of: tag.rawValue) ?? "unknown"
      sentences.append(Hex.text(tag.bytes) + " \(length) " + name)
    }
    return sentences + ["\(total) bytes in all"]
  }

  private static func readTag(_ reader: inout ByteReader) -> TLVTag? {
    guard var byte = try? reader.readByte() else { return nil }
    var number = UInt32(byte)
    if byte & 0x1F == 0x1F {
      repeat {
        guard number <= 0xFFFF, let next = try? reader.readByte() else { return nil }
        byte = next
        number = number << 8 | UInt32(byte)
      } while byte & 0x80 != 0
    }
    return TLVTag(number)
  }

  private static func locator(_ value: [UInt8]) -> [String] {
    if value.count % 4 != 0 { return ["its length is no multiple of four"] }
    return stride(from: 0, to: value.count, by: 4).map { offset in
      let flagged = value[offset + 3]
      return "file \(value[offset] >> 3), records \(value[offset + 1]) to \(value[offset + 2])"
        + (flagged == 0 ? "" : ", \(flagged) of them authenticated")
    }
  }

  private static func methods(_ value: [UInt8]) -> [String] {
    if value.count < 8 || value.count % 2 != 0 { return ["its length is none of such a list"] }
    let amounts = "amount X \(number(Array(value[..<4]))), Y \(number(Array(value[4..<8])))"
    let rules = stride(from: 8, to: value.count, by: 2).map { offset in
      method(value[offset]) + ", " + condition(value[offset + 1])
        + (value[offset] & 0x40 != 0 ? "; else the next" : "; else verification fails")
    }
    return [amounts] + rules
  }

  private static func methodResults(_ value: [UInt8]) -> [String] {
    guard value.count == 3 else { return [] }
    let results = ["unknown", "failed", "successful"]
    let result = value[2] < 3 ? results[Int(value[2])] : "reserved"
    if value[0] == 0x3F { return ["no method was performed: " + result] }
    return [method(value[0]) + ", " + condition(value[1]) + ": " + result]
  }

  private static func method(_ code: UInt8) -> String {
    switch code & 0x3F {
    case 0x00: "fail verification"
    case 0x01: "plaintext PIN by the chip"
    case 0x02: "online PIN"
    case 0x03: "plaintext PIN by the chip, and signature"
    case 0x04: "enciphered PIN by the chip"
    case 0x05: "enciphered PIN by the chip, and signature"
    case 0x06...0x0F: "a biometric"
    case 0x1E: "signature"
    case 0x1F: "no verification needed"
    case 0x20...0x2F: "a method of the payment system"
    case 0x30...0x3E: "a method of the issuer"
    default: "a reserved method"
    }
  }

  private static func condition(_ code: UInt8) -> String {
    switch code {
    case 0x00: "always"
    case 0x01: "if unattended cash"
    case 0x02: "if not cash and not with cashback"
    case 0x03: "if the terminal supports it"
    case 0x04: "if manual cash"
    case 0x05: "if with cashback"
    case 0x06: "if in the card's currency and under X"
    case 0x07: "if in the card's currency and over X"
    case 0x08: "if in the card's currency and under Y"
    case 0x09: "if in the card's currency and over Y"
    default: "under a condition of the payment system"
    }
  }
}
