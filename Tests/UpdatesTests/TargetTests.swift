// SPDX-License-Identifier: Apache-2.0

import PaymentCrypto
import Simulator
import Testing
import Updates

@Suite("The files that are fetched")
struct TargetTests {
  private static func target(_ hashes: [(ByteString, MetadataValue)], length: Int64 = 3) -> Target?
  {
    var visit = RepositoryVisit()
    let repository = visit.repository
    let file = MetadataValue.object(unsorted: [
      MetadataMember("length", .integer(length)),
      MetadataMember("hashes", .object(unsorted: hashes.map { MetadataMember($0, $1) })),
    ])
    let signed = repository.signed(
      "targets", repository.targets,
      [MetadataMember("targets", .object([MetadataMember("a/file", file)]))])
    visit.repository.listsDigests = false
    visit.repository.publish()
    visit.repository.served["1.targets.json"] = repository.document(signed, repository.targets)
    return try? visit.find("a/file").get()
  }

  private static func code(
    _ target: Target?, length: Int64, _ digests: [Digests.Entry]
  ) -> String? {
    do {
      try target?.check(length: length, digests: Digests(digests))
      return nil
    } catch {
      return error.code
    }
  }

  private static let content: [UInt8] = [1, 2, 3]
  private static let short = HashAlgorithm.sha256.digest(content)
  private static let long = HashAlgorithm.sha512.digest(content)

  @Test("every digest that we know must be right, and there must be one")
  func digests() {
    let both = TargetTests.target([
      ("sha256", PublisherKey.digits(TargetTests.short)),
      ("sha512", PublisherKey.digits(TargetTests.long)), ("blake3", .text("00")),
    ])
    let first = Digests.Entry(.sha256, TargetTests.short)
    let second = Digests.Entry(.sha512, TargetTests.long)
    #expect(both?.digests.entries == [first, second])
    #expect(TargetTests.code(both, length: 3, [first, second]) == nil)
    #expect(TargetTests.code(both, length: 3, [first]) == "hash-mismatch")
    let wrong = Digests.Entry(.sha512, [UInt8](repeating: 0, count: 64))
    #expect(TargetTests.code(both, length: 3, [first, wrong]) == "hash-mismatch")
    #expect(TargetTests.code(both, length: 2, [first, second]) == "length-mismatch")
    #expect(TargetTests.code(both, length: 4, [first, second]) == "length-exceeded")

    let unknown = TargetTests.target([("blake3", .text("00"))])
    #expect(unknown != nil)
    #expect(TargetTests.code(unknown, length: 3, [first]) == "unknown-hash")
    // What is no digest is nobody's, not even that of a file without one.
    let none = TargetTests.target([("sha256", .text("zz"))])
    #expect(TargetTests.code(none, length: 3, [first]) == "hash-mismatch")
  }

  @Test("a file lies under its digest and its name, or under its name alone")
  func location() {
    for isConsistent in [true, false] {
      var visit = RepositoryVisit {
        $0.isConsistent = isConsistent
        $0.files = ["a b/c": TargetTests.content]
      }
      #expect(visit.find("a b/c").short == nil)
      guard case .found(_, let location)? = visit.told.last else { continue }
      let digest = "039058c6f2c0cb492c533b0a4d14ef77cc0f78abccced5287d84a1a2011cfb81."
      #expect(location.description == "a%20b/" + (isConsistent ? digest : "") + "c")
    }
  }

  @Test("what the publisher says beyond TUF comes with the file")
  func custom() throws {
    var visit = RepositoryVisit()
    let text = #"{"length":1,"hashes":{"sha256":"00"},"custom":{"posd":{"epoch":12}}}"#
    let file = try MetadataValue(parsing: Array(text.utf8), limit: 100)
    let repository = visit.repository
    let signed = repository.signed(
      "targets", repository.targets,
      [MetadataMember("targets", .object([MetadataMember("x", file)]))])
    visit.repository.listsDigests = false
    visit.repository.publish()
    visit.repository.served["1.targets.json"] = repository.document(signed, repository.targets)
    #expect(try visit.find("x").get().custom?["posd"]?["epoch"] == .integer(12))
  }
}
