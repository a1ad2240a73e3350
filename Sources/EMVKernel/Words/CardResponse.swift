// SPDX-License-Identifier: Apache-2.0

public import Wire

/// The two bytes at the end of every answer of a card (EMV 4.4 Book 3, Table 4).
public struct StatusWord: RawRepresentable, Hashable, Sendable {
  /// SW1 and SW2.
  public let rawValue: UInt16

  /// A status.
  public init(rawValue: UInt16) { self.rawValue = rawValue }

  /// The first byte, which is all that scripts look at.
  public var first: UInt8 { UInt8(truncatingIfNeeded: rawValue >> 8) }

  /// Done.
  public static let success = StatusWord(rawValue: 0x9000)
  /// The selected file is invalidated: the application is blocked.
  public static let invalidated = StatusWord(rawValue: 0x6283)
  /// The method of authentication is blocked.
  public static let methodBlocked = StatusWord(rawValue: 0x6983)
  /// The reference data are invalidated.
  public static let dataInvalidated = StatusWord(rawValue: 0x6984)
  /// The conditions of use are not satisfied.
  public static let notSatisfied = StatusWord(rawValue: 0x6985)
  /// The function is not supported, or the card is blocked.
  public static let notSupported = StatusWord(rawValue: 0x6A81)
  /// There is no such file.
  public static let fileNotFound = StatusWord(rawValue: 0x6A82)
  /// There is no such record.
  public static let recordNotFound = StatusWord(rawValue: 0x6A83)

  /// How many tries are left where the status says so: 63Cx.
  public var triesLeft: UInt8? {
    rawValue & 0xFFF0 == 0x63C0 ? UInt8(truncatingIfNeeded: rawValue & 0x0F) : nil
  }
}

/// What a card answered: data that print as their number of bytes, and a status.
public struct CardResponse: Hashable, Sendable, CustomStringConvertible {
  /// The data, 0...256 bytes.
  public let data: SecretBytes
  /// The status.
  public let status: StatusWord

  /// Splits what came; nil when it is no answer of a card's: shorter than a status, or longer than
  /// 256 bytes and a status. The shell then says that the card failed.
  public init?(_ bytes: [UInt8]) {
    let count = bytes.count
    if !(2...258).contains(count) { return nil }
    data = SecretBytes(Array(bytes[..<(count - 2)]))
    status = StatusWord(rawValue: UInt16(bytes[count - 2]) << 8 | UInt16(bytes[count - 1]))
  }

  /// How many bytes, and the status.
  public var description: String {
    let status = Hex.text([self.status.first, UInt8(truncatingIfNeeded: self.status.rawValue)])
    return "\(data.count) bytes, \(status)"
  }
}
