// SPDX-License-Identifier: Apache-2.0

import Foundation
import Simulator
import Testing
import Updates

@Suite("The way out when everything has expired")
struct RecoveryTests {
  private static let signers = ["one", "two", "three"].map { PublisherKey("recovery " + $0) }

  private static func file(_ keys: [PublisherKey] = signers, threshold: Int64 = 2) -> [UInt8] {
    MetadataValue.object(unsorted: [
      MetadataMember(
        "keys", .object(unsorted: keys.map { MetadataMember($0.id, $0.value) })),
      MetadataMember("keyids", .array(keys.map { .text($0.id) })),
      MetadataMember("threshold", .integer(threshold)),
    ]).canonical
  }

  private static func document(
    version: Int64 = 5, by signers: [PublisherKey] = Array(signers.prefix(2)),
    expires: ByteString = "1971-01-01T00:00:00Z",
    listing bundles: [PublishedBundle] = [PublishedBundle(version: "2026.11.3", epoch: 4)],
    also members: [MetadataMember] = []
  ) -> [UInt8] {
    var role = PublisherRole(signers[0])
    role.keys = signers
    role.version = version
    role.expires = expires
    let listed = bundles.enumerated().map { index, bundle in
      MetadataMember(ByteString("bundle-\(index)"), bundle.listed())
    }
    let repository = PublishedRepository()
    let targets = MetadataMember("targets", .object(unsorted: listed))
    return repository.document(repository.signed("targets", role, [targets] + members), role)
  }

  private static func device(now: Int64? = nil) -> DeviceFacts {
    DeviceFacts(
      board: "pos-x1", format: .directory, running: ReleaseVersion("2026.11.2") ?? .none,
      floors: Floors(epoch: 4, version: ReleaseVersion("2026.11.2") ?? .none),
      ring: ReleaseRing(serial: "1"), now: now.map { UTCTime(seconds: $0) })
  }

  private static func code(
    _ document: [UInt8], last: Int64 = 4, now: Int64? = nil
  ) throws -> String? {
    let keys = try RecoveryKeys(parsing: file())
    do throws(RecoveryRefusal) {
      _ = try keys.judge(document, last: last, device: device(now: now))
      return nil
    } catch {
      if case .unfit(let reason) = error { return "unfit \(reason)" }
      return error.code
    }
  }

  @Test("with everything expired, in 1970, in 2099 and without a clock it is taken")
  func clock() throws {
    for now in [nil, 0, 1_780_000_000, 4_070_908_800] as [Int64?] {
      #expect(try RecoveryTests.code(RecoveryTests.document(), now: now) == nil)
    }
    let early = RecoveryTests.document(expires: "0001-01-01T00:00:00Z")
    #expect(try RecoveryTests.code(early, now: 4_070_908_800) == nil)
  }

