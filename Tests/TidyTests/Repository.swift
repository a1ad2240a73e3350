// SPDX-License-Identifier: Apache-2.0

import Foundation

/// The repository's own files, as a new clone has them.
struct Repository {
  /// One text file.
  struct File {
    /// From the repository's root.
    var path: String
    var text: String

    var lines: [String] {
      text.split(separator: "\n", omittingEmptySubsequences: false).map(String.init)
    }
    var name: String { path.split(separator: "/").last.map(String.init) ?? path }
    var isSwift: Bool { path.hasSuffix(".swift") }
    /// The target's folder: `Sources/Wire`.
    var target: String { path.split(separator: "/").prefix(2).joined(separator: "/") }
  }

  static let root = URL(fileURLWithPath: #filePath).deletingLastPathComponent()
    .deletingLastPathComponent().deletingLastPathComponent()

  /// Every text file but dotfiles, which hold builds.
  static let files: [File] = {
    let names = (FileManager.default.enumerator(atPath: root.path)?.compactMap { $0 as? String })
    return (names ?? []).sorted().compactMap { path in
      let parts = path.split(separator: "/")
      if parts.contains(where: { $0.hasPrefix(".") || $0 == "__pycache__" }) { return nil }
      let url = root.appendingPathComponent(path)
      guard let text = try? String(contentsOf: url, encoding: .utf8) else { return nil }
      return File(path: path, text: text)
    }
  }()

  static let swift = files.filter { $0.isSwift }

  /// What is below the line of the house: no I/O, no clock, no Foundation.
  static let below = [
    "Sources/Wire", "Sources/Clockwork", "Sources/Devices", "Sources/ISO8583",
    "Sources/PaymentCrypto", "Sources/PINPadCrypto", "Sources/EMVKernel", "Sources/Receipts",
    "Sources/Management", "Sources/Updates", "Drivers/CardReaderHID",
    "Drivers/PrinterESCPOS", "Drivers/PINPadSerial", "Sources/TerminalCore", "Sources/Assembly",
    "Sources/Simulator",
  ]

  static let folders: [String] =
    (try? FileManager.default.contentsOfDirectory(atPath: root.path)) ?? []
}
