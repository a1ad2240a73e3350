// SPDX-License-Identifier: Apache-2.0

import PINPadCrypto
import PaymentCrypto
import Testing
import Wire

/// The published examples of ANSI X9.24-3:2017, Annex B.
@Suite("AES keys that are used once")
struct AESDUKPTTests {
  private static let base = "FEDCBA9876543210F1F1F1F1F1F1F1F1"

  private static func serial(_ counter: UInt32 = 0) throws -> AESKeySerialNumber {
    try AESKeySerialNumber(hex("123456789012345600000000")).with(counter: counter)
  }

  private static func initial(
    _ algorithm: CipherAlgorithm = .aes128
  ) throws -> InitialKey {
    let digits = algorithm == .aes256 ? base + base : base
    return try AESDUKPT.initialKey(base: key(algorithm, digits), serial: serial())
  }

  @Test("the initial key of a device, and the working keys of its first transaction")
  func first() throws {
    let initial = try AESDUKPTTests.initial()
    #expect(initial.digits == "1273671EA26AC29AFA4D1084127652A1")
    let key = try AESDUKPT.transactionKey(initial: initial, serial: AESDUKPTTests.serial(1))
    #expect(try key.pinKey(.aes128).digits == "AF8CB133A78F8DC2D1359F18527593FB")
    #expect(
      try key.macKey(.outgoing, .aes128).digits == "A2DC23DE6FDE0824A2BC321E08E4B8B7")
    #expect(
      try key.dataKey(.outgoing, .aes128).digits == "A35C412EFD41FDB98B69797C02DCD08F")
  }

  @Test("the PIN block of the first transaction, format 4")
  func pinBlock() throws {
    let key = try AESDUKPT.transactionKey(
      initial: AESDUKPTTests.initial(), serial: AESDUKPTTests.serial(1))
    let pin = try #require(ClearPIN([1, 2, 3, 4]))
    let pan = Array("4111111111111111".utf8)
    let block = try key.pinKey(.aes128).encipherFormat4(
      pin, pan: pan, random: hex("2F69ADDE2E9E7ACE"))
    #expect(Hex.text(block) == "A912150391AB65A67E52883D81CE2D15")
    #expect(try key.pinKey(.aes128).decipherFormat4(block, pan: pan) == pin)
    #expect(throws: CryptoFault.badPINBlock) {
      try key.pinKey(.aes128).decipherFormat4(block, pan: Array("4012888888881881".utf8))
    }
  }

  @Test("under a base key of 256 bits, and the key for the device's next initial key")
  func longer() throws {
    let initial = try AESDUKPTTests.initial(.aes256)
    #expect(
      initial.digits
        == "CE9CE0C101D1138F97FB6CAD4DF045A7083D4EAE2D35A31789D01CCF0949550F")
    let update = try AESDUKPT.updateKey(
      initial: AESDUKPTTests.initial(), serial: AESDUKPTTests.serial())
    #expect(update.digits == "9A9770AEE1ACD1B13473D0463A1883B9")
    // The chain's key of the first transaction is seen through a working key alone.
    var device = try AESDeviceKeys(initial: initial, serial: AESDUKPTTests.serial())
    let first = try device.next()
    let host = try AESDUKPT.transactionKey(initial: initial, serial: first.serial)
    #expect(host == first.key)
  }

  @Test("working keys of every use and length, each another, none stronger than its parent")
  func uses() throws {
    let weak = try AESDUKPT.transactionKey(
      initial: AESDUKPTTests.initial(), serial: AESDUKPTTests.serial(7))
    let strong = try AESDUKPT.transactionKey(
      initial: AESDUKPTTests.initial(.aes256), serial: AESDUKPTTests.serial(7))
    var seen: Set<String> = []
    let all: [CipherAlgorithm] = [.tdes2, .tdes3, .aes128, .aes192, .aes256]
    for algorithm in all {
      seen.insert(try strong.pinKey(algorithm).digits)
      seen.insert(try strong.keyBlockProtectionKey(algorithm).digits)
      for side in AESTransactionKey.Side.allCases {
        seen.insert(try strong.macKey(side, algorithm).digits)
        seen.insert(try strong.dataKey(side, algorithm).digits)
      }
    }
    #expect(seen.count == 5 * 8)
    for side in AESTransactionKey.Side.allCases {
      for count in [16, 24, 32] {
        let secret = try strong.hmacKey(side, byteCount: count)
        #expect(secret.secret.count == count)
        seen.insert(Hex.text(secret.secret.exposed))
        let code = secret.sha256(over: [1, 2, 3])
        #expect(secret.verifies(code, over: [1, 2, 3]) && !secret.verifies(code, over: [1, 2]))
        #expect("\(secret)" == "<HMAC key>")
      }
    }
    #expect(seen.count == 5 * 8 + 9)
    for algorithm in [CipherAlgorithm.aes192, .aes256] {
      #expect(throws: CryptoFault.unsupported(algorithm)) { try weak.pinKey(algorithm) }
    }
    #expect(throws: CryptoFault.unsupported(.sm4)) { try strong.pinKey(.sm4) }
    #expect(throws: CryptoFault.unsupported(.des)) { try strong.pinKey(.des) }
    #expect(throws: CryptoFault.wrongLength(20)) { try strong.hmacKey(.both, byteCount: 20) }
    #expect(throws: CryptoFault.outOfRange) { try weak.hmacKey(.both, byteCount: 32) }
  }

  @Test("counters have at most sixteen one-bits, and the last is FFFF0000")
  func counters() throws {
    var serial = try AESDUKPTTests.serial(0x0000_FFFF)
    try serial.advance()
    #expect(serial.counter == 0x0001_0000)
    serial = try AESDUKPTTests.serial(0x0001_FFFE)
    try serial.advance()
    #expect(serial.counter == 0x0002_0000)
    serial = try AESDUKPTTests.serial(0xFFFF_0000)
    #expect(serial.remaining == 1)
    #expect(throws: CryptoFault.exhausted) { try serial.advance() }
    #expect(serial.counter == 0xFFFF_0000)
    #expect(try AESDUKPTTests.serial(1).remaining == 2_448_023_842)
    for counter in [0, 0x0001_FFFF, 0xFFFF_0001, UInt32.max] {
      #expect(throws: CryptoFault.outOfRange) {
        try AESDUKPT.transactionKey(
          initial: AESDUKPTTests.initial(), serial: AESDUKPTTests.serial(counter))
      }
    }
  }

  @Test(
    "the device and the host have the same key for each of ten thousand transactions",
    arguments: [CipherAlgorithm.aes128, .aes256])
  func bothSides(_ algorithm: CipherAlgorithm) throws {
    let initial = try AESDUKPTTests.initial(algorithm)
    var serial = try AESDUKPTTests.serial(1)
    var device = try AESDeviceKeys(initial: initial, serial: AESDUKPTTests.serial())
    #expect(device.loaded == 32)
    for _ in 0..<10_000 {
      let next = try device.next()
      #expect(next.serial == serial)
      #expect(next.key == (try AESDUKPT.transactionKey(initial: initial, serial: serial)))
      try serial.advance()
    }
  }

  @Test("the last transactions of a device, and nothing behind them")
  func end() throws {
    let initial = try AESDUKPTTests.initial()
    var serial = try AESDUKPTTests.serial(0xFFFE_0001)
    var device = try AESDeviceKeys(initial: initial, serial: serial)
    var left = device.remaining
    while left > 1 {
      let next = try device.next()
      #expect(next.serial == serial)
      #expect(next.key == (try AESDUKPT.transactionKey(initial: initial, serial: serial)))
      try serial.advance()
      left -= 1
      #expect(device.remaining == left)
    }
    #expect(serial.counter == 0xFFFF_0000)
    _ = try device.next()
    let spent = device
    #expect(throws: CryptoFault.exhausted) { try device.next() }
    #expect(device == spent)
  }
}
