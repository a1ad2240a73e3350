// SPDX-License-Identifier: Apache-2.0

import Assembly
import CardReaderHID
import Foundation
import LinuxHost
import Testing

@Suite("The board's file")
struct BoardTests {
  private static func configuration(
    _ change: (String) -> String = { $0 }
  ) throws -> (Configuration, Folder) {
    let folder = try Folder()
    for file in try shippedConfiguration() {
      let text = try String(contentsOfFile: repository + "/Config/" + file, encoding: .utf8)
      try folder.write(file, file == "boards/demo.yaml" ? change(text) : text)
    }
    return (try Configuration(file: folder.path + "/posd.yaml", run: "/run/test"), folder)
  }

  @Test("each field of the printer's profile is told with its file and line, or as built in")
  func profile() throws {
    let (configuration, folder) = try BoardTests.configuration()
    let text = try String(contentsOfFile: folder.path + "/boards/demo.yaml", encoding: .utf8)
    let lines = text.split(separator: "\n", omittingEmptySubsequences: false)
    let fields = configuration.printerProfile
    for name in ["columns", "code-page", "cutter", "paper-mm-per-second", "flow"] {
      let field = try #require(fields.first { $0.name == name })
      let parts = field.source.split(separator: ":")
      #expect(parts.first.map { $0.hasSuffix("boards/demo.yaml") } == true)
      let line = try #require(parts.last.flatMap { Int($0) })
      #expect(lines[line - 1].contains(name + ": " + field.value), "\(name)")
    }
    #expect(fields.first { $0.name == "yen-byte" }?.value == "9d")
    #expect(fields.filter { $0.source == "built in" }.map { $0.name } == ["yen-byte", "fence"])
  }

  @Test("what ID TECH's manuals say differently may be set, and is the USB manual's otherwise")
  func secureMag() throws {
    func settings(_ lines: String) throws -> SecureMagSettings {
      let (configuration, _) = try BoardTests.configuration {
        $0.replacingOccurrences(
          of: "driver: card-reader-hid\n", with: "driver: card-reader-hid\n" + lines)
      }
      guard case .cardReaderHID(let settings) = configuration.board.reader else {
        preconditionFailure("the only driver")
      }
      return settings
    }
    #expect(try settings("") == SecureMagSettings())
    #expect(
      try settings(
        "  secure-mag-model: unimag\n  secure-mag-length: high-first\n  secure-mag-asked: true\n")
        == SecureMagSettings(model: .uniMag, isLowFirst: false, isAsked: true))
    #expect(try settings("  secure-mag-model: spi\n").model == .spi)
    for wrong in ["  secure-mag-model: serial\n", "  secure-mag-length: 2\n"] {
      #expect(throws: ConfigurationFault.self) { try settings(wrong) }
    }
  }
}
