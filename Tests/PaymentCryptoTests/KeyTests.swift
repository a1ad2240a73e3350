// SPDX-License-Identifier: Apache-2.0

import PaymentCrypto
import Testing
import Wire

@Suite("Keys")
struct KeyTests {
  @Test(
    "check values, of triple DES and in both ways of AES",
    arguments: [
      (CipherAlgorithm.tdes2, publishedKey, CheckValueKind.zeroBlock, "08D7B4"),
      (.tdes2, "A1B3C2D5E5F70719293B4A5D6D7F8F91", .zeroBlock, "76CDB5"),
      (.aes128, "3F419E1CB7079442AA37474C2EFBF8B8", .cmac, "08793E25AB"),
      (.aes128, "3F419E1CB7079442AA37474C2EFBF8B8", .zeroBlock, "E5E07C"),
    ])
  func checkValues(
    _ algorithm: CipherAlgorithm, _ digits: String, _ kind: CheckValueKind, _ expected: String
  ) throws {
    let key: MACKey = try key(algorithm, digits)
    #expect(Hex.text(try key.checkValue(kind, count: expected.utf8.count / 2)) == expected)
    try key.verify(checkValue: hex(expected), kind)
    var wrong = try hex(expected)
    wrong[0] ^= 1
    #expect(throws: CryptoFault.wrongCheckValue) { try key.verify(checkValue: wrong, kind) }
    #expect(throws: CryptoFault.wrongLength(0)) { try key.verify(checkValue: [], kind) }
    #expect(throws: CryptoFault.self) {
      try key.verify(checkValue: [UInt8](repeating: 0, count: 17), kind)
    }
    for count in [-1, 0, 17] {
      #expect(throws: CryptoFault.outOfRange) { try key.checkValue(kind, count: count) }
    }
    let single: MACKey = try PaymentCryptoTests.key(.des, "0123456789ABCDEF")
    #expect(throws: CryptoFault.unsupported(.des)) { try single.verify(checkValue: [1], .cmac) }
  }

  @Test("keys of another length are none", arguments: CipherAlgorithm.allCases)
  func lengths(_ algorithm: CipherAlgorithm) {
    for count in [0, 7, 8, 9, 15, 16, 17, 23, 24, 25, 31, 32, 33]
    where count != algorithm.keyByteCount {
      #expect(throws: CryptoFault.wrongLength(count)) {
        try DataKey(algorithm, (0..<count).map { UInt8($0) })
      }
    }
  }

  @Test("odd parity is asked of a key that has to have it, and the byte is named")
  func parity() throws {
    let odd = try hex(publishedKey)
    _ = try KeyEncryptionKey(.tdes2, odd, parity: .odd)
    for index in odd.indices {
      var even = odd
      even[index] ^= 1
      #expect(throws: CryptoFault.parity(index)) {
        try KeyEncryptionKey(.tdes2, even, parity: .odd)
      }
      _ = try KeyEncryptionKey(.tdes2, even)
    }
    // Parity is a matter of DES alone.
    _ = try DataKey(.aes128, [UInt8](repeating: 0, count: 16), parity: .odd)
  }

  @Test("a triple-DES key of equal parts is single DES and refused, parity bits or not")
  func weak() throws {
    let half = "0123456789ABCDEF"
    let other = "FEDCBA9876543210"
    let cases: [(CipherAlgorithm, String)] = [
      (.tdes2, half + half), (.tdes2, half + "0022446688AACCEE"),
      (.tdes3, half + half + other), (.tdes3, half + other + other),
    ]
    for (algorithm, digits) in cases {
      #expect(throws: CryptoFault.weakKey) { try MACKey(algorithm, hex(digits)) }
    }
    _ = try MACKey(.tdes3, hex(half + other + half))
  }

  @Test("keys print as what they are, never as bytes")
  func printing() throws {
    let pin: PINKey = try key(.tdes2, "11" + "22" + "33445566778899AABBCCDDEEFF12")
    let seal = try SealKey([UInt8](repeating: 0x11, count: 32))
    #expect("\(pin) \(seal)" == "<PIN key, TDES-2> <seal key>")
    var dumped = ""
    dump(pin, to: &dumped)
    dump(seal, to: &dumped)
    #expect(!dumped.contains("- 17\n"))
    #expect(!dumped.contains("1122"))
  }

  @Test("a key made of components is their exclusive-or, with the length of each")
  func components() throws {
    let one = try hex(publishedKey)
    let two = try hex("00112233445566778899AABBCCDDEEFF")
    let whole = try KeyEncryptionKey.combined(.tdes2, components: [one, two])
    #expect(whole.digits == "01326754CDFEAB9876451023BA89DCEF")
    let three = try KeyEncryptionKey.combined(.tdes2, components: [one, two, one, one])
    #expect(three == whole)
    #expect(throws: CryptoFault.outOfRange) {
      try KeyEncryptionKey.combined(.tdes2, components: [one])
    }
    #expect(throws: CryptoFault.wrongLength(15)) {
      try KeyEncryptionKey.combined(.tdes2, components: [one, Array(two.dropLast())])
    }
    #expect(throws: CryptoFault.weakKey) {
      try KeyEncryptionKey.combined(.tdes2, components: [one, one])
    }
  }

  @Test("a bare cryptogram opens to its key, and one of another length is refused")
  func cryptograms() throws {
    let master: KeyEncryptionKey = try key(.tdes2, publishedKey)
    let session: PINKey = try master.unwrap(hex("541B3C01A778416611C2E290748628CC"), .tdes2)
    #expect(session.digits == "A1B3C2D5E5F70719293B4A5D6D7F8F91")
    #expect(Hex.text(try master.wrap(session)) == "541B3C01A778416611C2E290748628CC")
    #expect(throws: CryptoFault.wrongLength(8)) {
      let _: PINKey = try master.unwrap(hex("541B3C01A7784166"), .tdes2)
    }
    let weak: KeyEncryptionKey = try key(.des, "0123456789ABCDEF")
    #expect(throws: CryptoFault.unsupported(.tdes2)) {
      let _: PINKey = try weak.unwrap(hex("541B3C01A778416611C2E290748628CC"), .tdes2)
    }
  }
}
