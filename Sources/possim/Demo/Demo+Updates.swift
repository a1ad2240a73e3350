// SPDX-License-Identifier: Apache-2.0

import Glibc
import LinuxHost
import Management
import PaymentCrypto
import Simulator
import Updates

extension Demo {
  /// A terminal that is updated: a version that stays, and one that does not.
  func performUpdates(_ stage: Stage) throws {
    let maker = try DemoMaker(stage)
    try stage.step("a third shop: its posd is started out of a slot, version 1.0") {
      try stage.openShop()
      try stage.startSlots(try maker.bundle("1.0"))
      try stage.await("unregistered", problems: false)
    }
    try stage.step("it is set up and goes into service") {
      try stage.posctl(["network", "set", "--acquirer", "localhost:17501"])
      try stage.posctl(["network", "commit"])
      try stage.posctl([
        "register", "--acquirer", "Example Acquirer", "--merchant", "Example Shop",
        "--settlement-account", "test-account-1", "--place", "Shop 1",
      ])
      try stage.await("commissioning")
      try stage.posctl(["sale", "update/1", "1.00"])
      try stage.posctl(["commission"])
    }
    try stage.step("the maker publishes 1.1: found, fetched, compared, and announced to the till") {
      try maker.publish("1.1", maker.program)
      try stage.posctl(["update", "check"])
      try stage.awaitUpdate("it is announced") { $0["notice"]?.integer != nil }
      try stage.posctl(["update", "status"])
    }
    try stage.step("nobody sells: it is installed, started on trial, and proves that it can pay") {
      try stage.awaitUpdate("1.1 stays") {
        $0["cause"]?.text == "committed" && $0["stage"]?.text == "idle"
      }
      try stage.posctl(["update", "status"])
      try stage.posctl(["sale", "update/2", "5.00"])
    }
    try stage.step("the maker publishes 1.2, which does not start: 1.1 comes back by itself") {
      try maker.publish("1.2", Array("#!/bin/sh\nexit 3\n".utf8))
      try stage.posctl(["update", "check"])
      try stage.awaitUpdate("1.2 is given up") { $0["problem"]?["code"]?.text == "UPD-010" }
      try stage.posctl(["update", "status"])
      try stage.posctl(["update", "history"])
      try stage.awaitNoProblems()
      try stage.posctl(["sale", "update/3", "6.00"])
    }
  }

  /// A copy of the configuration with ports of its own and a mirror of updates.
  static func updateConfiguration(from config: String, in folder: String) throws -> String {
    let stanza = """
      updates:
        mirrors: [http://127.0.0.1:17600/]
        root-file: root.json
        board: pos-x1
        window: "00:00-00:00"
        notice-seconds: 1
        bytes-per-second: 0
      control:
      """
    _ = unsafe mkdir(folder, 0o700)
    let repository = DemoMaker.newRepository()
    let root = repository.served["1.root.json"] ?? []
    if !FileSystem.create(folder + "/root.json", root) {
      throw Child.Fault(description: folder + " cannot be written")
    }
    let file = try configuration(
      from: config, in: folder,
      [
        ("posd.yaml", "\ncontrol:", "\n" + stanza), ("errors.yaml", "", ""),
        ("boards/demo.yaml", "", ""), ("acquirers/generic.yaml", "", ""),
      ])
    guard let bytes = FileSystem.read(file, limit: 1_048_576) else { return file }
    let text = String(decoding: bytes, as: UTF8.self)
    let parts = text.split(separator: ":17443", omittingEmptySubsequences: false)
    _ = unsafe unlink(file)
    _ = FileSystem.create(file, Array(parts.joined(separator: ":17444").utf8))
    return file
  }
}

/// The maker of the demonstration's versions, with keys that everybody knows.
final class DemoMaker {
  /// The real posd, as it lies beside this program.
  let program: [UInt8]
  private let folder: String
  private var repository = DemoMaker.newRepository()
  private var listed: [MetadataMember] = []

  init(_ stage: Stage) throws {
    folder = stage.folder + "/updates"
    guard let program = FileSystem.read(stage.programs + "/posd", limit: 134_217_728) else {
      throw Child.Fault(description: stage.programs + "/posd cannot be read")
    }
    self.program = program
    for path in ["", "/metadata", "/targets"] { _ = unsafe mkdir(folder + path, 0o700) }
    try put()
  }

  /// A repository that lists nothing yet.
  static func newRepository() -> PublishedRepository {
    var repository = PublishedRepository()
    repository.listsDigests = false
    repository.publish()
    return repository
  }

  /// A bundle in a file, published or not; its path.
  func bundle(_ version: String) throws -> String {
    let path = folder + "/first.tar"
    if !FileSystem.create(path, made(version, program).bytes) {
      throw Child.Fault(description: path + " cannot be written")
    }
    return path
  }

  /// Signs and serves a version whose program is this one.
  func publish(_ version: String, _ program: [UInt8]) throws {
    let bundle = made(version, program)
    let name = ByteString("posd-\(version).tar")
    let notes = MetadataValue.object([
      MetadataMember("en", .text("Faster.")), MetadataMember("zh", .text("更快。")),
    ])
    let value = bundle.listed([MetadataMember("notes", notes)])
    listed.append(MetadataMember(name, value))
    guard case .text(let digits) = PublisherKey.digits(sha256(bundle.bytes)) else {
      preconditionFailure("digits are a text")
    }
    let file = folder + "/targets/" + digits.description + "." + name.description
    if !FileSystem.create(file, bundle.bytes) {
      throw Child.Fault(description: file + " cannot be written")
    }
    repository.targets.version += 1
    repository.snapshot.version += 1
    repository.timestamp.version += 1
    try put()
  }

  private func made(_ version: String, _ program: [UInt8]) -> PublishedBundle {
    var bundle = PublishedBundle(version: ByteString(version))
    bundle.members = [.folder("slot"), .file("slot/posd", program, mode: 0o755)]
    return bundle
  }

  private func put() throws {
    repository.publish()
    let list = MetadataMember("targets", .object(unsorted: listed))
    let signed = repository.signed("targets", repository.targets, [list])
    repository.put("targets", repository.targets, repository.document(signed, repository.targets))
    for entry in repository.served.entries {
      let path = folder + "/metadata/" + entry.name.description
      _ = unsafe unlink(path)
      if !FileSystem.create(path, entry.bytes) {
        throw Child.Fault(description: path + " cannot be written")
      }
    }
  }
}

extension Stage {
  /// Puts a first bundle into the slots and starts the supervisor.
  func startSlots(_ bundle: String) throws {
    let slots = folder + "/slots"
    _ = unsafe mkdir(slots, 0o700)
    let boot = programs + "/posd-boot"
    let first = try Child(
      [boot, "--slots", slots, "--provision", bundle], output: folder + "/boot.log")
    if first.wait() != 0 { throw Child.Fault(description: first.written) }
    terminal = try Child(
      [
        boot, "--slots", slots, "--run", folder, "--", "--config", config, "--state",
        folder + "/state", "--run", folder,
      ], output: folder + "/posd.log")
    try until("posd answers") { (try? answer(["status"])) != nil }
  }

  /// Waits until an update is so.
  func awaitUpdate(_ what: String, _ isSo: (JSON) -> Bool) throws {
    try until(what) { isSo(try answer(["update", "status"])["update"] ?? .null) }
  }
}
