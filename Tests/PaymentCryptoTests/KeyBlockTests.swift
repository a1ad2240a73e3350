// SPDX-License-Identifier: Apache-2.0

import Clockwork
import PaymentCrypto
import Testing
import Wire

@Suite("Key blocks")
struct KeyBlockTests {
  /// Block, protection key, key inside, and its check value.
  struct Example: Sendable {
    var block: String
    var protection: String
    var algorithm: CipherAlgorithm
    var key: String
    var checkValue: String
  }

  static let examples = [
    Example(
      block: "A0072P0TE00E0000F5161ED902807AF26F1D62263644BD24192FDB3193C730301CEE8701",
      protection: "89E88CF7931444F334BD7547FC3F380C", algorithm: .tdes2,
      key: "F039121BEC83D26B169BDCD5B22AAF8F", checkValue: "CB9DEA"),
    Example(
      block: "B0080P0TE00E000094B420079CC80BA3461F86FE26EFC4A3B8E4FA4C5F5341176EED7B727B8A248E",
      protection: "DD7515F2BFC17F85CE48F3CA25CB21F6", algorithm: .tdes2,
      key: "3F419E1CB7079442AA37474C2EFBF8B8", checkValue: "57C409"),
    Example(
      block: "D0112P0AE00E0000B82679114F470F540165EDFBF7E250FCEA43F810D215F8D207E2E417C07156A2"
        + "7E8E31DA05F7425509593D03A457DC34",
      protection: "88E1AB2A2E3DD38C1FA039A536500CC8A87AB9D62DC92C01058FA79F44657DE6",
      algorithm: .aes256, key: "3F419E1CB7079442AA37474C2EFBF8B8", checkValue: "08793E"),
  ]

  private static func protection(_ example: Example) throws -> KeyBlockProtectionKey {
    try key(example.algorithm, example.protection)
  }

  @Test("the published blocks of versions A, B and D open to their keys", arguments: examples)
  func published(_ example: Example) throws {
    let block = try KeyBlock(parsing: Array(example.block.utf8))
    let pinKey: PINKey = try KeyBlockTests.protection(example).unwrap(block)
    #expect(pinKey.digits == example.key)
    #expect(Hex.text(try pinKey.checkValue()) == example.checkValue)
  }

