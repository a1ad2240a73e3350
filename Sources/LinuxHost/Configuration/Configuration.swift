// SPDX-License-Identifier: Apache-2.0

public import Assembly
import CardReaderHID
import Clockwork
public import Devices
import Glibc
import ISO8583
import PINPadSerial
import PaymentCrypto
import PrinterESCPOS
public import Receipts
import TerminalCore
import Wire

/// Everything the files in `Config/` say, checked.
public struct Configuration: Sendable {
  /// Where a device is found.
  public enum PortAddress: Hashable, Sendable {
    /// A serial port or pseudo-terminal, with its speed.
    case serial(path: String, baud: Int, flow: SerialFlow)
    /// A USB device by vendor and product, the first that is there.
    case usb([USBProduct])
    /// The socket of a simulated USB device.
    case simulatedUSB(path: String)
  }

  /// Flow control of a serial port.
  public enum SerialFlow: Hashable, Sendable {
    /// None.
    case none
    /// By the RTS and CTS lines.
    case cts
    /// By XON and XOFF from the device.
    case xonXoff
  }

  /// A USB product.
  public struct USBProduct: Hashable, Sendable {
    /// Vendor.
    public var vendor: UInt16
    /// Product.
    public var product: UInt16
  }

  /// The terminal's serial number.
  public var serial: String
  /// The devices' drivers.
  public var board: Board
  /// The devices' ports.
  public var ports: [Port: PortAddress]
  /// Columns of the printer.
  public var columns: Int
  /// The printer's profile, each field with its source.
  public var printerProfile: [ProfileField]
  /// The acquirer's dialect and rules.
  public var acquirer: AcquirerProfile
  /// The management server.
  public var management: HTTPClient.Settings
  /// The pause between two questions about the review.
  public var reviewSeconds: Int
  /// Whether a slip is printed when a batch is closed.
  public var printsSettlementSlips: Bool
  /// How slips are laid out.
  public var slips: Slips
  /// Why the terminal's own templates cannot be used and the built-in ones are; nil when they are.
  public var refusedTemplates: ConfigurationFault?
  /// The logo above the papers; nil for none.
  public var logo: Raster?
  /// Why the terminal's own logo cannot be used; nil when it can.
  public var refusedLogo: ConfigurationFault?
  /// How the acquirer's hosts are connected to and trusted.
  public var acquirerLink: AcquirerConnection.Settings
  /// Updates of the program; nil where the file says nothing of them.
  public var updates: UpdateSettings?
  /// What can stand in a person's way.
  public var catalogue: Catalogue
  /// The control interface's socket.
  public var controlSocket: String
  /// File of the key under which the management server wraps keys: 32 hexadecimal digits.
  public var transportKeyFile: String
  /// Where the terminal's secrets are.
  public var secureElement: SecureElementSettings

  /// Reads `posd.yaml` and the files it names; `run` replaces `${RUN}`.
  public init(file: String, run: String) throws(ConfigurationFault) {
    let folder = Configuration.folder(of: file)
    let reader = try YAMLReader(
      try Configuration.parse(file), substitutions: [("RUN", run)])
    let terminal = try reader.map("terminal")
    serial = try terminal.text("serial")
    transportKeyFile = try terminal.text("transport-key-file")
    try terminal.finish()
    secureElement = try SecureElementSettings(try reader.map("secure-element"))
    let boardFile = folder + "/" + (try reader.text("board"))
    (board, ports, columns, printerProfile) = try Configuration.board(boardFile, run)
    acquirer = try AcquirerProfile(file: folder + "/" + (try reader.text("acquirer")))
    // The pad would decrypt an SM4 cryptogram with triple DES, and every PIN would be wrong.
    let layout = acquirer.dialect.signIn?.layout
    if layout?.algorithm(of: .pin) == .sm4, !board.pinPad.holdsSM4 {
      throw reader.fault(
        "acquirer",
        "has PIN keys of SM4, and the board's PIN pad holds none: see sign-in.pin-cipher")
    }
    catalogue = try Catalogue(file: folder + "/" + (try reader.text("catalogue")))
    let server = try reader.map("management")
    management = HTTPClient.Settings(
      base: try server.text("url"), authorityFile: try server.text("authority-file"),
      limitSeconds: try server.integer("timeout-seconds", 1...300))
    reviewSeconds = try server.integer("review-seconds", 1...86_400)
    try server.finish()
    // Without a word the slip is printed.
    if reader.has("settlement") {
      let settlement = try reader.map("settlement")
      printsSettlementSlips = try settlement.boolean("print-slip")
      try settlement.finish()
    } else {
      printsSettlementSlips = true
    }
    let receipts = try SlipTemplates.slips(reader, folder: folder, columns: columns)
    (slips, refusedTemplates) = (receipts.slips, receipts.refused)
    (logo, refusedLogo) = Configuration.logo(receipts, board.printer, columns: columns)
    acquirerLink = try AcquirerConnection.Settings(try reader.map("acquirer-link"))
    if reader.has("updates") {
      updates = try UpdateSettings(try reader.map("updates"), folder: folder)
    }
    let control = try reader.map("control")
    controlSocket = try control.text("socket")
    try control.finish()
    try reader.finish()
  }

