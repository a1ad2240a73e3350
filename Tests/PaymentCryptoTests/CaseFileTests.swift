// SPDX-License-Identifier: Apache-2.0

import Foundation
import PINPadCrypto
import PaymentCrypto
import Testing
import Wire

/// A line of Tests/Fixtures/crypto/cases.txt, which other libraries computed.
struct JudgedCase {
  var kind: String
  var words: [String]

  static let all: [JudgedCase] = {
    let url = URL(fileURLWithPath: #filePath).deletingLastPathComponent()
      .deletingLastPathComponent().appendingPathComponent("Fixtures/crypto/cases.txt")
    let text = (try? String(contentsOf: url, encoding: .ascii)) ?? ""
    return text.split(separator: "\n").map { line in
      let words = line.split(separator: " ").map(String.init)
      return JudgedCase(kind: words[0], words: Array(words.dropFirst()))
    }
  }()

  /// The bytes of a word.
  func bytes(_ index: Int) throws -> [UInt8] {
    words[index] == "-" ? [] : try Hex.decode(Array(words[index].utf8))
  }

  static func of(_ kind: String) -> [JudgedCase] { all.filter { $0.kind == kind } }
}

@Suite("Cases that other libraries computed")
struct CaseFileTests {
  @Test("there are some of each kind, and none that no test reads")
  func there() {
    let kinds = ["ecb", "cbc", "kcv", "mac", "pin", "gcm"]
    for kind in kinds { #expect(JudgedCase.of(kind).count >= 10) }
    #expect(JudgedCase.all.allSatisfy { kinds.contains($0.kind) })
  }

  @Test("TDES in both modes, there and back")
  func ciphers() throws {
    for judged in JudgedCase.of("ecb") {
      let key = try DataKey(.tdes2, judged.bytes(0))
      #expect(try key.encrypt(judged.bytes(1), .ecb) == judged.bytes(2))
      #expect(try key.decrypt(judged.bytes(2), .ecb) == judged.bytes(1))
    }
    for judged in JudgedCase.of("cbc") {
      let key = try DataKey(.tdes2, judged.bytes(0))
      let zeros = [UInt8](repeating: 0, count: 8)
      #expect(try key.encrypt(judged.bytes(1), .cbc(zeros)) == judged.bytes(2))
      #expect(try key.decrypt(judged.bytes(2), .cbc(zeros)) == judged.bytes(1))
    }
  }

  @Test("key check values")
  func checkValues() throws {
    for judged in JudgedCase.of("kcv") {
      #expect(try MACKey(.tdes2, judged.bytes(0)).checkValue() == judged.bytes(1))
    }
  }

  @Test("retail MACs of every length")
  func macs() throws {
    for judged in JudgedCase.of("mac") {
      let key = try MACKey(.tdes2, judged.bytes(0))
      #expect(try key.mac(.retail(.zeros), over: judged.bytes(1)) == judged.bytes(2))
    }
  }

  @Test("PIN blocks of format 0, there and back, and never with another account")
  func pinBlocks() throws {
    for judged in JudgedCase.of("pin") {
      let pin = try #require(ClearPIN(judged.words[0].utf8.map { $0 - 0x30 }))
      let pan = Array(judged.words[1].utf8)
      let block = try judged.bytes(2)
      #expect(try PINBlock.format0(pin, pan: pan) == block)
      #expect(try PINBlock.pin(format: 0, block, pan: pan) == pin)
      var other = pan
      other[pan.count - 6] = other[pan.count - 6] == 0x39 ? 0x30 : other[pan.count - 6] + 1
      #expect((try? PINBlock.pin(format: 0, block, pan: other)) != pin)
    }
  }

  @Test("what is sealed comes back, and not when a bit of anything is changed")
  func sealing() throws {
    for judged in JudgedCase.of("gcm") {
      let key = try SealKey(try judged.bytes(0))
      let nonce = try judged.bytes(1)
      let associated = try judged.bytes(2)
      let sealed = try judged.bytes(4)
      #expect(
        try key.seal(judged.bytes(3), nonce: nonce, associated: associated) == sealed)
      #expect(
        try key.open(sealed, nonce: nonce, associated: associated) == judged.bytes(3))
      for index in sealed.indices {
        var changed = sealed
        changed[index] ^= 0x01
        #expect(throws: CryptoFault.authenticationFailed) {
          try key.open(changed, nonce: nonce, associated: associated)
        }
      }
      var otherNonce = nonce
      otherNonce[11] ^= 0x80
      #expect(throws: CryptoFault.authenticationFailed) {
        try key.open(sealed, nonce: otherNonce, associated: associated)
      }
      #expect(throws: CryptoFault.authenticationFailed) {
        try key.open(sealed, nonce: nonce, associated: associated + [0])
      }
      var otherKey = try judged.bytes(0)
      otherKey[0] ^= 0x01
      #expect(throws: CryptoFault.authenticationFailed) {
        try SealKey(otherKey).open(sealed, nonce: nonce, associated: associated)
      }
    }
  }
}
