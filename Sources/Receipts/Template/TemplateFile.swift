// SPDX-License-Identifier: Apache-2.0

/// A template as it was written, in UTF-8.
public struct TemplateFile: Hashable, Sendable {
  /// Its name, as in `sale`.
  public var name: String
  /// Its text.
  public var text: [UInt8]

  /// A file.
  public init(name: String, text: [UInt8]) {
    self.name = name
    self.text = text
  }

  /// The lines; they end with LF, CR LF or CR, and a byte order mark is dropped.
  func lines() throws(TemplateFault) -> [[Unicode.Scalar]] {
    let start = TemplatePlace(name: name, line: 1, column: 1)
    if text.count > TemplateLimits.bytes {
      throw TemplateFault(.tooLarge, start, "longer than 65536 bytes")
    }
    let decoded = String(decoding: text, as: UTF8.self)
    // What is no UTF-8 is decoded to something else.
    if Array(decoded.utf8) != text { throw TemplateFault(.syntax, start, "is not UTF-8") }
    var lines: [[Unicode.Scalar]] = [[]]
    var last: Unicode.Scalar = " "
    for scalar in decoded.unicodeScalars {
      if scalar == "\n" || scalar == "\r" {
        if scalar != "\n" || last != "\r" { lines.append([]) }
      } else if scalar.value != 0xFEFF || lines.count > 1 || !lines[0].isEmpty {
        lines[lines.count - 1].append(scalar)
      }
      last = scalar
    }
    // The last line is ended like the others.
    if lines.last?.isEmpty == true { lines.removeLast() }
    if lines.count > TemplateLimits.lines {
      throw TemplateFault(.tooLarge, start, "longer than 400 lines")
    }
    return lines
  }
}
