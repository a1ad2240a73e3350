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
    rows = [code.bars]
  }
}
