// SPDX-License-Identifier: Apache-2.0

public import PINPadCrypto
import Wire

/// What an issuer orders a card behind a transaction (EMV 4.4 Book 3, 6.5).
public enum IssuerOrder: Hashable, Sendable {
  /// As many tries of the PIN as at first.
  case unblockPIN
  /// A new PIN, and as many tries.
  case changePIN(ClearPIN)
  /// The application answers with AAC from now on.
  case blockApplication
  /// It does not any more.
  case unblockApplication
  /// The card is of no use any more.
  case blockCard
  /// A command that no card knows.
  case unknown

  /// CLA, INS, P1 and P2 under secure messaging.
  var header: [UInt8] {
    switch self {
    case .unblockPIN: [0x8C, 0x24, 0x00, 0x00]
    case .changePIN: [0x8C, 0x24, 0x00, 0x02]
    case .blockApplication: [0x8C, 0x1E, 0x00, 0x00]
    case .unblockApplication: [0x8C, 0x18, 0x00, 0x00]
    case .blockCard: [0x8C, 0x16, 0x00, 0x00]
    case .unknown: [0x8C, 0x7E, 0x00, 0x00]
    }
  }
}

/// Commands of scripts, one chain of MACs from the first to the last of a transaction.
public struct ScriptWriter: Hashable, Sendable {
  private let keys: ScriptKeys
  private var chain: [UInt8]

  /// The scripts behind a first cryptogram.
  public init(keys: ScriptKeys, cryptogram: [UInt8]) {
    self.keys = keys
    chain = cryptogram
  }

  /// The next command, as a card gets it.
  public mutating func command(_ order: IssuerOrder) -> [UInt8] {
    var object: [UInt8] = []
    if case .changePIN(let pin) = order {
      object = CardObject(0x87, [0x01] + keys.encipher(PINBlock.format2(pin))).bytes
    }
    let mac = keys.mac(chain: chain, header: order.header, object: object)
    chain = mac
    let data = object + CardObject(0x8E, Array(mac.prefix(4))).bytes
    return order.header + [UInt8(data.count)] + data
  }

  /// A template, 71 or 72, with an identifier of four bytes, or none where it is empty.
  public mutating func script(
    _ tag: UInt32, identifier: [UInt8], _ orders: [IssuerOrder]
  ) -> [UInt8] {
    let named = identifier.isEmpty ? [] : [CardObject(0x9F18, identifier)]
    var commands: [CardObject] = []
    for order in orders { commands.append(CardObject(0x86, command(order))) }
    return CardObject(tag, (named + commands).bytes).bytes
  }
}
