// SPDX-License-Identifier: Apache-2.0

/// What is wrong with a template, and where.
public struct TemplateFault: Error, Hashable, Sendable {
  /// What kind of fault it is; each kind has another remedy.
  public enum Kind: Hashable, Sendable {
    /// It asks for what no slip may have or this terminal does not do.
    case forbidden
    /// It is not well formed.
    case syntax
    /// It is larger than a template may be.
    case tooLarge
    /// It leaves out what the slip must show.
    case lacking
    /// There is no such template.
    case missing
  }

  /// What kind of fault it is.
  public var kind: Kind
  /// Where, counted from 1.
  public var place: TemplatePlace
  /// What, for people.
  public var message: String

  init(_ kind: Kind, _ place: TemplatePlace, _ message: String) {
    self.kind = kind
    self.place = place
    self.message = message
  }
}

/// A place in a template.
public struct TemplatePlace: Hashable, Sendable {
  /// The template's name, as in `sale`.
  public var name: String
  /// The line, counted from 1.
  public var line: Int
  /// The character in the line, counted from 1.
  public var column: Int
}

/// How large a template may be.
enum TemplateLimits {
  static let bytes = 65_536
  static let lines = 400
  static let columns = 16
  static let depth = 4
  /// Lines of a template and of all it includes, as often as it does.
  static let linesWithIncluded = 2_000
}
