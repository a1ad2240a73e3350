// SPDX-License-Identifier: Apache-2.0

import PaymentCrypto
import Testing

@Suite("Public keys that come in PEM")
struct SubjectPublicKeyTests {
  /// The text of a key between its two lines.
  private static func pem(_ body: String, _ label: String = "PUBLIC KEY") -> [UInt8] {
    Array("-----BEGIN \(label)-----\n\(body)\n-----END \(label)-----\n".utf8)
  }

  private static let message = Array("message".utf8)

  private static let rsa = """
    MIIBIjANBgkqhkiG9w0BAQEFAAOCAQ8AMIIBCgKCAQEApx7hqMcMRnL5P8pPndEP
    +/Z+z5yJalrmNJfj7EIYOYKhXCWZDJ0TMYYHY7LkDyyQSZ08wUMJDy/LRhJ9M+vn
    8LvIU29NXiiUkx4ia21UwZrwVKvWeYrrS1MVCPTodTeP+gWFhYOQGfu2Ly0ylM6p
    /reYarU8b99cjaambDZeTv97CHOFqTnvNFZhVDQi6w4F6PpcuJ2/PfYH6VicQVHx
    1giXW51HDQas93AXjWYt1HpaK8cBvLgF9LoKxTJrl4OuAAv6t1OxWOiySLUImNrQ
    NUbEKH7gGUayk0t5QRJLRsW7I+6GZKhCauH0349MOKzI+S72XWHBEt+XCf/vIopa
    9wIDAQAB
    """

  private static let p256 = """
    MFkwEwYHKoZIzj0CAQYIKoZIzj0DAQcDQgAEA/H75fpPLZJqcBJsxcWXuD/GglLh
    +pAxFM/PpObEZicDuAcc5sSwOFDSnU8qIhrgk35RErrH3XeKk8tnCBP3fQ==
    """

  // Made with another's library, with a salt as long as the digest and with none.
  private static let salted =
    "80533ae15a57d9bffa4730587f61ca6e8d1d32ec49ca146a914114e9aa78e758da4753d57439a3ecd7be"
    + "d2794fcb1a22aa0d448a80d8a31498b3208dd610b7ec93daaeb4c8a27ad5a934ec6fb4b413df7dc18397"
    + "8fbe26ad21da5aa9fcf79c454ec150c9f3cf28566b5645589d2242765898aee700867365fa2107aa0ec9"
    + "41007d96dd17fe56efd574b7b8aee88a98d8a585b9b09e4c71185ff08224cfc7eff5ecf58624dc42fe48"
    + "0abe9f3028815fa9f0563eafe07aee1cd7bbeefbd98cc08d730c04c63ab068c449a951e6925732e8f73d"
    + "a3cd7cc7dc6e9b991156348d3ed7c18621962247baa122138c8896f23a488f148f643401de9c765c873a"
    + "2664f06f"
  private static let unsalted =
    "694f2ef396b107bbcf20fd4e5026aeddde50595d297c50676b4aa2cb1393fbf1633bc4622523c0d9948e"
    + "e277620c34ff253046812816dc8dcb0a3f970cd77e1ce80687d2fc7ebca0a25f880705b6e663338f5a31"
    + "f756a7175999da17bbcb985b2298b1d42b78f27c0ca9a1b73c81da0a12ffdc88e24bfa22bd52e652eea9"
    + "9c32d2ec7a673a8020df1c4bbd959272b9b65e825c75d29b404ccff877e8e6ed0e1f9385c40c7e7ec3fc"
    + "499d68f7aa155d8008ea506ecd35dec9b712486cf18c8b55cb8d4750a2ae06b6b6c1fd9fc653d792d1ff"
    + "0c14497916ff46df305541263160767cb4e70c71d56388e81032ad17e54d6c4da9f9217b8ac37d1faa29"
    + "ac375581"
  private static let pkcs1 =
    "21ea1a58f21d4427e455313a270ddd3d82aa1dc2d1a23b60d71865839e6ea5660e73e369c196181d1406"
    + "94ea451b7eafc0cd5bf2a1dc13233c483ef088a4643883fd4a6211f1039732cffda9116589a8d0b55f23"
    + "b4d154d8968a1254f05a47559e9d000b176444a6a0f372cf643c53819899152d718bef5064b1d16ab534"
    + "62b9d25a97fafe429d9131c63dc5051aac2085cbeaa09c8ee21b21e3dde7b1a413d0ab4d6d181ebf1011"
    + "6e328ec5268cce0737e7b111750e852edb7563babb78302f6cebdffe020a0dae75c5dc7fd704044824b5"
    + "e6bd11895cb628c6b2d49cf6e9d905e48e80df24894de3cdf1db195235c2b9b1e4bee0602eb3c3438596"
    + "674f10b0"
  private static let ecdsa =
    "3045022022d688f37b63cc870071641f3fb54646a34d909b1ae977b983a37b21660a4b61022100b909e9"
    + "217af44116551da56301d0fb0c224ff852702357920cd080e40d3a0c6c"

