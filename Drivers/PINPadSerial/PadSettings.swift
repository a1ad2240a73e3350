// SPDX-License-Identifier: Apache-2.0

public import Devices

/// How a pad is set up, which it does not tell by itself.
public struct PadSettings: Hashable, Sendable {
  /// The number of the prompt in the pad's own table that asks for a PIN, three digits; the table
  /// depends on the language module that is loaded (UIC PP791, appendix I).
  public var prompt: [UInt8]
  /// The slot of the PIN master key; nil for a pad with DUKPT keys.
  public var pinSlot: PadSlotID?
  /// The slot of the MAC key; nil where the pad makes no MACs.
  public var macSlot: PadSlotID?

  /// The settings of a pad.
  public init(
    prompt: [UInt8] = [0x30, 0x30, 0x31], pinSlot: PadSlotID? = nil, macSlot: PadSlotID? = nil
  ) {
    self.prompt = prompt
    self.pinSlot = pinSlot
    self.macSlot = macSlot
  }

  /// Where no session key comes with an order, the key of the PIN slot itself encrypts: zeros in
  /// place of a cryptogram say so (UIC PP791, message Z60).
  var ownSession: PadSessionKey? {
    pinSlot.map { PadSessionKey(slot: $0, cryptogram: [UInt8](repeating: 0, count: 16)) }
  }

  /// The slots that must be full before the pad can be used.
  var slots: [PadSlotID] { [pinSlot, macSlot].compactMap { $0 } }
}
