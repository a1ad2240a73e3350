// SPDX-License-Identifier: Apache-2.0

import Devices

//     text ─▶ lines ─▶ steps ──┐
//                              ├─▶ lines as laid out ─▶ [PrintLine]
//                    values ───┘
//
// A template is parsed once. Values are put into its steps, never into its text, so no value can
// become markup: a merchant's name with a pipe in it is a name with a pipe in it.

/// A slip's layout in ReceiptLine, parsed.
public struct ReceiptTemplate: Hashable, Sendable {
  /// One step; those that lead elsewhere name the step they lead to.
  enum Step: Hashable, Sendable {
    /// Text in columns.
    case line(TemplateLine)
    /// A text as a code.
    case code([TemplateLine.Piece], LineFormat)
    /// A line across the paper.
    case rule(LineFormat)
    /// A row without text.
    case blank
    /// Goes on there unless this holds.
    case unless(Condition, to: Int)
    /// Goes on there.
    case jump(to: Int)
    /// Goes through a list, each time up to there.
    case each(SlipList, to: Int)
  }

  /// What a step depends on.
  enum Condition: Hashable, Sendable {
    /// A field has a value.
    case field(SlipField)
    /// A list has an item.
    case list(SlipList)
    /// A flag is set.
    case flag(SlipFlag)
    /// The paper has this many columns or more.
    case columns(Int)
  }

  var steps: [Step]
  /// Where the template ends, for what it lacks.
  var end: TemplatePlace
}

/// One line: its columns and how they are laid out.
struct TemplateLine: Hashable, Sendable {
  enum Alignment: Hashable, Sendable {
    case left, centre, right
  }

  enum Look: Hashable, Sendable {
    case plain, bold, large
  }

  /// A part of a column's text.
  enum Piece: Hashable, Sendable {
    case text(CellText)
    case field(SlipField)
    /// A text that is printed in one language and beside the other.
    case chinese(CellText)
    case english(CellText)
  }

  struct Column: Hashable, Sendable {
    var alignment = Alignment.centre
    var pieces: [Piece] = []
  }

  var columns: [Column]
  var format: LineFormat
  var look: Look
}

/// How the lines below a property line are laid out.
struct LineFormat: Hashable, Sendable {
  enum Widths: Hashable, Sendable {
    /// All columns share the paper.
    case shared
    /// So many cells each; nil shares what is left.
    case cells([Int?])
    /// The columns behind the first are as wide as their text, at least so many cells, and stand at
    /// the right edge; below the first where there is no room beside it.
    case fitting([Int])
  }

  enum Wrap: Hashable, Sendable {
    /// Between any two characters.
    case characters
    /// Behind a blank, where there is one.
    case words
    /// Not at all: the first row alone is printed.
    case none
  }

  var widths = Widths.shared
  var alignment = TemplateLine.Alignment.centre
  /// Blanks between two columns.
  var gap = 1
  var wrap = Wrap.characters
  var code = CodeFormat()
}

/// How the codes below an `option` are drawn, in ReceiptLine's defaults.
struct CodeFormat: Hashable, Sendable {
  enum Kind: Hashable, Sendable {
    case bars, qrCode
  }

  var kind = Kind.bars
  /// Dots of the narrowest bar, and of the bars' height.
  var module: UInt8 = 2
  var height: UInt8 = 72
  /// Whether the text stands below the bars.
  var hasText = false
  /// Dots of a QR code's module, and how much of it may be lost.
  var cell: UInt8 = 3
  var level = QRCode.Level.low
}
