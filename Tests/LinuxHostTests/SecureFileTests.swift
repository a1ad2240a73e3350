// SPDX-License-Identifier: Apache-2.0

import Devices
import Foundation
import LinuxHost
import PaymentCrypto
import Testing
import Wire

extension SecureElementTests {
  @Suite("in files")
  struct Files {
    private let store: SecretStore
    private let folder: Folder

    init() throws {
      store = try SecretStore(.file)
      folder = store.folder
    }

    /// A store with something in each of its files.
    private func filled() throws -> any SecureElement {
      let element = try store.open()
      for name in SecretName.allCases {
        #expect(element.perform(.keep(name, SecureElementTests.one)) == .kept)
      }
      #expect(element.perform(.advance(.firmwareVersion, to: 7)) == .counter(7))
      _ = try SecureElementTests.point(element)
      return element
    }

    /// What is asked to see one file, and the file.
    private static let sights: [(SecureOrder, String)] = [
      (.open(.seal), "secrets/secret-seal"),
      (.readCounter(.firmwareVersion), "secrets/counter-firmware-version"),
      (.readIdentity, "secrets/identity"),
      (.sign(digest: sha256([])), "secrets/identity"),
    ]

    private func damaged(_ file: String) -> SecureReport {
      .failed(.damaged(folder.path + "/" + file))
    }

    @Test("nobody but the owner may enter the folder or read a file")
    func modes() throws {
      _ = try filled()
      #expect(try folder.mode("secrets") == 0o700)
      #expect(try folder.mode("device.secret") == 0o600)
      let names = try folder.names("secrets")
      #expect(
        names == [
          "counter-firmware-version", "identity", "secret-fingerprint", "secret-recorder",
          "secret-seal", "secret-transport",
        ])
      for name in names { #expect(try folder.mode("secrets/" + name) == 0o600) }
    }

    @Test("no file shows a secret, and one secret is sealed differently each time")
    func sealed() throws {
      let element = try filled()
      let secret = SecureElementTests.one.exposed
      let first = folder.bytes("secrets/secret-seal")
      for name in try folder.names("secrets") {
        #expect(!folder.bytes("secrets/" + name).contains(secret.prefix(8)))
      }
      #expect(element.perform(.keep(.seal, SecureElementTests.one)) == .kept)
      #expect(folder.bytes("secrets/secret-seal") != first)
    }

    @Test("any single byte that was changed is seen, in every file")
    func alteration() throws {
      let element = try filled()
      for (order, file) in Files.sights {
        let right = element.perform(order)
        let bytes = folder.bytes(file)
        #expect(bytes.count > 32)
        for index in bytes.indices {
          for change: UInt8 in [0x01, 0x80, 0xFF] {
            var changed = bytes
            changed[index] ^= change
            try folder.write(file, changed, mode: 0o600)
            #expect(element.perform(order) == damaged(file))
          }
        }
        try folder.write(file, bytes, mode: 0o600)
        // A signature is another one each time.
        if case .sign = order { continue }
        #expect(element.perform(order) == right)
      }
    }

    @Test("a file cut at any length, or longer than it was, is seen")
    func truncation() throws {
      let element = try filled()
      for (order, file) in Files.sights {
        let bytes = folder.bytes(file)
        for count in 0..<bytes.count {
          try folder.write(file, Array(bytes.prefix(count)), mode: 0o600)
          #expect(element.perform(order) == damaged(file))
        }
        for more in [1, 600, 100_000] {
          let longer = bytes + [UInt8](repeating: 0, count: more)
          try folder.write(file, longer, mode: 0o600)
          #expect(element.perform(order) == damaged(file))
        }
        try folder.write(file, bytes, mode: 0o600)
      }
    }

