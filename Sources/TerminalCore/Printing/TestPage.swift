// SPDX-License-Identifier: Apache-2.0

import Devices

/// The page by which a technician judges a printer: what is wrong with a profile or a head is seen.
enum TestPage {
  /// The lines, for a printer of so many columns.
  ///
  /// The ruler's last digit stands at the right edge, or the profile's columns are wrong. A white
  /// stripe in the black rows is a dead dot. Question marks stand for what the profile says that
  /// the printer cannot print, and other signs than those named for a wrong code page.
  static func lines(columns: Int, serial: String, time: String) -> [PrintLine] {
    var lines = [
      PrintLine("PRINTER TEST", style: .large, alignment: .centre),
      PrintLine("打印机测试", style: .bold, alignment: .centre),
      PrintLine(serial + "  " + String(columns) + " columns", alignment: .centre),
      PrintLine(time, alignment: .centre),
      PrintLine(""),
      PrintLine(ruler(columns) { $0 % 10 == 0 ? UInt8($0 / 10 % 10) : nil }),
      PrintLine(ruler(columns) { UInt8($0 % 10) }),
      PrintLine("plain  The quick brown fox 0123456789"),
      PrintLine("bold   The quick brown fox 0123456789", style: .bold),
      PrintLine("large  0123456789", style: .large),
    ]
    for index in 7...9 { lines[index] = fitted(lines[index], columns) }
    lines += characters(columns).map { PrintLine($0) }
    lines += [
      PrintLine("yen ¥ GBK 中文汉字、。《》￥"),
      PrintLine(String(repeating: "国", count: columns / 2)),
      PrintLine("density 浓度", style: .bold),
    ]
    let black = String(repeating: "█", count: columns / 2)
    lines += [PrintLine(black), PrintLine(black), PrintLine(black)]
    lines.append(PrintLine(String(repeating: "#", count: columns)))
    lines.append(PrintLine(String(repeating: "| ", count: columns / 2)))
    let dots = columns * PrintLine.cellDots
    if let code = QRCode(serial, level: .medium, cell: 6, dots: dots) {
      lines.append(PrintLine(serial, style: .qrCode(code), alignment: .centre))
    }
    if let code = BarCode(serial, module: 3, height: 64, dots: dots) {
      lines.append(PrintLine(serial, style: .barCode(code), alignment: .centre))
    }
    lines.append(PrintLine("end of the test / cut below", alignment: .centre))
    return lines
  }

  /// A digit a column, counted from 1, and a blank where there is none.
  private static func ruler(_ columns: Int, _ digit: (Int) -> UInt8?) -> String {
    var bytes: [UInt8] = []
    for column in 1...columns { bytes.append(digit(column).map { 0x30 + $0 } ?? 0x20) }
    return String(decoding: bytes, as: UTF8.self)
  }

  /// Every printable character of ASCII, in rows that fit.
  private static func characters(_ columns: Int) -> [String] {
    let all = Array(UInt8(0x21)...0x7E)
    var rows: [String] = []
    var start = 0
    while start < all.count {
      let end = min(start + columns, all.count)
      rows.append(String(decoding: all[start..<end], as: UTF8.self))
      start = end
    }
    return rows
  }

  /// A line of ASCII cut to the paper's width.
  private static func fitted(_ line: PrintLine, _ columns: Int) -> PrintLine {
    var line = line
    let most = line.style == .large ? columns / 2 : columns
    line.text = String(decoding: Array(line.text.utf8).prefix(most), as: UTF8.self)
    return line
  }
}
