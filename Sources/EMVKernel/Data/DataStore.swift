// SPDX-License-Identifier: Apache-2.0

/// The data objects of a transaction, those of card, terminal and issuer apart: nothing of a card's
/// can stand in the place of something of the terminal's (EMV 4.4 Book 3, 7.5).
public struct DataStore: Hashable, Sendable {
  var card = DataObjectList()
  var terminal = DataObjectList()
  var issuer = DataObjectList()

  /// Terminal Verification Results.
  public internal(set) var tvr = TVR()
  /// Transaction Status Information.
  public internal(set) var tsi = TSI()
  /// The results of cardholder verification.
  public internal(set) var cvmResults = CVMResults.notPerformed

  init() {}

  /// The value of a data object from its one source; nil for none.
  public func value(of tag: DataTag) -> [UInt8]? {
    switch tag {
    case .tvr: tvr.bytes
    case .tsi: tsi.bytes
    case .cvmResults: cvmResults.bytes
    default:
      switch DataRule(of: tag)?.source {
      case .card: card[tag]
      case .terminal: terminal[tag]
      case .issuer: issuer[tag]
      // A tag of a payment system's: the acquirer's file says which of the two keeps it.
      case nil: terminal[tag] ?? card[tag]
      }
    }
  }

  /// Those of these data objects that exist, one behind the other, as field 55 has them.
  public func encoded(_ tags: [DataTag]) -> [UInt8] {
    var bytes: [UInt8] = []
    for tag in tags {
      if let value = value(of: tag) { bytes += DataObject(tag, value).encoded }
    }
    return bytes
  }
}

/// Data objects of one source; there are few, so they are looked through.
struct DataObjectList: Hashable, Sendable {
  private(set) var objects: [DataObject] = []

  subscript(tag: DataTag) -> [UInt8]? {
    get { objects.first { $0.tag == tag }?.value }
    set {
      objects.removeAll { $0.tag == tag }
      if let newValue { objects.append(DataObject(tag, newValue)) }
    }
  }

  func contains(_ tag: DataTag) -> Bool { objects.contains { $0.tag == tag } }
}
