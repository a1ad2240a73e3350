// SPDX-License-Identifier: Apache-2.0

import Devices
import Glibc
import Testing

@testable import LinuxHost

@Suite("The logo's file")
struct LogoFileTests {
  private func read(_ head: String, _ dots: [UInt8]) throws -> Raster {
    try LogoFile.parse(Array(head.utf8) + dots, mostWidth: 576)
  }

  @Test("a bitmap is read with its comments, and what stands behind a row's last dot is nothing")
  func bitmap() throws {
    let logo = try read("P4\n# made by hand\n10 # wide\n2\n", [0xFF, 0xFF, 0x80, 0x7F])
    #expect(logo.width == 10 && logo.height == 2)
    #expect(logo.bytes == [0xFF, 0xC0, 0x80, 0x40])
    // Dots may look like blanks.
    #expect(try read("P4 8 2\n", [0x0A, 0x20]).bytes == [0x0A, 0x20])
    #expect(try read("P4 576 400\n", [UInt8](repeating: 0, count: 28_800)).height == 400)
  }

  @Test("what is no such file, or does not fit, says what is wrong")
  func refused() {
    let cases: [(String, [UInt8], String)] = [
      ("", [], "P4"), ("P", [], "P4"), ("P1\n1 1\n", [0x31], "P4"), ("P5 1 1 255\n", [0], "P4"),
      ("P4", [], "how large"), ("P4\n8", [], "how large"), ("P4\n8 x\n", [0], "how large"),
      ("P4\n-8 1\n", [0], "how large"), ("P4\n800000 1\n", [0], "how large"),
      ("P4\n# a comment without an end", [], "how large"), ("P4\n8 1", [], "no dots"),
      ("P4\n8 1#", [0], "no dots"), ("P4\n0 1\n", [], "0 by 1"), ("P4\n8 0\n", [], "8 by 0"),
      ("P4\n577 1\n", [UInt8](repeating: 0, count: 73), "576 by 400"),
      ("P4\n8 401\n", [UInt8](repeating: 0, count: 401), "8 by 401"),
      ("P4\n8 2\n", [0], "1 bytes of dots, and its size wants 2"),
      ("P4\n8 1\n", [0, 0], "2 bytes of dots, and its size wants 1"),
    ]
    for (head, dots, words) in cases {
      do {
        _ = try LogoFile.parse(Array(head.utf8) + dots, mostWidth: 576)
        Issue.record("\(head) was read")
      } catch {
        #expect(error.text.contains(words), "\(head): \(error.text)")
      }
    }
  }

  @Test("what a wide paper has room for may still be more than a printer is given")
  func large() throws {
    func parse(_ rows: Int) throws -> Raster {
      let head = Array("P4\n768 \(rows)\n".utf8)
      return try LogoFile.parse(head + [UInt8](repeating: 0, count: 96 * rows), mostWidth: 768)
    }
    #expect(try parse(333).bytes.count == 31_968)
    do {
      _ = try parse(334)
      Issue.record("it was read")
    } catch let flaw as LogoFile.Flaw {
      #expect(flaw.text == "has 32064 bytes of dots; printers are given 32000 at most")
    }
  }

  @Test("a file that would keep its reader waiting is none")
  func pipe() throws {
    let folder = try Folder()
    let path = folder.path + "/pipe"
    try #require(unsafe mkfifo(path, 0o600) == 0)
    #expect(throws: ConfigurationFault.self) { try LogoFile.read(path, columns: 48) }
  }
}
