// SPDX-License-Identifier: Apache-2.0

// What a terminal and its management server say of the program:
//
//     POST /v1/terminals/<serial>/update   UpdateInventory ▶ UpdateWish
//
// The server only chooses among what the maker has signed; a wish is no source of trust.

/// How a terminal's program is, told before each look for updates.
public struct UpdateInventory: Hashable, Sendable {
  /// What became of a version.
  public struct Outcome: Hashable, Sendable {
    /// The version.
    public var version: String
    /// What became of it, as `posctl update history` has it.
    public var code: String
    /// When, seconds since 1970; 0 where the clock could not be believed.
    public var seconds: Int64

    /// An outcome.
    public init(version: String, code: String, seconds: Int64) {
      self.version = version
      self.code = code
      self.seconds = seconds
    }
  }

  /// The version that runs.
  public var version: String
  /// Its slot, A or B.
  public var slot: String
  /// Why this slot is the one that runs.
  public var cause: String
  /// The code of what went wrong last, or empty.
  public var problem: String
  /// What became of earlier versions, the latest last.
  public var history: [Outcome]

  /// Outcomes of the longest history.
  private static let limit = 64

  /// How it is.
  public init(
    version: String, slot: String, cause: String, problem: String, history: [Outcome]
  ) {
    self.version = version
    self.slot = slot
    self.cause = cause
    self.problem = problem
    self.history = history
  }

  /// As JSON.
  public func encode() -> [UInt8] {
    let history = history.map { outcome in
      JSON.object([
        JSONMember("version", .text(outcome.version)), JSONMember("code", .text(outcome.code)),
        JSONMember("seconds", .integer(outcome.seconds)),
      ])
    }
    return JSON.object([
      JSONMember("version", .text(version)), JSONMember("slot", .text(slot)),
      JSONMember("cause", .text(cause)), JSONMember("problem", .text(problem)),
      JSONMember("history", .array(history)),
    ]).encoded
  }

  /// From JSON.
  public init(decoding bytes: [UInt8]) throws(ManagementFault) {
    let reader = try MemberReader(bytes)
    version = try reader.text("version", 0...48)
    slot = try reader.text("slot", 0...8)
    cause = try reader.text("cause", 0...64)
    problem = try reader.text("problem", 0...16)
    guard let list = reader.root["history"]?.array, list.count <= UpdateInventory.limit else {
      throw .member("history")
    }
    history = []
    for item in list {
      guard let version = item["version"]?.text, let code = item["code"]?.text,
        let seconds = item["seconds"]?.integer
      else { throw .member("history") }
      history.append(Outcome(version: version, code: code, seconds: seconds))
    }
  }
}

/// Which version the server wants on a terminal.
public struct UpdateWish: Hashable, Sendable {
  /// The version; empty for the newest that fits.
  public var version: String

  /// A wish.
  public init(version: String) { self.version = version }

  /// As JSON.
  public func encode() -> [UInt8] {
    JSON.object([JSONMember("version", .text(version))]).encoded
  }

  /// From JSON.
  public init(decoding bytes: [UInt8]) throws(ManagementFault) {
    version = try MemberReader(bytes).text("version", 0...48)
  }
}
