// SPDX-License-Identifier: Apache-2.0

public import Wire

/// Data objects as a person reads them: a line each with tag, name and value, the objects inside
/// one set in, and below it what the value means. Card numbers are masked, PIN data never shown.
public enum Explanation {
  /// The lines for some bytes. Throws what is wrong with them, with its offset.
  public static func lines(of bytes: [UInt8]) throws(WireFault) -> [String] {
    var lines: [String] = []
    for object in try TLV.parse(bytes) { add(object, 0, to: &lines) }
    return lines
  }

  /// The lines for a data object list.
  public static func lines(list bytes: [UInt8]) -> [String] {
    ValueWords.sentences(of: 0x8C, bytes)
  }

  /// The lines for a value that stands without its tag, as in data of a list.
  static func lines(tag: UInt32, _ value: [UInt8]) -> [String] {
    guard let known = TLVTag(tag), !known.isConstructed else {
      return ["\(value.count) bytes of an unknown object"]
    }
    var lines: [String] = []
    add(TLV(known, value), 0, to: &lines)
    return lines
  }

  private static func add(_ object: TLV, _ depth: Int, to lines: inout [String]) {
    var inset = ""
    for _ in 0..<depth { inset += "  " }
    let name = TagWords.name(of: object.tag.rawValue) ?? "unknown"
    let head = inset + Hex.text(object.tag.bytes) + " " + name
    if object.tag.isConstructed {
      lines.append(head)
      for child in object.children { add(child, depth + 1, to: &lines) }
      return
    }
    let tag = object.tag.rawValue
    lines.append(head + ": " + shown(tag, object.value))
    if hidden(tag) { return }
    for sentence in ValueWords.sentences(of: tag, object.value) {
      lines.append(inset + "    " + sentence)
    }
  }

  /// Card data that nobody has to see. Whoever has the authority's key can read the account number
  /// out of a certificate of the card's.
  private static func hidden(_ tag: UInt32) -> Bool {
    [
      0x56, 0x57, 0x5A, 0x5F20, 0x99, 0x9F0B, 0x9F1F, 0x9F20, 0x9F2D, 0x9F46, 0x9F6B,
    ].contains(tag)
  }

  private static func shown(_ tag: UInt32, _ value: [UInt8]) -> String {
    if !hidden(tag) { return value.isEmpty ? "(empty)" : Hex.text(value) }
    let halves = BCD.unpack(value)
    // Of track 2 what stands in front of the separator is the account number.
    let digits = halves.prefix { $0 <= 9 }
    if tag != 0x5A && tag != 0x57 || digits.count < 13 { return "(\(value.count) bytes)" }
    let masked = digits.indices.map { index -> UInt8 in
      index < 6 || index >= digits.count - 4 ? 0x30 + digits[index] : 0x2A
    }
    return String(decoding: masked, as: UTF8.self)
  }
}