    @Test("what is damaged is never written over, and goes when that is asked for")
    func damagedStays() throws {
      let element = try filled()
      for (order, file): (SecureOrder, String) in [
        (.keep(.seal, SecureElementTests.other), "secrets/secret-seal"),
        (.advance(.firmwareVersion, to: 9), "secrets/counter-firmware-version"),
        (.readIdentity, "secrets/identity"),
      ] {
        var bytes = folder.bytes(file)
        bytes[20] ^= 1
        try folder.write(file, bytes, mode: 0o600)
        #expect(element.perform(order) == damaged(file))
        #expect(folder.bytes(file) == bytes)
      }
      #expect(element.perform(.erase(.seal)) == .erased)
      #expect(element.perform(.keep(.seal, SecureElementTests.other)) == .kept)
      #expect(element.perform(.wipe) == .wiped)
      #expect(try SecureElementTests.point(element).count == 65)
    }

    @Test("one file in another's place, a link, a pipe or a folder is seen")
    func strangers() throws {
      let element = try filled()
      let file = "secrets/secret-seal"
      try folder.write(file, folder.bytes("secrets/secret-recorder"), mode: 0o600)
      #expect(element.perform(.open(.seal)) == damaged(file))
      let path = folder.path + "/" + file
      try folder.remove(file)
      try FileManager.default.createSymbolicLink(
        atPath: path, withDestinationPath: folder.path + "/secrets/secret-recorder")
      #expect(element.perform(.open(.seal)) == damaged(file))
      try folder.remove(file)
      #expect(unsafe mkfifo(path, 0o600) == 0)
      #expect(element.perform(.open(.seal)) == damaged(file))
      try folder.remove(file)
      try FileManager.default.createDirectory(atPath: path, withIntermediateDirectories: false)
      #expect(element.perform(.open(.seal)) == damaged(file))
    }

    @Test("another device secret opens nothing, and replaces nothing")
    func wrongSecret() throws {
      _ = try filled()
      let before = folder.bytes("secrets/secret-seal")
      try folder.write("device.secret", (0..<32).map { UInt8($0 * 5) }, mode: 0o600)
      let element = try store.open()
      for (order, file) in Files.sights { #expect(element.perform(order) == damaged(file)) }
      #expect(
        element.perform(.keep(.seal, SecureElementTests.other)) == damaged("secrets/secret-seal"))
      #expect(folder.bytes("secrets/secret-seal") == before)
    }

    @Test("a device secret that is missing while there are secrets is never made anew")
    func missingSecret() throws {
      let element = try filled()
      let secret = folder.bytes("device.secret")
      #expect(secret.count == 32)
      try folder.remove("device.secret")
      let path = folder.path + "/device.secret"
      func fault() -> SecureFault? {
        SecureElementTests.fault { () throws(SecureFault) in
          try store.settings.open(stateFolder: folder.path)
        }
      }
      #expect(fault() == .deviceSecretMissing(path))
      // A wipe leaves counters, which are sealed too.
      #expect(element.perform(.wipe) == .wiped)
      #expect(fault() == .deviceSecretMissing(path))
      #expect(!FileManager.default.fileExists(atPath: path))
      try folder.write("device.secret", secret, mode: 0o600)
      #expect(try store.open().perform(.readCounter(.firmwareVersion)) == .counter(7))
    }

    @Test("a device secret that is short, huge, monotonous, no file or open to others is refused")
    func unfitSecret() throws {
      let path = folder.path + "/device.secret"
      func fault(_ bytes: [UInt8], mode: Int = 0o600) throws -> SecureFault? {
        try folder.write("device.secret", bytes, mode: mode)
        return SecureElementTests.fault { () throws(SecureFault) in
          try store.settings.open(stateFolder: folder.path)
        }
      }
      let good = (0..<32).map { UInt8($0) }
      for bytes in [
        [], Array(good.dropLast()), [UInt8](repeating: 0, count: 32),
        [UInt8](repeating: 0xFF, count: 64), good + [UInt8](repeating: 1, count: 4_065),
      ] {
        #expect(try fault(bytes) == .deviceSecretUnfit(path))
      }
      #expect(try fault(good, mode: 0o640) == .openToOthers(path))
      #expect(try fault(good, mode: 0o604) == .openToOthers(path))
      #expect(try fault(good, mode: 0o400) == nil)
      #expect(try fault(good + [UInt8](repeating: 1, count: 4_064)) == nil)
    }

