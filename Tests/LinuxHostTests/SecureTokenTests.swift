// SPDX-License-Identifier: Apache-2.0

import Devices
import Foundation
import PaymentCrypto
import Testing
import Wire

@testable import LinuxHost

extension SecureElementTests {
  @Suite("in a token")
  struct Tokens {
    private let store: SecretStore
    private let folder: Folder

    init() throws {
      store = try SecretStore(.token)
      folder = store.folder
    }

    private func fault(
      module: String = SoftToken.module, token: String? = nil, pinFile: String? = nil
    ) -> SecureFault? {
      let own = folder.path + "/token.pin"
      return SecureElementTests.fault { () throws(SecureFault) in
        try SecureElementSettings.pkcs11(
          module: module, token: token ?? store.label, pinFile: pinFile ?? own
        ).open(stateFolder: folder.path)
      }
    }

    /// A session of one's own, to look behind the element's back.
    private func session() throws -> PKCS11Session {
      try PKCS11Session(
        try PKCS11Module(SoftToken.module), label: store.label,
        pinFile: folder.path + "/token.pin")
    }

    @Test("a module that is not there, is no library or speaks no PKCS #11 is named")
    func modules() throws {
      func reason(_ path: String) throws -> String {
        guard case .moduleNotLoaded(path, let reason) = fault(module: path) else {
          throw Surprise()
        }
        return reason
      }
      #expect(try reason("/nowhere/module.so").contains("No such file"))
      let text = try folder.write("module.so", "not a library")
      #expect(try reason(text).contains("file too short"))
      #expect(try reason("libsofthsm2.so") == "the path must begin with /")
      let library = try #require(
        ["x86_64", "aarch64"].map { "/usr/lib/\($0)-linux-gnu/libm.so.6" }
          .first { FileManager.default.fileExists(atPath: $0) })
      #expect(try reason(library) == "it is no PKCS #11 module")
    }

    @Test("a label that no token has, or more than one, is named")
    func labels() {
      #expect(fault(token: "nobody") == .tokenNotFound("nobody"))
      #expect(fault(token: "twin") == .tokenAmbiguous("twin"))
      #expect(fault(token: String(repeating: "x", count: 40)) != nil)
      #expect(fault() == nil)
    }

    @Test("a wrong PIN, none, an endless one, or one that others may read is refused")
    func pins() throws {
      let path = folder.path + "/token.pin"
      for pin in ["12345678", "1", "", "\n" + SoftToken.pin, String(repeating: "7", count: 256)] {
        _ = try folder.write("token.pin", pin, mode: 0o600)
        #expect(fault() == .pinWrong(path))
      }
      _ = try folder.write("token.pin", SoftToken.pin, mode: 0o640)
      #expect(fault() == .openToOthers(path))
      try folder.setMode("token.pin", 0o604)
      #expect(fault() == .openToOthers(path))
      try folder.remove("token.pin")
      #expect(fault() == .notReadable(path, code: ENOENT))
      for ending in ["", "\n", "\r\n"] {
        _ = try folder.write("token.pin", SoftToken.pin + ending, mode: 0o400)
        #expect(fault() == nil)
      }
    }

    @Test("the last try before a token locks is left to a person")
    func lastTry() {
      // PKCS #11 v2.40, 3.2: CKF_USER_PIN_COUNT_LOW, _FINAL_TRY, _LOCKED.
      #expect(PKCS11Session.obstacle(0x10000, "t") == nil)
      #expect(PKCS11Session.obstacle(0x20000, "t") == .pinLastTry("t"))
      #expect(PKCS11Session.obstacle(0x40000, "t") == .pinLocked("t"))
      #expect(PKCS11Session.obstacle(0x70000, "t") == .pinLocked("t"))
    }

