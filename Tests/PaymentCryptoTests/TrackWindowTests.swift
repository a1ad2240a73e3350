// SPDX-License-Identifier: Apache-2.0

import PaymentCrypto
import Testing
import Wire

@Suite("Encrypting a track")
struct TrackWindowTests {
  private static func encrypted(_ track: String, _ key: DataKey) throws -> String {
    String(decoding: try key.encryptTrack(Array(track.utf8)), as: UTF8.self)
  }

  @Test(
    "UnionPay's examples, with the separator outside the window and inside it",
    arguments: [
      ("6235013452200000069D26112207788010000", "6235013452200000069DA5EC52214A530B0F0"),
      ("6222021234567890D25121011234567890", "6222021234567890B406CD65008B358590"),
      ("6222021234567890=25121011234567890", "6222021234567890B406CD65008B358590"),
    ])
  func examples(_ track: String, _ cipher: String) throws {
    #expect(try TrackWindowTests.encrypted(track, try key(.tdes2, publishedKey)) == cipher)
    // A separator that stands outside stays as it is written.
    let written = track.replacing("D", with: "=")
    let kept = track.count == 37 ? cipher.replacing("069D", with: "069=") : cipher
    #expect(try TrackWindowTests.encrypted(written, try key(.tdes2, publishedKey)) == kept)
  }

  @Test("under SM4 the window is a block of sixteen bytes, and the block is the cipher's own")
  func sm4() throws {
    let sm4: DataKey = try key(.sm4, publishedKey)
    let track = "41111111111111111=301210192837465564"
    let cipher = try TrackWindowTests.encrypted(track, sm4)
    #expect(cipher.prefix(2) == "41" && cipher.suffix(2) == "64")
    let window = try hex(String(track.dropFirst(2).dropLast(2)).replacing("=", with: "D"))
    #expect(cipher.dropFirst(2).dropLast(2) == Hex.text(try sm4.encrypt(window, .ecb)))
  }

  @Test("a track of one character too few is refused, for both widths; the next one is not")
  func shortest() throws {
    for (algorithm, least) in [(CipherAlgorithm.tdes2, 17), (.sm4, 33)] {
      let key: DataKey = try key(algorithm, publishedKey)
      #expect(TrackWindow.shortest(block: algorithm.blockByteCount) == least)
      for count in 0..<least {
        #expect(throws: CryptoFault.wrongLength(count)) {
          try key.encryptTrack([UInt8](repeating: 0x31, count: count))
        }
      }
      // Track 3 has at most 104 characters.
      for count in least...104 {
        let track = (0..<count).map { 0x30 + UInt8($0 % 10) }
        let cipher = try key.encryptTrack(track)
        #expect(cipher.count == count)
        let differing = track.indices.filter { cipher[$0] != track[$0] }
        let end = 2 * ((count + 1) / 2 - 1)
        let window = (end - 2 * algorithm.blockByteCount)..<end
        #expect(!differing.isEmpty && differing.allSatisfy { window.contains($0) })
      }
    }
  }

  @Test("a character that is on no track is refused, wherever it stands")
  func characters() throws {
    let key: DataKey = try key(.tdes2, publishedKey)
    for place in [0, 20, 36] {
      for character in Array("AEF?; /:\u{7F}".utf8) {
        var track = [UInt8](repeating: 0x30, count: 37)
        track[place] = character
        #expect(throws: CryptoFault.outOfRange) { try key.encryptTrack(track) }
      }
    }
  }
}