    @Test("a file or folder that others may read is told, not used")
    func openToOthers() throws {
      let element = try filled()
      try folder.setMode("secrets/secret-seal", 0o644)
      #expect(
        element.perform(.open(.seal))
          == .failed(.openToOthers(folder.path + "/secrets/secret-seal")))
      try folder.setMode("secrets", 0o755)
      #expect(
        SecureElementTests.fault { () throws(SecureFault) in
          try store.settings.open(stateFolder: folder.path)
        } == .openToOthers(folder.path + "/secrets"))
    }

    @Test("a folder that cannot be made, or is gone, is told with the system's reason")
    func unwritable() throws {
      func fault(_ state: String) -> SecureFault? {
        SecureElementTests.fault { () throws(SecureFault) in
          try store.settings.open(stateFolder: state)
        }
      }
      let nowhere = folder.path + "/nowhere"
      #expect(fault(nowhere) == .notWritable(nowhere + "/secrets", code: ENOENT))
      try folder.write("inn/secrets", "a file")
      #expect(
        fault(folder.path + "/inn") == .notWritable(folder.path + "/inn/secrets", code: ENOTDIR))
      #expect(fault("/proc/self") == .notWritable("/proc/self/secrets", code: ENOENT))
      let element = try filled()
      try folder.remove("secrets")
      #expect(
        element.perform(.open(.seal))
          == .failed(.notReadable(folder.path + "/secrets", code: ENOENT)))
    }

    @Test("a secret that cannot be replaced stays as it was; what a power cut left is tidied")
    func halfWritten() throws {
      let element = try filled()
      let unfinished = folder.path + "/secrets/secret-seal.new"
      try FileManager.default.createDirectory(
        atPath: unfinished, withIntermediateDirectories: false)
      guard
        case .failed(.notWritable(let path, _)) = element.perform(
          .keep(.seal, SecureElementTests.other))
      else { throw Surprise() }
      #expect(path == unfinished)
      #expect(element.perform(.open(.seal)) == .secret(SecureElementTests.one))
      try folder.remove("secrets/secret-seal.new")
      try folder.write("secrets/secret-seal.new", [1, 2, 3], mode: 0o600)
      #expect(element.perform(.open(.seal)) == .secret(SecureElementTests.one))
      #expect(element.perform(.keep(.seal, SecureElementTests.other)) == .kept)
      #expect(element.perform(.open(.seal)) == .secret(SecureElementTests.other))
      #expect(!FileManager.default.fileExists(atPath: unfinished))
    }

    @Test("many at once leave one secret whole, and a counter at its highest")
    func manyAtOnce() throws {
      _ = try filled()
      let settings = store.settings
      let state = folder.path
      DispatchQueue.concurrentPerform(iterations: 8) { part in
        guard let element = try? settings.open(stateFolder: state) else { return }
        for round in 1...25 {
          let secret = SecretBytes([UInt8](repeating: UInt8(part), count: 32 + part))
          #expect(element.perform(.keep(.seal, secret)) == .kept)
          guard case .secret(let read) = element.perform(.open(.seal)) else {
            Issue.record("a secret was not there for a moment")
            return
          }
          #expect(read.exposed.allSatisfy { Int($0) == read.count - 32 })
          _ = element.perform(.advance(.parameterVersion, to: UInt64(round * 8 + part)))
        }
      }
      #expect(try store.open().perform(.readCounter(.parameterVersion)) == .counter(207))
    }
  }
}

extension Folder {
  fileprivate func write(_ name: String, _ bytes: [UInt8], mode: Int) throws {
    try write(name, bytes)
    try setMode(name, mode)
  }
}
