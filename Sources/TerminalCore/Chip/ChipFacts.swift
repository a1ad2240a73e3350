// SPDX-License-Identifier: Apache-2.0

import EMVKernel
import Wire

/// What the receipt of a chip sale says of the chip (EMV 4.4 Book 4, 11.4): nothing secret.
public struct ChipFacts: Hashable, Sendable {
  /// The application's name (84).
  public var application: [UInt8] = []
  /// What it calls itself (50).
  public var label: [UInt8] = []
  /// The kind of the last cryptogram (9F27).
  public var information: [UInt8] = []
  /// The last cryptogram (9F26).
  public var cryptogram: [UInt8] = []
  /// Terminal verification results (95).
  public var tvr: [UInt8] = []
  /// Transaction status information (9B).
  public var tsi: [UInt8] = []
  /// The card's counter (9F36).
  public var counter: [UInt8] = []
  /// Whether the cardholder signs.
  public var needsSignature = false

  init(_ outcome: Outcome) {
    let data = outcome.data
    application = data.value(of: .dfName) ?? []
    // The letters of 50 are ASCII; what is none is not printed.
    label = (data.value(of: .label) ?? []).filter { (0x20...0x7E).contains($0) }
    information = data.value(of: .cryptogramInformation) ?? []
    cryptogram = outcome.cryptogram ?? []
    tvr = outcome.tvr.bytes
    tsi = outcome.tsi.bytes
    counter = data.value(of: .atc) ?? []
    needsSignature = outcome.needsSignature
  }

  var encoded: [UInt8] {
    var fields = FieldWriter()
    fields.write(1, application)
    fields.write(2, label)
    fields.write(3, information)
    fields.write(4, cryptogram)
    fields.write(5, tvr)
    fields.write(6, tsi)
    fields.write(7, counter)
    fields.write(8, needsSignature ? 1 : 0)
    return fields.bytes
  }

  init?(_ bytes: [UInt8]) {
    guard let fields = try? FieldReader(bytes) else { return nil }
    application = fields.bytes(1) ?? []
    label = fields.bytes(2) ?? []
    information = fields.bytes(3) ?? []
    cryptogram = fields.bytes(4) ?? []
    tvr = fields.bytes(5) ?? []
    tsi = fields.bytes(6) ?? []
    counter = fields.bytes(7) ?? []
    needsSignature = fields.number(8) == 1
  }

  /// The cryptogram's kind by its name (EMV 4.4 Book 3, Table 15).
  var kind: String {
    switch (information.first ?? 0) & 0xC0 {
    case 0x40: "TC"
    case 0x80: "ARQC"
    default: "AAC"
    }
  }
}

extension ChipEnd {
  /// What the receipt says of the chip.
  var facts: ChipFacts? {
    switch self {
    case .decided(let outcome), .cut(let outcome, _): ChipFacts(outcome)
    case .readerLost, .removed, .unreadable: nil
    }
  }
}
