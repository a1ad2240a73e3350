// SPDX-License-Identifier: Apache-2.0

import PaymentCrypto
import Testing
import Wire

@testable import Updates

@Suite("Metadata with known answers")
struct KnownAnswerTests {
  private static func value(_ text: String) throws -> MetadataValue {
    try MetadataValue(parsing: Array(text.utf8), limit: 1 << 20)
  }

  private static let arrived =
    #"{"_type":"timestamp","expires":"2030-01-01T00:00:00Z","meta":{"snapshot.json":"#
    + #"{"version":7}},"spec_version":"1.0.34","version":3,"x-note":"caf\u00e9 \"q\" \\ /\t"#
    + #"\u0001\u007f\ud83d\ude00","x-list":[0,-1,true,null,{},[]],"X":"A"}"#

  @Test("the key of the specification's example has the identifier it has there")
  func identifier() throws {
    let key = try KnownAnswerTests.value(
      #"{"scheme": "ed25519", "keytype": "ed25519", "keyval": {"public":"#
        + #""72378e5bc588793e58f81c8533da64a2e8f1565c1fcc7f253496394ffc52542c"}}"#)
    #expect(
      Hex.text(sha256(key.canonical))
        == "1BF1C6E3CDD3D3A8420B19199E27511999850F4B376C4547B2F32FBA7E80FCA3")
  }

  @Test("the canonical form of every kind of value has the digest that securesystemslib gives it")
  func canonical() throws {
    let canonical = try KnownAnswerTests.value(KnownAnswerTests.arrived).canonical
    #expect(canonical.count == 204)
    #expect(
      Hex.text(sha256(canonical))
        == "54DCD118A877BBCE2D392DDC14DE7A46B2C0C653C18362688FD1B5274D8B784E")
    #expect(canonical.starts(with: Array(#"{"X":"A","_type":"#.utf8)))
    #expect(
      Hex.text(canonical).hasSuffix("636166C3A9205C22715C22205C5C202F09017FF09F9880227D"))
  }

  private static let ed25519 = (
    key: #"{"keytype":"ed25519","scheme":"ed25519","keyval":{"public":"#
      + #""03a107bff3ce10be1d70dd18e74bc09967e4d6309ba50d5f1ddc8664125531b8"}}"#,
    id: "63d00ee3cf4f5c61ad94efa696c68f13b608fe56ecea13fb144a6fd18e9235b9",
    signature: "9df57af7ac87f5d48d89f343131a9c6e01a3f45af29810f5d3ccb3511cc31d3db83c9b409fa8bec6"
      + "5127c6c7203fdde5d51c2bee9bda29a61e811478dd380107"
  )

  private static let ecdsa = (
    key: #"{"keytype":"ecdsa","scheme":"ecdsa-sha2-nistp256","keyval":{"public":"#
      + #""-----BEGIN PUBLIC KEY-----\n"#
      + #"MFkwEwYHKoZIzj0CAQYIKoZIzj0DAQcDQgAEL+1tiG+yUj/kk0gBq8ABSv3kheKO\n"#
      + #"gCvR3RyXA6DUdn1c5hpagenme8/veidxTSzG7qr7nzmrn6EOPQZmmre0IA==\n"#
      + #"-----END PUBLIC KEY-----\n"}}"#,
    id: "be033dc9b0ecc59e33d048527623f69679615282c3a8114b0ef90d89e2974a93",
    signature: "304402202cad714b07a38ac5ddae3f711b3dcd2ba08a2dda3d6f6edc3c48a31f75b0cbe102201e5c"
      + "081e4563de1584be47b99477f707a284cb63e2f8144f85052228881b136a"
  )

  @Test("a document of either kind of key is the signer's, and one changed letter is not")
  func signatures() throws {
    for (key, id, signature) in [KnownAnswerTests.ed25519, KnownAnswerTests.ecdsa] {
      let known = try KnownAnswerTests.value(key)
      #expect(Hex.text(sha256(known.canonical)).lowercased() == id)
      let text =
        #"{"signatures":[{"keyid":"\#(id)","sig":"\#(signature)"}],"signed":"#
        + KnownAnswerTests.arrived + "}"
      let document = try SignedDocument(parsing: Array(text.utf8), limit: 1 << 20)
      #expect(try document.isSigned(by: id, known))
      let changed = text.replacingLast("A", by: "B")
      #expect(try !SignedDocument(parsing: changed, limit: 1 << 20).isSigned(by: id, known))
    }
  }

  @Test("a moment is exactly a date, a time and a Z")
  func moments() {
    let right: [(ByteString, Int64)] = [
      ("1970-01-01T00:00:00Z", 0), ("2000-02-29T23:59:59Z", 951_868_799),
      ("2026-11-26T12:00:00Z", 1_795_694_400), ("1969-12-31T23:59:59Z", -1),
      ("9999-12-31T23:59:59Z", 253_402_300_799), ("0001-01-01T00:00:00Z", -62_135_596_800),
    ]
    for (text, seconds) in right {
      #expect(UTCTime(text)?.seconds == seconds, "\(text)")
      #expect(UTCTime(seconds: seconds).description == text.description)
    }
    let wrong: [ByteString] = [
      "", "2026-11-26", "2026-11-26T12:00:00", "2026-11-26T12:00:00.0Z", "2026-11-26 12:00:00Z",
      "2026-11-26T12:00:00+00:00", "2026-02-29T00:00:00Z", "1900-02-29T00:00:00Z",
      "2026-13-01T00:00:00Z", "2026-00-01T00:00:00Z", "2026-01-00T00:00:00Z",
      "2026-01-01T24:00:00Z", "2026-01-01T00:60:00Z", "2026-01-01T00:00:60Z",
      "0000-01-01T00:00:00Z", "2026-1-01T00:00:000Z", "+026-01-01T00:00:00Z",
    ]
    for text in wrong { #expect(UTCTime(text) == nil, "\(text)") }
  }

  @Test("names from outside are percent-encoded byte by byte")
  func names() {
    let files: [(StoredName, ByteString)] = [
      (.role("../x"), "..%2Fx.json"), (.role("?"), "%3F.json"),
      (.role("a.b-c_d~"), "a.b-c_d~.json"),
      (.role("é"), "%C3%A9.json"), (.root, "root.json"),
      (.rootVersion(12), "root_history/12.root.json"),
    ]
    for (name, file) in files { #expect(name.fileName == file) }
    #expect(PercentEncoding.path("a b/ü#?%") == "a%20b/%C3%BC%23%3F%25")
  }
}

extension SignedDocument {
  /// Whether the key of this identifier has signed it.
  func isSigned(by id: String, _ key: MetadataValue) throws -> Bool {
    let keys = try KeyRing([MetadataMember(ByteString(id), key)])
    let signers = try Signers(
      .object(unsorted: [
        MetadataMember("keyids", .array([.text(ByteString(id))])),
        MetadataMember("threshold", .integer(1)),
      ]))
    return count(of: signers, keys: keys) == 1
  }
}

extension String {
  /// The bytes with the last occurrence of a letter changed.
  func replacingLast(_ letter: Character, by other: Character) -> [UInt8] {
    var letters = Array(self)
    if let index = letters.lastIndex(of: letter) { letters[index] = other }
    return Array(String(letters).utf8)
  }
}
