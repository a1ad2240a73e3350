// SPDX-License-Identifier: Apache-2.0

import Clockwork
import Devices
import LinuxHost
import PrinterESCPOS
import Receipts
import Simulator

/// The cost of paper: a receipt of 40 lines from its values to the printer's bytes, and what the
/// slip of a chip sale takes on the wire.
struct ReceiptFigures {
  private struct Unprepared: Error {}

  /// Receipts in one measurement, which is short, so that of many some are undisturbed; the fastest
  /// counts.
  private static let receipts = 20
  private static let rounds = 999

  private let slips = Slips.builtIn()
  private let template: ReceiptTemplate
  private let values: SlipValues
  /// A driver whose printer is ready, and what the printer says to the preamble.
  private let driver: PrinterESCPOS
  private let answers: [[UInt8]]

  init() throws {
    // The shipped slip of a payment has fewer lines: that of a shop with four more names of it.
    template = try ReceiptTemplate("sale", of: Slips.builtInFiles)
    var values = Slips.example(.sale)
    let names = values[.merchantNames] ?? []
    while (values[.merchantNames] ?? []).count < 100 {
      let lines = slips.page(template, values, columns: 48, isTest: false, isCopy: true).lines
      if lines.count == 40 { break }
      if lines.count > 40 { throw Unprepared() }
      values[.merchantNames]?.append(contentsOf: names)
    }
    self.values = values
    (driver, answers) = try ReceiptFigures.ready()
  }

  /// The lines of the table.
  func print(to figures: Figures) throws {
    let laid = try cost { lines().count == 40 ? 1 : 0 }
    let whole = try cost { bytes(of: lines()).count }
    figures.line(
      "receipt of 40 lines, laid out and encoded", "≤ 30 µs",
      "\(Self.microseconds(whole)), of which layout \(Self.microseconds(laid))")
    figures.line(
      "bytes of it on the wire, and of a chip sale's usual slip", "≤ 1,800",
      "\(bytes(of: lines()).count), \(bytes(of: usual()).count)")
    let picture = try picture()
    figures.line(
      "picture of 576 by 400 greys, to dots, in bands, made harmless", "≤ 400 µs",
      "\(Self.microseconds(picture.nanoseconds)), \(picture.bytes) bytes")
  }

  /// A picture of every grey as the driver writes it: thresholded, in bands, with no command in it.
  private func picture() throws -> (nanoseconds: Int64, bytes: Int) {
    let (width, height) = (576, 400)
    var grey = [UInt8](repeating: 0, count: width * height)
    for place in grey.indices {
      grey[place] = UInt8(truncatingIfNeeded: (place % width) &* 7 ^ (place / width) &* 13)
    }
    let profile = PrinterProfile()
    var bytes = 0
    let took = try cost(times: 1) {
      let writes = profile.writes(of: Raster(grey: grey, width: width), .left)
      bytes = writes.reduce(0) { $0 + $1.count }
      return bytes
    }
    return (took, bytes)
  }

  private func lines() -> [PrintLine] {
    slips.page(template, values, columns: 48, isTest: false, isCopy: true).lines
  }

  private func usual() -> [PrintLine] {
    slips.lines(.sale, Slips.example(.sale), columns: 48, isTest: false, isCopy: false)
  }

  private static func microseconds(_ nanoseconds: Int64) -> String {
    "\(nanoseconds / 1_000).\(nanoseconds % 1_000 / 100) µs"
  }

  /// Nanoseconds of one.
  private func cost(
    times: Int = ReceiptFigures.receipts, _ operation: () -> Int
  ) throws -> Int64 {
    let clock = ContinuousClock()
    var seen = 0
    var fastest = Int64.max
    for _ in 0..<ReceiptFigures.rounds {
      let began = clock.now
      for _ in 0..<times { seen &+= operation() }
      let took = (clock.now - began).components
      fastest = min(fastest, took.seconds * 1_000_000_000 + took.attoseconds / 1_000_000_000)
    }
    // What was made is used, so that nothing is left out.
    if seen == 0 { throw Unprepared() }
    return fastest / Int64(times)
  }

  /// All that the driver writes for a document, with the answers that let it go on.
  private func bytes(of lines: [PrintLine]) -> [UInt8] {
    var driver = driver
    var written: [UInt8] = []
    let order = PrinterOrder.print(PrintJob(number: 1, lines: lines))
    Self.write(driver.handle(.ordered(order), at: Self.later), to: &written)
    for answer in answers {
      Self.write(driver.handle(.link(.received(answer)), at: Self.later), to: &written)
    }
    let quiet = Self.later + .milliseconds(100)
    Self.write(driver.handle(.deadlinePassed, at: quiet), to: &written)
    return written
  }

  private static let later = Instant.start + .seconds(1)

  private static func write(
    _ effects: [PrinterESCPOS.Effect], to bytes: inout [UInt8]
  ) {
    for effect in effects {
      if case .link(.write(let more)) = effect { bytes += more }
    }
  }

  /// A driver that has asked its printer, and what the printer said to the preamble: its status and
  /// the answer to a query, as in `GS a` and `GS r 1`.
  private static func ready() throws -> (PrinterESCPOS, [[UInt8]]) {
    var driver = PrinterESCPOS(profile: PrinterProfile())
    _ = driver.handle(.link(.opened(.serial)), at: .start)
    for _ in 1...4 { _ = driver.handle(.link(.received([0x12])), at: .start) }
    return (driver, [[0x10, 0x00, 0x00, 0x00], [0x00]])
  }
}
