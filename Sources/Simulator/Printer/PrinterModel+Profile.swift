// SPDX-License-Identifier: Apache-2.0

public import Clockwork
import Devices

extension PrinterModel {
  /// What kind of printer it is.
  public struct Profile: Hashable, Sendable {
    /// Cells of a line.
    public var columns: Int
    /// Whether it has the Chinese character set; if so it starts in hanzi mode and with the
    /// Chinese international set, as such printers do.
    public var isChinese: Bool
    /// Whether it knows process IDs.
    public var hasProcessID: Bool
    /// Whether it knows `DLE DC4 8`.
    public var hasClear: Bool
    /// Whether it draws QR codes and bars.
    public var hasCodes: Bool
    /// Whether it draws pictures.
    public var hasPictures: Bool
    /// Whether it keeps logos.
    public var keepsLogos: Bool
    /// Whether it reports its state by itself when told to.
    public var hasReports: Bool
    /// Whether the host stops sending when the buffer is full; otherwise bytes are lost.
    public var hasFlowControl: Bool
    /// Bytes of the receive buffer.
    public var receiveBuffer: Int
    /// How long a line of usual height takes.
    public var lineTime: Interval
    /// How long feed and cut take.
    public var cutTime: Interval
    /// How long it writes a logo.
    public var keepTime: Interval

    /// A printer of 80 mm that knows everything.
    public init(
      columns: Int = 48, isChinese: Bool = true, hasProcessID: Bool = true,
      hasClear: Bool = true, hasCodes: Bool = true, hasPictures: Bool = true,
      keepsLogos: Bool = true, hasReports: Bool = true, hasFlowControl: Bool = true,
      receiveBuffer: Int = 4_096, lineTime: Interval = .milliseconds(40),
      cutTime: Interval = .milliseconds(300), keepTime: Interval = .seconds(2)
    ) {
      self.columns = columns
      self.isChinese = isChinese
      self.hasProcessID = hasProcessID
      self.hasClear = hasClear
      self.hasCodes = hasCodes
      self.hasPictures = hasPictures
      self.keepsLogos = keepsLogos
      self.hasReports = hasReports
      self.hasFlowControl = hasFlowControl
      self.receiveBuffer = receiveBuffer
      self.lineTime = lineTime
      self.cutTime = cutTime
      self.keepTime = keepTime
    }
  }

  /// What commands change and `ESC @` puts back.
  struct Settings: Hashable, Sendable {
    var isHanzi: Bool
    var country: UInt8
    var page: UInt8 = 0
    var isBold = false
    var size: UInt8 = 0
    var alignment: UInt8 = 0
    var codes = Codes()

    init(profile: Profile) {
      isHanzi = profile.isChinese
      country = profile.isChinese ? 15 : 0
    }
  }

  /// The line being composed.
  struct PaperLine: Hashable, Sendable {
    var text = ""
    var cells = 0
    var style = PaperStyle()
    var lead: UInt8?
  }

  /// The two characters by which a logo is known.
  struct LogoKey: Hashable, Sendable {
    var first: UInt8
    var second: UInt8
  }

  /// What the mechanism is doing.
  enum Motion: Hashable, Sendable {
    /// It prints this line.
    case line(String, PaperStyle)
    /// It draws a code that is as high as so many lines.
    case code(String, lines: Int)
    /// It prints rows of dots.
    case picture(Raster)
    /// It writes a logo into its memory, under the two characters of its key.
    case keeping(LogoKey, Raster)
    /// It feeds so many empty lines.
    case feed(Int)
    /// It feeds and cuts.
    case cut
  }
}
