// SPDX-License-Identifier: Apache-2.0

import Clockwork
import Foundation
import Management
import PaymentCrypto
import Simulator
import Testing
import Updates

@testable import LinuxHost
@testable import TerminalCore

@Suite("What ends, and when", .serialized)
struct ExpiryTests {
  static let days: [Int64] = [400, 60, 20, 3, -1]

  /// Certificates made by openssl(1), once: `400.pem` and so on, with their last days in `400.day`
  /// as openssl and date(1) have it; `40000.pem` ends behind 2049. The suite is serialized.
  nonisolated(unsafe) private static let shared = Result {
    let papers = try Papers()
    for days in days + [40_000] {
      try papers.run(
        "openssl req -new -newkey ec -pkeyopt ec_paramgen_curve:prime256v1 -nodes"
          + " -keyout \(days).key -out csr -subj '/O=Example/CN=ends in \(days)'")
      try papers.run(
        "openssl x509 -req -in csr -signkey \(days).key -days \(days) -out \(days).pem")
      try papers.run(
        "date -u -d \"$(openssl x509 -in \(days).pem -noout -enddate | cut -d= -f2)\" +%F"
          + " >\(days).day")
    }
    try papers.run("openssl req -new -key 400.key -out csr -subj '/O=No common name/OU=\(unit)'")
    try papers.run("openssl x509 -req -in csr -signkey 400.key -days 400 -out nameless.pem")
    return papers
  }
  private static let unit = String(repeating: "x", count: 60)

  private let folder: Folder

  init() throws { folder = unsafe try ExpiryTests.shared.get().folder }

  private static var now: Int64 { SystemClock.unixMilliseconds }

  private static func report(_ files: [String], at now: Int64 = now) -> ExpiryReport {
    ExpirySources(certificates: files.map { .init(use: "test", path: $0) })
      .report(unixMilliseconds: now)
  }

  private func text(_ name: String) -> String {
    String(decoding: folder.bytes(name), as: UTF8.self)
  }

  /// The certificates in the order of `days`, with a key among them.
  private func bundle() throws -> String {
    let parts = (ExpiryTests.days.map { "\($0).pem" } + ["20.key"]).map { text($0) }
    return try folder.write("bundle.pem", "a comment\n" + parts.joined(separator: "\n"))
  }

