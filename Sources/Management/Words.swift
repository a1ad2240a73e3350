// SPDX-License-Identifier: Apache-2.0

import Wire

// The words that a terminal and its management server say to each other, as JSON over HTTPS:
//
//     POST /v1/terminals/<serial>/applications   MerchantApplication ▶ ApplicationReceipt
//     GET  /v1/applications/<application>                            ▶ ApplicationState
//     GET  /v1/terminals/<serial>/parameters                         ▶ TerminalParameters

/// What is wrong with a word.
public enum ManagementFault: Error, Hashable, Sendable {
  /// Not JSON.
  case json(JSONFault)
  /// The member is missing or not what it must be.
  case member(String)
}

/// What a merchant applies with: the five facts that bind a terminal.
public struct MerchantApplication: Hashable, Sendable {
  /// The terminal's serial number.
  public var serial: String
  /// The acquirer.
  public var acquirer: String
  /// The merchant's name.
  public var merchant: String
  /// The account that is credited.
  public var settlementAccount: String
  /// Where the terminal stands.
  public var place: String

  /// An application.
  public init(
    serial: String, acquirer: String, merchant: String, settlementAccount: String, place: String
  ) {
    self.serial = serial
    self.acquirer = acquirer
    self.merchant = merchant
    self.settlementAccount = settlementAccount
    self.place = place
  }

  /// As JSON.
  public func encode() -> [UInt8] {
    JSON.object([
      JSONMember("serial", .text(serial)), JSONMember("acquirer", .text(acquirer)),
      JSONMember("merchant", .text(merchant)),
      JSONMember("settlementAccount", .text(settlementAccount)),
      JSONMember("place", .text(place)),
    ]).encoded
  }

  /// From JSON.
  public init(decoding bytes: [UInt8]) throws(ManagementFault) {
    let reader = try MemberReader(bytes)
    serial = try reader.text("serial", 1...32)
    acquirer = try reader.text("acquirer", 1...64)
    merchant = try reader.text("merchant", 1...64)
    settlementAccount = try reader.text("settlementAccount", 1...64)
    place = try reader.text("place", 1...128)
  }
}

/// What the server says to an application it has taken.
public struct ApplicationReceipt: Hashable, Sendable {
  /// The application's number.
  public var application: String

  /// A receipt.
  public init(application: String) { self.application = application }

  /// As JSON.
  public func encode() -> [UInt8] {
    JSON.object([
      JSONMember("application", .text(application)), JSONMember("state", .text("pending")),
    ]).encoded
  }

  /// From JSON.
  public init(decoding bytes: [UInt8]) throws(ManagementFault) {
    let reader = try MemberReader(bytes)
    application = try reader.text("application", 1...32)
    if !application.utf8.allSatisfy({ (0x30...0x39).contains($0) || (0x41...0x5A).contains($0) }) {
      throw .member("application")
    }
  }
}

/// Why one field of an application was not accepted.
public struct FieldReason: Hashable, Sendable {
  /// The field.
  public var field: String
  /// The reason, for people.
  public var reason: String

  /// A reason.
  public init(field: String, reason: String) {
    self.field = field
    self.reason = reason
  }
}

/// Where an application stands.
public enum ApplicationState: Hashable, Sendable {
  /// It is being looked at.
  case pending
  /// The terminal may have its parameters.
  case approved
  /// It must be changed, and where.
  case rejected([FieldReason])

  /// As JSON.
  public func encode() -> [UInt8] {
    switch self {
    case .pending: return JSON.object([JSONMember("state", .text("pending"))]).encoded
    case .approved: return JSON.object([JSONMember("state", .text("approved"))]).encoded
    case .rejected(let reasons):
      let list = reasons.map { reason in
        JSON.object([
          JSONMember("field", .text(reason.field)), JSONMember("reason", .text(reason.reason)),
        ])
      }
      return JSON.object([
        JSONMember("state", .text("rejected")), JSONMember("reasons", .array(list)),
      ]).encoded
    }
  }

