// SPDX-License-Identifier: Apache-2.0

import Management
import Testing

@Suite("What terminal and management server say to each other")
struct WordsTests {
  private static let application = MerchantApplication(
    serial: "SIM-0001", acquirer: "Example Acquirer", merchant: "示例商户 \"A\"",
    settlementAccount: "test-account-1", place: "Shop 1")

  private static let parameters = TerminalParameters(
    terminalID: "TERM0001", merchantID: "898000000000001", merchantName: "Example Shop",
    currency: "156", macKeyCryptogram: [UInt8](repeating: 0xAB, count: 16),
    macKeyCheckValue: [1, 2, 3], answerSeconds: 60, maxSale: 500_000)

  @Test("each word comes back as it was said")
  func roundTrips() throws {
    let application = WordsTests.application
    #expect(try MerchantApplication(decoding: application.encode()) == application)
    let receipt = ApplicationReceipt(application: "A1234")
    #expect(try ApplicationReceipt(decoding: receipt.encode()) == receipt)
    let states: [ApplicationState] = [
      .pending, .approved,
      .rejected([
        FieldReason(field: "place", reason: "unknown / 未知"),
        FieldReason(field: "merchant", reason: ""),
      ]),
    ]
    for state in states { #expect(try ApplicationState(decoding: state.encode()) == state) }
    let parameters = WordsTests.parameters
    #expect(try TerminalParameters(decoding: parameters.encode()) == parameters)
    let inventory = UpdateInventory(
      version: "1.1.0", slot: "B", cause: "committed", problem: "UPD-004",
      history: [UpdateInventory.Outcome(version: "1.1.0", code: "committed", seconds: 1)])
    #expect(try UpdateInventory(decoding: inventory.encode()) == inventory)
    for wish in ["", "2026.11.3"] {
      #expect(try UpdateWish(decoding: UpdateWish(version: wish).encode()).version == wish)
    }
  }

  @Test(
    "a wish without a version is none, and neither is an inventory without a member",
    arguments: ["", "[]", "{}", #"{"version":7}"#, #"{"version":null}"#])
  func updates(_ text: String) throws {
    #expect(throws: ManagementFault.self) { try UpdateWish(decoding: Array(text.utf8)) }
    #expect(throws: ManagementFault.self) { try UpdateInventory(decoding: Array(text.utf8)) }
    let long = #"{"version":""# + String(repeating: "1", count: 49) + #""}"#
    #expect(throws: ManagementFault.self) { try UpdateWish(decoding: Array(long.utf8)) }
    let whole = UpdateInventory(version: "1", slot: "A", cause: "", problem: "", history: [])
      .encode()
    for member in ["version", "slot", "cause", "problem", "history"] {
      #expect(throws: ManagementFault.self) {
        try UpdateInventory(decoding: try WordsTests.changed(whole, member, nil))
      }
    }
  }

  /// The word with one member set to another value, or taken away.
  private static func changed(_ bytes: [UInt8], _ name: String, _ value: JSON?) throws -> [UInt8] {
    guard case .object(let members) = try JSON(parsing: bytes) else { return [] }
    let changed = members.compactMap { member in
      member.name != name ? member : value.map { JSONMember(name, $0) }
    }
    return JSON.object(changed).encoded
  }

  private static func fault(_ bytes: [UInt8]) -> ManagementFault? {
    do throws(ManagementFault) {
      _ = try TerminalParameters(decoding: bytes)
      return nil
    } catch {
      return error
    }
  }

  @Test(
    "a parameter that is missing or of another type is named",
    arguments: [
      "terminalID", "merchantID", "merchantName", "currency", "macKeyCryptogram",
      "macKeyCheckValue", "answerSeconds", "maxSale",
    ])
  func named(_ name: String) throws {
    let word = WordsTests.parameters.encode()
    let isNumber = name == "answerSeconds" || name == "maxSale"
    let others: [JSON?] = [
      nil, .null, .array([]), .object([]), isNumber ? .text("60") : .integer(6),
    ]
    for other in others {
      #expect(WordsTests.fault(try WordsTests.changed(word, name, other)) == .member(name))
    }
  }

  @Test("values at their bounds are taken, and one beyond is not")
  func bounds() throws {
    let word = WordsTests.parameters.encode()
    let taken: [(String, JSON)] = [
      ("answerSeconds", .integer(1)), ("answerSeconds", .integer(300)), ("maxSale", .integer(1)),
      ("maxSale", .integer(999_999_999_999)),
      ("merchantName", .text(String(repeating: "x", count: 64))),
    ]
    for (name, value) in taken {
      #expect(WordsTests.fault(try WordsTests.changed(word, name, value)) == nil)
    }
    let refused: [(String, JSON)] = [
      ("answerSeconds", .integer(0)), ("answerSeconds", .integer(301)), ("maxSale", .integer(0)),
      ("maxSale", .integer(1_000_000_000_000)), ("merchantName", .text("")),
      ("merchantName", .text(String(repeating: "中", count: 22))), ("terminalID", .text("SHORT")),
      ("merchantID", .text("8980000000000012")), ("currency", .text("CNY")),
      ("macKeyCheckValue", .text("0102")), ("macKeyCryptogram", .text("zz")),
    ]
    for (name, value) in refused {
      #expect(WordsTests.fault(try WordsTests.changed(word, name, value)) == .member(name))
    }
  }

  @Test("further members do no harm: a newer server may know more")
  func newer() throws {
    var word = WordsTests.parameters.encode()
    word.removeLast()
    word += Array(#","contactless":{"limit":1000}}"#.utf8)
    #expect(WordsTests.fault(word) == nil)
  }

  @Test("cut short at any place, no word is half understood")
  func truncated() {
    let words = [WordsTests.parameters.encode(), WordsTests.application.encode()]
    for length in 0..<words[0].count {
      #expect(throws: ManagementFault.self) {
        try TerminalParameters(decoding: Array(words[0][..<length]))
      }
    }
    for length in 0..<words[1].count {
      #expect(throws: ManagementFault.self) {
        try MerchantApplication(decoding: Array(words[1][..<length]))
      }
    }
  }

  @Test(
    "states nobody has, rejections without reasons and numbers that are none are refused",
    arguments: [
      #"{"state":"lost"}"#, #"{"state":"rejected"}"#, #"{"state":"rejected","reasons":[]}"#,
      #"{"state":"rejected","reasons":[{"field":"place"}]}"#, #"{"state":7}"#, "[]", "",
      #"{"state":"rejected","reasons":"no"}"#,
    ])
  func states(_ text: String) {
    #expect(throws: ManagementFault.self) { try ApplicationState(decoding: Array(text.utf8)) }
  }

  @Test("an application's number cannot lead to another address")
  func numbers() {
    for number in ["../1", "a1", "", "A 1", "A1?x", String(repeating: "A", count: 33)] {
      let word = ApplicationReceipt(application: number).encode()
      #expect(throws: ManagementFault.member("application")) {
        try ApplicationReceipt(decoding: word)
      }
    }
  }
}