  private static func board(
    _ file: String, _ run: String
  ) throws(ConfigurationFault) -> (Board, [Port: PortAddress], Int, [ProfileField]) {
    let reader = try YAMLReader(try parse(file), substitutions: [("RUN", run)])
    let card = try reader.map("reader")
    let cardDriver = try Configuration.reader(card)
    let cardPort = try usb(card)
    try card.finish()
    let paper = try reader.map("printer")
    let profile = try printer(paper)
    let paperPort = try serialPort(paper)
    try paper.finish()
    let pad = try reader.map("pin-pad")
    let padDriver = try pinPad(pad)
    let padPort = try serialPort(pad)
    try pad.finish()
    try reader.finish()
    let board = Board(
      reader: cardDriver, printer: .printerESCPOS(profile), pinPad: padDriver)
    return (
      board, [.reader: cardPort, .printer: paperPort, .pinPad: padPort], profile.columns,
      fields(of: profile, paper)
    )
  }

  /// The logo, if there is one. One that cannot be used is no reason to stay down.
  private static func logo(
    _ receipts: SlipTemplates.Stanza, _ printer: Board.Printer, columns: Int
  ) -> (Raster?, refused: ConfigurationFault?) {
    guard let (file, place) = receipts.logo else { return (nil, nil) }
    if !printer.keepsLogo {
      let message = "names a logo, and the board's printer keeps none: see keeps-logo"
      return (nil, ConfigurationFault(place: place, message: message))
    }
    do throws(ConfigurationFault) {
      return (try LogoFile.read(file, columns: columns), nil)
    } catch {
      return (nil, error)
    }
  }

  /// The reader's driver. What the manuals of ID TECH's swipe readers say differently of each other
  /// may be set, and is as the USB manual has it when nothing is said.
  private static func reader(_ reader: YAMLReader) throws(ConfigurationFault) -> Board.Reader {
    _ = try reader.choice("driver", [("card-reader-hid", true)])
    var settings = SecureMagSettings()
    if reader.has("secure-mag-model") {
      settings.model = try reader.choice(
        "secure-mag-model", [("usb", .usb), ("spi", .spi), ("unimag", .uniMag)])
    }
    if reader.has("secure-mag-length") {
      settings.isLowFirst = try reader.choice(
        "secure-mag-length", [("low-first", true), ("high-first", false)])
    }
    if reader.has("secure-mag-asked") { settings.isAsked = try reader.boolean("secure-mag-asked") }
    return .cardReaderHID(settings)
  }

  /// The printer's stanza with the place of each field, and what is in no file.
  private static func fields(of profile: PrinterProfile, _ reader: YAMLReader) -> [ProfileField] {
    var fields = reader.words.map { word in
      ProfileField(
        name: word.key, value: word.text, source: "\(word.place.file):\(word.place.line)")
    }
    let yen = profile.yenByte.map { String($0, radix: 16) } ?? "none"
    fields.append(ProfileField(name: "yen-byte", value: yen, source: "built in"))
    fields.append(ProfileField(name: "fence", value: "GS r 1", source: "built in"))
    return fields
  }

