// SPDX-License-Identifier: Apache-2.0

import CQREncode
import Devices

/// The modules of a code, row by row, as a printer draws it; true is black.
struct CodePicture {
  /// Row by row; of bars there is one row.
  let rows: [[Bool]]

  /// A QR code, by libqrencode; nil when it needs more modules than the layout has left room for.
  init?(qrCode text: String, _ level: QRCode.Level) {
    guard let version = QRCode.version(text, level) else { return nil }
    let data = Array(text.utf8)
    let names: [QRecLevel] = [QR_ECLEVEL_L, QR_ECLEVEL_M, QR_ECLEVEL_Q, QR_ECLEVEL_H]
    guard
      let code = unsafe QRcode_encodeData(
        Int32(data.count), data, Int32(version), names[Int(level.rawValue)])
    else { return nil }
    defer { unsafe QRcode_free(code) }
    let width = unsafe Int(code.pointee.width)
    guard width == QRCode.modules(text, level), let modules = unsafe code.pointee.data else {
      return nil
    }
    var rows: [[Bool]] = []
    for row in 0..<width {
      // The lowest bit is the colour; the others say what the module is for.
      rows.append((0..<width).map { unsafe modules[row * width + $0] & 1 == 1 })
    }
    self.rows = rows
  }

  /// Bars.
  init?(bars text: String) {
    guard let code = Code128(text) else { return nil }
    let widths = CodePicture.widths.split(separator: " ")
    var row: [Bool] = []
    for symbol in code.symbols + [CodePicture.stop] {
      var isBar = true
      for width in widths[Int(symbol)].utf8 {
        row += [Bool](repeating: isBar, count: Int(width - 0x30))
        isBar.toggle()
      }
    }
    rows = [row]
  }

  private static let stop: UInt8 = 106

  /// The widths of bars and blanks of each symbol (ISO/IEC 15417, table 1); the stop has one more.
  private static let widths =
    "212222 222122 222221 121223 121322 131222 122213 122312 132212 221213 221312 231212 112232 "
    + "122132 122231 113222 123122 123221 223211 221132 221231 213212 223112 312131 311222 321122 "
    + "321221 312212 322112 322211 212123 212321 232121 111323 131123 131321 112313 132113 132311 "
    + "211313 231113 231311 112133 112331 132131 113123 113321 133121 313121 211331 231131 213113 "
    + "213311 213131 311123 311321 331121 312113 312311 332111 314111 221411 431111 111224 111422 "
    + "121124 121421 141122 141221 112214 112412 122114 122411 142112 142211 241211 221114 413111 "
    + "241112 134111 111242 121142 121241 114212 124112 124211 411212 421112 421211 212141 214121 "
    + "412121 111143 111341 131141 114113 114311 411113 411311 113141 114131 311141 411131 211412 "
    + "211214 211232 2331112"
}
