// SPDX-License-Identifier: Apache-2.0

/// The DUKPT keys of a TDES device, as the device itself holds them: future keys alone.
public struct TDESDeviceKeys: Hashable, Sendable {
  private var registers: KeyRegisters<TDESDerivation>
  private var serial: KeySerialNumber

  /// Loads an initial key; the counter begins where the serial number's does, at 1 if that is zero.
  public init(initial: InitialKey, serial: KeySerialNumber) throws(CryptoFault) {
    if initial.algorithm != .tdes2 { throw .unsupported(initial.algorithm) }
    self.serial = serial.with(counter: 0)
    registers = try KeyRegisters(
      TDESDerivation(serial), initial: initial.material.secret, counter: max(serial.counter, 1))
  }

  /// The key of the next transaction and its serial number. Throws `exhausted` at the end of life,
  /// and then nothing changes.
  public mutating func next() throws(CryptoFault) -> (
    serial: KeySerialNumber, key: TDESTransactionKey
  ) {
    let next = try registers.next()
    return (serial.with(counter: next.counter), TDESTransactionKey(next.key))
  }

  /// How many transactions are left.
  public var remaining: UInt32 { registers.remaining }

  /// How many keys lie in the registers, 21 at most.
  public var loaded: Int { registers.loaded }
}

/// The DUKPT keys of an AES device, as the device itself holds them: future keys alone.
public struct AESDeviceKeys: Hashable, Sendable {
  private var registers: KeyRegisters<AESDerivation>
  private let serial: AESKeySerialNumber
  private let algorithm: CipherAlgorithm

  /// Loads an initial key; the counter begins where the serial number's does, at 1 if that is zero.
  public init(initial: InitialKey, serial: AESKeySerialNumber) throws(CryptoFault) {
    switch initial.algorithm {
    case .aes128, .aes192, .aes256: break
    case .des, .tdes2, .tdes3, .sm4: throw .unsupported(initial.algorithm)
    }
    self.serial = serial.with(counter: 0)
    algorithm = initial.algorithm
    registers = try KeyRegisters(
      AESDerivation(algorithm, serial), initial: initial.material.secret,
      counter: max(serial.counter, 1))
  }

  /// The key of the next transaction and its serial number. Throws `exhausted` at the end of life,
  /// and then nothing changes.
  public mutating func next() throws(CryptoFault) -> (
    serial: AESKeySerialNumber, key: AESTransactionKey
  ) {
    let next = try registers.next()
    let serial = serial.with(counter: next.counter)
    return (serial, AESTransactionKey(KeyMaterial(derived: algorithm, next.key), serial))
  }

  /// How many transactions are left.
  public var remaining: UInt32 { registers.remaining }

  /// How many keys lie in the registers, 32 at most.
  public var loaded: Int { registers.loaded }
}
