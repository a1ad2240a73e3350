// SPDX-License-Identifier: Apache-2.0

/// The languages that slips are printed in.
public enum SlipLanguage: String, Hashable, Sendable, CaseIterable {
  /// Chinese alone.
  case chinese
  /// English alone.
  case english
  /// Chinese with English beside it.
  case both
}

/// A text in Chinese and English, made of one or several parts; `both` has each part in Chinese and
/// then in English.
public struct SlipText: Hashable, Sendable, ExpressibleByStringLiteral {
  private struct Part: Hashable {
    var chinese: String
    var english: String

    func text(in language: SlipLanguage) -> String {
      switch language {
      case .chinese: chinese
      case .english: english
      case .both: chinese == english ? chinese : SlipText.joined(chinese, english)
      }
    }
  }

  private var first: Part
  private var more: [Part] = []

  /// A text in both languages.
  public init(_ chinese: String, _ english: String) {
    first = Part(chinese: chinese, english: english)
  }

  /// What is the same in both languages: a number, a name.
  public init(_ text: String) { self.init(text, text) }

  /// What is the same in both languages.
  public init(stringLiteral text: String) { self.init(text, text) }

  /// Two texts one after the other.
  public static func + (left: SlipText, right: SlipText) -> SlipText {
    var sum = left
    sum.more.append(right.first)
    sum.more += right.more
    return sum
  }

  /// The text as it is printed.
  public func text(in language: SlipLanguage) -> String {
    var words = first.text(in: language)
    for part in more { words = SlipText.joined(words, part.text(in: language)) }
    return words
  }

  private static func joined(_ first: String, _ second: String) -> String {
    first.isEmpty ? second : second.isEmpty ? first : first + " " + second
  }
}