  private static func verifies(
    _ key: SubjectPublicKey, _ signature: String, over text: [UInt8] = message
  ) throws -> Bool {
    key.verifies(try hex(signature.uppercased()), over: text, .sha256)
  }

  @Test("RSASSA-PSS verifies whatever its salt, and no other padding does")
  func pss() throws {
    let key = try SubjectPublicKey(pem: SubjectPublicKeyTests.pem(SubjectPublicKeyTests.rsa))
    #expect(key.kind == .rsa(bits: 2048))
    for signature in [SubjectPublicKeyTests.salted, SubjectPublicKeyTests.unsalted] {
      #expect(try SubjectPublicKeyTests.verifies(key, signature))
      #expect(try !SubjectPublicKeyTests.verifies(key, signature, over: [0]))
    }
    #expect(try !SubjectPublicKeyTests.verifies(key, SubjectPublicKeyTests.pkcs1))
    #expect(try !SubjectPublicKeyTests.verifies(key, ""))
  }

  @Test("ECDSA on P-256 verifies")
  func ecdsaOnP256() throws {
    let key = try SubjectPublicKey(pem: SubjectPublicKeyTests.pem(SubjectPublicKeyTests.p256))
    #expect(key.kind == .p256)
    #expect(try SubjectPublicKeyTests.verifies(key, SubjectPublicKeyTests.ecdsa))
    #expect(try !SubjectPublicKeyTests.verifies(key, SubjectPublicKeyTests.ecdsa, over: [0]))
    #expect(try !SubjectPublicKeyTests.verifies(key, SubjectPublicKeyTests.salted))
  }

  @Test("a key on another curve, or too short, is refused")
  func weak() {
    let keys = [
      """
      MIGfMA0GCSqGSIb3DQEBAQUAA4GNADCBiQKBgQDTx0HFNvXzszJk3sCRhWoEGnT0
      rczhUl0J9tpofmz0elBmy6EwN9MG5UtgomwvkaI7RTzxK1iR2PVFBNZq7tuqmROR
      Ncw8VjFaTR2vUSMkRA0l00b1xWST/gw9lHFD+ccVazxbUw4bN/N7dvEre3ZDm1pO
      ORdBD/caZQSMwZHf9wIDAQAB
      """,
      """
      MHYwEAYHKoZIzj0CAQYFK4EEACIDYgAEMsfY6yigZf01CDuh/MgbW3NDrguAYr0Q
      O+4hUhweoj7klz/vrMm0Sg4sblImOYsFHqHPRMocTvhIRr7z/PJtibj1tunKNV+a
      gcPoz/z50JWv2Koo72hND1fvphoJJ5A8
      """,
      """
      MFYwEAYHKoZIzj0CAQYFK4EEAAoDQgAE3NGKnirXJy8BCAxVHYoAIIr3VvWG9ajp
      V4a/rmpwOf6HMaOyU4lBBIiCbwG38vefDNtrwPnAIP57cjut9UaVNA==
      """,
    ]
    for key in keys {
      #expect(throws: CryptoFault.self) {
        try SubjectPublicKey(pem: SubjectPublicKeyTests.pem(key))
      }
    }
  }

  @Test("what is not exactly a key between its lines is refused, and nobody is asked for anything")
  func texts() {
    let body = SubjectPublicKeyTests.p256
    let right = SubjectPublicKeyTests.pem(body)
    let blanks = Array(" \r\n".utf8)
    #expect(throws: Never.self) { try SubjectPublicKey(pem: blanks + right + blanks) }
    let wrong: [[UInt8]] = [
      [], Array(body.utf8), SubjectPublicKeyTests.pem(body, "PRIVATE KEY"),
      SubjectPublicKeyTests.pem(""), SubjectPublicKeyTests.pem("===="),
      SubjectPublicKeyTests.pem(String(body.dropLast())),
      SubjectPublicKeyTests.pem(body + "AAAA"), right + right, [0x78] + right,
      SubjectPublicKeyTests.pem(
        "Proc-Type: 4,ENCRYPTED\nDEK-Info: AES-128-CBC,00000000000000000000\n\n" + body),
      Array("-----BEGIN PUBLIC KEY-----END PUBLIC KEY-----".utf8),
    ]
    for (index, text) in wrong.enumerated() {
      #expect(throws: CryptoFault.self, "\(index)") { try SubjectPublicKey(pem: text) }
    }
  }

  @Test("a digest of parts is that of the whole")
  func running() throws {
    let bytes = (0..<1_000).map { UInt8(truncatingIfNeeded: $0) }
    for algorithm in HashAlgorithm.allCases {
      var digest = try RunningDigest(algorithm)
      for start in stride(from: 0, to: bytes.count, by: 77) {
        try digest.append(Array(bytes[start..<min(start + 77, bytes.count)]))
      }
      try digest.append([])
      #expect(try digest.finish() == algorithm.digest(bytes))
    }
  }
}
