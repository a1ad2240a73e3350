// SPDX-License-Identifier: Apache-2.0

import EMVKernel
import Foundation
import LinuxHost
import Testing
import Wire

@Suite("Files of authorities' keys")
struct AuthorityKeyTests {
  private static let file = repository + "/Config/acquirers/test-capk.yaml"

  /// Reads the shipped file with something changed; the place and words of the refusal.
  private func refusal(_ change: (inout [String]) -> Void) throws -> (line: Int, text: String) {
    var lines = try String(contentsOfFile: AuthorityKeyTests.file, encoding: .utf8)
      .components(separatedBy: "\n")
    change(&lines)
    let path = NSTemporaryDirectory() + "posd-keys-\(UUID().uuidString).yaml"
    try lines.joined(separator: "\n").write(toFile: path, atomically: true, encoding: .utf8)
    defer { try? FileManager.default.removeItem(atPath: path) }
    do throws(ConfigurationFault) {
      _ = try AuthorityKeyFile.keys(path)
      return (0, "taken")
    } catch {
      return (error.place.line, error.message)
    }
  }

  @Test("the shipped test keys of five payment systems all have their published check sums")
  func shipped() throws {
    let keys = try AuthorityKeyFile.keys(AuthorityKeyTests.file)
    let sums = keys.map { Hex.text($0.checkSum) }
    #expect(keys.count == 23 && Set(sums).count == 23)
    #expect(Set(keys.map { $0.scheme }).count == 5)
    #expect(keys.allSatisfy { $0.isIntact })
    // UnionPay's 08 and Visa's 92 as the payment systems publish them.
    #expect(sums.contains("EE23B616C95C02652AD18860E48787C079E8E85A"))
    #expect(sums.contains("429C954A3859CEF91295F663C963E582ED6EB253"))
    #expect(try refusal { _ in } == (0, "taken"))
  }

  @Test("a key with one digit changed is refused with its line, wherever the digit stands")
  func changed() throws {
    let lines = try String(contentsOfFile: AuthorityKeyTests.file, encoding: .utf8)
      .components(separatedBy: "\n")
    let line = try #require(lines.firstIndex { $0.contains("A000000333 08") })
    // Identifier, index, check sum, first and last digit of the modulus.
    for place in [6, 15, 20, 62, lines[line].count - 1] {
      let result = try refusal { lines in
        var text = Array(lines[line])
        text[place] = text[place] == "1" ? "2" : "1"
        lines[line] = String(text)
      }
      #expect(result.line == line + 1, "\(place)")
      #expect(result.text.contains("check sum"), "\(place)")
    }
  }

  @Test("a line that is no key, a forbidden exponent, a short modulus, an index twice are refused")
  func refused() throws {
    func line(_ exponent: [UInt8], _ modulus: [UInt8]) -> String {
      let scheme: [UInt8] = [0xF0, 0x50, 0x4F, 0x53, 0x44]
      let sum = AuthorityKey.sum(scheme, 0x01, modulus, exponent)
      return "  - "
        + [scheme, [0x01], exponent, sum, modulus].map { Hex.text($0) }
        .joined(separator: " ")
    }
    let good = [UInt8](repeating: 0xC1, count: 128)
    let cases: [(String, String)] = [
      ("  - A000000333 08 03", "identifier, index"), (line([2], good), "exponent"),
      (line([3], Array(good.prefix(60))), "modulus"),
      (line([3], good) + "\n" + line([3], good), "twice"), (line([3], good), "taken"),
    ]
    for (text, words) in cases {
      let result = try refusal { lines in
        if lines.last == "" { lines.removeLast() }
        lines.append(text)
      }
      #expect(result.text.contains(words), "\(text) \(result.text)")
    }
  }
}
