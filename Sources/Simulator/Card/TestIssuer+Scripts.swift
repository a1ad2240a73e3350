// SPDX-License-Identifier: Apache-2.0

import Wire

extension TestIssuer {
  /// The templates behind 91.
  func scripts(_ read: RequestData, _ keys: CardSecrets) -> [UInt8] {
    var writer = ScriptWriter(
      keys: keys.scriptKeys(cryptogram: read.cryptogram), cryptogram: read.cryptogram)
    var orders = orders
    if switches.contains(.scriptSixteen) {
      orders = [IssuerOrder](repeating: .unblockPIN, count: 16)
    }
    if orders.isEmpty { orders = fillingOrders }
    if orders.isEmpty { return [] }
    var scripts = templates(orders, &writer)
    if switches.contains(.scriptUnreadable) {
      // The last length says a byte more than there is.
      let last = scripts.removeLast()
      scripts.append(TestIssuer.unreadable(last))
    }
    return scripts.flatMap { $0 }
  }

  /// What is sent where a switch needs a script and nobody has ordered anything.
  private var fillingOrders: [IssuerOrder] {
    let needs: [IssuerSwitch] = [
      .scriptBefore, .scriptAfter, .scriptBoth, .scriptEach, .scriptUnreadable, .scriptTooLong,
      .script129,
    ]
    if !needs.contains(where: { switches.contains($0) }) { return [] }
    return [.unblockPIN, .unblockPIN, .unblockPIN, .unblockPIN]
  }

  private func templates(_ orders: [IssuerOrder], _ writer: inout ScriptWriter) -> [[UInt8]] {
    if switches.contains(.scriptTooLong) { return [TestIssuer.long(300, orders, &writer)] }
    if switches.contains(.script129) { return [TestIssuer.long(129, orders, &writer)] }
    if switches.contains(.scriptBoth) {
      return [
        writer.script(0x71, identifier: TestIssuer.identifier(1), Array(orders.prefix(1))),
        writer.script(0x72, identifier: TestIssuer.identifier(2), Array(orders.dropFirst())),
      ]
    }
    if switches.contains(.scriptEach) {
      // All of 71 go to the card before any of 72, and so the chain of MACs has to run.
      let before = orders.indices.filter { $0 % 2 == 0 }
      let after = orders.indices.filter { $0 % 2 == 1 }
      var scripts: [[UInt8]] = []
      for (place, index) in (before + after).enumerated() {
        scripts.append(
          writer.script(
            index % 2 == 0 ? 0x71 : 0x72, identifier: TestIssuer.identifier(UInt8(place + 1)),
            [orders[index]]))
      }
      return scripts
    }
    let tag: UInt32 = switches.contains(.scriptBefore) ? 0x71 : 0x72
    return [writer.script(tag, identifier: TestIssuer.identifier(1), orders)]
  }

  private static func identifier(_ number: UInt8) -> [UInt8] { [0x00, 0x00, 0x00, number] }

  /// A template of exactly so many bytes with tag and length, filled with a command of the issuer's
  /// own that a card does not know.
  private static func long(
    _ count: Int, _ orders: [IssuerOrder], _ writer: inout ScriptWriter
  ) -> [UInt8] {
    let head = CardObject(0x9F18, identifier(1)).bytes
    let first = CardObject(0x86, writer.command(orders[0])).bytes
    // 72, its length and 86 with its own.
    let room = count - head.count - first.count
    for filling in (0...room).reversed() {
      let command: [UInt8] = [0x8C, 0x7E, 0x00, 0x00] + [UInt8](repeating: 0, count: filling)
      let made = CardObject(0x72, head + first + CardObject(0x86, command).bytes).bytes
      if made.count == count { return made }
    }
    return CardObject(0x72, head + first).bytes
  }

  /// The same template whose last object goes on behind its end.
  private static func unreadable(_ script: [UInt8]) -> [UInt8] {
    guard let slices = try? TLVSlice.all(of: script), slices.count == 1,
      let objects = try? TLVSlice.all(of: slices[0].value), let last = objects.last
    else { return script }
    var bytes = slices[0].value
    // The length of a command is one byte; it stands behind 86.
    bytes[bytes.count - last.value.count - 1] += 1
    return CardObject(slices[0].tag.rawValue, bytes).bytes
  }
}

/// What an issuer reads in field 55.
struct RequestData: Hashable, Sendable {
  struct Missing: Error, Hashable, Sendable { var tag: UInt32 }

  /// What the cryptogram is over.
  let covered: [UInt8]
  let cryptogram: [UInt8]
  let counter: UInt16

  static func read(_ data: [UInt8]) -> Result<RequestData, Missing> {
    guard let slices = try? TLVSlice.all(of: data), !slices.isEmpty else {
      return .failure(Missing(tag: 0))
    }
    func value(_ tag: UInt32) -> [UInt8]? { slices.first { $0.tag.rawValue == tag }?.value }
    var covered: [UInt8] = []
    for (tag, count) in TestCard.covered {
      // A transaction without cashback has no 9F03.
      let absent = tag == 0x9F03 ? [UInt8](repeating: 0, count: count) : nil
      guard let found = value(tag) ?? absent, found.count == count else {
        return .failure(Missing(tag: tag))
      }
      covered += found
    }
    for tag in [0x82, 0x9F36] as [UInt32] {
      guard let found = value(tag), found.count == 2 else { return .failure(Missing(tag: tag)) }
      covered += found
    }
    guard let counter = value(0x9F36), let cryptogram = value(0x9F26), cryptogram.count == 8 else {
      return .failure(Missing(tag: 0x9F26))
    }
    return .success(
      RequestData(
        covered: covered + (value(0x9F10) ?? []), cryptogram: cryptogram,
        counter: UInt16(counter[0]) << 8 | UInt16(counter[1])))
  }
}
