// SPDX-License-Identifier: Apache-2.0

import Clockwork

/// The line between the terminal and one of its devices, with what somebody does to it.
struct DeviceLine: Hashable, Sendable {
  /// What happens to a byte on its way.
  enum Harm: UInt8, Hashable, Sendable, CaseIterable {
    /// It arrives as another one.
    case change
    /// It does not arrive.
    case lose
    /// The plug is pulled as it arrives.
    case cut
  }

  /// A harm, and how many bytes come before the one that it meets.
  struct Plan: Hashable, Sendable {
    var harm: Harm
    var bytesBefore: Int
  }

  /// What waits for bytes of the device.
  var fromDevice: [Plan] = []
  /// What waits for bytes of the terminal.
  var toDevice: [Plan] = []
  /// Whether the plug is out.
  var isPulled = false
  /// Whether the device holds the line: nothing more reaches it.
  var isStopped = false
  /// What has left the terminal and waits for the device.
  var held: [UInt8] = []
  /// Bits a second; 0 for a line whose time does not count.
  var bitRate: Int64 = 0
  /// What was sent to the device, while somebody wants to know.
  var recorded: [UInt8]?
  /// What a device that is not one makes of its bytes; nil for an honest one.
  var hostility: Hostility?
  private var busyUntil = Instant.start

  /// What arrives instead of an honest device's bytes: mostly those.
  mutating func spoil(_ bytes: [UInt8]) -> [[UInt8]] {
    guard var hostile = hostility, !bytes.isEmpty else { return [bytes] }
    defer { hostility = hostile }
    if !hostile.dice.chance(1, in: hostile.rarity) { return [bytes] }
    return hostile.spoilt(bytes)
  }

  /// How long from now until so many bytes have passed, ten bits a byte, behind what is on its way.
  mutating func pause(for count: Int, at now: Instant) -> Interval {
    if bitRate == 0 { return .milliseconds(1) }
    let length = Interval.microseconds(Int64(count) * 10_000_000 / bitRate)
    busyUntil = max(busyUntil, now) + length
    return busyUntil - now
  }

  /// What is left of the bytes on their way, and whether the plug is pulled behind them.
  static func pass(_ bytes: [UInt8], _ plans: inout [Plan]) -> (bytes: [UInt8], isCut: Bool) {
    if plans.isEmpty { return (bytes, false) }
    var passed: [UInt8] = []
    for byte in bytes {
      var byte = byte
      var arrives = true
      var isCut = false
      for index in plans.indices where plans[index].bytesBefore >= 0 {
        plans[index].bytesBefore -= 1
        if plans[index].bytesBefore >= 0 { continue }
        switch plans[index].harm {
        case .change: byte ^= 0x04
        case .lose: arrives = false
        case .cut: isCut = true
        }
      }
      if arrives { passed.append(byte) }
      if isCut {
        plans = []
        return (passed, true)
      }
    }
    plans.removeAll { $0.bytesBefore < 0 }
    return (passed, false)
  }
}

/// What somebody who means no good makes of a device's bytes.
struct Hostility: Hashable, Sendable {
  var dice: Dice
  /// One in so many writes of the device's is spoilt.
  var rarity: Int

  /// What arrives instead of these bytes.
  mutating func spoilt(_ bytes: [UInt8]) -> [[UInt8]] {
    switch dice.below(7) {
    case 0: return []
    case 1: return [dice.bytes(dice.within(1...600))]
    case 2: return [HostileAnswers.mutate(bytes, &dice)]
    case 3:
      let cut = dice.below(bytes.count)
      return [Array(bytes[..<cut]), Array(bytes[cut...])]
    case 4: return [bytes, bytes]
    case 5: return [bytes, dice.bytes(dice.within(1...80))]
    default: return [bytes + dice.bytes(dice.within(1...8))]
    }
  }
}
