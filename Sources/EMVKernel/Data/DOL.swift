// SPDX-License-Identifier: Apache-2.0

/// A data object list: what a card wants to be sent, and how long (EMV 4.4 Book 3, 5.4).
public struct DOL: Hashable, Sendable {
  /// One wish.
  public struct Entry: Hashable, Sendable {
    /// What.
    public let tag: DataTag
    /// How many bytes.
    public let length: UInt8
  }

  /// The wishes in order.
  public let entries: [Entry]

  /// Nil for a list that ends within an entry, which ends the transaction (EMV 4.4 Book 3, 7.5).
  public init?(_ bytes: [UInt8]) {
    var entries: [Entry] = []
    var offset = 0
    while offset < bytes.count {
      var tag = UInt32(bytes[offset])
      var more = tag & 0x1F == 0x1F
      offset += 1
      while more {
        if offset == bytes.count || tag > 0xFFFF { return nil }
        tag = tag << 8 | UInt32(bytes[offset])
        more = bytes[offset] & 0x80 != 0
        offset += 1
      }
      if offset == bytes.count || entries.count == KernelLimits.dataObjectListEntries {
        return nil
      }
      entries.append(Entry(tag: DataTag(tag), length: bytes[offset]))
      offset += 1
    }
    self.entries = entries
  }

  /// How long the data are: always, whatever the values are.
  public var count: Int { entries.reduce(0) { $0 + Int($1.length) } }

  /// Whether the card wants this.
  public func asks(for tag: DataTag) -> Bool { entries.contains { $0.tag == tag } }

  /// The data: each value filled up or cut, and zeros for what is unknown, constructed or missing.
  func data(_ value: (DataTag) -> [UInt8]?) -> [UInt8] {
    var data: [UInt8] = []
    data.reserveCapacity(count)
    for entry in entries {
      let known = entry.tag.isConstructed ? nil : value(entry.tag)
      let format = known == nil ? .b : DataRule(of: entry.tag)?.format ?? .b
      data += DataRule.fitted(known ?? [], to: Int(entry.length), format)
    }
    return data
  }
}
