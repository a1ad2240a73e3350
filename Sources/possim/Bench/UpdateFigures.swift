// SPDX-License-Identifier: Apache-2.0

import Clockwork
import Glibc
import LinuxHost
import PaymentCrypto
import Simulator
import Updates

/// What updates cost a terminal: a look with nothing new, the verification of large repositories,
/// and a bundle fetched and compared, beside what curl(1) does of it in the same run.
struct UpdateFigures {
  /// What the machine does not have, or does not do.
  struct Fault: Error, CustomStringConvertible {
    var description: String
  }

  private static let bundle = 67_108_864
  private static let rounds = 7
  private static let port = 17_699

  /// The lines of the table.
  func print(to figures: Figures) throws {
    try listed(figures)
    try binned(figures)
    try fetched(figures)
  }

  // MARK: Metadata

  private func listed(_ figures: Figures) throws {
    var visit = RepositoryVisit { repository in
      for number in 0..<1_000 {
        repository.files[ByteString("pos-x1/posd-\(number).tar")] = Array("\(number)".utf8)
      }
    }
    let fresh = visit
    let took = try UpdateFigures.median {
      visit = fresh
      if let refusal = visit.refresh() { throw Fault(description: "\(refusal)") }
    }
    figures.line(
      "refresh of a repository with 1,000 targets, all new", "stated", Figures.milliseconds(took))
    if let refusal = visit.refresh() { throw Fault(description: "\(refusal)") }
    let bytes = visit.requests.reduce(0) { $0 + (visit.repository.served[$1]?.count ?? 0) }
    figures.line(
      "refresh with nothing new", "≤ 2 requests, ≤ 2,048 bytes",
      "\(visit.requests.count) requests, \(bytes) bytes of answers")
  }

  private func binned(_ figures: Figures) throws {
    let path: ByteString = "pos-x1/posd-1.tar"
    let role = PublisherRole(PublisherKey("bins"))
    let own = UpdateFigures.bin(UpdateFigures.number(of: path))
    var visit = RepositoryVisit { repository in
      repository.bins = (14, role)
      var bin = PublisherDelegation(own, from: "nobody", paths: [])
      bin.role = role
      bin.targets[path] = [1]
      repository.delegations = [bin]
      repository.listsDigests = false
    }
    // The snapshot lists every bin, as an honest publisher's does; only one of them is asked for.
    let version = MetadataValue.object([MetadataMember("version", .integer(1))])
    var listed = (0..<16_384).map { number in
      MetadataMember(UpdateFigures.bin(number) + ".json", version)
    }
    listed.append(MetadataMember("targets.json", version))
    let snapshot = visit.repository.snapshot
    let document = visit.repository.document(
      visit.repository.signed(
        "snapshot", snapshot, [MetadataMember("meta", .object(unsorted: listed))]), snapshot)
    visit.repository.put("snapshot", snapshot, document)
    visit.repository.publishTimestamp(of: document)
    let fresh = visit
    let took = try UpdateFigures.median {
      visit = fresh
      if case .failure(let refusal) = visit.find(path) { throw Fault(description: "\(refusal)") }
    }
    figures.line(
      "a target found in 16,384 hash bins, all new", "stated", Figures.milliseconds(took))
  }

  /// Which of 16,384 bins a path is in: the first 14 bits of its digest.
  private static func number(of path: ByteString) -> Int {
    let digest = sha256(path.bytes)
    return (Int(digest[0]) << 8 | Int(digest[1])) >> 2
  }

  private static func bin(_ number: Int) -> ByteString {
    let digits = String(number, radix: 16)
    return ByteString("bin-" + String(repeating: "0", count: 4 - digits.utf8.count) + digits)
  }

  // MARK: A bundle

