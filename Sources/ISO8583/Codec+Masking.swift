// SPDX-License-Identifier: Apache-2.0

import Wire

extension Codec {
  /// The message for people, an element a line, without what the table says is secret; an element
  /// that the table does not define is secret.
  public func masked(_ message: Message) -> String {
    var text = String(decoding: message.mti, as: UTF8.self)
    for element in message.present {
      guard let content = message.content(of: element) else { continue }
      text += "\n\(element) " + masked(element, content)
    }
    return text
  }

  private func masked(_ element: Int, _ content: ArraySlice<UInt8>) -> String {
    guard let format = table[element] else { return "<\(content.count)>" }
    switch format.secrecy {
    case .none: return Codec.readable(content)
    case .pan: return Codec.maskedPAN(content) ?? "<\(content.count) \(format.secrecy)>"
    case .track, .pin, .key, .code: return "<\(content.count) \(format.secrecy)>"
    }
  }

  /// Text as it is where it is ASCII, else hexadecimal digits.
  private static func readable(_ content: ArraySlice<UInt8>) -> String {
    content.allSatisfy { (0x20...0x7E).contains($0) }
      ? String(decoding: content, as: UTF8.self) : "0x" + Hex.text(Array(content))
  }

  /// First six and last four of a card's number; nil for content that is more or other than one.
  private static func maskedPAN(_ content: ArraySlice<UInt8>) -> String? {
    guard (13...19).contains(content.count), content.allSatisfy({ $0 &- 0x30 <= 9 }) else {
      return nil
    }
    let stars = String(repeating: "*", count: content.count - 10)
    return String(decoding: content.prefix(6), as: UTF8.self) + stars
      + String(decoding: content.suffix(4), as: UTF8.self)
  }
}
