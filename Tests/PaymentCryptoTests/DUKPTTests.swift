// SPDX-License-Identifier: Apache-2.0

import PINPadCrypto
import PaymentCrypto
import Testing
import Wire

/// The published examples of ANSI X9.24-1:2009, Annex A.4: account 4012345678909, PIN 1234.
@Suite("TDES keys that are used once")
struct DUKPTTests {
  private static let initialKey = "6AC292FAA1315B4D858AB3A3D7D5933A"
  private static let pan = Array("4012345678909".utf8)

  private static func serial(_ digits: String) throws -> KeySerialNumber {
    try KeySerialNumber(hex(digits))
  }

  private static func transactionKey(_ serial: String) throws -> TDESTransactionKey {
    try TDESDUKPT.transactionKey(
      initial: key(.tdes2, initialKey), serial: self.serial(serial))
  }

  @Test("the initial key of a device")
  func initial() throws {
    let base: BaseDerivationKey = try key(.tdes2, publishedKey)
    let initial = try TDESDUKPT.initialKey(
      base: base, serial: DUKPTTests.serial("FFFF9876543210E00000"))
    #expect(initial.digits == DUKPTTests.initialKey)
    // The counter does not belong to the device.
    let later = try TDESDUKPT.initialKey(
      base: base, serial: DUKPTTests.serial("FFFF9876543210FFF800"))
    #expect(later == initial)
  }

  @Test(
    "PIN keys and PIN blocks of the standard's table",
    arguments: [
      ("FFFF9876543210E00001", "042666B49184CF5C68DE9628D0397B36", "1B9C1845EB993A7A"),
      ("FFFF9876543210E00002", "C46551CEF9FD244FAA9AD834130D3B38", "10A01C8D02C69107"),
      ("FFFF9876543210E00003", "0DF3D9422ACA561A47676D07AD6BAD05", "18DC07B94797B466"),
      ("FFFF9876543210E00004", "279C0F6AEED0BE9A2B2C733E1383AE6E", "0BC79509D5645DF7"),
    ])
  func table(_ serial: String, _ expected: String, _ cipher: String) throws {
    let pinKey = try DUKPTTests.transactionKey(serial).pinKey
    #expect(pinKey.digits == expected)
    let pin = try #require(ClearPIN([1, 2, 3, 4]))
    let block = try PINBlock.format0(pin, pan: DUKPTTests.pan)
    #expect(Hex.text(try pinKey.encipher(block)) == cipher)
    #expect(try pinKey.decipher(hex(cipher)) == block)
  }

  @Test("the PIN key of a counter with nine one-bits")
  func manyBits() throws {
    let key = try DUKPTTests.transactionKey("FFFF9876543210EFF800")
    #expect(key.pinKey.digits == "F9CDFEBF4F5B1D61B3EC12454527E189")
  }

  @Test("MACs over the standard's text, asking and answering")
  func macs() throws {
    let key = try DUKPTTests.transactionKey("FFFF9876543210E00001")
    let text = Array("4012345678909D987".utf8)
    #expect(key.macRequestKey.digits == "042666B4918430A368DE9628D03984C9")
    let request = try key.macRequestKey.mac(.retail(.zeros), over: text)
    let response = try key.macResponseKey.mac(.retail(.zeros), over: text)
    #expect(Hex.text(request) == "9CCC78173FC4FB64")
    #expect(Hex.text(response) == "20364223C1FF00FA")
  }

  @Test("data encrypted with the standard's text")
  func data() throws {
    let key = try DUKPTTests.transactionKey("FFFF9876543210E00001")
    #expect(key.dataRequestKey.digits == "448D3F076D8304036A55A3D7E0055A78")
    let text = Array("4012345678909D987".utf8) + [UInt8](repeating: 0, count: 7)
    let zeros = [UInt8](repeating: 0, count: 8)
    let cipher = try key.dataRequestKey.encrypt(text, .cbc(zeros))
    #expect(Hex.text(cipher) == "FC0D53B7EA1FDA9EE68AAF2E70D9B9506229BE2AA993F04F")
    #expect(try key.dataRequestKey.decrypt(cipher, .cbc(zeros)) == text)
    #expect(key.dataResponseKey.digits == "AD7BFC8B06AD3A08A560B4105CF8D9E5")
  }

