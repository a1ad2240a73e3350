// SPDX-License-Identifier: Apache-2.0

import Wire

/// A slot of a pad for one key, named by a character: 0...9 for PIN keys, B...E for MAC keys, G for
/// data (UIC PP791, message 02).
public struct PadSlotID: Hashable, Sendable {
  /// The ASCII character.
  public let character: UInt8

  /// Nil for a character that names no slot of keys.
  public init?(_ character: UInt8) {
    switch character {
    case 0x30...0x39, 0x42...0x45, 0x47: self.character = character
    default: return nil
    }
  }

  /// The slot as people write it.
  public var text: String { String(decoding: [character], as: UTF8.self) }

  /// Whether message 08 can select it, and PINs be encrypted with it.
  public var isForPINs: Bool { (0x30...0x39).contains(character) }
}

/// One of the two sets of DUKPT keys that a pad may have.
public enum PadKeySet: UInt8, Hashable, Sendable, CaseIterable {
  /// Set 0, in use after the pad has been made.
  case zero
  /// Set 1.
  case one
}

/// Where a key lies in a pad.
public enum PadKeyPlace: Hashable, Sendable {
  /// A slot.
  case slot(PadSlotID)
  /// A set of DUKPT keys.
  case set(PadKeySet)

  /// The place as people write it: `slot 0`, `set 1`.
  public var text: String {
    switch self {
    case .slot(let slot): "slot " + slot.text
    case .set(let number): "set " + String(number.rawValue)
    }
  }
}

/// What lies in a slot.
public struct PadKeyState: Hashable, Sendable {
  /// The slot.
  public var slot: PadSlotID
  /// Two characters, as in P0; empty when the slot is.
  public var usage: [UInt8]
  /// One character, as in E; zero when the slot is empty.
  public var mode: UInt8

  /// A full slot, or an empty one.
  public init(slot: PadSlotID, usage: [UInt8] = [], mode: UInt8 = 0) {
    self.slot = slot
    self.usage = usage
    self.mode = mode
  }

  /// Whether a key is there.
  public var isLoaded: Bool { !usage.isEmpty }
}

/// A working key that travels with each request, encrypted under a master key of the pad.
public struct PadSessionKey: Hashable, Sendable {
  /// The slot of the master key.
  public var slot: PadSlotID
  /// 8 or 16 bytes; zeros where the key of the slot is itself the working key.
  public var cryptogram: [UInt8]

  /// A session key.
  public init(slot: PadSlotID, cryptogram: [UInt8]) {
    self.slot = slot
    self.cryptogram = cryptogram
  }
}

/// A message that a pad makes a MAC of: ISO/IEC 9797-1 algorithm 3 over the message filled up with
/// zeros.
public struct PadMACRequest: Hashable, Sendable {
  /// The key.
  public var key: PadSessionKey
  /// The message.
  public var message: [UInt8]

  /// At most this many bytes: the sequence of packets has two digits.
  public static let limit = 100 * 112

  /// A request; nil for an empty or too long message.
  public init?(key: PadSessionKey, message: [UInt8]) {
    if message.isEmpty || message.count > PadMACRequest.limit { return nil }
    self.key = key
    self.message = message
  }
}

/// Why a pad has not loaded a key or made a MAC.
public enum NoKey: Hashable, Sendable {
  /// The pad refused with this code of its dialect.
  case refused(code: UInt8)
  /// The pad ended the exchange: it takes no such format.
  case format
  /// What the pad read back was not what had been sent, and it was told to forget it.
  case echoDiffers
  /// The pad stopped answering.
  case silent
}