  private func fetched(_ figures: Figures) throws {
    var template = Array("/tmp/posd-bench-update.XXXXXX".utf8CString)
    guard unsafe mkdtemp(&template) != nil else { throw SystemFault(code: errno) }
    let folder = String(decoding: template.dropLast().map { UInt8(bitPattern: $0) }, as: UTF8.self)
    var bytes: [UInt8] = []
    for _ in 0..<UpdateFigures.bundle / 256 { bytes += randomBytes(256) }
    guard FileSystem.create(folder + "/bundle", bytes) else {
      throw Fault(description: folder + " cannot be written")
    }
    let target = try UpdateFigures.target(bytes)
    bytes = []
    let server = try Child(
      [
        "python3", "-m", "http.server", "\(UpdateFigures.port)", "--bind", "127.0.0.1",
        "--directory", folder,
      ], output: folder + "/server.log")
    defer {
      server.end()
      for name in ["bundle", "curl", "ours", "ours.tag", "server.log", "curl.log"] {
        unsafe _ = unlink(folder + "/" + name)
      }
      unsafe _ = rmdir(folder)
    }
    let url = "http://127.0.0.1:\(UpdateFigures.port)/bundle"
    try UpdateFigures.untilServed(url, folder)
    let memory = UpdateFigures.residentBytes
    var ours: [Int64] = []
    var theirs: [Int64] = []
    for _ in 0..<UpdateFigures.rounds {
      theirs.append(try UpdateFigures.time { try UpdateFigures.curl(url, folder) })
      ours.append(
        try UpdateFigures.time { try UpdateFigures.fetch(url, folder + "/ours", target) })
    }
    let grown = UpdateFigures.residentBytes - memory
    ours.sort()
    theirs.sort()
    let (own, other) = (ours[ours.count / 2], theirs[theirs.count / 2])
    figures.line(
      "64 MiB fetched and compared, beside curl -o alone", "≥ 90 % of its rate, ≤ 1 MB of memory",
      Figures.milliseconds(own) + " and " + Figures.milliseconds(other) + ", "
        + "\(other * 100 / max(1, own)) %, " + Figures.megabytes(max(0, grown)) + " more")
  }

  private static func target(_ bytes: [UInt8]) throws -> Target {
    var visit = RepositoryVisit { $0.files = ["bundle": bytes] }
    return try visit.find("bundle").get()
  }

  private static func untilServed(_ url: String, _ folder: String) throws {
    for _ in 0..<100 {
      if (try? curl(url, folder)) != nil { return }
      usleep(50_000)
    }
    throw Fault(description: "python3 -m http.server does not serve")
  }

  private static func curl(_ url: String, _ folder: String) throws {
    let child = try Child(
      ["curl", "-s", "-f", "-o", folder + "/curl", url], output: folder + "/curl.log")
    if child.wait() != 0 { throw Fault(description: "curl: " + child.written) }
  }

  private static func fetch(_ url: String, _ path: String, _ target: Target) throws {
    unsafe _ = unlink(path)
    guard let transfers = Transfers() else { throw Fault(description: "libcurl") }
    let loop = EventLoop()
    loop.add(transfers)
    let download = BundleDownload(
      transfers, url: url, into: path, length: target.length, rate: 0, target: target)
    var verdict: Bool?
    download.onEnd = { end, _ in
      if end == .complete { verdict = download.isSigned }
      loop.stop()
    }
    download.start()
    loop.run()
    if verdict != true { throw Fault(description: "the bundle is not what was signed") }
  }

  // MARK: Measuring

  private static func median(_ work: () throws -> Void) throws -> Int64 {
    var times: [Int64] = []
    for _ in 0..<rounds { times.append(try time(work)) }
    return times.sorted()[rounds / 2]
  }

  private static func time(_ work: () throws -> Void) throws -> Int64 {
    let began = SystemClock.now
    try work()
    return (SystemClock.now - began).microseconds
  }

  /// proc(5): the second number of statm, in pages.
  private static var residentBytes: Int64 {
    let bytes = FileSystem.read("/proc/self/statm", limit: 256) ?? []
    let text = String(decoding: bytes, as: UTF8.self)
    let words = text.split(separator: " ")
    return words.count > 1 ? (Int64(words[1]) ?? 0) * 4_096 : 0
  }
}
