// SPDX-License-Identifier: Apache-2.0

import Devices
import Receipts

/// Slips that were longer than their template gets on paper. The merchant has them, laid out by the
/// built-in template; the operator is told until the terminal starts anew with a shorter one.
public struct OverfullSlips: Hashable, Sendable {
  /// The last of them, as a person asks for it.
  public private(set) var last = ""
  /// Its template.
  public private(set) var template = ""
  /// What is wrong with that.
  public private(set) var flaw = ""
  /// How many there were.
  public private(set) var count: UInt32 = 0

  init() {}

  /// The lines of a slip, which is counted when its own template had no room for it.
  mutating func lines(of page: SlipPage, _ name: String) -> [PrintLine] {
    if let fault = page.fault {
      // What is printed again is no other slip.
      if name != last { count &+= 1 }
      last = name
      template = fault.place.name
      flaw = fault.message
    }
    return page.lines
  }
}
