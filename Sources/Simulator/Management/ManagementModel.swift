// SPDX-License-Identifier: Apache-2.0

public import Clockwork
public import Management
import Wire

/// A terminal-management server: HTTP requests in, answers out.
public struct ManagementModel: Machine {
  /// What happens to it.
  public enum Event: Hashable, Sendable {
    /// A request came.
    case requested(number: UInt32, isPost: Bool, path: String, body: [UInt8])
    /// The moment it asked to be woken at has come.
    case deadlinePassed
  }

  /// What it does.
  public enum Effect: Hashable, Sendable {
    /// Answers.
    case respond(number: UInt32, status: UInt16, body: [UInt8])
  }

  private struct Case: Hashable, Sendable {
    var application: MerchantApplication
    var number: String
    var decidedAt: Instant
  }

  /// Nothing happens by itself: a review ends when somebody asks after its time.
  public var deadline: Instant? { nil }
  /// How many applications were taken.
  public var applicationCount: Int { cases.count }
  /// The version that it wants on every terminal; empty for the newest, nil where it knows nothing
  /// of updates.
  public var wish: String?
  /// What terminals have told of their programs, the latest last.
  public private(set) var inventories: [UpdateInventory] = []
  private var cases: [Case] = []
  private let reviewTime: Interval
  private let parameters: TerminalParameters

  /// A server that reviews so long and then hands out these parameters; an application whose place
  /// is "nowhere" is rejected.
  public init(reviewTime: Interval, parameters: TerminalParameters) {
    self.reviewTime = reviewTime
    self.parameters = parameters
  }

  /// Moves by one event.
  public mutating func handle(_ event: Event, at now: Instant) -> [Effect] {
    guard case .requested(let number, let isPost, let path, let body) = event else { return [] }
    let parts = path.utf8.split(separator: 0x2F).map { String(decoding: Array($0), as: UTF8.self) }
    let (status, answer) = respond(isPost, parts, body, at: now)
    return [.respond(number: number, status: status, body: answer)]
  }

  private mutating func respond(
    _ isPost: Bool, _ parts: [String], _ body: [UInt8], at now: Instant
  ) -> (UInt16, [UInt8]) {
    if isPost, parts.count == 4, parts[1] == "terminals", parts[3] == "applications" {
      return apply(serial: parts[2], body, at: now)
    }
    if !isPost, parts.count == 3, parts[1] == "applications" {
      guard let found = cases.first(where: { $0.number == parts[2] }) else { return (404, []) }
      return (200, state(of: found, at: now).encode())
    }
    if !isPost, parts.count == 4, parts[1] == "terminals", parts[3] == "parameters" {
      let mine = cases.filter { $0.application.serial == parts[2] }
      guard let last = mine.last else { return (404, []) }
      return state(of: last, at: now) == .approved ? (200, parameters.encode()) : (409, [])
    }
    if isPost, parts.count == 4, parts[1] == "terminals", parts[3] == "update", let wish {
      guard let inventory = try? UpdateInventory(decoding: body) else { return (400, []) }
      inventories.append(inventory)
      return (200, UpdateWish(version: wish).encode())
    }
    return (404, [])
  }

  /// The same application again, as after a lost answer, is the same case.
  private mutating func apply(
    serial: String, _ body: [UInt8], at now: Instant
  ) -> (UInt16, [UInt8]) {
    guard let application = try? MerchantApplication(decoding: body),
      application.serial == serial
    else { return (400, []) }
    if let known = cases.first(where: { $0.application == application }) {
      return (202, ApplicationReceipt(application: known.number).encode())
    }
    let digits = Array(String(cases.count + 1).utf8)
    let number =
      "A" + String(repeating: "0", count: 6 - digits.count)
      + String(decoding: digits, as: UTF8.self)
    cases.append(Case(application: application, number: number, decidedAt: now + reviewTime))
    return (202, ApplicationReceipt(application: number).encode())
  }

  private func state(of item: Case, at now: Instant) -> ApplicationState {
    if now < item.decidedAt { return .pending }
    if item.application.place == "nowhere" {
      return .rejected([FieldReason(field: "place", reason: "no such place")])
    }
    return .approved
  }
}