  @Test("each certificate of a file is told, what ends first at the head, by openssl's own dates")
  func certificates() throws {
    let file = try bundle()
    let report = ExpiryTests.report([file])
    let order: [Int64] = [-1, 3, 20, 60, 400]
    #expect(report.items.map { $0.name } == order.map { "test \"ends in \($0)\"" })
    #expect(
      report.items.map { $0.lastDay + "\n" } == order.map { text("\($0).day") })
    #expect(report.items.map { report.state($0) } == [.over, .verySoon, .soon, .soon, .ok])
    for (item, days) in zip(report.items, order) {
      #expect((days - 1...days).contains(try #require(report.daysLeft(item))), "\(days)")
      #expect(item.source == file && item.kind == .certificate)
    }
    #expect(report.unread.isEmpty && report.isClockBelieved)
    // With the ends of lines of another system, and of a name that is none.
    let other = text("3.pem").replacingOccurrences(of: "\n", with: "\r\n")
    let odd = try folder.write("odd.pem", other)
    #expect(ExpiryTests.report([odd]).items.map { $0.name } == ["test \"ends in 3\""])
    let nameless = ExpiryTests.report([folder.path + "/nameless.pem"]).items
    #expect(
      nameless.map { $0.name } == [
        "test \"/O=No common name/OU=" + ExpiryTests.unit.prefix(43) + "\""
      ])
  }

  @Test("the status is told of what ends within 30 days and of what is over, and of nothing else")
  func problems() throws {
    let problems = ExpiryTests.report([try bundle()]).problems
    #expect(problems.map { $0.code } == ["CER-002", "CER-001"])
    let last = text("-1.day").prefix(10)
    #expect(
      problems.first?.evidence
        == "test \"ends in -1\" in \(folder.path)/bundle.pem, last day \(last)")
    #expect(problems.last?.evidence.hasPrefix("test \"ends in 3\"") == true)
    #expect(problems.last?.evidence.hasSuffix(", and 1 more") == true)
    for (days, code) in [(400, nil), (60, nil), (20, "CER-001"), (3, "CER-001"), (-1, "CER-002")] {
      let found = ExpiryTests.report([folder.path + "/\(days).pem"]).problems
      #expect(found.map { $0.code } == (code.map { [$0] } ?? []), "\(days)")
    }
  }

  @Test("the bounds of ok, soon, very soon and over are met to the second")
  func bounds() {
    let day: Int64 = 86_400
    let now: Int64 = 1_800_000_000
    for (left, days, state, isTold) in [
      (91 * day, 91, .ok, false), (91 * day - 1, 90, .soon, false), (31 * day, 31, .soon, false),
      (31 * day - 1, 30, .soon, true), (8 * day, 8, .soon, true),
      (8 * day - 1, 7, .verySoon, true), (0, 0, .verySoon, true), (-1, -1, .over, true),
      (-day, -1, .over, true), (-day - 1, -2, .over, true),
    ] as [(Int64, Int64, ExpiryReport.State, Bool)] {
      let item = ExpiryReport.Item(
        name: "a", kind: .certificate, source: "f", end: now + left, lastDay: "")
      let report = ExpiryReport([item], [], now: now)
      #expect(report.daysLeft(item) == days, "\(left)")
      #expect(report.state(item) == state, "\(left)")
      #expect(report.problems.isEmpty != isTold, "\(left)")
    }
  }

  @Test("with a clock that cannot be right nothing is called well, and nothing over")
  func clock() throws {
    let report = ExpiryTests.report([try bundle()], at: 86_400_000)
    #expect(!report.isClockBelieved)
    #expect(report.items.count == 5)
    #expect(report.items.allSatisfy { report.state($0) == .unknown })
    #expect(report.items.allSatisfy { report.daysLeft($0) == nil })
    #expect(report.problems.isEmpty)
  }

  @Test("a file that is missing, no PEM, empty, damaged or too long is told, and the others too")
  func unread() throws {
    let good = text("3.pem")
    let lines = good.split(separator: "\n").map { String($0) }
    func pem(_ lines: [String]) -> String { lines.joined(separator: "\n") + "\n" }
    let key = text("3.key")
    for (name, text, reason) in [
      ("none.pem", "no certificate\n", "holds no certificate in PEM"),
      ("empty.pem", "", "holds no certificate in PEM"),
      ("key.pem", key, "holds no certificate in PEM"),
      ("cut.pem", pem(lines.dropLast()), "is damaged behind certificate 0"),
      ("short.pem", pem([lines[0]] + lines.dropFirst(3)), "is damaged behind certificate 0"),
      ("second.pem", good + pem(Array(lines.prefix(3))), "is damaged behind certificate 1"),
      ("nested.pem", lines[0] + "\n" + good, "is damaged behind certificate 0"),
      ("odd.pem", pem([lines[0], "!!!!"] + lines.dropFirst()), "is damaged behind certificate 0"),
      ("long.pem", good + String(repeating: "x", count: 1_048_576), "cannot be read"),
    ] {
      let file = try folder.write(name, text)
      let report = ExpiryTests.report([file, folder.path + "/60.pem"])
      #expect(report.unread.map { $0.reason } == [reason], "\(name)")
      #expect(report.unread.map { $0.file } == [file], "\(name)")
      #expect(report.items.map { $0.name } == ["test \"ends in 60\""], "\(name)")
    }
    // There is none, and a folder cannot be read by anybody.
    for path in ["/nothing.pem", ""] {
      let unread = ExpiryTests.report([folder.path + path]).unread
      #expect(unread.map { $0.reason } == ["cannot be read"])
    }
  }

  @Test("what never ends is not listed")
  func never() throws {
    let path = folder.path + "/40000.pem"
    #expect(ExpiryTests.report([path]).items.map { ExpiryTests.report([path]).state($0) } == [.ok])
    let lines = text("40000.pem").split(separator: "\n").dropFirst().dropLast()
    var bytes = [UInt8](try #require(Data(base64Encoded: lines.joined())))
    // A time behind 2049 has four digits of the year (RFC 5280, 4.1.2.5.2).
    let mark: [UInt8] = [0x18, 15]
    let place = try #require(
      bytes.indices.dropLast(16).first { bytes[$0..<$0 + 2].elementsEqual(mark) })
    bytes.replaceSubrange(place + 2..<place + 17, with: Array("99991231235959Z".utf8))
    let text = "-----BEGIN CERTIFICATE-----\n" + Data(bytes).base64EncodedString()
    let file = try folder.write("never.pem", text + "\n-----END CERTIFICATE-----\n")
    let report = ExpiryTests.report([file])
    #expect(report.items.isEmpty && report.unread.isEmpty)
  }

  @Test("an authority's key counts to the end of its last day, where the terminal stands")
  func publicKeys() throws {
    func key(_ day: [UInt8]) throws -> CAPublicKey {
      let rid: [UInt8] = [0xA0, 0, 0, 3, 0x33]
      let modulus = [UInt8](repeating: 0xC1, count: 128)
      let sum = HashAlgorithm.sha1.digest(rid + [0x0B] + modulus + [3])
      let head: [UInt8] = [0x9F, 0x06, 5] + rid + [0x9F, 0x22, 1, 0x0B, 0xDF, 0x05, 4] + day
      let tail: [UInt8] = [0xDF, 0x04, 1, 3, 0xDF, 0x03, 20] + sum
      return try #require(
        CAPublicKey(
          head + [0xDF, 0x06, 1, 1, 0xDF, 0x07, 1, 1, 0xDF, 0x02, 0x81, 128] + modulus + tail))
    }
    // 2026-10-31 in China ends at 16:00 UTC.
    let sources = ExpirySources(
      certificates: [], publicKeys: [try key([0x20, 0x26, 0x10, 0x31])], offsetMinutes: 480)
    let end: Int64 = 1_793_462_399
    for (moment, state) in [(end, .verySoon), (end + 1, .over)]
      as [(Int64, ExpiryReport.State)]
    {
      let report = sources.report(unixMilliseconds: moment * 1_000)
      let item = try #require(report.items.first)
      #expect(item.name == "A000000333 key 0B" && item.kind == .publicKey)
      #expect(item.lastDay == "2026-10-31" && item.source == "downloaded")
      #expect(report.state(item) == state, "\(moment)")
      // The terminal itself tells of these in its status.
      #expect(report.problems.isEmpty)
    }
    // A day that its month has not.
    let odd = ExpirySources(certificates: [], publicKeys: [try key([0x20, 0x27, 0x02, 0x31])])
    #expect(odd.report(unixMilliseconds: 0).items.map { $0.end } == [1_803_859_199])
  }

  @Test("each role's metadata ends; only a root must be there")
  func metadata() throws {
    var repository = PublishedRepository()
    repository.root.expires = "2027-01-01T00:00:00Z"
    repository.timestamp.expires = "2026-11-28T12:00:00Z"
    repository.publish()
    let place = try Folder()
    let sources = ExpirySources(certificates: [], metadataFolder: place.path)
    #expect(sources.report(unixMilliseconds: 0).unread.map { $0.use } == ["update metadata root"])
    let folder = MetadataFolder(place.path)
    for (name, served) in [(StoredName.root, "1.root"), (.role("timestamp"), "timestamp")] {
      let bytes = try #require(repository.served[ByteString(served + ".json")])
      #expect(folder.store(name, bytes))
    }
    // At the moment itself it is over.
    let end = try #require(UTCTime("2026-11-28T12:00:00Z")).seconds
    for (moment, state) in [(end - 1, .verySoon), (end, .over)]
      as [(Int64, ExpiryReport.State)]
    {
      let report = sources.report(unixMilliseconds: moment * 1_000)
      #expect(report.items.map { $0.name.dropFirst(16) } == ["timestamp", "root"])
      #expect(report.items.map { $0.lastDay } == ["2026-11-28", "2026-12-31"])
      #expect(report.items.map { report.state($0) } == [state, .soon])
      #expect(report.unread.isEmpty && report.problems.isEmpty)
    }
    #expect(folder.store(.role("snapshot"), Array("{}".utf8)))
    let damaged = sources.report(unixMilliseconds: 0)
    #expect(damaged.unread.map { $0.use } == ["update metadata snapshot"])
    #expect(damaged.items.count == 2)
  }

  @Test("the status reads the files again after ten minutes, and at once with who asks for all")
  func watch() throws {
    let place = try Folder()
    let file = try place.write("a.pem", text("-1.pem"))
    let sources = ExpirySources(certificates: [.init(use: "test", path: file)])
    var watch = ExpiryWatch()
    func codes(_ minutes: Int64) -> [String] {
      watch.problems(
        sources, at: .start + .minutes(minutes), unixMilliseconds: ExpiryTests.now
      ).map { $0.code }
    }
    #expect(codes(0) == ["CER-002"])
    try place.write("a.pem", folder.bytes("400.pem"))
    #expect(codes(9) == ["CER-002"])
    #expect(codes(10) == [])
    try place.write("a.pem", folder.bytes("3.pem"))
    #expect(codes(11) == [])
    watch.note(
      sources.report(unixMilliseconds: ExpiryTests.now).problems, at: .start + .minutes(12))
    #expect(codes(12) == ["CER-001"])
  }

  @Test("the interface answers with all of it, and with why the clock is not believed")
  func answer() throws {
    let catalogue = try Catalogue(file: repository + "/Config/errors.yaml")
    let file = try bundle()
    let talk = try ControlTests.Talk()
    talk.house.expirySources = ExpirySources(
      certificates: [.init(use: "test", path: file), .init(use: "gone", path: "/nothing")])
    talk.say("GetExpiry", "{}")
    let answer = try #require(talk.answers().first?["parameters"])
    let items = answer["items"]?.array ?? []
    #expect(
      items.map { $0["state"]?.text } == ["over", "very soon", "soon", "soon", "ok"])
    #expect(items.first?["kind"]?.text == "certificate")
    #expect(items.first?["source"]?.text == file)
    #expect(items.first?["daysLeft"]?.integer.map { $0 < 0 } == true)
    #expect(answer["unread"]?.array?.map { $0["use"]?.text } == ["gone"])
    #expect(answer["clock"] == .null)
    // Of the key beside the certificates there is not a word.
    #expect(!String(decoding: answer.encoded, as: UTF8.self).contains("KEY"))
    let early = ControlWords.expiry(ExpiryTests.report([file], at: 0), catalogue)
    let clock = early.first { $0.name == "clock" }?.value
    #expect(clock?["code"]?.text == "CLK-002")
    #expect(clock?["evidence"]?.text == "0 s since 1970")
  }
}
