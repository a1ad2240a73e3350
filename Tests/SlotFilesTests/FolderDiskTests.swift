// SPDX-License-Identifier: Apache-2.0

import Foundation
import PaymentCrypto
import Simulator
import SlotFiles
import Testing
import Updates

@Suite("Slots in folders of a real disk")
struct FolderDiskTests {
  /// A folder that is gone behind the test.
  private final class Place {
    let path = NSTemporaryDirectory() + "slots." + UUID().uuidString

    init() throws {
      try FileManager.default.createDirectory(
        atPath: path, withIntermediateDirectories: true)
    }

    deinit { try? FileManager.default.removeItem(atPath: path) }

    func file(_ name: String, _ bytes: [UInt8]) throws -> String {
      try Data(bytes).write(to: URL(fileURLWithPath: path + "/" + name))
      return path + "/" + name
    }
  }

  private static func install(
    _ bundle: PublishedBundle, into place: Place, running: SlotName, signed: PublishedBundle? = nil
  ) throws -> InstallFault? {
    let listed = (signed ?? bundle)
    let expectations = try #require(
      SlotExpectations(
        manifest: listed.manifest.bytes, length: Int64(listed.bytes.count),
        digest: HashAlgorithm.sha256.digest(listed.bytes)))
    let source = try #require(BundleFile(try place.file("bundle", bundle.bytes)))
    do throws(InstallFault) {
      var work = try Installation(
        DirectorySlots(FolderDisk(place.path)), source, InstallOrder(expectations, recovery: 0),
        running: running, isSafe: false)
      var steps = 0
      while try work.step() { steps += 1 }
      #expect(steps > 3)
      return nil
    } catch {
      return error
    }
  }

  @Test("a bundle becomes a slot that is whole, and a changed byte of it is noticed")
  func install() throws {
    let place = try Place()
    let bundle = try place.file("first", PublishedBundle(version: "1.1").bytes)
    #expect(Provisioning.run(place.path, bundle) == nil)
    #expect(Provisioning.run(place.path, bundle) != nil)
    let slots = DirectorySlots(FolderDisk(place.path))
    #expect(slots.bootState?.floors.version == ReleaseVersion("1.1"))
    #expect(slots.current == .a && slots.facts(.a).isWhole && !slots.facts(.b).isWhole)
    #expect(
      try FolderDiskTests.install(PublishedBundle(version: "1.2"), into: place, running: .a) == nil)
    #expect(slots.facts(.b).version == ReleaseVersion("1.2"))
    let about = try FileManager.default.attributesOfItem(atPath: place.path + "/B/posd")
    #expect(about[.posixPermissions] as? Int == 0o755)
    // Not to be started until it is tried.
    #expect(slots.bootState?.isBad(.b) == true)
    try slots.beginTrial()
    #expect(slots.current == .b && slots.choice(slots.bootState, current: .b).mode == .trial)
    _ = try place.file("B/posd", Array("program 1.x".utf8))
    #expect(!slots.facts(.b).isWhole)
    #expect(slots.choice(slots.bootState, current: .b).slot == .a)
  }

  @Test("other bytes than the signed ones leave no slot behind, and count against nobody")
  func forged() throws {
    let place = try Place()
    let bundle = try place.file("first", PublishedBundle(version: "1.1").bytes)
    #expect(Provisioning.run(place.path, bundle) == nil)
    let signed = PublishedBundle(version: "1.2")
    var forged = signed
    // As long as the signed one, and a bundle in itself.
    forged.members[1].bytes[0] ^= 1
    #expect(
      try FolderDiskTests.install(forged, into: place, running: .a, signed: signed) == .forged)
    let slots = DirectorySlots(FolderDisk(place.path))
    #expect(!slots.facts(.b).isWhole && slots.facts(.a).isWhole)
    #expect(slots.bootState?.failures(of: signed.digest) == 0)
    #expect(slots.choice(slots.bootState, current: slots.current).slot == .a)
    // The signed one heals it.
    #expect(try FolderDiskTests.install(signed, into: place, running: .a) == nil)
    #expect(slots.facts(.b).isWhole)
  }

  @Test("bytes behind the end of a bundle are part of what was signed")
  func tail() throws {
    let place = try Place()
    let bundle = try place.file("first", PublishedBundle(version: "1.1").bytes)
    #expect(Provisioning.run(place.path, bundle) == nil)
    let signed = PublishedBundle(version: "1.2")
    let expectations = try #require(
      SlotExpectations(
        manifest: signed.manifest.bytes, length: Int64(signed.bytes.count),
        digest: HashAlgorithm.sha256.digest(signed.bytes)))
    let longer = try place.file("bundle", signed.bytes + [UInt8](repeating: 0, count: 512))
    let source = try #require(BundleFile(longer))
    #expect(throws: InstallFault.forged) {
      var work = try Installation(
        DirectorySlots(FolderDisk(place.path)), source, InstallOrder(expectations, recovery: 0),
        running: .a, isSafe: false)
      while try work.step() {}
    }
  }

  @Test("a committed version raises the floor, and one that is given up leaves its reason")
  func trial() throws {
    let place = try Place()
    let bundle = try place.file("first", PublishedBundle(version: "1.1").bytes)
    #expect(Provisioning.run(place.path, bundle) == nil)
    let slots = DirectorySlots(FolderDisk(place.path))
    for failure in [TrialFailure.organ(.pinPad), .tooSlow] {
      #expect(
        try FolderDiskTests.install(PublishedBundle(version: "1.2"), into: place, running: .a)
          == nil)
      try slots.beginTrial()
      try slots.save(slots.choice(slots.bootState, current: .b).state)
      try slots.revert(failure)
      let choice = slots.choice(slots.bootState, current: slots.current)
      #expect(choice.slot == .a && choice.state.cause == .fellBack(failure))
      try slots.save(choice.state)
    }
    #expect(
      try FolderDiskTests.install(PublishedBundle(version: "1.2"), into: place, running: .a) == nil)
    try slots.beginTrial()
    try slots.pass()
    #expect(slots.bootState?.floors.version == ReleaseVersion("1.1"))
    try slots.commit()
    #expect(slots.bootState?.floors.version == ReleaseVersion("1.2"))
    #expect(slots.choice(slots.bootState, current: .b).mode == .full)
  }
}
