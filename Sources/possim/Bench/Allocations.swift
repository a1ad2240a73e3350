// SPDX-License-Identifier: Apache-2.0

import CCount

/// How often some work asks for memory.
enum Allocations {
  /// Nil where asking is not seen, as when another library stands before the C library's door.
  static func count(_ work: () throws -> Void) rethrows -> Int64? {
    let before = possim_allocations()
    let probe = [UInt8](repeating: 1, count: Int(before % 8) + 64)
    if possim_allocations() == before || probe.isEmpty { return nil }
    let began = possim_allocations()
    try work()
    return Int64(possim_allocations() - began)
  }
}
