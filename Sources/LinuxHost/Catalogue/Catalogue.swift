// SPDX-License-Identifier: Apache-2.0

/// Everything that can stand in a person's way, with its cause, its remedy and who acts.
public struct Catalogue: Hashable, Sendable {
  /// One entry.
  public struct Entry: Hashable, Sendable {
    /// Stable code.
    public var code: String
    /// What is the matter.
    public var cause: Texts
    /// What to do.
    public var remedy: Texts
    /// Who does it.
    public var who: String
  }

  /// A text in both languages.
  public struct Texts: Hashable, Sendable {
    /// English.
    public var english: String
    /// Chinese.
    public var chinese: String
  }

  /// Who can act.
  static let people = [
    "clerk", "cardholder", "merchant", "technician", "acquirer", "operator", "maker",
  ]

  /// The entries in the order of the file.
  public private(set) var entries: [Entry] = []

  /// One without entries, for a program that must start without its files.
  public init() {}

  /// Reads `errors.yaml`.
  public init(file: String) throws(ConfigurationFault) {
    let reader = try YAMLReader(try Configuration.parse(file))
    for item in try reader.maps("errors") {
      let entry = Entry(
        code: try item.text("code"), cause: try Catalogue.texts(try item.map("cause")),
        remedy: try Catalogue.texts(try item.map("remedy")),
        who: try item.choice("who", Catalogue.people.map { ($0, $0) }))
      if entries.contains(where: { $0.code == entry.code }) {
        throw ConfigurationFault(
          place: item.ownPlace, message: "\(entry.code) stands here twice")
      }
      entries.append(entry)
      try item.finish()
    }
    try reader.finish()
  }

  /// The entry of a code.
  public func entry(_ code: String) -> Entry? { entries.first { $0.code == code } }

  private static func texts(_ reader: YAMLReader) throws(ConfigurationFault) -> Texts {
    let texts = Texts(english: try reader.text("en"), chinese: try reader.text("zh"))
    try reader.finish()
    return texts
  }
}
