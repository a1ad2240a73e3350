// SPDX-License-Identifier: Apache-2.0

import ArgumentParser
import Clockwork
import Devices
import Glibc
import LinuxHost
import PrinterESCPOS
import Simulator
import Wire

/// The simulated printer and the driver's pictures, for other libraries to judge.
struct PrinterTrials: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "printer", abstract: "See what bytes become on paper, and pictures on the wire.",
    subcommands: [Paper.self, Picture.self, Code.self])

  struct Paper: ParsableCommand {
    static let configuration = CommandConfiguration(
      abstract: "Give bytes to the simulated printer and show what comes out.",
      discussion: """
        Prints a line for each thing on paper: `plain`, `bold`, `large` or `bold large` with a row \
        of text; `picture` with its dots and, with --pictures, its file; `cut`; and at the end \
        `unknown` with the place and the first bytes of what is no command of this printer.
        """)
    @Argument(help: "A file with bytes for an ESC/POS printer, or - for standard input.")
    var file: String
    @Option(help: "Columns of the paper, 24 to 96.") var columns = 48
    @Flag(help: "A printer without Chinese.") var latin = false
    @Option(help: "Write each picture to this name, with its number and .pbm behind it.")
    var pictures: String?

    func validate() throws {
      guard (24...96).contains(columns) else { throw ValidationError("--columns takes 24 to 96.") }
    }

    func run() throws {
      guard
        let bytes = FileSystem.read(file == "-" ? "/dev/stdin" : file, limit: 16_000_000)
      else { throw ValidationError("\(file) cannot be read, or is longer than 16 MB.") }
      let profile = PrinterModel.Profile(columns: columns, isChinese: !latin)
      var printer = PrinterModel(profile: profile)
      var now = Instant.start
      var seen: [PrinterModel.Effect] = printer.handle(.received(bytes), at: now)
      while let due = printer.deadline {
        now = due
        seen += printer.handle(.deadlinePassed, at: now)
      }
      for effect in seen {
        switch effect {
        case .drawn(let place): try show(printer.pictures[place], number: place + 1)
        case .printed(let line, let style):
          let look = [style.isBold ? "bold" : "", style.isLarge ? "large" : ""]
          let words = look.filter { !$0.isEmpty }.joined(separator: " ")
          print("\(words.isEmpty ? "plain" : words): \(line)")
        case .cut: print("cut")
        case .send: break
        }
      }
      for command in printer.unknownCommands {
        print("unknown at \(command.offset): \(Hex.text(command.bytes))")
      }
    }

    private func show(_ picture: Raster, number: Int) throws {
      guard let pictures else { return print("picture \(picture.width) x \(picture.height)") }
      let name = "\(pictures)\(number).pbm"
      let head = Array("P4\n\(picture.width) \(picture.height)\n".utf8)
      guard let file = unsafe fopen(name, "w") else {
        throw ValidationError("\(name) cannot be written.")
      }
      let bytes = head + picture.bytes
      let written = unsafe fwrite(bytes, 1, bytes.count, file)
      guard unsafe fclose(file) == 0, written == bytes.count else {
        throw ValidationError("\(name) cannot be written.")
      }
      print("picture \(picture.width) x \(picture.height): \(name)")
    }
  }

  struct Picture: ParsableCommand {
    static let configuration = CommandConfiguration(
      abstract: "Show in hexadecimal digits what the driver writes for a picture.",
      discussion: "Values below 128 are black. A line is one write to the port.")
    @Argument(help: "A grey picture as a binary PGM file without comments, its maximum 255.")
    var file: String

    func run() throws {
      guard let bytes = FileSystem.read(file, limit: 4_000_000),
        let picture = PrinterTrials.picture(pgm: bytes)
      else { throw ValidationError("\(file) is no binary PGM file of up to 4 MB.") }
      for write in PrinterProfile().writes(of: picture, .left) { print(Hex.text(write)) }
    }
  }

  struct Code: ParsableCommand {
    static let configuration = CommandConfiguration(
      abstract: "Show in hexadecimal digits how a code goes to a printer that draws none.",
      discussion: "A line is one write to the port.")
    @Argument(help: "What the code holds.") var text: String
    @Flag(help: "Code 128 in the place of a QR code.") var bars = false
    @Option(help: "How much of a QR code may be lost: 0 least to 3 most.") var level: UInt8 = 0
    @Option(help: "Dots of a module, 2 to 8.") var dots: UInt8 = 4

    func run() throws {
      let dots = min(8, max(2, dots))
      let level = QRCode.Level(rawValue: min(3, level)) ?? .low
      let picture =
        bars
        ? Raster(bars: text, BarCode(module: dots, height: 72))
        : Raster(qrCode: text, QRCode(level: level, cell: dots))
      guard let picture else { throw ValidationError("This cannot be such a code.") }
      for write in PrinterProfile().writes(of: picture, .centre) { print(Hex.text(write)) }
    }
  }

  /// A grey picture: P5, width, height and 255, each with one blank or line end behind it.
  private static func picture(pgm: [UInt8]) -> Raster? {
    var words: [[UInt8]] = [[]]
    var place = 0
    while words.count <= 4, place < pgm.count {
      let byte = pgm[place]
      place += 1
      let isBlank = byte == 0x20 || byte == 0x0A
      if isBlank { words.append([]) } else { words[words.count - 1].append(byte) }
    }
    guard words.count == 5 else { return nil }
    let texts = words.map { String(decoding: $0, as: UTF8.self) }
    guard texts[0] == "P5", texts[3] == "255", let width = Int(texts[1]),
      let height = Int(texts[2]), (1...576).contains(width), (1...4_000).contains(height),
      pgm.count == place + width * height
    else { return nil }
    return Raster(grey: Array(pgm[place...]), width: width)
  }
}