  @Test("the threshold is never waived, and one key that signs twice is one")
  func threshold() throws {
    let signers = RecoveryTests.signers
    #expect(
      try RecoveryTests.code(RecoveryTests.document(by: [signers[0]])) == "signature-threshold")
    let stranger = PublisherKey("somebody")
    #expect(
      try RecoveryTests.code(RecoveryTests.document(by: [signers[0], stranger]))
        == "signature-threshold")
    #expect(
      try RecoveryTests.code(RecoveryTests.document(by: [signers[0], signers[0]])) == "malformed")
    #expect(
      try RecoveryTests.code(RecoveryTests.document(by: [signers[2], signers[1]])) == nil)
    // Whoever signs targets signs nothing here.
    let other = PublisherKey("targets")
    #expect(
      try RecoveryTests.code(RecoveryTests.document(by: [other])) == "signature-threshold")
  }

  @Test("it counts once, and an older one never again")
  func replay() throws {
    #expect(try RecoveryTests.code(RecoveryTests.document(version: 5), last: 4) == nil)
    #expect(try RecoveryTests.code(RecoveryTests.document(version: 5), last: 5) == "replayed")
    #expect(try RecoveryTests.code(RecoveryTests.document(version: 4), last: 5) == "replayed")
  }

  @Test("it is no way back: neither version nor epoch may lie below the floors")
  func floors() throws {
    func code(_ version: ByteString, _ epoch: Int64) throws -> String? {
      try RecoveryTests.code(
        RecoveryTests.document(listing: [PublishedBundle(version: version, epoch: epoch)]))
    }
    #expect(try code("2026.11.3", 4) == nil)
    // The same version heals a slot that was damaged.
    #expect(try code("2026.11.2", 4) == nil)
    #expect(try code("2026.11.1", 4) == "unfit notNewer")
    #expect(try code("2026.11.3", 3) == "unfit oldEpoch")
    #expect(try code("2027.1", 3) == "unfit oldEpoch")
  }

  @Test("exactly one bundle, said by nobody else, for this board")
  func one() throws {
    let bundle = PublishedBundle(version: "2026.11.3", epoch: 4)
    let second = PublishedBundle(version: "2026.11.4", epoch: 4)
    #expect(try RecoveryTests.code(RecoveryTests.document(listing: [])) == "not-one-bundle")
    #expect(
      try RecoveryTests.code(RecoveryTests.document(listing: [bundle, second]))
        == "not-one-bundle")
    let empty = MetadataValue.object([
      MetadataMember("keys", .object([])), MetadataMember("roles", .array([])),
    ])
    #expect(
      try RecoveryTests.code(
        RecoveryTests.document(also: [MetadataMember("delegations", empty)])) == "not-one-bundle")
    var device = RecoveryTests.device()
    device.board = "pos-x2"
    let keys = try RecoveryKeys(parsing: RecoveryTests.file())
    #expect(throws: RecoveryRefusal.unfit(.otherBoard)) {
      try keys.judge(RecoveryTests.document(), last: 0, device: device)
    }
  }

  @Test("a changed byte is no document")
  func changed() throws {
    let document = RecoveryTests.document()
    for index in stride(from: 0, to: document.count, by: 37) {
      var bytes = document
      bytes[index] ^= 1
      #expect(try RecoveryTests.code(bytes) != nil, "byte \(index)")
    }
  }

  /// Made by Firmware/update/publish, that is by python-tuf, with throw-away keys.
  private static func published(_ name: String) throws -> [UInt8] {
    let tests = URL(fileURLWithPath: #filePath).deletingLastPathComponent()
      .deletingLastPathComponent()
    return Array(
      try Data(contentsOf: tests.appendingPathComponent("Fixtures/updates/" + name)))
  }

  @Test("a document that another program has made and signed is read and counts")
  func judge() throws {
    let keys = try RecoveryKeys(parsing: RecoveryTests.published("recovery-keys.json"))
    let document = try RecoveryTests.published("recovery.json")
    var device = RecoveryTests.device(now: 4_102_444_800)
    device.floors = Floors(epoch: 1, version: ReleaseVersion("2026.11.2") ?? .none)
    let recovery = try keys.judge(document, last: 0, device: device)
    #expect(recovery.release.version.description == "2026.11.3" && recovery.version == 1)
    #expect(recovery.target.path == "pos-x1/posd.tar" && recovery.target.length == 10_240)
    #expect(recovery.release.noteChinese == "更")
    #expect(throws: RecoveryRefusal.replayed(have: 1, got: 1)) {
      try keys.judge(document, last: 1, device: device)
    }
    let mine = try RecoveryKeys(parsing: RecoveryTests.file())
    #expect(throws: RecoveryRefusal.signatureThreshold(valid: 0, needed: 2)) {
      try mine.judge(document, last: 0, device: device)
    }
  }

  @Test("keys that could never meet their threshold, or bear a wrong name, are refused")
  func keys() {
    #expect((try? RecoveryKeys(parsing: RecoveryTests.file(threshold: 3))) != nil)
    #expect((try? RecoveryKeys(parsing: RecoveryTests.file(threshold: 4))) == nil)
    #expect((try? RecoveryKeys(parsing: RecoveryTests.file(threshold: 0))) == nil)
    #expect((try? RecoveryKeys(parsing: Array("{}".utf8))) == nil)
  }
}
