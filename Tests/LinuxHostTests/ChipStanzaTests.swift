// SPDX-License-Identifier: Apache-2.0

import EMVKernel
import Foundation
import LinuxHost
import PaymentCrypto
import TerminalCore
import Testing
import Wire

@Suite("The stanza chip of an acquirer's file")
struct ChipStanzaTests {
  private static func profile(_ from: String, _ to: String) throws -> AcquirerProfile {
    let file = repository + "/Config/acquirers/unionpay.yaml"
    let text = try String(contentsOfFile: file, encoding: .utf8)
    #expect(text.contains(from), "\(from)")
    let folder = try Folder()
    return try AcquirerProfile(
      file: folder.write("acquirer.yaml", text.replacingOccurrences(of: from, with: to)))
  }

  @Test("the shipped acquirer decides everything, promises no offline PIN and allows no fallback")
  func shipped() throws {
    let chip = try #require(try ChipStanzaTests.profile("chip:", "chip:").chip)
    #expect(chip.kernel.terminalType.reach == .onlineOnly)
    #expect(chip.kernel.capabilities.isDisjoint(with: [.plaintextPIN, .encipheredPIN]))
    #expect(chip.kernel.capabilities.isSuperset(of: [.contactChip, .onlinePIN]))
    #expect(chip.kernel.country == 0x0156 && !chip.allowsFallback)
    let other = try ChipStanzaTests.profile("fallback: refuse", "fallback: technical")
    #expect(other.chip?.allowsFallback == true)
  }

  @Test(
    "what the stanza cannot mean is refused where it stands",
    arguments: [
      ("terminal-type: \"21\"", "terminal-type: \"22\"", "chip.terminal-type must be one of"),
      ("\"E068C8\"", "\"E0E8C8\"", "chip.capabilities promises an offline PIN"),
      ("\"E068C8\"", "\"E0F8C8\"", "chip.capabilities promises an offline PIN"),
      ("\"E068C8\"", "\"E068\"", "capabilities is 3 bytes in hexadecimal digits"),
      ("country: 156", "country: 1000", "chip.country must be a number 1...999"),
      ("languages: [zh, en]", "languages: [zh, eng]", "languages holds pairs of letters"),
      ("  fallback: refuse", "  fallback: always", "chip.fallback must be one of"),
      ("  fallback: refuse", "  fallback: refuse\n  fallbacks: 1", "unknown key chip.fallbacks"),
    ])
  func mistakes(_ from: String, _ to: String, _ says: String) throws {
    let fault = #expect(throws: ConfigurationFault.self) {
      _ = try ChipStanzaTests.profile(from, to)
    }
    #expect(fault?.message.contains(says) == true, "\(fault?.message ?? "")")
  }

  @Test("applications and keys may stand in the file; a key whose check sum is wrong may not")
  func keys() throws {
    let scheme: [UInt8] = [0xA0, 0, 0, 3, 0x33]
    let modulus = [UInt8](repeating: 0xC1, count: 64)
    func stanza(_ sum: [UInt8]) -> String {
      """
        fallback: refuse
        applications:
          - { aid: A000000333010101, partial: true, version: "0030", denial: "0010000000",
              online: D84004F800, default: D84000A800, floor-limit: 0 }
        keys:
          - { scheme: A000000333, index: "80", modulus: \(Hex.text(modulus)), exponent: "03",
              check-sum: \(Hex.text(sum)) }
      """
    }
    let sum = AuthorityKey.sum(scheme, 0x80, modulus, [3])
    let chip = try ChipStanzaTests.profile("  fallback: refuse", stanza(sum)).chip
    #expect(chip?.kernel.applications.first?.aid.bytes == scheme + [1, 1, 1])
    #expect(chip?.kernel.applications.first?.risk.denialCode.rawValue == 0x00_1000_0000)
    #expect(chip?.kernel.keys.first?.index == 0x80)
    let fault = #expect(throws: ConfigurationFault.self) {
      _ = try ChipStanzaTests.profile("  fallback: refuse", stanza(sum.map { $0 ^ 1 }))
    }
    #expect(fault?.message.contains("check-sum") == true)
  }
}
