// SPDX-License-Identifier: Apache-2.0

import Wire

/// A chip application with its parameters, as the acquirer has set them.
public struct ChipApplication: Hashable, Sendable {
  /// 9F06: the application's identifier, five to sixteen bytes (EMV 4.4 Book 1, 12.2.1).
  public let identifier: [UInt8]
  /// DF01: whether a card's longer identifier that begins so is meant too.
  public let matchesPartly: Bool
  /// 9F08 as the terminal has it: the version.
  public let version: [UInt8]
  /// DF11: the terminal action code, default.
  public let actionDefault: [UInt8]
  /// DF12: online.
  public let actionOnline: [UInt8]
  /// DF13: denial.
  public let actionDenial: [UInt8]
  /// 9F1B: floor limit, minor units.
  public let floorLimit: UInt64
  /// DF15: threshold of biased random selection, minor units.
  public let threshold: UInt64
  /// DF16: its largest percentage.
  public let maximumPercent: UInt8
  /// DF17: its target percentage.
  public let targetPercent: UInt8
  /// DF14: the list of what the card signs, where it has none itself; may be empty.
  public let defaultDDOL: [UInt8]
  /// DF18: whether the terminal takes an online PIN.
  public let takesOnlinePIN: Bool
  /// 9F7B, DF19, DF20, DF21: e-cash and contactless limits, six packed bytes each or empty.
  public let cashLimit, contactlessFloor, contactlessLimit, verificationLimit: [UInt8]

  /// Of its TLVs; nil unless what is there has its length and what must be there is, once.
  init?(_ content: [UInt8]) {
    guard let objects = try? TLV.parse(content),
      let identifier = DownloadTLV.only(0x9F06, in: objects), (5...16).contains(identifier.count)
    else { return nil }
    for (index, object) in objects.enumerated()
    where objects[..<index].contains(where: { $0.tag == object.tag }) {
      return nil
    }
    var isWhole = true
    func value(_ tag: UInt32, _ count: Int, _ missing: [UInt8]? = nil) -> [UInt8] {
      let found = DownloadTLV.only(tag, in: objects) ?? missing
      guard let found, found.count == count || found == missing else {
        isWhole = false
        return [UInt8](repeating: 0, count: count)
      }
      return found
    }
    self.identifier = identifier
    matchesPartly = value(0xDF01, 1) != [0]
    version = value(0x9F08, 2)
    actionDefault = value(0xDF11, 5)
    actionOnline = value(0xDF12, 5)
    actionDenial = value(0xDF13, 5)
    floorLimit = value(0x9F1B, 4).reduce(0) { $0 << 8 | UInt64($1) }
    threshold = value(0xDF15, 4, [0, 0, 0, 0]).reduce(0) { $0 << 8 | UInt64($1) }
    let maximum = ChipApplication.packed(value(0xDF16, 1, [0]))
    let target = ChipApplication.packed(value(0xDF17, 1, [0]))
    defaultDDOL = DownloadTLV.only(0xDF14, in: objects) ?? []
    takesOnlinePIN = value(0xDF18, 1, [0]) == [1]
    cashLimit = value(0x9F7B, 6, [])
    contactlessFloor = value(0xDF19, 6, [])
    contactlessLimit = value(0xDF20, 6, [])
    verificationLimit = value(0xDF21, 6, [])
    maximumPercent = maximum ?? 0
    targetPercent = target ?? 0
    if !isWhole || maximum == nil || target == nil { return nil }
  }

  /// Two packed digits.
  private static func packed(_ value: [UInt8]) -> UInt8? {
    guard let byte = value.first, byte >> 4 < 10, byte & 15 < 10 else { return nil }
    return (byte >> 4) * 10 + (byte & 15)
  }
}
