// SPDX-License-Identifier: Apache-2.0

/// The places in a key hierarchy of master and session.
public enum SessionKeyName: UInt8, Hashable, Sendable, CaseIterable {
  /// Enciphers PINs.
  case pin
  /// Makes MACs.
  case mac
  /// Encrypts tracks and data.
  case data

  /// As acquirers' files write it.
  public var text: String {
    switch self {
    case .pin: "PIK"
    case .mac: "MAK"
    case .data: "TDK"
    }
  }
}

/// How a host makes the check value of a session key: a block of zeros, encrypted.
public enum CheckRule: UInt8, Hashable, Sendable, CaseIterable {
  /// Under the key itself.
  case own
  /// With triple DES under the key's bytes.
  case tdes
  /// With DES under the first eight of them.
  case des
  /// With SM4 under them.
  case sm4
  /// Nobody knows how; it is not looked at. The last resort, of which people are warned.
  case none
}

/// Where the keys stand in an acquirer's sign-in answer, one after the other. Written as
/// `PIK 16+4, MAK 8z8+4`: 16 bytes of cryptogram and 4 of check value; 8 bytes of cryptogram, 8
/// zero bytes that are no cryptogram, 4 of check value. `i` in front says that a byte with the
/// key's number comes first.
public struct SignInLayout: Hashable, Sendable {
  /// One key.
  public struct Item: Hashable, Sendable {
    /// Which.
    public var name: SessionKeyName
    /// Whether a byte with its number stands in front.
    public var hasIndex: Bool
    /// Bytes of cryptogram.
    public var keyCount: Int
    /// Zero bytes behind it.
    public var zeroCount: Int
    /// Bytes of check value: 3, 4 or 8; 0 where the acquirer's is not to be relied on, which the
    /// layout says with `+none`.
    public var checkCount: Int
    /// How the check value is made.
    public var rule = CheckRule.own

    /// All bytes of it.
    var byteCount: Int { (hasIndex ? 1 : 0) + keyCount + zeroCount + checkCount }
  }

  /// The keys in their order.
  public var items: [Item]
  /// Whether they are SM4 keys; otherwise DES or TDES, by their length.
  public var isSM4: Bool
  /// Whether the PIN key is of triple DES and travels under a master key of triple DES, where the
  /// others are of SM4: for pads that hold no SM4 keys.
  public var hasTDESPINKey = false

  /// Reads a layout as acquirers' files write it; nil when it is none.
  public init?(_ text: String, isSM4: Bool = false) {
    self.isSM4 = isSM4
    items = []
    for part in Array(text.utf8).split(separator: 0x2C) {
      let words = part.split(separator: 0x20).map { Array($0) }
      let hasIndex = words.first == [0x69]
      guard words.count == (hasIndex ? 3 : 2),
        let item = SignInLayout.item(words[words.count - 2], words[words.count - 1], hasIndex),
        item.keyCount == 16 || !isSM4 && (item.keyCount == 8 || item.keyCount == 24),
        !items.contains(where: { $0.name == item.name })
      else { return nil }
      items.append(item)
    }
    if items.isEmpty { return nil }
  }

  /// Says how the check value of a key is made; false where the layout does not have the key.
  public mutating func check(_ name: SessionKeyName, by rule: CheckRule) -> Bool {
    guard let index = items.firstIndex(where: { $0.name == name }) else { return false }
    items[index].rule = rule
    return true
  }

  /// The keys that are taken without a look at their check values.
  public var unchecked: [SessionKeyName] {
    items.filter { isUnchecked($0) }.map { $0.name }
  }

  func isUnchecked(_ item: Item) -> Bool {
    item.checkCount == 0 || item.rule == .none
  }

  /// Whether this key is of triple DES though the others are not.
  func isApart(_ item: Item) -> Bool { isSM4 && hasTDESPINKey && item.name == .pin }

  /// The cipher of a key; nil where the layout does not have it.
  public func algorithm(of name: SessionKeyName) -> CipherAlgorithm? {
    items.first { $0.name == name }.map { algorithm($0) }
  }

  /// All bytes of the element.
  public var byteCount: Int { items.reduce(0) { $0 + $1.byteCount } }

  func algorithm(_ item: Item) -> CipherAlgorithm {
    if isSM4, !isApart(item) { return .sm4 }
    return item.keyCount == 8 ? .des : item.keyCount == 16 ? .tdes2 : .tdes3
  }

  /// A check value that is left out has to be said to be.
  private static func checkCount(_ text: [UInt8]) -> Int? {
    if text == Array("none".utf8) { return 0 }
    guard let count = Characters.decimal(text[...]), [3, 4, 8].contains(count) else { return nil }
    return count
  }

  private static func item(_ name: [UInt8], _ counts: [UInt8], _ hasIndex: Bool) -> Item? {
    guard let name = SessionKeyName.allCases.first(where: { Array($0.text.utf8) == name }),
      let plus = counts.firstIndex(of: 0x2B),
      let check = checkCount(Array(counts[(plus + 1)...]))
    else { return nil }
    let key = counts[..<plus].split(separator: 0x7A, omittingEmptySubsequences: false)
    guard (1...2).contains(key.count), let keyCount = Characters.decimal(key[0]) else {
      return nil
    }
    let zeroCount = key.count == 2 ? Characters.decimal(key[1]) : 0
    guard let zeroCount, zeroCount <= 16 else { return nil }
    return Item(
      name: name, hasIndex: hasIndex, keyCount: keyCount, zeroCount: zeroCount, checkCount: check)
  }
}
