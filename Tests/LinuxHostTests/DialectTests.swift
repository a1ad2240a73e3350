// SPDX-License-Identifier: Apache-2.0

import Foundation
import ISO8583
import LinuxHost
import PaymentCrypto
import Simulator
import TerminalCore
import Testing

@Suite("The acquirers' files")
struct DialectTests {
  /// What an acquirer's file says differently for a flavour that has none of its own.
  private static func changes(_ flavour: ShopFlavour) -> [(String, String)] {
    let layout = #"layout: "PIK 16+4, MAK 8z8+4""#
    switch flavour {
    case .generic, .unionPay: return []
    case .unionPayTracks:
      return [
        (layout, #"layout: "PIK 16+4, MAK 8z8+4, TDK 16+4""#),
        ("track-encryption: none", "track-encryption: des"), ("{batch}003", "{batch}004"),
      ]
    case .unionPaySM4:
      return [
        (layout, #"layout: "PIK 16+3, MAK 16+3, TDK 16+3""#),
        ("  cipher: des", "  cipher: sm4\n  pin-cipher: des"),
        ("track-encryption: none", "track-encryption: sm4"), ("{batch}003", "{batch}006"),
      ]
    }
  }

  private static func profile(_ flavour: ShopFlavour) throws -> AcquirerProfile {
    let name = flavour == .generic ? "generic" : "unionpay"
    let file = repository + "/Config/acquirers/" + name + ".yaml"
    if changes(flavour).isEmpty { return try AcquirerProfile(file: file) }
    return try profile(changed(changes(flavour), file))
  }

  private static func changed(_ changes: [(String, String)], _ file: String) throws -> String {
    var text = try String(contentsOfFile: file, encoding: .utf8)
    for (from, to) in changes {
      #expect(text.contains(from), "\(from)")
      text = text.replacingOccurrences(of: from, with: to)
    }
    return text
  }

  private static func profile(_ text: String) throws -> AcquirerProfile {
    let folder = try Folder()
    return try AcquirerProfile(file: try folder.write("acquirer.yaml", text))
  }

  private static func fault(_ flavour: ShopFlavour, _ more: [(String, String)]) throws -> String {
    let file = repository + "/Config/acquirers/unionpay.yaml"
    let text = try changed(changes(flavour) + more, file)
    do {
      _ = try profile(text)
      return "none"
    } catch let fault as ConfigurationFault {
      return fault.message
    }
  }

  @Test("the simulated terminal speaks as the files say")
  func same() throws {
    for flavour in ShopFlavour.allCases {
      var written = try DialectTests.profile(flavour).dialect
      var simulated = SimulatedShop.settings(flavour).dialect
      // The tables are compared by the worked frames, and the framing by its own tests.
      written.table = simulated.table
      written.framing = simulated.framing
      simulated.signing = written.signing
      #expect(written == simulated, "\(flavour)")
    }
  }

  @Test("keys, MAC and tracks that do not go together are refused, each with its reason")
  func keys() throws {
    let tracks = "track-encryption needs a TDK of its cipher in sign-in.layout"
    #expect(try DialectTests.fault(.unionPayTracks, []) == "none")
    #expect(try DialectTests.fault(.unionPaySM4, []) == "none")
    #expect(
      try DialectTests.fault(.unionPay, [("encryption: none", "encryption: des")]) == tracks)
    #expect(
      try DialectTests.fault(.unionPayTracks, [("encryption: des", "encryption: sm4")]) == tracks)
    #expect(
      try DialectTests.fault(.unionPaySM4, [("encryption: sm4", "encryption: des")]) == tracks)
    #expect(
      try DialectTests.fault(.unionPaySM4, [("\nmac: cup-ecb", "\nmac: x9.19")])
        == "mac does not go with the MAK of sign-in.layout")
    #expect(
      try DialectTests.fault(.unionPaySM4, [("\nmac: cup-ecb", "\nmac: cup-ecb-bytes")]) == "none")
    #expect(
      try DialectTests.fault(.unionPay, [("  cipher: des", "  cipher: des\n  pin-cipher: sm4")])
        == "sign-in.pin-cipher needs cipher: sm4")
    let block = "{ element: 52, class: fixed, length: "
    #expect(
      try DialectTests.fault(.unionPaySM4, [("  pin-cipher: des", "  pin-cipher: sm4")])
        == "sign-in makes PIN blocks of 16 bytes, which element 52 does not hold")
    #expect(
      try DialectTests.fault(
        .unionPaySM4, [("  pin-cipher: des", "  pin-cipher: sm4"), (block + "8", block + "16")])
        == "none")
  }

  @Test("how each key's check value is made is said in the acquirer's file")
  func checkValues() throws {
    let cipher = "  cipher: des"
    let stanza = cipher + "\n  check-values: { PIK: 3des-zero, MAK: des-zero }"
    let file = repository + "/Config/acquirers/unionpay.yaml"
    let profile = try DialectTests.profile(try DialectTests.changed([(cipher, stanza)], file))
    let layout = try #require(profile.dialect.signIn?.layout)
    #expect(layout.items.map(\.rule) == [.tdes, .des] && layout.unchecked.isEmpty)
    let none = try DialectTests.changed(
      [(cipher, cipher + "\n  check-values: { MAK: none }")], file)
    #expect(try DialectTests.profile(none).dialect.signIn?.layout.unchecked == [.mac])
    #expect(
      try DialectTests.fault(.unionPay, [(cipher, cipher + "\n  check-values: { TDK: none }")])
        == "sign-in.check-values.TDK is no key of sign-in.layout")
    #expect(
      try DialectTests.fault(.unionPay, [(cipher, cipher + "\n  check-values: { MAK: aes }")])
        .hasPrefix("sign-in.check-values.MAK must be one of 3des-zero"))
    #expect(try DialectTests.profile(.unionPaySM4).dialect.signIn?.layout.unchecked == [])
  }

  @Test("a word that says nothing is named, with the line it stands in")
  func scripts() throws {
    let wrong = [
      ("sale 0200 4={amonut}", "4={amonut}"), ("sale 0200 4?often={amount}", "4?often={amount}"),
      ("sale 0200 193=1", "193=1"), ("sale 0200 @cards", "@cards"), ("sale 02 4={amount}", "02"),
      ("sale 0200 4={amount", "4={amount"), ("sale 0200 4={amount:0}", "4={amount:0}"),
      ("sale 0200 59=A3[3:{code}", "59=A3[3:{code}"), ("sale 0200 59=A3[{code}]", "59=A3[{code}]"),
      ("sale 0200 59=[3:]", "59=[3:]"), ("sale 0200 59=[0:1]", "59=[0:1]"),
      ("sale 0200 59=1]", "59=1]"), ("sale 0200 59=[3:[3:[3:1]]]", "59=[3:[3:[3:1]]]"),
      ("sale 0200 5=mac", "5=mac"), ("sale 0200 0210", "0210"), ("sale 0200 -4=1", "-4=1"),
    ]
    for (line, word) in wrong {
      let text = String(line.dropFirst(5))
      #expect(throws: ScriptFault.self, "\(line)") {
        do throws(ScriptFault) {
          _ = try MessageScript(text)
        } catch {
          #expect(error.word == word)
          throw error
        }
      }
    }
  }
}
