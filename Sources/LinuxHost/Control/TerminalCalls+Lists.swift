// SPDX-License-Identifier: Apache-2.0

import Management
import TerminalCore

extension TerminalCalls {
  /// The longest page of a list.
  private static let pageLimit = 1_000

  static func listTransactions(_ parameters: JSON) -> Meaning {
    guard let limit = limit(parameters["limit"]) else { return .invalid(parameter: "limit") }
    let choice: Choice
    switch (given("day", parameters), given("batch", parameters)) {
    case (nil, nil): choice = .all
    case (.text("today")?, nil): choice = .today
    case (.text(let day)?, nil) where isDay(day): choice = .day(day)
    case (nil, .integer(let number)?):
      guard let batch = UInt32(exactly: number) else { return .invalid(parameter: "batch") }
      choice = .batch(batch)
    case (nil, .some): return .invalid(parameter: "batch")
    case (.some, _): return .invalid(parameter: "day")
    }
    guard let before = place("before", parameters) else { return .invalid(parameter: "before") }
    return .query(.transactions(choice, before: before, limit: limit))
  }

  static func close(_ parameters: JSON) -> Meaning {
    var texts: [String] = []
    for name in ["reference", "reason", "by"] {
      guard let text = parameters[name]?.text else { return .invalid(parameter: name) }
      texts.append(text)
    }
    return .request(.close(reference: texts[0], Closing(reason: texts[1], by: texts[2])))
  }

  static func listQueue(_ parameters: JSON) -> Meaning {
    guard let limit = limit(parameters["limit"]) else { return .invalid(parameter: "limit") }
    guard let after = place("after", parameters) else { return .invalid(parameter: "after") }
    return .query(.queue(after: after, limit: limit))
  }

  private static func limit(_ value: JSON?) -> Int? {
    guard let limit = value?.integer, (1...Int64(pageLimit)).contains(limit) else { return nil }
    return Int(limit)
  }

  /// Where a page begins, which may be left out; nil when it is no such place.
  private static func place(_ name: String, _ parameters: JSON) -> Int64?? {
    guard let value = given(name, parameters) else { return .some(nil) }
    guard let place = value.integer, place >= 0 else { return nil }
    return place
  }

  /// `YYYY-MM-DD`; a day that is in no calendar has no transactions.
  private static func isDay(_ text: String) -> Bool {
    let bytes = Array(text.utf8)
    return bytes.count == 10
      && bytes.enumerated().allSatisfy { index, byte in
        index == 4 || index == 7 ? byte == 0x2D : (0x30...0x39).contains(byte)
      }
  }
}