    @Test("the private key does not leave the token; half a pair, or two, is told")
    func extraction() throws {
      let element = try store.open()
      _ = try SecureElementTests.point(element)
      let session = try session()
      // CKA_CLASS is CKO_PRIVATE_KEY.
      let keys = try session.find([PKCS11Attribute(0, number: 3)])
      #expect(keys.count == 1)
      // CKA_VALUE, answered by CKR_ATTRIBUTE_SENSITIVE.
      #expect(throws: SecureFault.refused("C_GetAttributeValue", code: 0x11)) {
        try session.bytes(try #require(keys.first), 0x11)
      }
      // CKA_NEVER_EXTRACTABLE and CKA_ALWAYS_SENSITIVE.
      for type: UInt in [0x164, 0x165] {
        #expect(try session.bytes(try #require(keys.first), type) == [1])
      }
      // Half a pair, and a second one: nobody can say which is ours.
      let halves = try session.find([PKCS11Attribute(0, number: 2)])
      try session.destroy(try #require(halves.first))
      #expect(element.perform(.readIdentity) == .failed(.damaged("posd identity")))
      #expect(element.perform(.wipe) == .wiped)
      #expect(try session.find([PKCS11Attribute(0, number: 3)]).isEmpty)
      #expect(try SecureElementTests.point(element).count == 65)
      try put(in: session, isSensitive: true, isExtractable: false)
      #expect(element.perform(.readIdentity) == .failed(.damaged("posd identity")))
    }

    @Test("a key under our name that could be read out is refused", arguments: [true, false])
    func readable(_ isSensitive: Bool) throws {
      let element = try store.open()
      let session = try session()
      for isExtractable in [true, false] {
        try put(in: session, isSensitive: isSensitive, isExtractable: isExtractable)
        let report = element.perform(.readIdentity)
        if isSensitive && !isExtractable {
          // As when the maker has put it in.
          #expect(report == .identity([4] + [UInt8](repeating: 9, count: 64)))
        } else {
          #expect(report == .failed(.damaged("posd identity")))
        }
        #expect(element.perform(.wipe) == .wiped)
        #expect(try session.find([PKCS11Attribute(0, number: 2)]).isEmpty)
      }
    }

    /// Puts a pair of keys into the token under the name of the identity.
    private func put(
      in session: PKCS11Session, isSensitive: Bool, isExtractable: Bool
    ) throws {
      let curve: [UInt8] = [0x06, 0x08, 0x2A, 0x86, 0x48, 0xCE, 0x3D, 0x03, 0x01, 0x07]
      // CKA_TOKEN, CKA_LABEL, CKA_KEY_TYPE is CKK_EC, CKA_ID, CKA_EC_PARAMS.
      let common = [
        PKCS11Attribute(1, true), PKCS11Attribute(3, "posd identity"),
        PKCS11Attribute(0x100, number: 3), PKCS11Attribute(0x102, "put in"),
        PKCS11Attribute(0x180, curve),
      ]
      let point: [UInt8] = [0x04, 0x41, 4] + [UInt8](repeating: 9, count: 64)
      try session.create(
        common + [PKCS11Attribute(0, number: 2), PKCS11Attribute(0x181, point)])
      try session.create(
        common + [
          PKCS11Attribute(0, number: 3), PKCS11Attribute(2, true),
          PKCS11Attribute(0x103, isSensitive), PKCS11Attribute(0x162, isExtractable),
          PKCS11Attribute(0x11, [UInt8](repeating: 1, count: 32)),
        ])
    }

    @Test("what a power cut leaves between new and old: the higher counts, and the rest is tidied")
    func powerCut() throws {
      let element = try store.open()
      let session = try session()
      #expect(element.perform(.advance(.firmwareVersion, to: 5)) == .counter(5))
      try session.add("posd counter firmware-version", 9, [])
      try session.add("posd counter firmware-version", 3, [])
      #expect(element.perform(.readCounter(.firmwareVersion)) == .counter(9))
      #expect(
        element.perform(.advance(.firmwareVersion, to: 8)) == .failed(.counterBackwards(9)))
      #expect(element.perform(.keep(.seal, SecureElementTests.one)) == .kept)
      try session.add("posd secret seal", 2, SecureElementTests.other.exposed)
      #expect(element.perform(.open(.seal)) == .secret(SecureElementTests.other))
      #expect(element.perform(.keep(.seal, SecureElementTests.one)) == .kept)
      #expect(element.perform(.open(.seal)) == .secret(SecureElementTests.one))
      #expect(element.perform(.advance(.firmwareVersion, to: 10)) == .counter(10))
      // CKA_CLASS is CKO_DATA: one secret and one counter.
      #expect(try session.find([PKCS11Attribute(0, number: 0)]).count == 2)
      try session.add("posd secret seal", 7, SecureElementTests.other.exposed)
      #expect(element.perform(.erase(.seal)) == .erased)
      #expect(element.perform(.open(.seal)) == .absent)
    }

    @Test("a foreign object under our name is told, and never counted as ours")
    func damaged() throws {
      let element = try store.open()
      #expect(element.perform(.keep(.seal, SecureElementTests.one)) == .kept)
      for value in ["stranger", "", String(repeating: "x", count: 2_000)] {
        try session().create([
          PKCS11Attribute(0, number: 0), PKCS11Attribute(1, true), PKCS11Attribute(2, true),
          PKCS11Attribute(3, "posd secret seal"), PKCS11Attribute(0x10, "posd"),
          PKCS11Attribute(0x11, value),
        ])
        #expect(element.perform(.open(.seal)) == .failed(.damaged("posd secret seal")))
        #expect(
          element.perform(.keep(.seal, SecureElementTests.other))
            == .failed(.damaged("posd secret seal")))
        #expect(element.perform(.erase(.seal)) == .erased)
        #expect(element.perform(.keep(.seal, SecureElementTests.other)) == .kept)
      }
    }

    @Test("a token that was away for a moment is logged into again, and nobody notices")
    func sessionLost() throws {
      let element = try store.open()
      #expect(element.perform(.keep(.seal, SecureElementTests.one)) == .kept)
      for order: SecureOrder in [
        .open(.seal), .keep(.seal, SecureElementTests.one), .readIdentity,
        .advance(.metadataVersion, to: 4), .sign(digest: sha256([])), .wipe,
      ] {
        try TokenHand.closeSessions(of: store.label)
        if case .failed(let fault) = element.perform(order) { Issue.record("\(fault)") }
      }
      #expect(element.perform(.readCounter(.metadataVersion)) == .counter(4))
    }

    @Test("who is logged out sees no private object; that is never taken for absent")
    func loggedOut() throws {
      let element = try store.open()
      #expect(element.perform(.keep(.seal, SecureElementTests.one)) == .kept)
      let other = try session()
      try TokenHand.logout(other.handle)
      #expect(element.perform(.open(.seal)) == .secret(SecureElementTests.one))
    }

    @Test("a token that is away and does not come back is named, until it is there again")
    func tokenGone() throws {
      let element = try store.open()
      #expect(element.perform(.keep(.seal, SecureElementTests.one)) == .kept)
      try TokenHand.closeSessions(of: store.label)
      // Its PIN is needed again, and cannot be had for now.
      try folder.setMode("token.pin", 0o644)
      #expect(
        element.perform(.open(.seal))
          == .failed(.openToOthers(folder.path + "/token.pin")))
      try folder.setMode("token.pin", 0o600)
      #expect(element.perform(.open(.seal)) == .secret(SecureElementTests.one))
      try TokenHand.exchange(store.label)
      for _ in 1...2 {
        #expect(element.perform(.open(.seal)) == .failed(.tokenGone(store.label)))
      }
    }
  }
}
