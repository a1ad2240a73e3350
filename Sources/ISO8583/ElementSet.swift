// SPDX-License-Identifier: Apache-2.0

/// Which elements are there: three bitmaps as they travel, bit 1 the most significant of the first.
struct ElementSet: Hashable, Sendable {
  private var first: UInt64 = 0
  private var second: UInt64 = 0
  private var third: UInt64 = 0

  /// One of the maps, 0...2.
  subscript(map: Int) -> UInt64 {
    get {
      switch map {
      case 0: first
      case 1: second
      default: third
      }
    }
    set {
      switch map {
      case 0: first = newValue
      case 1: second = newValue
      default: third = newValue
      }
    }
  }

  var count: Int { first.nonzeroBitCount + second.nonzeroBitCount + third.nonzeroBitCount }

  func contains(_ element: Int) -> Bool { self[(element - 1) / 64] & ElementSet.bit(element) != 0 }

  mutating func insert(_ element: Int) { self[(element - 1) / 64] |= ElementSet.bit(element) }

  mutating func remove(_ element: Int) { self[(element - 1) / 64] &= ~ElementSet.bit(element) }

  /// The highest number, 0 when there is none.
  var highest: Int {
    if third != 0 { return 192 - third.trailingZeroBitCount }
    if second != 0 { return 128 - second.trailingZeroBitCount }
    return first == 0 ? 0 : 64 - first.trailingZeroBitCount
  }

  /// Takes the lowest number out.
  mutating func popFirst() -> Int? {
    let element: Int
    if first != 0 {
      element = 1 + first.leadingZeroBitCount
    } else if second != 0 {
      element = 65 + second.leadingZeroBitCount
    } else if third != 0 {
      element = 129 + third.leadingZeroBitCount
    } else {
      return nil
    }
    remove(element)
    return element
  }

  private static func bit(_ element: Int) -> UInt64 {
    0x8000_0000_0000_0000 >> UInt64((element - 1) % 64)
  }
}
