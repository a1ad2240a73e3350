// SPDX-License-Identifier: Apache-2.0

import CLinux
import LinuxHost
import PINPadCrypto
import PaymentCrypto
import Wire

/// The cost of the payment cryptography beside that of the calls of libcrypto's it makes.
struct CryptoFigures {
  private struct Unprepared: Error {}

  /// Operations in one measurement; of several the fastest counts.
  private static let operations = 2_000
  private static let rounds = 9

  private let initial: InitialKey
  private let serial: KeySerialNumber
  private let block: [UInt8]
  private let aesInitial: InitialKey
  private let aesSerial: AESKeySerialNumber
  private let protection: KeyBlockProtectionKey
  private let keyBlock: [UInt8]
  private let modulus: [UInt8]
  private let signature: [UInt8]

  init() throws {
    func hex(_ digits: String) throws -> [UInt8] { try Hex.decode(Array(digits.utf8)) }
    initial = try InitialKey(.tdes2, hex("6AC292FAA1315B4D858AB3A3D7D5933A"))
    // Nine set bits of at most ten: a device in the last half of its life.
    serial = try KeySerialNumber(hex("FFFF9876543210EFF800"))
    guard let pin = ClearPIN([1, 2, 3, 4]) else { throw Unprepared() }
    block = try PINBlock.format0(pin, pan: Array("4012345678909".utf8))
    aesInitial = try InitialKey(.aes128, hex("1273671EA26AC29AFA4D1084127652A1"))
    aesSerial = try AESKeySerialNumber(hex("1234567890123456000FF800"))
    protection = try KeyBlockProtectionKey(
      .aes256, hex("88E1AB2A2E3DD38C1FA039A536500CC8A87AB9D62DC92C01058FA79F44657DE6"))
    let characters =
      "D0112P0AE00E0000B82679114F470F540165EDFBF7E250FCEA43F810D215F8D207E2E417C07156A2"
      + "7E8E31DA05F7425509593D03A457DC34"
    keyBlock = Array(characters.utf8)
    modulus = [0xC1] + [UInt8](repeating: 0x5B, count: 247)
    signature = [UInt8](repeating: 0x3C, count: 248)
  }

  /// The lines of the table.
  func print(to figures: Figures) throws {
    let raw = RawCrypto()
    try line(figures, "TDES DUKPT, key and PIN block", raw.tdesDUKPT) {
      let key = try TDESDUKPT.transactionKey(initial: initial, serial: serial)
      _ = try key.pinKey.encipher(block)
    }
    try line(figures, "AES DUKPT, PIN key", raw.aesDUKPT) {
      let key = try AESDUKPT.transactionKey(initial: aesInitial, serial: aesSerial)
      _ = try key.pinKey(.aes128)
    }
    try line(figures, "key block D, opened", raw.keyBlock) {
      let _: PINKey = try protection.unwrap(KeyBlock(parsing: keyBlock))
    }
    let key = try RSAPublicKey(modulus: modulus, exponent: [3])
    try line(figures, "RSA-1984, e = 3, recovered", { raw.rsa(modulus, signature) }) {
      _ = try key.recover(signature)
    }
  }

  /// Both run in turn, so that a slow moment of the machine meets both.
  private func line(
    _ figures: Figures, _ name: String, _ raw: () -> Void, _ own: () throws -> Void
  ) throws {
    var fastest = Int64.max
    var fastestRaw = Int64.max
    try own()
    raw()
    let before = mallinfo2().uordblks
    for _ in 0..<CryptoFigures.rounds {
      fastest = min(fastest, try time(own))
      fastestRaw = min(fastestRaw, try time(raw))
    }
    let grown = Int64(bitPattern: UInt64(mallinfo2().uordblks)) - Int64(before)
    let each = fastest / Int64(CryptoFigures.operations)
    let rawEach = fastestRaw / Int64(CryptoFigures.operations)
    figures.line(
      name, "≤ 125 % of libcrypto",
      "\(CryptoFigures.microseconds(each)) beside \(CryptoFigures.microseconds(rawEach)): "
        + "\(fastest * 100 / max(fastestRaw, 1)) %, heap grown by \(max(grown, 0)) bytes")
  }

  private func time(_ operation: () throws -> Void) throws -> Int64 {
    let clock = ContinuousClock()
    let began = clock.now
    for _ in 0..<CryptoFigures.operations { try operation() }
    let took = (clock.now - began).components
    return took.seconds * 1_000_000_000 + took.attoseconds / 1_000_000_000
  }

  private static func microseconds(_ nanoseconds: Int64) -> String {
    let hundredths = nanoseconds % 1_000 / 10
    return "\(nanoseconds / 1_000)." + (hundredths < 10 ? "0\(hundredths)" : "\(hundredths)")
      + " µs"
  }
}
