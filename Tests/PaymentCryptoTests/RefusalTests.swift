// SPDX-License-Identifier: Apache-2.0

import PaymentCrypto
import Testing
import Wire

@Suite("What cryptography refuses")
struct RefusalTests {
  @Test("serial numbers, seal keys and nonces of another length", arguments: [0, 7, 8, 15, 17, 33])
  func lengths(_ count: Int) throws {
    let bytes = [UInt8](repeating: 1, count: count)
    #expect(throws: CryptoFault.wrongLength(count)) { try SealKey(bytes) }
    #expect(throws: CryptoFault.wrongLength(count)) { try KeySerialNumber(bytes) }
    #expect(throws: CryptoFault.wrongLength(count)) { try AESKeySerialNumber(bytes) }
    let seal = try SealKey([UInt8](repeating: 2, count: 32))
    #expect(throws: CryptoFault.wrongLength(count)) {
      try seal.seal([1], nonce: bytes, associated: [])
    }
    #expect(throws: CryptoFault.self) {
      try seal.open(bytes, nonce: [UInt8](repeating: 0, count: 12), associated: [])
    }
  }

  @Test("base and initial keys of another cipher than their derivation")
  func derivations() throws {
    let serial = try KeySerialNumber(hex("FFFF9876543210E00001"))
    let aesSerial = try AESKeySerialNumber(hex("123456789012345600000001"))
    let aes: BaseDerivationKey = try key(.aes128, publishedKey)
    let tdes: BaseDerivationKey = try key(.tdes2, publishedKey)
    #expect(throws: CryptoFault.unsupported(.aes128)) {
      try TDESDUKPT.initialKey(base: aes, serial: serial)
    }
    #expect(throws: CryptoFault.unsupported(.tdes2)) {
      try AESDUKPT.initialKey(base: tdes, serial: aesSerial)
    }
    let initial: InitialKey = try key(.aes128, publishedKey)
    #expect(throws: CryptoFault.unsupported(.aes128)) {
      try TDESDUKPT.transactionKey(initial: initial, serial: serial)
    }
    #expect(throws: CryptoFault.unsupported(.aes128)) {
      try TDESDeviceKeys(initial: initial, serial: serial)
    }
  }
}
