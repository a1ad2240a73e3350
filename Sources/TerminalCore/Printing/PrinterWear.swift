// SPDX-License-Identifier: Apache-2.0

import Devices
import Wire

/// What the printer has printed for this terminal; kept over restarts, since a head and a cutter
/// are worn by it: makers give the life of a head in kilometres, and that of a cutter in cuts.
public struct PrinterWear: Hashable, Sendable {
  static let key = "printer-wear"

  /// Documents that were ended by a cut, where the printer has a cutter.
  public internal(set) var documents: UInt64 = 0
  /// Lines.
  public internal(set) var lines: UInt64 = 0
  /// Rows of dots that the paper was moved by the lines; eight a millimetre.
  public internal(set) var dots: UInt64 = 0

  init() {}

  init?(_ body: [UInt8]) {
    guard let fields = try? FieldReader(body) else { return nil }
    documents = fields.number(1) ?? 0
    lines = fields.number(2) ?? 0
    dots = fields.number(3) ?? 0
  }

  /// A document has come out, in whole or in part: of a part nobody knows how much, so all counts.
  /// A logo that the printer keeps moves no paper.
  mutating func count(_ document: PrintJob) {
    if !document.keeps.isEmpty { return }
    documents &+= 1
    lines &+= UInt64(document.lines.count)
    dots &+= UInt64(document.logoDots)
    for line in document.lines { dots &+= UInt64(line.heightInDots) }
  }

  var update: RecordUpdate {
    var fields = FieldWriter()
    fields.write(1, documents)
    fields.write(2, lines)
    fields.write(3, dots)
    return RecordUpdate(key: PrinterWear.key, isLive: true, body: fields.bytes)
  }
}