  private static func printer(_ reader: YAMLReader) throws(ConfigurationFault) -> PrinterProfile {
    _ = try reader.choice("driver", [("printer-escpos", true)])
    return PrinterProfile(
      columns: try reader.integer("columns", 32...64),
      codePage: UInt8(try reader.integer("code-page", 0...255)),
      chinese: try reader.choice("chinese", [("gbk", .gbk), ("none", .none)]),
      hasProcessID: try reader.boolean("process-id"),
      dleDc4Clear: try reader.boolean("buffer-clear"),
      hasCutter: try reader.boolean("cutter"),
      hasQRCode: try reader.boolean("qr-code"),
      hasBarCode: try reader.boolean("bar-code"),
      // A board file that is older than pictures has codes spelled, as it had before.
      pictureRows: reader.has("picture-rows") ? try reader.integer("picture-rows", 0...4_095) : 0,
      keepsLogo: reader.has("keeps-logo") ? try reader.boolean("keeps-logo") : false,
      baud: try baud(reader),
      paperSpeed: try reader.integer("paper-mm-per-second", 20...500))
  }

  private static func pinPad(_ reader: YAMLReader) throws(ConfigurationFault) -> Board.PINPad {
    _ = try reader.choice("driver", [("pin-pad-serial", true)])
    let prompt = try reader.integer("prompt", 1...999)
    let digits = [prompt / 100, prompt / 10 % 10, prompt % 10].map { UInt8(0x30 + $0) }
    let slots = UInt8(ascii: "0")...UInt8(ascii: "9")
    let pinKeys: [(String, PadSlotID?)] =
      [("dukpt", nil)] + slots.map { ("slot-" + String($0 - 0x30), PadSlotID($0)) }
    let macSlots = UInt8(ascii: "B")...UInt8(ascii: "E")
    let macKeys: [(String, PadSlotID?)] =
      [("none", nil)]
      + macSlots.map { ("slot-" + String(decoding: [$0], as: UTF8.self), PadSlotID($0)) }
    return .pinPadSerial(
      PadSettings(
        prompt: digits, pinSlot: try reader.choice("pin-keys", pinKeys),
        macSlot: try reader.choice("mac-key", macKeys)))
  }

  private static func serialPort(
    _ reader: YAMLReader
  ) throws(ConfigurationFault) -> PortAddress {
    let flow = try reader.choice(
      "flow", [("none", SerialFlow.none), ("cts", .cts), ("xon-xoff", .xonXoff)])
    return .serial(
      path: try reader.text("port"), baud: try baud(reader), flow: flow)
  }

  /// The speeds of termios(3); another one is a slip that no device answers to.
  private static func baud(_ reader: YAMLReader) throws(ConfigurationFault) -> Int {
    let speeds = [
      1_200, 1_800, 2_400, 4_800, 9_600, 19_200, 38_400, 57_600, 115_200, 230_400, 460_800,
      500_000, 576_000, 921_600,
    ]
    return try reader.choice("baud", speeds.map { (word: String($0), value: $0) })
  }

  private static func usb(_ reader: YAMLReader) throws(ConfigurationFault) -> PortAddress {
    let text = try reader.text("port")
    if text.hasPrefix("sim:") { return .simulatedUSB(path: String(text.dropFirst(4))) }
    var products: [USBProduct] = []
    for word in text.split(separator: " ") {
      let parts = word.split(separator: ":")
      guard parts.count == 2, let vendor = UInt16(parts[0], radix: 16),
        let product = UInt16(parts[1], radix: 16)
      else {
        throw ConfigurationFault(
          place: reader.ownPlace,
          message: "reader.port must be sim:PATH or vendor:product, as in 0801:0002")
      }
      products.append(USBProduct(vendor: vendor, product: product))
    }
    return .usb(products)
  }

  static func parse(_ file: String) throws(ConfigurationFault) -> YAMLNode {
    guard let bytes = FileSystem.read(file, limit: 300_000) else {
      throw ConfigurationFault(
        place: FilePlace(file: file, line: 1, column: 1), message: "cannot be read")
    }
    return try YAMLParser.parse(bytes, file: file)
  }

  static func folder(of file: String) -> String {
    guard let slash = file.lastIndex(of: "/") else { return "." }
    return String(file[..<slash])
  }
}
