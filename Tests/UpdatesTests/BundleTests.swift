// SPDX-License-Identifier: Apache-2.0

import Simulator
import Testing
import Updates

@Suite("The bundle, as it comes")
struct BundleTests {
  private typealias Member = PublishedBundle.Member

  private static func read(
    _ bytes: [UInt8], piece: Int = 10_000
  ) throws(BundleFault) -> [BundleReader.Part] {
    var reader = BundleReader()
    var parts: [BundleReader.Part] = []
    for start in stride(from: 0, to: bytes.count, by: piece) {
      parts += try reader.take(Array(bytes[start..<min(bytes.count, start + piece)]))
    }
    _ = try reader.finish()
    return parts
  }

  private static func fault(_ change: (inout PublishedBundle) -> Void) -> BundleFault? {
    var bundle = PublishedBundle(version: "1.2")
    change(&bundle)
    return fault(of: bundle.bytes)
  }

  private static func fault(of bytes: [UInt8]) -> BundleFault? {
    do throws(BundleFault) {
      _ = try read(bytes)
      return nil
    } catch {
      return error
    }
  }

  @Test("manifest, folders and files come in their order, whatever the pieces")
  func pieces() throws {
    let bytes = PublishedBundle(version: "1.2").bytes
    let whole = try BundleTests.read(bytes)
    guard case .manifest(let manifest)? = whole.first else {
      Issue.record("no manifest")
      return
    }
    #expect(try BundleManifest(manifest).version == ReleaseVersion("1.2"))
    #expect(whole.contains(.file("posd", size: 11, isExecutable: true)))
    #expect(whole.contains(.folder("data")))
    #expect(whole.contains(.file("data/empty", size: 0, isExecutable: false)))
    for piece in [1, 7, 511, 512, 513, 2_000] {
      let content = try BundleTests.read(bytes, piece: piece).flatMap { part -> [UInt8] in
        if case .content(let some) = part { return some }
        return []
      }
      #expect(content.count == 711)
    }
  }

  @Test("links, devices, ways out and strange modes are refused")
  func forbidden() {
    for kind in [0x31, 0x32, 0x33, 0x34, 0x36, 0x4C, 0x78, 0x67] as [UInt8] {
      #expect(
        BundleTests.fault {
          $0.members.append(Member(path: "slot/x", bytes: [], kind: kind, mode: 0o644))
        } == .forbiddenMember)
    }
    for path in [
      "slot/../x", "/slot/x", "slot//x", "slot/./x", "elsewhere/x", "slot/MANIFEST", "x",
      "slot/a b", "slot/\u{7f}",
    ] as [ByteString] {
      #expect(
        BundleTests.fault { $0.members.append(.file(path, [1])) } == .forbiddenMember, "\(path)")
    }
    for mode in [0o4755, 0o777, 0o600, 0] {
      #expect(
        BundleTests.fault { $0.members.append(.file("slot/x", [1], mode: mode)) }
          == .forbiddenMember)
    }
  }

  @Test("names stand once, behind the folders they lie in")
  func order() {
    #expect(BundleTests.fault { $0.members.append(.file("slot/posd", [1])) } == .badOrder)
    #expect(BundleTests.fault { $0.members.append(.folder("slot/data")) } == .badOrder)
    #expect(BundleTests.fault { $0.members.append(.file("slot/new/x", [1])) } == .badOrder)
    #expect(BundleTests.fault { $0.members.append(.folder("slot/new")) } == nil)
    // A file is no folder.
    #expect(BundleTests.fault { $0.members.append(.file("slot/posd/x", [1])) } == .badOrder)
  }

  @Test("the manifest is first, and says what it must, once")
  func manifest() {
    #expect(BundleTests.fault { $0.manifest = "format: posd-bundle 2\n" } == .badManifest)
    let twice: ByteString =
      "format: posd-bundle 1\nversion: 1\nversion: 2\ncompatible: x\n"
    #expect(BundleTests.fault { $0.manifest = twice } == .badManifest)
    #expect(BundleTests.fault { $0.manifest = "hello" } == .badManifest)
    let bytes = PublishedBundle(version: "1.2").bytes
    #expect(BundleTests.fault(of: Array(bytes.dropFirst(1_024))) == .badManifest)
  }

  @Test("an end that is cut, or has something behind it, is no end")
  func end() {
    let bytes = PublishedBundle(version: "1.2").bytes
    #expect(BundleTests.fault(of: bytes) == nil)
    #expect(BundleTests.fault(of: bytes + [UInt8](repeating: 0, count: 9_216)) == nil)
    #expect(BundleTests.fault(of: Array(bytes.dropLast(512))) == .truncated)
    #expect(BundleTests.fault(of: Array(bytes.dropLast(1))) == .truncated)
    #expect(BundleTests.fault(of: bytes + [UInt8](repeating: 1, count: 512)) == .trailingBytes)
    #expect(BundleTests.fault(of: bytes + bytes) == .trailingBytes)
    #expect(
      BundleTests.fault(of: bytes + [UInt8](repeating: 0, count: 70_000)) == .tooMuch)
    for count in stride(from: 0, to: bytes.count - 512, by: 97) {
      #expect(BundleTests.fault(of: Array(bytes.prefix(count))) != nil)
    }
  }

  @Test("a header whose sum is wrong, or of GNU's kind, is none")
  func header() {
    var bytes = PublishedBundle(version: "1.2").bytes
    bytes[3] ^= 1
    #expect(BundleTests.fault(of: bytes) == .badHeader)
    bytes = PublishedBundle(version: "1.2").bytes
    bytes[262] = 0x20
    #expect(BundleTests.fault(of: bytes) == .badHeader)
  }
}
