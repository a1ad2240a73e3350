// SPDX-License-Identifier: Apache-2.0

public import Clockwork

/// What a hostile card makes of a right answer: noise, or the answer with something changed.
public enum HostileAnswers {
  /// Mostly the right answer, so that hostile ones are met at every step of a transaction.
  public static func spoil(_ right: [UInt8], _ dice: inout Dice) -> [UInt8] {
    switch dice.below(40) {
    case 0: return dice.bytes(dice.below(259))
    case 1: return dice.bytes(dice.below(40)) + [0x90, 0x00]
    case 2:
      var changed = right
      for _ in 0..<dice.within(1...3) where changed.count > 2 {
        changed[dice.below(changed.count - 2)] = dice.bytes(1)[0]
      }
      return changed
    case 3: return Array(right.prefix(dice.below(right.count + 1))) + [0x90, 0x00]
    case 4: return right + right
    default: return right
    }
  }

  /// Always something changed: bytes, a part left out, a part twice, or an end cut off.
  public static func mutate(_ right: [UInt8], _ dice: inout Dice) -> [UInt8] {
    if right.isEmpty { return dice.bytes(dice.below(40)) }
    var changed = right
    for _ in 0..<dice.within(1...4) where !changed.isEmpty {
      let start = dice.below(changed.count)
      let end = min(changed.count, start + dice.within(1...8))
      switch dice.below(6) {
      case 0: changed[start] = dice.bytes(1)[0]
      case 1: changed[start] ^= 1 << UInt8(dice.below(8))
      case 2: changed.removeSubrange(start..<end)
      case 3: changed.insert(contentsOf: changed[start..<end], at: start)
      case 4: changed.insert(contentsOf: dice.bytes(dice.within(1...4)), at: start)
      default: changed.removeLast(changed.count - start)
      }
    }
    return changed
  }
}