  /// From JSON.
  public init(decoding bytes: [UInt8]) throws(ManagementFault) {
    let reader = try MemberReader(bytes)
    switch try reader.text("state", 1...16) {
    case "pending": self = .pending
    case "approved": self = .approved
    case "rejected":
      guard let list = reader.root["reasons"]?.array, !list.isEmpty, list.count <= 16 else {
        throw .member("reasons")
      }
      var reasons: [FieldReason] = []
      for item in list {
        guard let field = item["field"]?.text, let reason = item["reason"]?.text else {
          throw .member("reasons")
        }
        reasons.append(FieldReason(field: field, reason: reason))
      }
      self = .rejected(reasons)
    default: throw .member("state")
    }
  }
}

/// What a terminal needs to sell for its merchant.
public struct TerminalParameters: Hashable, Sendable {
  /// DE41, eight characters.
  public var terminalID: String
  /// DE42, fifteen characters.
  public var merchantID: String
  /// The name on the receipt.
  public var merchantName: String
  /// DE49, three digits.
  public var currency: String
  /// The MAC key, encrypted under the terminal's transport key; 16 bytes.
  public var macKeyCryptogram: [UInt8]
  /// The MAC key's check value; 3 bytes.
  public var macKeyCheckValue: [UInt8]
  /// How long the acquirer may take to answer, 1...300 s.
  public var answerSeconds: UInt16
  /// The largest sale, minor units.
  public var maxSale: UInt64

  /// Parameters.
  public init(
    terminalID: String, merchantID: String, merchantName: String, currency: String,
    macKeyCryptogram: [UInt8], macKeyCheckValue: [UInt8], answerSeconds: UInt16, maxSale: UInt64
  ) {
    self.terminalID = terminalID
    self.merchantID = merchantID
    self.merchantName = merchantName
    self.currency = currency
    self.macKeyCryptogram = macKeyCryptogram
    self.macKeyCheckValue = macKeyCheckValue
    self.answerSeconds = answerSeconds
    self.maxSale = maxSale
  }

  /// As JSON.
  public func encode() -> [UInt8] {
    JSON.object([
      JSONMember("terminalID", .text(terminalID)), JSONMember("merchantID", .text(merchantID)),
      JSONMember("merchantName", .text(merchantName)), JSONMember("currency", .text(currency)),
      JSONMember("macKeyCryptogram", .text(Hex.text(macKeyCryptogram))),
      JSONMember("macKeyCheckValue", .text(Hex.text(macKeyCheckValue))),
      JSONMember("answerSeconds", .integer(Int64(answerSeconds))),
      JSONMember("maxSale", .integer(Int64(clamping: maxSale))),
    ]).encoded
  }

  /// From JSON.
  public init(decoding bytes: [UInt8]) throws(ManagementFault) {
    let reader = try MemberReader(bytes)
    terminalID = try reader.text("terminalID", 8...8)
    merchantID = try reader.text("merchantID", 15...15)
    merchantName = try reader.text("merchantName", 1...64)
    currency = try reader.text("currency", 3...3)
    macKeyCryptogram = try reader.hex("macKeyCryptogram", count: 16)
    macKeyCheckValue = try reader.hex("macKeyCheckValue", count: 3)
    answerSeconds = UInt16(try reader.integer("answerSeconds", 1...300))
    maxSale = UInt64(try reader.integer("maxSale", 1...999_999_999_999))
    if !currency.utf8.allSatisfy({ (0x30...0x39).contains($0) }) { throw .member("currency") }
  }
}

/// Takes members out of an object and names the one that is wrong.
struct MemberReader {
  let root: JSON

  init(_ bytes: [UInt8]) throws(ManagementFault) {
    do {
      root = try JSON(parsing: bytes)
    } catch {
      throw .json(error)
    }
  }

  func text(_ name: String, _ bytes: ClosedRange<Int>) throws(ManagementFault) -> String {
    guard let text = root[name]?.text, bytes.contains(text.utf8.count) else {
      throw .member(name)
    }
    return text
  }

  func integer(_ name: String, _ range: ClosedRange<Int64>) throws(ManagementFault) -> Int64 {
    guard let number = root[name]?.integer, range.contains(number) else { throw .member(name) }
    return number
  }

  func hex(_ name: String, count: Int) throws(ManagementFault) -> [UInt8] {
    guard let text = root[name]?.text, let bytes = try? Hex.decode(Array(text.utf8)),
      bytes.count == count
    else { throw .member(name) }
    return bytes
  }
}
