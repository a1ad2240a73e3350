// SPDX-License-Identifier: Apache-2.0

import Clockwork
import Foundation
import Glibc
import PaymentCrypto
import Simulator
import Testing
import Updates

@testable import LinuxHost

@Suite("What updates do with files, power and TLS")
struct UpdateWorkTests {
  /// A target of these bytes, as a repository lists it.
  private static func target(_ bytes: [UInt8]) throws -> Target {
    var visit = RepositoryVisit { $0.files = ["bundle": bytes] }
    return try visit.find("bundle").get()
  }

  private static func verdict(_ path: String, _ target: Target)
    -> UpdateMachine.Event?
  {
    guard let check = BundleCheck(path, target) else { return nil }
    for _ in 0..<100 {
      if let verdict = check.step() { return verdict }
    }
    return nil
  }

  @Test("a bundle is what was signed to the last byte, or it is not")
  func compared() throws {
    let bytes = [UInt8](repeating: 7, count: 700_000)
    let target = try UpdateWorkTests.target(bytes)
    let folder = try Folder()
    #expect(UpdateWorkTests.verdict(try folder.write("whole", bytes), target) == .verified(true))
    var other = bytes
    other[699_999] ^= 1
    #expect(UpdateWorkTests.verdict(try folder.write("other", other), target) == .verified(false))
    let short = try folder.write("short", Array(bytes.dropLast()))
    #expect(UpdateWorkTests.verdict(short, target) == .verified(false))
    #expect(
      UpdateWorkTests.verdict(try folder.write("long", bytes + [7]), target) == .verified(false))
    #expect(UpdateWorkTests.verdict(folder.path + "/none", target) == nil)
  }

  @Test("a file that was brought is copied and told what it is; one that is not there is refused")
  func copied() throws {
    let folder = try Folder()
    let bytes = [UInt8](repeating: 9, count: 600_001)
    let path = try folder.write("brought", bytes)
    let copy = try #require(OfferCopy(from: path, to: folder.path + "/offer", atMost: 600_001))
    var end: OfferCopy.End?
    for _ in 0..<100 where end == nil { end = copy.step() }
    guard case .copied(let length, let digests)? = end else {
      Issue.record("\(String(describing: end))")
      return
    }
    #expect(length == 600_001 && folder.bytes("offer") == bytes)
    let expected = [HashAlgorithm.sha256, .sha512].map { Digests.Entry($0, $0.digest(bytes)) }
    #expect(digests == Digests(expected))
    let offer = folder.path + "/offer"
    #expect(OfferCopy(from: folder.path + "/none", to: offer, atMost: 1 << 30) == nil)
    #expect(OfferCopy(from: folder.path, to: offer, atMost: 1 << 30) == nil)
    #expect(OfferCopy(from: "/dev/zero", to: offer, atMost: 1 << 30) == nil)
    #expect(OfferCopy(from: path, to: offer, atMost: 600_000) == nil)
  }

  @Test("a record that is torn or gone is that of a new terminal, and what is stored is read again")
  func record() throws {
    let folder = try Folder()
    let store = try #require(UpdateStore(state: folder.path))
    #expect(store.record == UpdateRecord())
    #expect(store.store(UpdateRecord()))
    #expect(store.record == UpdateRecord() && store.room > 0)
    try folder.write("updates/record", "{\"phase\":1")
    #expect(store.record == UpdateRecord())
    try folder.write("updates/bundle", "x")
    try folder.write("updates/bundle.tag", "\"x\"")
    store.discard()
    #expect(folder.bytes("updates/bundle").isEmpty && folder.bytes("updates/bundle.tag").isEmpty)
    #expect(UpdateStore(state: folder.path + "/updates/record/x") == nil)
  }

  @Test("of what a stranger names only a plain file is read: a pipe would be waited for")
  func plainFiles() throws {
    let folder = try Folder()
    try folder.write("file", "text")
    #expect(FileSystem.readPlain(folder.path + "/file", limit: 4) == Array("text".utf8))
    #expect(FileSystem.readPlain(folder.path + "/file", limit: 3) == nil)
    #expect(unsafe mkfifo(folder.path + "/pipe", 0o600) == 0)
    #expect(FileSystem.readPlain(folder.path + "/pipe", limit: 4) == nil)
    #expect(FileSystem.readPlain(folder.path, limit: 4) == nil)
  }

  @Test("the mains are enough, a battery is from 30 percent on, and one that says nothing is not")
  func power() throws {
    func isEnough(_ supplies: [String: [String: String]]) throws -> Bool {
      let folder = try Folder()
      for (name, files) in supplies {
        for (file, text) in files { try folder.write(name + "/" + file, text + "\n") }
      }
      return PowerSupply.isEnough(folder: folder.path)
    }
    func battery(_ percent: String) -> [String: String] {
      ["type": "Battery", "capacity": percent]
    }
    #expect(try isEnough([:]))
    #expect(try isEnough(["BAT0": battery("30")]))
    #expect(try !isEnough(["BAT0": battery("29")]))
    #expect(try !isEnough(["BAT0": ["type": "Battery"]]))
    #expect(try isEnough(["BAT0": battery("5"), "AC": ["type": "Mains", "online": "1"]]))
    #expect(try !isEnough(["BAT0": battery("5"), "AC": ["type": "Mains", "online": "0"]]))
    // The battery of a device that is plugged in feeds nothing else.
    #expect(try isEnough(["mouse": ["type": "Battery", "scope": "Device", "capacity": "1"]]))
    #expect(PowerSupply.isEnough(folder: "/nowhere"))
  }

  @Test("a storage that takes a file and gives it back passes; one that takes none does not")
  func storage() throws {
    let folder = try Folder()
    #expect(StorageProbe.passes(folder: folder.path))
    #expect(folder.bytes("probe").isEmpty)
    #expect(!StorageProbe.passes(folder: folder.path + "/none"))
  }

  @Test("TLS can be begun with files that fit each other, and with no others")
  func tls() throws {
    let papers = try Papers()
    func works(
      _ authority: String = "ca.pem", _ client: AcquirerConnection.ClientCertificate? = nil
    ) -> Bool {
      TLSStart.works(
        AcquirerConnection.Settings(
          authorityFile: papers.path(authority), connectSeconds: 5, client: client))
    }
    #expect(works())
    #expect(works("ca.pem", papers.client("client")))
    #expect(!works("none.pem"))
    #expect(!works("host.ext"))
    let mixed = AcquirerConnection.ClientCertificate(
      certificateFile: papers.path("client.pem"), keyFile: papers.path("intruder.key"))
    #expect(!works("ca.pem", mixed))
  }
}
