// SPDX-License-Identifier: Apache-2.0

import Clockwork

/// What a printer model can do, as data: whatever differs between two models is a field here and
/// never a condition on a name.
public struct PrinterProfile: Hashable, Sendable {
  /// How the printer prints Chinese.
  public enum Chinese: Hashable, Sendable {
    /// Not at all; no FS command is ever sent.
    case none
    /// Two-byte GBK in hanzi mode.
    case gbk
  }

  /// The query that is queued behind a document.
  public enum Fence: Hashable, Sendable {
    /// `GS r 1`, one byte.
    case gsR
  }

  /// Cells of a line in font A: 48 (80 mm), 42 (80 mm at 180 dpi) or 32 (58 mm).
  public var columns: Int
  /// The number of the single-byte code page in `ESC t`; the numbers differ between makers.
  public var codePage: UInt8
  /// The byte of the yen sign in that page, or nil if the page has none.
  public var yenByte: UInt8?
  /// How the printer prints Chinese.
  public var chinese: Chinese
  /// Whether it answers a process ID (`GS ( H`, function 48) when what precedes it is on paper.
  public var hasProcessID: Bool
  /// The query behind each document.
  public var fence: Fence
  /// Whether `DLE DC4 8` clears the buffers and is confirmed.
  public var dleDc4Clear: Bool
  /// Whether a document ends with feed and partial cut, or with a feed to the tear bar.
  public var hasCutter: Bool
  /// Whether it draws QR codes (`GS ( k`).
  public var hasQRCode: Bool
  /// Whether it draws Code 128 bars (`GS k 73`).
  public var hasBarCode: Bool
  /// Rows of dots that a picture (`GS v 0`) may have at once, or 0 if it draws none.
  public var pictureRows: Int
  /// Whether it keeps a logo in itself and prints it when told to (`GS ( L`, functions 67 and 69).
  public var keepsLogo: Bool
  /// Bits a second of the line, 8N1.
  public var baud: Int
  /// Paper speed in millimetres a second.
  public var paperSpeed: Int

  /// A printer of 80 mm with everything that the larger makers document.
  public init(
    columns: Int = 48, codePage: UInt8 = 0, yenByte: UInt8? = 0x9D, chinese: Chinese = .gbk,
    hasProcessID: Bool = true, fence: Fence = .gsR, dleDc4Clear: Bool = true,
    hasCutter: Bool = true, hasQRCode: Bool = true, hasBarCode: Bool = true,
    pictureRows: Int = 255, keepsLogo: Bool = true, baud: Int = 115_200, paperSpeed: Int = 50
  ) {
    precondition(columns >= 24 && baud > 0 && paperSpeed > 0, "no printer is like that")
    self.columns = columns
    self.codePage = codePage
    self.yenByte = yenByte
    self.chinese = chinese
    self.hasProcessID = hasProcessID
    self.fence = fence
    self.dleDc4Clear = dleDc4Clear
    self.hasCutter = hasCutter
    self.hasQRCode = hasQRCode
    self.hasBarCode = hasBarCode
    self.pictureRows = pictureRows
    self.keepsLogo = keepsLogo
    self.baud = baud
    self.paperSpeed = paperSpeed
  }

  /// How long so many bytes are on the wire; ten bits a byte.
  func wireTime(_ bytes: Int) -> Interval {
    .microseconds(Int64(bytes) * 10_000_000 / Int64(baud))
  }

  /// How long so many rows of dots take to print; a millimetre has eight.
  func paperTime(_ dots: Int) -> Interval {
    .microseconds(Int64(dots) * 125_000 / Int64(paperSpeed))
  }
}

/// Every length of time the driver waits.
struct Timing: Hashable, Sendable {
  /// For the answer to DLE EOT, beside four byte times.
  var realTimeAnswer = Interval.milliseconds(200)
  /// For the status and the answer that follow the preamble.
  var preambleAnswer = Interval.seconds(2)
  /// Behind an answer that may be to another program's question: the own one is close behind it.
  var strangeAnswer = Interval.milliseconds(500)
  /// Silence that ends a status report, a response block or a single-byte answer.
  var replyGap = Interval.milliseconds(50)
  /// Between two questions for a state that came torn.
  var refreshPause = Interval.milliseconds(500)
  /// Silence that ends an identity block.
  var blockGap = Interval.seconds(1)
  /// For the answer to a buffer clear.
  var clearAnswer = Interval.seconds(2)
  /// For a person to load paper or close the cover.
  var paperWait = Interval.seconds(120)
  /// Added to the time a document needs.
  var margin = Interval.seconds(5)
  /// Added to the time that a logo is on the wire: makers say that writing it may take a minute.
  var keeping = Interval.seconds(60)
  /// Between two looks at a printer that is fine.
  var poll = Interval.seconds(60)
  /// Between two looks at a printer that is stopped or silent.
  var troublePoll = Interval.seconds(5)
  /// Online silence after which an owed answer is lost, not late.
  var lostAnswer = Interval.seconds(2)
  /// For waking a parser that swallows commands as data.
  var unsticking = Interval.seconds(10)
}

/// Every count the driver is bounded by.
enum Limits {
  /// Bytes of one write: more would be committed to the port's queue when the printer says BUSY.
  static let chunkBytes = 256
  /// Rows of a band of a picture: their number then has one byte, and no command in it.
  static let bandRows = 255
  /// Bytes of a band: what a host that dies in it leaves a printer waiting for, and no more than
  /// fits the smaller receive buffers.
  static let bandBytes = 2_048
  /// Unanswered questions after which a printer is silent.
  static let misses = 3
  /// Answers a printer may owe.
  static let owedAnswers = 16
  /// Bytes of one response block; the longest documented has 80 characters.
  static let blockBytes = 96
  /// Zero bytes sent at once to a parser that waits for data.
  static let zeroBytes = 8_192
}