  @Test(
    "any single character changed is refused, with every other character there is",
    arguments: examples)
  func altered(_ example: Example) throws {
    let protection = try KeyBlockTests.protection(example)
    let characters = Array(example.block.utf8)
    for index in characters.indices {
      for other in UInt8(0x20)...0x7E where other != characters[index] {
        var changed = characters
        changed[index] = other
        #expect(throws: KeyBlockFault.self) {
          let block = try KeyBlock(parsing: changed)
          let _: PINKey = try protection.unwrap(block)
        }
      }
    }
  }

  @Test("any byte of cipher text or code changed is refused as changed", arguments: examples)
  func tampered(_ example: Example) throws {
    let protection = try KeyBlockTests.protection(example)
    let characters = Array(example.block.utf8)
    for index in 16..<characters.count {
      for other in Array("0123456789ABCDEF".utf8) where other != characters[index] {
        var changed = characters
        changed[index] = other
        let block = try KeyBlock(parsing: changed)
        #expect(throws: KeyBlockFault.authenticationFailed) {
          let _: PINKey = try protection.unwrap(block)
        }
      }
    }
  }

  @Test("cut short at any place, or with anything behind it, a block is none", arguments: examples)
  func truncated(_ example: Example) {
    let characters = Array(example.block.utf8)
    for count in 0..<characters.count {
      #expect(throws: KeyBlockFault.self) { try KeyBlock(parsing: Array(characters[..<count])) }
    }
    #expect(throws: KeyBlockFault.self) { try KeyBlock(parsing: characters + [0x30]) }
    #expect(throws: KeyBlockFault.notPrintable(offset: 3)) {
      var odd = characters
      odd[3] = 0x0A
      _ = try KeyBlock(parsing: odd)
    }
  }

  @Test("what is wrapped comes back, in every version, length and with optional blocks")
  func roundTrips() throws {
    var dice = Dice(seed: 9143)
    let versions: [(KeyBlockVersion, [CipherAlgorithm])] = [
      (.a, [.tdes2, .tdes3]), (.b, [.tdes2, .tdes3]), (.c, [.tdes2, .tdes3]),
      (.d, [.aes128, .aes192, .aes256]),
    ]
    for (version, protections) in versions {
      for algorithm in protections {
        for _ in 0..<60 {
          let protection = try KeyBlockProtectionKey(
            algorithm, dice.bytes(algorithm.keyByteCount))
          let inner: [CipherAlgorithm] = [.tdes2, .tdes3, .aes128, .aes192, .aes256].filter {
            $0.strength <= algorithm.strength
          }
          let kind = inner[dice.below(inner.count)]
          let key = try DataKey(kind, dice.bytes(kind.keyByteCount))
          var header = KeyBlockHeader(
            version: version, usage: "D0", algorithm: kind.isDES ? "T" : "A", mode: "B")
          for number in 0..<dice.below(4) {
            let data = (0..<dice.below(300)).map { _ in UInt8(0x20 + dice.below(95)) }
            header.optionalBlocks.append(
              KeyBlockHeader.OptionalBlock(identifier: [0x58, 0x30 + UInt8(number)], data: data))
          }
          let block = try protection.wrap(key, header, filling: dice.bytes(16 + dice.below(40)))
          let read = try KeyBlock(parsing: block.characters)
          #expect(read == block)
          #expect(read.header == header)
          #expect(try protection.unwrap(read) == key)
        }
      }
    }
  }

  @Test("an initial key carries its serial number in an optional block")
  func serialNumber() throws {
    let protection: KeyBlockProtectionKey = try key(.tdes2, publishedKey)
    let initial: InitialKey = try key(.tdes2, "6AC292FAA1315B4D858AB3A3D7D5933A")
    let serial = Array("FFFF9876543210E00000".utf8)
    let header = KeyBlockHeader(
      version: .b, usage: "B1", algorithm: "T", mode: "X",
      optionalBlocks: [.init(identifier: Array("KS".utf8), data: serial)])
    let block = try protection.wrap(initial, header, filling: [1, 2, 3, 4, 5, 6])
    let text = String(decoding: block.characters, as: UTF8.self)
    #expect(text.hasPrefix("B0104B1TX00N0100KS18FFFF9876543210E00000"))
    #expect(block.characters.count == 104)
    let read = try KeyBlock(parsing: block.characters)
    #expect(read.header.optionalBlock("KS") == serial)
    #expect(try protection.unwrap(read) == initial)
  }

  @Test("a key opens as what its header says it is for, and as nothing else")
  func purposes() throws {
    let example = KeyBlockTests.examples[1]
    let block = try KeyBlock(parsing: Array(example.block.utf8))
    let protection = try KeyBlockTests.protection(example)
    #expect(throws: KeyBlockFault.wrongPurpose) {
      let _: MACKey = try protection.unwrap(block)
    }
    #expect(throws: KeyBlockFault.wrongPurpose) {
      let _: KeyEncryptionKey = try protection.unwrap(block)
    }
    let key: PINKey = try protection.unwrap(block)
    #expect(throws: KeyBlockFault.wrongPurpose) {
      try protection.wrap(
        key, KeyBlockHeader(version: .b, usage: "D0", algorithm: "T", mode: "B"),
        filling: [UInt8](repeating: 0, count: 8))
    }
  }

  /// A block of version B with any plain text, correctly protected.
  private static func forged(_ plain: [UInt8], _ header: String) throws -> KeyBlock {
    let protection: [UInt8] = try hex(publishedKey)
    func derived(_ usage: UInt8) throws -> [UInt8] {
      let key = try MACKey(.tdes2, protection)
      return try [UInt8(1), 2].flatMap { counter in
        try key.mac(.cmac, over: [counter, 0, usage, 0, 0, 0, 0, 0x80])
      }
    }
    let front = Array(header.utf8)
    let code = try MACKey(.tdes2, derived(1)).mac(.cmac, over: front + plain)
    let cipher = try DataKey(.tdes2, derived(0)).encrypt(plain, .cbc(code))
    return try KeyBlock(parsing: front + Hex.encode(cipher) + Hex.encode(code))
  }

  @Test("what is rightly protected and still no key is refused: lengths, strength, mode of use")
  func inside() throws {
    let protection: KeyBlockProtectionKey = try key(.tdes2, publishedKey)
    let bytes = (0..<30).map { UInt8($0 * 7 + 1) }
    for bits in [0, 7, 129, 120, 136, 256, 65_535] {
      let plain = [UInt8(bits >> 8), UInt8(bits & 0xFF)] + bytes
      let block = try KeyBlockTests.forged(plain, "B0096P0TE00N0000")
      #expect(throws: KeyBlockFault.keyLength(bits: bits)) {
        let _: PINKey = try protection.unwrap(block)
      }
    }
    let strong = try KeyBlockTests.forged([0, 192] + bytes, "B0096P0TE00N0000")
    #expect(throws: KeyBlockFault.strongerThanProtection) {
      let _: PINKey = try protection.unwrap(strong)
    }
    let good = try KeyBlockTests.forged([0, 128] + bytes, "B0096P0TE00N0000")
    let key: PINKey = try protection.unwrap(good)
    #expect(key.digits == Hex.text(Array(bytes.prefix(16))))
    let equal = [UInt8](repeating: 0x31, count: 16)
    let weak = try KeyBlockTests.forged([0, 128] + equal + bytes.prefix(14), "B0096P0TE00N0000")
    #expect(throws: KeyBlockFault.key(.weakKey)) { let _: PINKey = try protection.unwrap(weak) }
    // A key that may only verify makes no codes.
    let verifying = try KeyBlockTests.forged([0, 128] + bytes, "B0096M3TV00N0000")
    #expect(throws: KeyBlockFault.wrongMode(0x56)) {
      let _: MACKey = try protection.unwrap(verifying)
    }
  }

  @Test("noise is no key block, and never more than a fault")
  func noise() throws {
    var dice = Dice(seed: 1_439)
    let alphabet = Array("ABCD0123456789PKMTE".utf8)
    for _ in 0..<20_000 {
      let count = dice.below(140)
      var text = (0..<count).map { _ in alphabet[dice.below(alphabet.count)] }
      if count > 16, dice.below(2) == 0 {
        let length = String(10_000 + count).dropFirst()
        text.replaceSubrange(0..<16, with: Array("B\(length)P0TE00E0\(dice.below(4))00".utf8))
      }
      _ = try? KeyBlock(parsing: text)
      _ = try? KeyBlock(parsing: dice.bytes(count))
      _ = SignInLayout(String(decoding: dice.bytes(dice.below(40)), as: UTF8.self))
    }
    #expect(throws: KeyBlockFault.optionalBlock(offset: 16)) {
      let protection: KeyBlockProtectionKey = try key(.tdes2, publishedKey)
      let block = KeyBlockHeader.OptionalBlock(identifier: [0x58, 0x31], data: [])
      let header = KeyBlockHeader(
        version: .b, usage: "P0", algorithm: "T", mode: "E", optionalBlocks: [block, block])
      let pin: PINKey = try key(.tdes2, "6AC292FAA1315B4D858AB3A3D7D5933A")
      _ = try protection.wrap(pin, header, filling: dice.bytes(8))
    }
  }

  @Test("a key never travels under a weaker one, and a protection key has its versions")
  func strength() throws {
    let weak: KeyBlockProtectionKey = try key(.tdes2, publishedKey)
    let strong: PINKey = try key(.tdes3, publishedKey + "8899AABBCCDDEEFF")
    let header = KeyBlockHeader(version: .b, usage: "P0", algorithm: "T", mode: "E")
    #expect(throws: KeyBlockFault.strongerThanProtection) {
      try weak.wrap(strong, header, filling: [UInt8](repeating: 0, count: 8))
    }
    let aes: KeyBlockProtectionKey = try key(.aes128, publishedKey)
    let block = try KeyBlock(parsing: Array(KeyBlockTests.examples[1].block.utf8))
    #expect(throws: KeyBlockFault.wrongProtectionKey(.aes128)) {
      let _: PINKey = try aes.unwrap(block)
    }
    let other: KeyBlockProtectionKey = try key(.tdes2, "0011223344556677" + "8899AABBCCDDEEFF")
    #expect(throws: KeyBlockFault.authenticationFailed) {
      let _: PINKey = try other.unwrap(block)
    }
  }
}
