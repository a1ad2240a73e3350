// SPDX-License-Identifier: Apache-2.0

import Devices
import Foundation
import LinuxHost
import PaymentCrypto
import TerminalCore
import Testing
import Wire

extension SecureElementTests {
  @Suite("and the terminal's keys")
  struct Keys {
    private static let digits = "404142434445464748494A4B4C4D4E4F"
    private let folder: Folder
    private let maker: String

    init() throws {
      folder = try Folder()
      maker = try folder.write("transport.key", Keys.digits + "\n")
    }

    /// An element that gives one answer to everything.
    private final class Stub: SecureElement {
      let report: SecureReport

      init(_ report: SecureReport) { self.report = report }

      func perform(_ order: SecureOrder) -> SecureReport { report }
    }

    private func fault(_ element: any SecureElement) -> String? {
      let maker = self.maker
      do throws(KeyStore.Fault) {
        _ = try KeyStore(element).keys(transportKeyFile: maker)
        return nil
      } catch {
        return error.text
      }
    }

    @Test("are made at the first start and are the same ever after", arguments: Backend.allCases)
    func stable(_ backend: Backend) throws {
      let store = try SecretStore(backend)
      let first = try KeyStore(store.settings, stateFolder: store.folder.path)
      let keys = try first.keys(transportKeyFile: maker)
      let recorder = try first.recorderKey()
      let second = try KeyStore(store.settings, stateFolder: store.folder.path)
      let again = try second.keys(transportKeyFile: maker)
      #expect(again.seal == keys.seal)
      #expect(again.fingerprint == keys.fingerprint)
      #expect(again.transport == keys.transport)
      #expect(try second.recorderKey() == recorder)
      #expect(recorder != keys.seal)
      let stranger = try KeyStore(try SecretStore(backend).open()).keys(transportKeyFile: maker)
      #expect(stranger.seal != keys.seal)
    }

    @Test("take the maker's key once, and need its file no more")
    func transport() throws {
      let store = try SecretStore(.file)
      let keys = KeyStore(try store.open())
      let key = try keys.keys(transportKeyFile: maker).transport
      try folder.write("transport.key", String(Keys.digits.reversed()))
      #expect(try keys.keys(transportKeyFile: maker).transport == key)
      try folder.remove("transport.key")
      #expect(try keys.keys(transportKeyFile: maker).transport == key)
    }

    @Test("say which file the maker's key is missing from, or is malformed in")
    func missing() throws {
      let element = try SecretStore(.file).open()
      for text in ["", "4041", Keys.digits + "50", Keys.digits.replacing("4F", with: "4G")] {
        try folder.write("transport.key", text)
        #expect(
          fault(element) == "KEY-002 \(maker) must hold the 32 hexadecimal digits of a key")
      }
      try folder.remove("transport.key")
      #expect(
        fault(element)
          == "KEY-002 \(maker) cannot be read; the maker puts the transport key there")
      #expect(element.perform(.open(.transport)) == .absent)
      let short = SecretBytes([UInt8](repeating: 1, count: 15))
      #expect(element.perform(.keep(.transport, short)) == .kept)
      #expect(fault(element) == "KEY-002 transport is not a key of 16 bytes")
    }

    @Test("are never made anew where one is damaged or of another length")
    func damaged() throws {
      let store = try SecretStore(.file)
      let element = try store.open()
      #expect(fault(element) == nil)
      let file = "secrets/secret-seal"
      var bytes = store.folder.bytes(file)
      bytes[30] ^= 1
      try store.folder.write(file, bytes)
      try store.folder.setMode(file, 0o600)
      #expect(
        fault(element)?.hasPrefix("KEY-001 seal: \(store.folder.path)/\(file) was changed") == true)
      #expect(store.folder.bytes(file) == bytes)
      #expect(element.perform(.erase(.seal)) == .erased)
      let short = SecretBytes([UInt8](repeating: 1, count: 31))
      #expect(element.perform(.keep(.seal, short)) == .kept)
      #expect(fault(element) == "KEY-001 seal is not a key of 32 bytes")
      #expect(element.perform(.open(.seal)) == .secret(short))
    }

    @Test("name each fault of the store by a code of the catalogue and what it is about")
    func faults() throws {
      let catalogue = try Catalogue(file: repository + "/Config/errors.yaml")
      let faults: [(SecureFault, String, String)] = [
        (.damaged("/a/seal"), "KEY-001", "/a/seal"),
        (.deviceSecretMissing("/a/secret"), "KEY-003", "/a/secret"),
        (.deviceSecretUnfit("/a/secret"), "KEY-003", "/a/secret"),
        (
          .moduleNotLoaded("/a/module", reason: "why"), "KEY-004", "/a/module cannot be loaded: why"
        ),
        (.tokenNotFound("posd"), "KEY-004", "posd"),
        (.tokenAmbiguous("posd"), "KEY-004", "posd"),
        (.pinWrong("/a/pin"), "KEY-005", "/a/pin"),
        (.pinLastTry("posd"), "KEY-006", "posd"),
        (.pinLocked("posd"), "KEY-006", "posd"),
        (.notReadable("/a", code: EACCES), "KEY-007", "/a cannot be read: Permission denied"),
        (.notWritable("/a", code: EROFS), "KEY-007", "/a cannot be written: Read-only"),
        (.openToOthers("/a"), "KEY-007", "/a"),
        (.tokenGone("posd"), "KEY-008", "posd"),
        (.refused("C_Sign", code: 0x30), "KEY-008", "C_Sign was refused with code 0x30"),
        (.wrongDigestLength(31), "KEY-008", "31"),
        (.wrongSecretLength(0), "KEY-008", "0"),
        (.counterBackwards(7), "KEY-008", "7"),
      ]
      for (cause, code, detail) in faults {
        let text = try #require(fault(Stub(.failed(cause))))
        #expect(text.hasPrefix(code + " seal: "))
        #expect(text.contains(detail))
        #expect(catalogue.entry(code) != nil)
      }
    }
  }
}
