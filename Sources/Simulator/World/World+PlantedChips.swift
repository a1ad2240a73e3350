// SPDX-License-Identifier: Apache-2.0

import Assembly
import ISO8583
import PaymentCrypto
import TerminalCore
import Wire

// What is planted on the way of a transaction by chip, other than between card and reader.

extension World {
  /// The entry as it reaches the disk.
  func changedAsPlanted(_ entry: JournalEntry) -> JournalEntry {
    var entry = entry
    switch planted {
    case .scriptNoticeForgotten:
      let notices = entry.rows.filter { $0.kind == TransactionKind.scriptNotice.name }
      let keys = notices.map { "transaction/" + $0.reference }
      entry.updates.removeAll { keys.contains($0.key) }
      entry.rows.removeAll { $0.kind == TransactionKind.scriptNotice.name }
    case .chipOffReceipt:
      for index in entry.updates.indices where entry.updates[index].key.hasPrefix("transaction/") {
        entry.updates[index].body = World.withoutChip(entry.updates[index].body)
      }
    default: break
    }
    return entry
  }

  /// A record without field 29, which is what the receipt says of the chip.
  private static func withoutChip(_ body: [UInt8]) -> [UInt8] {
    guard let fields = try? FieldReader(body), let chip = fields.bytes(29) else { return body }
    var field = FieldWriter()
    field.write(29, chip)
    guard let found = body.indices.first(where: { body[$0...].starts(with: field.bytes) }) else {
      return body
    }
    var body = body
    body.removeSubrange(found..<found + field.bytes.count)
    return body
  }

  /// A reversal without DE55, correctly signed; anything else as it is. Length, TPDU and header of
  /// UnionPay's frames have thirteen bytes.
  func withoutChip(_ frame: [UInt8]) -> [UInt8] {
    let codec = Codec(table: UnionPayTable.table)
    guard frame.count > 13, var message = try? codec.decode(Array(frame[13...])),
      message.mti == letters("0400"), message[55] != nil,
      let key = acquirer.sessions.first?.current?.mac
    else { return frame }
    message[55] = nil
    guard let bytes = HostMAC.signed(message, codec, key, acquirer.rules.mac) else { return frame }
    let count = bytes.count + 11
    return [UInt8(count >> 8), UInt8(count & 0xFF)] + frame[2..<13] + bytes
  }
}
