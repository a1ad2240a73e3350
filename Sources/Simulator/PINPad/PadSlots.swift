// SPDX-License-Identifier: Apache-2.0

import PaymentCrypto
import Wire

/// What a simulated pad has in its key slots: a key with the usage and mode it was loaded with.
struct PadSlot: Hashable, Sendable {
  /// The key, by its purpose.
  enum Content: Hashable, Sendable {
    case pin(PINKey)
    case mac(MACKey)
    case data(DataKey)
    case keyEncryption(KeyEncryptionKey)

    /// The bytes, to see that no two slots have the same.
    var secret: SecretBytes { material.secret }

    var algorithm: CipherAlgorithm { material.algorithm }

    private var material: KeyMaterial {
      switch self {
      case .pin(let key): key.material
      case .mac(let key): key.material
      case .data(let key): key.material
      case .keyEncryption(let key): key.material
      }
    }
  }

  var content: Content
  /// Two characters, as in P0.
  var usage: [UInt8]
  /// One character, as in E.
  var mode: UInt8
}

/// The master and MAC keys of a pad: ten slots for PIN keys, four for MAC keys, one for data, and
/// the key-loading key. Rules as in the UIC PP791 manual, message 02.
struct PadSlots: Hashable, Sendable {
  /// Why a key is not taken; the character of the answer.
  struct Refusal: Error, Hashable {
    var code: UInt8

    static let duplicate = Refusal(code: 0x32)
    static let format = Refusal(code: 0x41)
    static let longerThanProtection = Refusal(code: 0x42)
    static let code = Refusal(code: 0x43)
    static let noLoadingKey = Refusal(code: 0x44)
    static let usage = Refusal(code: 0x45)
  }

  /// Opens key blocks; without it no key can be loaded in a block.
  var loadingKey: KeyBlockProtectionKey?
  private var slots: [UInt8: PadSlot] = [:]

  subscript(_ slot: UInt8) -> PadSlot? { slots[slot] }

  /// The lengths a usage may have: master keys two or three parts, retail MACs two, single MACs
  /// one.
  private static func takes(_ algorithm: CipherAlgorithm, for usage: String) -> Bool {
    switch usage {
    case "K0": algorithm == .tdes2 || algorithm == .tdes3
    case "M1": algorithm == .des
    case "M3": algorithm == .tdes2
    default: algorithm.isDES
    }
  }

  /// Which usages a slot takes; empty for slots that are no key's.
  private static func usages(_ slot: UInt8) -> [String] {
    switch slot {
    case 0x30...0x39: ["P0", "K0"]
    case 0x42...0x45: ["M1", "M3", "K0"]
    case 0x47: ["D0", "K0"]
    default: []
    }
  }

  /// The key of a block, if the slot may have it; nothing is stored yet.
  func opened(_ characters: [UInt8], for slot: UInt8) throws(Refusal) -> PadSlot {
    guard let block = try? KeyBlock(parsing: characters) else { throw .format }
    guard let loadingKey else { throw .noLoadingKey }
    let usage = String(decoding: block.header.usage, as: UTF8.self)
    if !PadSlots.usages(slot).contains(usage) { throw .usage }
    let content: PadSlot.Content
    do throws(KeyBlockFault) {
      switch usage {
      case "P0": content = .pin(try loadingKey.unwrap(block))
      case "M1", "M3": content = .mac(try loadingKey.unwrap(block))
      case "D0": content = .data(try loadingKey.unwrap(block))
      default: content = .keyEncryption(try loadingKey.unwrap(block))
      }
    } catch {
      switch error {
      case .authenticationFailed: throw .code
      case .strongerThanProtection: throw .longerThanProtection
      case .wrongPurpose: throw .usage
      case .notPrintable, .wrongLength, .unknownVersion, .unknownUsage, .wrongAlgorithm,
        .wrongMode, .wrongKeyVersion, .wrongExportability, .reserved, .optionalBlock,
        .notHexadecimal, .cipherLength, .wrongProtectionKey, .keyLength, .key, .failed:
        throw .format
      }
    }
    let loaded = PadSlot(content: content, usage: block.header.usage, mode: block.header.mode)
    if !PadSlots.takes(content.algorithm, for: usage) { throw .format }
    try checkDuplicate(loaded, slot)
    return loaded
  }

  /// A clear key, as the injection mode takes it: hexadecimal digits, and behind a separator usage
  /// and mode, which are K0 and D when they are not there.
  func injected(_ characters: [UInt8], for slot: UInt8) throws(Refusal) -> PadSlot {
    let parts = characters.split(separator: 0x1C, omittingEmptySubsequences: false)
    let attributes = parts.count > 1 ? Array(parts[1]) : Array("K0D".utf8)
    guard parts.count <= 2, attributes.count == 3, [32, 48].contains(parts[0].count),
      let bytes = try? Hex.decode(Array(parts[0])),
      let algorithm = KeyLengths.algorithm(bytes.count)
    else { throw .format }
    let usage = String(decoding: attributes[..<2], as: UTF8.self)
    if !PadSlots.usages(slot).contains(usage) { throw .usage }
    let content: PadSlot.Content
    do throws(CryptoFault) {
      switch usage {
      case "P0": content = .pin(try PINKey(algorithm, bytes))
      case "M1", "M3": content = .mac(try MACKey(algorithm, bytes))
      case "D0": content = .data(try DataKey(algorithm, bytes))
      default: content = .keyEncryption(try KeyEncryptionKey(algorithm, bytes))
      }
    } catch {
      throw .format
    }
    let loaded = PadSlot(
      content: content, usage: Array(attributes[..<2]), mode: attributes[2])
    if !PadSlots.takes(algorithm, for: usage) { throw .format }
    try checkDuplicate(loaded, slot)
    return loaded
  }

  /// A clear key erases all others: a pad with one key of its custodian's is not half another's.
  mutating func storeClear(_ key: PadSlot, in slot: UInt8) { slots = [slot: key] }

  mutating func store(_ key: PadSlot, in slot: UInt8) { slots[slot] = key }

  mutating func eraseAll() {
    slots = [:]
    loadingKey = nil
  }

  private func checkDuplicate(_ key: PadSlot, _ slot: UInt8) throws(Refusal) {
    var isThere = loadingKey?.material.secret == key.content.secret
    for other in UInt8(0x30)...0x47 where other != slot {
      if slots[other]?.content.secret == key.content.secret { isThere = true }
    }
    if isThere { throw .duplicate }
  }
}

/// Which triple-DES key has so many bytes.
enum KeyLengths {
  static func algorithm(_ count: Int) -> CipherAlgorithm? {
    switch count {
    case 8: .des
    case 16: .tdes2
    case 24: .tdes3
    default: nil
    }
  }
}