  @Test("counters with more than ten one-bits are passed over, and after the last there is none")
  func counters() throws {
    var serial = try DUKPTTests.serial("FFFF9876543210E003FF")
    #expect(serial.counter == 0x3FF)
    try serial.advance()
    #expect(serial.counter == 0x400)
    serial = try DUKPTTests.serial("FFFF9876543210E007FE")
    try serial.advance()
    // 0x7FF has eleven.
    #expect(serial.counter == 0x800)
    serial = try DUKPTTests.serial("FFFF9876543210FFE000")
    try serial.advance()
    #expect(serial.counter == 0x1F_E001)
    serial = try DUKPTTests.serial("FFFF9876543210FFF800")
    #expect(serial.remaining == 1)
    #expect(throws: CryptoFault.exhausted) { try serial.advance() }
    #expect(serial.counter == 0x1F_F800)
    for counter in ["E00000", "E007FF", "FFFFFF"] {
      #expect(throws: CryptoFault.outOfRange) {
        try DUKPTTests.transactionKey("FFFF9876543210" + counter)
      }
    }
  }

  @Test("a device has 1,048,575 transactions, and says at any moment how many are left")
  func remaining() throws {
    var serial = try DUKPTTests.serial("FFFF9876543210E00001")
    #expect(serial.remaining == 1_048_575)
    #expect(try DUKPTTests.serial("FFFF9876543210E00000").remaining == 1_048_575)
    // Counted one by one over the whole life: each seven thousandth is compared.
    var left: UInt32 = 1_048_575
    while (try? serial.advance()) != nil {
      left -= 1
      if left % 7_001 == 0 { #expect(serial.remaining == left) }
    }
    #expect(left == 1)
  }

  @Test("the device and the host have the same key for each of ten thousand transactions")
  func bothSides() throws {
    let initial: InitialKey = try key(.tdes2, DUKPTTests.initialKey)
    var serial = try DUKPTTests.serial("FFFF9876543210E00001")
    var device = try TDESDeviceKeys(initial: initial, serial: serial)
    var seen: Set<TDESTransactionKey> = []
    for _ in 0..<10_000 {
      let next = try device.next()
      #expect(next.serial == serial)
      #expect(next.key == (try TDESDUKPT.transactionKey(initial: initial, serial: serial)))
      seen.insert(next.key)
      try serial.advance()
    }
    #expect(seen.count == 10_000)
    #expect(device.remaining == 1_048_575 - 10_000)
  }

  @Test("a device that begins anywhere goes on like one that came there, to the end of its life")
  func anywhere() throws {
    let initial: InitialKey = try key(.tdes2, DUKPTTests.initialKey)
    for start in ["E00001", "E003FF", "E007FE", "E12345", "F00000", "FFE000"] {
      var serial = try DUKPTTests.serial("FFFF9876543210" + start)
      var device = try TDESDeviceKeys(initial: initial, serial: serial)
      for _ in 0..<200 {
        let next = try device.next()
        #expect(next.serial == serial)
        #expect(next.key == (try TDESDUKPT.transactionKey(initial: initial, serial: serial)))
        if (try? serial.advance()) == nil { break }
      }
    }
    let last = try DUKPTTests.serial("FFFF9876543210FFF800")
    var device = try TDESDeviceKeys(initial: initial, serial: last)
    #expect(device.remaining == 1)
    _ = try device.next()
    let spent = device
    #expect(throws: CryptoFault.exhausted) { try device.next() }
    #expect(device == spent && device.remaining == 0 && device.loaded == 0)
  }

  @Test("a key is erased from the device when it has been used, and the initial key at once")
  func erased() throws {
    let initial: InitialKey = try key(.tdes2, DUKPTTests.initialKey)
    var device = try TDESDeviceKeys(
      initial: initial, serial: DUKPTTests.serial("FFFF9876543210E00001"))
    #expect(device.loaded == 21)
    let used = try device.next().key
    #expect(device.loaded == 20)
    for _ in 0..<50 {
      let next = try device.next()
      #expect(next.key != used)
    }
  }
}
