// SPDX-License-Identifier: Apache-2.0

extension Dialect {
  /// Whether the messages about a batch have room for the count of so many transactions.
  public func holdsBatch(of count: Int) -> Bool {
    Management.allCases.filter { $0 != .upload }.allSatisfy { hasRoom(for: count, in: $0) }
  }

  /// Whether one upload message has room for the count of its own records.
  public var holdsItsUploads: Bool { hasRoom(for: uploadsInOne, in: .upload) }

  private func hasRoom(for count: Int, in message: Management) -> Bool {
    let digits = String(count).utf8.count
    return widths(ofCountsIn: message).allSatisfy { digits <= $0 }
  }
}

extension MessageValue {
  /// Whether it says how many transactions there are.
  var isCount: Bool {
    let counts: [MessageValue] = [
      .debitCount, .creditCount, .domesticDebitCount, .domesticCreditCount, .foreignDebitCount,
      .foreignCreditCount, .uploadCount,
    ]
    return counts.contains(self)
  }
}
