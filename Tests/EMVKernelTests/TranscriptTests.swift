// SPDX-License-Identifier: Apache-2.0

import Devices
import EMVKernel
import Testing
import Wire

@Suite("A transaction's commands, byte for byte")
struct TranscriptTests {
  /// A card that knows what it will be asked, in this order and no other.
  private static func play(
    _ script: [(command: [UInt8], answer: [UInt8])], _ prepare: (inout Bench) -> Void
  ) -> (outcome: Outcome?, bench: Bench) {
    var bench = Bench()
    prepare(&bench)
    var seen: [String] = []
    let outcome = bench.run { command in
      seen.append(Hex.text(command))
      let index = seen.count - 1
      return index < script.count && script[index].command == command
        ? script[index].answer : hex("6F00")
    }
    #expect(seen == script.map { Hex.text($0.command) })
    return (outcome, bench)
  }

  private static let records = hex(
    "5A08999001123456789F 5F2403301231 8C0F 9F0206 9505 9C01 9F3704 9F3403 8A02"
      + "8D0B 8A02 9505 9B02 9F3704 9102 9F0D050000000000 9F0E050000000000 9F0F050000000000")

  private static func select(_ more: String = "") -> (command: [UInt8], answer: [UInt8]) {
    let fci = tlv(0x84, hex("F0504F53440101")) + tlv(0xA5, hex("5003414243" + more))
    return (hex("00A4040007F0504F5344010100"), tlv(0x6F, fci) + hex("9000"))
  }

  @Test("a sale below the floor limit is approved by card and terminal in five commands")
  func offline() {
    let (outcome, bench) = TranscriptTests.play([
      TranscriptTests.select(), TranscriptTests.select(),
      (hex("80A8000002 8300 00"), hex("8006 0800 08010100 9000")),
      (hex("00B2010C 00"), tlv(0x70, TranscriptTests.records) + hex("9000")),
      (
        hex("80AE400015 000000012345 8000000000 00 1A2B3C4D 3F0000 5931 00"),
        hex("800B 40 002A 1122334455667788 9000")
      ),
    ]) { _ in }
    #expect(outcome?.result == .approved(.offline))
    #expect(outcome?.sentResponseCode == Array("Y1".utf8))
    #expect(outcome?.tsi == [.terminalRiskManagement, .cardRiskManagement])
    #expect(outcome?.cryptogram == hex("1122334455667788"))
    #expect(outcome?.requestCryptogram == nil)
    #expect(outcome?.needsReversal == false)
    #expect(bench.effects.suffix(2).first == .show(.approved))
    #expect(outcome?.data.encoded([.dfName, .atc]) == hex("8407F0504F53440101 9F3602002A"))
  }

  @Test("an online sale: directory, PDOL, issuer authentication, both scripts, two cryptograms")
  func online() {
    let directory = tlv(0x84, Array("1PAY.SYS.DDF01".utf8)) + tlv(0xA5, hex("880101"))
    let script: [(command: [UInt8], answer: [UInt8])] = [
      (hex("00A404000E 315041592E5359532E4444463031 00"), tlv(0x6F, directory) + hex("9000")),
      (hex("00B2010C00"), hex("700B 6109 4F07F0504F53440101 9000")),
      (hex("00B2020C00"), hex("6A83")),
      // The list asks for the terminal's type, country, an unknown tag and a card's object.
      TranscriptTests.select("9F380B 9F3501 9F1A02 DF7F01 5A08"),
      (
        hex("80A800000E 830C 22 0276 00 0000000000000000 00"),
        hex("770A 82021C00 940408010100 9000")
      ),
      (
        hex("00B2010C00"),
        tlv(0x70, TranscriptTests.records + hex("8E0A 0000000000000000 1F00")) + hex("9000")
      ),
      (
        hex("80AE800015 000000012345 8000008800 00 1A2B3C4D 1F0002 0000 00"),
        hex("7714 9F270180 9F3602002A 9F26081122334455667788 9000")
      ),
      (hex("008200000A A77DC20D2BB5CEF13030"), hex("9000")),
      (hex("8C1E000006 8E0455667788"), hex("9000")),
      (
        hex("80AE40000F 3030 8000008800 7C00 1A2B3C4D A77D 00"),
        hex("8011 40 002B 8877665544332211 0FA500000000 9000")
      ),
      (hex("8C24000006 8E0411223344"), hex("6300")),
    ]
    let (outcome, bench) = TranscriptTests.play(script) {
      $0.goOnline()
      $0.risk.floorLimit = 100
      $0.settings.options.usesDirectory = true
      $0.host?.authorisationCode = Array("A1B2C3".utf8)
      $0.host?.issuerData =
        tlv(0x91, hex("A77DC20D2BB5CEF13030"))
        + tlv(0x72, tlv(0x86, hex("8C24000006 8E0411223344")))
        + tlv(0x71, hex("9F180401020304") + tlv(0x86, hex("8C1E000006 8E0455667788")))
    }
    #expect(outcome?.result == .approved(.online))
    #expect(outcome?.sentResponseCode == Array("00".utf8))
    #expect(outcome?.requestCryptogram == hex("1122334455667788"))
    #expect(outcome?.cryptogram == hex("8877665544332211"))
    #expect(outcome?.scriptResultBytes == hex("20 01020304 20 00000000"))
    #expect(outcome?.data.value(of: .authorisationCode) == Array("A1B2C3".utf8))
    #expect(outcome?.needsReversal == false)
    // The host was told what the card saw: results and counter of the first cryptogram.
    #expect(
      bench.request?.data.encoded([.tvr, .atc, .cryptogram, .responseCode])
        == hex("9505 8000008800 9F3602002A 9F26081122334455667788"))
  }

  @Test("a card that must not work offline is declined, and asked for nothing else")
  func declined() {
    let (outcome, bench) = TranscriptTests.play([
      TranscriptTests.select(), TranscriptTests.select(),
      (hex("80A8000002 8300 00"), hex("8006 0800 08010100 9000")),
      (hex("00B2010C 00"), tlv(0x70, TranscriptTests.records) + hex("9000")),
      (
        hex("80AE000015 000000012345 8000000000 00 1A2B3C4D 3F0000 5A31 00"),
        hex("800B 00 002A 1122334455667788 9000")
      ),
    ]) { $0.risk.denialCode = .authenticationNotPerformed }
    #expect(outcome?.result == .declined(.offline))
    #expect(outcome?.sentResponseCode == Array("Z1".utf8))
    #expect(outcome?.fallback == Outcome.Fallback.none)
    #expect(bench.shows(.declined))
  }
}
