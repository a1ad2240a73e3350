// SPDX-License-Identifier: Apache-2.0

/// What the core asks of a printer.
public enum PrinterOrder: Hashable, Sendable {
  /// Print a document; exactly one `finished` follows.
  case print(PrintJob)
  /// Give up waiting for a printer that cannot go on; the job ends as not printed or unknown.
  case abandon
}

/// A document with the number the core knows it by.
public struct PrintJob: Hashable, Sendable {
  /// The core's number.
  public var number: UInt32
  /// The lines, top to bottom; the printer cuts after the last.
  public var lines: [PrintLine]
  /// Rows of dots of the logo above the lines, which the printer has in itself; 0 for none.
  public var logoDots = 0
  /// The logo that the printer is to keep in itself, one or none. Then nothing is printed, and
  /// printed means kept.
  public var keeps: [Raster] = []

  /// Lines of the longest document.
  public static let mostLines = 400
  /// Dots of the longest document without its logo: 1.5 m of paper, at 8 dots a millimetre.
  public static let mostDots = 12_000
  /// Rows of dots of the highest logo.
  public static let mostLogoDots = 400
  /// Bytes of dots of the largest logo.
  public static let mostLogoBytes = 32_000

  /// A document.
  public init(number: UInt32, lines: [PrintLine]) {
    self.number = number
    self.lines = lines
  }

  /// A logo for the printer to keep.
  public init(number: UInt32, keeps logo: Raster) {
    self.number = number
    lines = []
    keeps = [logo]
  }
}

/// One line of a document, already laid out: no wider than the printer's columns.
public struct PrintLine: Hashable, Sendable {
  /// How a line looks.
  public enum Style: Hashable, Sendable {
    /// As usual.
    case plain
    /// Bold.
    case bold
    /// Twice as wide and twice as high: half as many columns.
    case large
    /// As a QR code that holds it; a picture of it, or its text, where the printer draws none.
    case qrCode(QRCode)
    /// As Code 128 bars that hold it; a picture or text likewise.
    case barCode(BarCode)
  }

  /// Where a line stands.
  public enum Alignment: Hashable, Sendable {
    /// At the left edge.
    case left
    /// In the middle.
    case centre
  }

  /// The characters.
  public var text: String
  /// How they look.
  public var style: Style
  /// Where they stand.
  public var alignment: Alignment

  /// A line.
  public init(_ text: String, style: Style = .plain, alignment: Alignment = .left) {
    self.text = text
    self.style = style
    self.alignment = alignment
  }

  /// Whether the text is drawn as a code.
  public var isCode: Bool {
    switch style {
    case .plain, .bold, .large: false
    case .qrCode, .barCode: true
    }
  }

  /// Dots that a cell is wide.
  public static let cellDots = 12
  /// Dots that a row of text is high, with the gap below it.
  public static let rowDots = 30

  /// How high it is, in dots, with what keeps it apart from the next.
  public var heightInDots: Int {
    switch style {
    case .plain, .bold: PrintLine.rowDots
    case .large: 2 * PrintLine.rowDots
    case .qrCode(let code):
      ((QRCode.modules(text, code.level) ?? 0) + 2 * QRCode.quiet) * Int(code.cell)
    case .barCode(let code): Int(code.height) + PrintLine.codeGapDots
    }
  }

  /// Dots of paper between bars and the next row.
  public static let codeGapDots = 8
}

/// What a printer tells the core.
public enum PrinterReport: Hashable, Sendable {
  /// What the printer's state is now; sent at each change.
  case status(PrinterStatus)
  /// A job ended.
  case finished(job: UInt32, PrintOutcome)
}

/// The state of a printer.
public enum PrinterStatus: Hashable, Sendable {
  /// It can print.
  case ready(paperLow: Bool)
  /// It cannot print until somebody does something.
  case halted(PrinterHalt)
  /// Nothing is known: no link, or no answer.
  case unavailable(PrinterTrouble)
}

/// What a printer says of its parts, as far as it was asked.
public struct PrinterParts: Hashable, Sendable {
  /// What is left of the roll.
  public enum Paper: UInt8, Hashable, Sendable {
    /// Enough.
    case enough
    /// It is about to end.
    case low
    /// Nothing.
    case out
  }

  /// What is broken.
  public enum Fault: UInt8, Hashable, Sendable {
    /// Nothing.
    case none
    /// The cutter is blocked.
    case cutter
    /// The head must cool down.
    case overheated
    /// It needs service.
    case broken
  }

  /// Whether it takes data to print.
  public var isOnline: Bool
  /// What is left of the roll.
  public var paper: Paper
  /// Whether the cover is open.
  public var isCoverOpen: Bool
  /// What is broken.
  public var fault: Fault

  /// A printer in this state.
  public init(
    isOnline: Bool = true, paper: Paper = .enough, isCoverOpen: Bool = false, fault: Fault = .none
  ) {
    self.isOnline = isOnline
    self.paper = paper
    self.isCoverOpen = isCoverOpen
    self.fault = fault
  }
}

/// Why a printer has stopped.
public enum PrinterHalt: Hashable, Sendable {
  /// No paper.
  case paperOut
  /// The cover is open.
  case coverOpen
  /// The cutter is blocked.
  case cutterJam
  /// The head must cool down.
  case overheated
  /// It needs service.
  case broken
  /// It is offline and does not say why.
  case offline
}

/// Why nothing is known of a printer.
public enum PrinterTrouble: Hashable, Sendable {
  /// The link is down.
  case link(LinkFault)
  /// The port is open and nobody answers.
  case silent
}

/// How a job ended; there is no fourth way.
public enum PrintOutcome: Hashable, Sendable {
  /// On paper, by this proof.
  case printed(PrintProof)
  /// Certainly not on paper, or only a visible fragment of it.
  case notPrinted(PrintObstacle, isFragment: Bool)
  /// Nobody can know: ask the person before printing again.
  case unknown(PrintObstacle)
}

/// Why the driver is sure.
public enum PrintProof: Hashable, Sendable {
  /// The printer sent back the process ID that followed the document.
  case processID
  /// The printer answered a query queued behind the document and is online.
  case fence
}

/// What stood between the document and the paper.
public enum PrintObstacle: Hashable, Sendable {
  /// The printer stopped.
  case halted(PrinterHalt)
  /// The printer was lost or silent.
  case unavailable(PrinterTrouble)
  /// The printer was busy with another job.
  case busy
  /// The power failed while the job was running.
  case powerCut
}
