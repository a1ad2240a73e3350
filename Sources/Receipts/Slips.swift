// SPDX-License-Identifier: Apache-2.0

public import Devices

/// What slips there are; each has a template of this name.
public enum SlipKind: String, Hashable, Sendable, CaseIterable {
  /// A payment that was approved.
  case sale
  /// Money that was given back.
  case refund
  /// A transaction that was taken back.
  case void
  /// A payment that was not made.
  case declined
  /// A payment whose outcome is not known and that is being taken back.
  case reversal
  /// A closed batch.
  case settlement
  /// What ends commissioning.
  case commissioning
}

/// What a terminal prints, laid out by its templates for a printer of so many columns (24...96).
///
/// The same values give the same slip in a year. No line is wider than the paper, for a printer
/// that wraps by itself wraps in the middle of an amount.
public struct Slips: Hashable, Sendable {
  /// The languages that the slips are printed in.
  public var language: SlipLanguage
  /// What says that a slip is a test or printed again; no template can leave it out.
  let marks: ReceiptTemplate
  /// The templates in the order of the kinds.
  let templates: [ReceiptTemplate]

  /// The name of the template of the marks.
  static let marksName = "marks"

  /// The names of the templates that must be there; they may include others.
  public static let names = [marksName] + SlipKind.allCases.map { $0.rawValue }

  /// The templates that are built in.
  public static var builtInFiles: [TemplateFile] { BuiltInTemplates.files }

  /// Reads templates and prints trial slips with each, on the usual papers and on the terminal's
  /// own of so many columns (24...96): one that does not show what it must is refused. What is
  /// there or missing on a slip is tried in all ways on the terminal's own.
  public init(
    files: [TemplateFile], language: SlipLanguage, columns: Int = 48
  ) throws(TemplateFault) {
    try self.init(untried: files, language: language)
    try tryOut(columns: columns)
  }

  private init(untried files: [TemplateFile], language: SlipLanguage) throws(TemplateFault) {
    self.language = language
    marks = try TemplateParser.parse(Slips.marksName, of: files)
    var templates: [ReceiptTemplate] = []
    for kind in SlipKind.allCases {
      templates.append(try TemplateParser.parse(kind.rawValue, of: files))
    }
    self.templates = templates
  }

  /// The slips that are built in; a test holds their templates against the files of the
  /// configuration and prints their trial slips.
  public static func builtIn(_ language: SlipLanguage = .both) -> Slips {
    guard let slips = try? Slips(untried: BuiltInTemplates.files, language: language) else {
      preconditionFailure("a test reads the built-in templates")
    }
    return slips
  }

  /// A slip, with the marks at both ends: a test slip must not pass for a real one even when it is
  /// torn. The slip between them is the same whether it is a test or a copy or neither.
  ///
  /// What a template makes longer than a printer takes is printed by the built-in one: a slip
  /// without its end would be none. Its fault says so.
  public func page(
    _ kind: SlipKind, _ values: SlipValues, columns: Int, isTest: Bool, isCopy: Bool
  ) -> SlipPage {
    let own = page(
      template(of: kind), values, columns: columns, isTest: isTest, isCopy: isCopy)
    if own.fault == nil { return own }
    let spare = Slips.builtIn(language)
    let whole = spare.laid(
      spare.template(of: kind), values, columns: columns, isTest: isTest, isCopy: isCopy)
    return SlipPage(lines: whole.lines, fault: own.fault)
  }

  /// The lines of a slip's page.
  public func lines(
    _ kind: SlipKind, _ values: SlipValues, columns: Int, isTest: Bool, isCopy: Bool
  ) -> [PrintLine] {
    page(kind, values, columns: columns, isTest: isTest, isCopy: isCopy).lines
  }

  /// A slip of another template, with the same marks; what does not fit is left out, and its fault
  /// says so.
  public func page(
    _ template: ReceiptTemplate, _ values: SlipValues, columns: Int, isTest: Bool, isCopy: Bool
  ) -> SlipPage {
    let layout = laid(template, values, columns: columns, isTest: isTest, isCopy: isCopy)
    return SlipPage(lines: layout.lines, fault: layout.overfull(template))
  }

  private func laid(
    _ template: ReceiptTemplate, _ values: SlipValues, columns: Int, isTest: Bool, isCopy: Bool
  ) -> Layout {
    let marking = Slips.marking(isTest: isTest, isCopy: isCopy)
    var layout = Layout(paper: columns)
    layout.beginsMarks()
    marks.lay(marking, in: language, on: &layout)
    layout.beginsBody()
    template.lay(values, in: language, on: &layout)
    layout.beginsMarks()
    marks.lay(marking, in: language, on: &layout)
    return layout
  }

  /// What the marks are laid with: nothing of the slip's own, which the trial could not foresee.
  static func marking(isTest: Bool, isCopy: Bool) -> SlipValues {
    var values = SlipValues()
    values[.test] = isTest
    values[.copy] = isCopy
    return values
  }

  /// An example of what stands on a slip.
  public static func example(_ kind: SlipKind) -> SlipValues {
    switch kind {
    case .sale, .refund, .void, .declined, .reversal:
      var data = Trial.payment(kind)
      data.verification = .pin
      if kind != .void, kind != .refund { data.originalReference = "" }
      return data.values
    case .settlement: return Trial.settlement.values
    case .commissioning: return Trial.commissioning(true, true).values
    }
  }

  func template(of kind: SlipKind) -> ReceiptTemplate {
    switch kind {
    case .sale: templates[0]
    case .refund: templates[1]
    case .void: templates[2]
    case .declined: templates[3]
    case .reversal: templates[4]
    case .settlement: templates[5]
    case .commissioning: templates[6]
    }
  }
}

/// A slip as it is laid out.
public struct SlipPage: Hashable, Sendable {
  /// Its lines, top to bottom.
  public var lines: [PrintLine]
  /// Why its template did not get all of it on paper; nil when it did.
  public var fault: TemplateFault?
}
