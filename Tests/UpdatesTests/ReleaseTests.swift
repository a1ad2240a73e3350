// SPDX-License-Identifier: Apache-2.0

import Simulator
import Testing
import Updates

@Suite("What a publisher says of a bundle")
struct ReleaseTests {
  private static func parse(_ text: String) throws -> Release {
    let value = try MetadataValue(parsing: Array(text.utf8), limit: 10_000)
    return try Release(value)
  }

  private static let whole = """
    {"version":"2026.11.3","compatible":"pos-x1","epoch":12,"min-source":"2026.05.0",
    "manifest-hash":"\(String(repeating: "ab", count: 32))","format":"verity",
    "migration":"forward-only","ring":3,"not-before":"2026-11-01T00:00:00Z",
    "deadline":"2026-12-01T00:00:00Z","minutes":4,"notes":{"en":"Better","zh":"更好"},"x":[1]}
    """

  @Test("every member is read, and those we do not know are passed over")
  func whole() throws {
    let release = try ReleaseTests.parse(ReleaseTests.whole)
    #expect(release.version.description == "2026.11.3" && release.epoch == 12)
    #expect(release.minSource < release.version && release.format == .verity)
    #expect(release.migration == .forwardOnly && release.ring == 3 && release.minutes == 4)
    #expect(release.deadline?.description == "2026-12-01T00:00:00Z")
    #expect(release.noteChinese == "更好" && release.manifestHash.count == 32)
  }

  @Test(
    "a wrong type makes the bundle unusable",
    arguments: [
      ("\"version\":\"2026.11.3\"", "\"version\":3"),
      ("\"version\":\"2026.11.3\"", "\"version\":\"new\""),
      ("\"version\":\"2026.11.3\"", "\"version\":\"0\""),
      ("\"epoch\":12", "\"epoch\":\"12\""), ("\"epoch\":12", "\"epoch\":-1"),
      ("\"epoch\":12", "\"epoch\":true"), ("abab", "ab"), ("\"ring\":3", "\"ring\":100"),
      ("\"ring\":3", "\"ring\":null"), ("verity", "other"), ("forward-only", "sideways"),
      ("2026-12-01T00:00:00Z", "tomorrow"), ("\"minutes\":4", "\"minutes\":99999"),
      ("\"en\":\"Better\"", "\"en\":1"), ("\"compatible\":\"pos-x1\"", "\"compatible\":\"\""),
      ("\"min-source\":\"2026.05.0\"", "\"min-source\":[]"),
    ])
  func wrong(_ part: String, _ instead: String) {
    let text = ReleaseTests.whole.replacing(part, with: instead)
    #expect(text != ReleaseTests.whole)
    #expect(throws: MetadataFault.self) { try ReleaseTests.parse(text) }
  }

  @Test("versions are compared number by number")
  func versions() {
    let ascending: [ByteString] = [
      "1", "1.0.1", "1.2", "1.10", "2026.5", "2026.11.2", "2026.11.3", "2026.11.3.1", "2027",
    ]
    let versions = ascending.compactMap { ReleaseVersion($0) }
    #expect(versions.count == ascending.count && versions == versions.sorted())
    #expect(ReleaseVersion("2026.05.0") == ReleaseVersion("2026.5"))
    for text in ["", "1.", ".1", "1..2", "1.2.3.4.5", "v1", "1.-2", "1234567890", "1 "] {
      #expect(ReleaseVersion(ByteString(text)) == nil, "\(text)")
    }
  }

  @Test("a ring is the serial number's digest, and 99 is everybody")
  func rings() throws {
    // The first four bytes of SHA-256("1"), modulo 100, by another program.
    #expect(ReleaseRing(serial: "1").number == Int64(0x6b86_b273) % 100)
    let release = try ReleaseTests.parse(ReleaseTests.whole)
    let serials = (0..<2_000).map { ReleaseRing(serial: ByteString("\($0)")) }
    let inside = serials.filter { $0.isIn(release) }.count
    #expect((40...120).contains(inside))
  }

  private static let device = DeviceFacts(
    board: "pos-x1", format: .directory, running: ReleaseVersion("2026.11.2") ?? .none,
    floors: Floors(epoch: 4, version: ReleaseVersion("2026.11.2") ?? .none),
    ring: ReleaseRing(serial: "1"), now: UTCTime("2026-11-15T00:00:00Z"))

  private static func unfit(
    _ changes: [(ByteString, MetadataValue)], _ version: ByteString = "2026.11.3",
    epoch: Int64 = 4, device: DeviceFacts = device
  ) throws -> Unfit? {
    let listed = PublishedBundle(version: version, epoch: epoch)
      .listed(changes.map { MetadataMember($0, $1) })
    return try Release(listed["custom"]?["posd"] ?? .null).unfit(for: device)
  }

  @Test("a release is for the board, newer, in its ring and at its time, or it is not taken")
  func fitness() throws {
    #expect(try ReleaseTests.unfit([]) == nil)
    #expect(try ReleaseTests.unfit([("compatible", .text("pos-x2"))]) == .otherBoard)
    #expect(try ReleaseTests.unfit([("format", .text("plain"))]) == .otherFormat)
    #expect(try ReleaseTests.unfit([], "2026.11.2") == .notNewer)
    #expect(try ReleaseTests.unfit([], "2026.11.1") == .notNewer)
    #expect(try ReleaseTests.unfit([], epoch: 3) == .oldEpoch)
    #expect(try ReleaseTests.unfit([("min-source", .text("2026.11.3"))]) == .sourceTooOld)
    #expect(try ReleaseTests.unfit([("min-source", .text("2026.11.2"))]) == nil)
    // Serial number 1 has 19.
    #expect(try ReleaseTests.unfit([("ring", .integer(18))]) == .notInRing)
    #expect(try ReleaseTests.unfit([("ring", .integer(19))]) == nil)
    let later = MetadataValue.text("2026-11-16T00:00:00Z")
    #expect(try ReleaseTests.unfit([("not-before", later)]) == .notYet)
    #expect(
      try ReleaseTests.unfit([("migration", .text("forward-only"))]) == .migrationWithoutEpoch)
    #expect(try ReleaseTests.unfit([("migration", .text("forward-only"))], epoch: 5) == nil)
    var timeless = ReleaseTests.device
    timeless.now = nil
    #expect(try ReleaseTests.unfit([("not-before", later)], device: timeless) == nil)
  }

  @Test("floors rise and never sink")
  func floors() {
    var floors = Floors.none
    let version = ReleaseVersion("2") ?? .none
    floors.raise(version: version, epoch: 3)
    floors.raise(version: ReleaseVersion("1") ?? .none, epoch: 2)
    #expect(floors == Floors(epoch: 3, version: version))
    #expect(floors.allow(version: version, epoch: 3))
    #expect(!floors.allow(version: version, epoch: 2))
    #expect(!floors.allow(version: ReleaseVersion("1.9") ?? .none, epoch: 9))
  }
}
