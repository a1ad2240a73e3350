// SPDX-License-Identifier: Apache-2.0

import ArgumentParser
import Management

/// A command that has posd do one thing and says one sentence when it is done.
protocol Order: ParsableCommand {
  /// The method of the control interface.
  static var method: String { get }
  /// Whether posd tells each step.
  static var hasSteps: Bool { get }
  var common: Common { get }
  /// What is asked for, in the method's own words.
  func parameters() throws -> [JSONMember]
  /// What is said when it is done.
  var done: String { get }
}

extension Order {
  static var hasSteps: Bool { false }

  func parameters() throws -> [JSONMember] { [] }

  func run() throws {
    try common.order(Self.method, try parameters(), hasSteps: Self.hasSteps, done: done)
  }
}

extension Common {
  /// Has posd do one thing; tells its steps, and that it is done.
  func order(
    _ method: String, _ parameters: [JSONMember], hasSteps: Bool = false, done: String
  ) throws {
    try VarlinkClient(self).call(method, parameters, more: hasSteps) { answer, continues in
      if continues { return Screen.step(answer, self) }
      if !json { Screen.line(done) }
    }
  }
}

/// An order about the one transaction that has this reference.
protocol ReferenceOrder: Order {
  var reference: String { get }
}

extension ReferenceOrder {
  func parameters() throws -> [JSONMember] { [JSONMember("reference", .text(reference))] }
}

/// A command that asks posd something and shows the answer.
protocol Query: ParsableCommand {
  /// The method of the control interface.
  static var method: String { get }
  var common: Common { get }
  func parameters() throws -> [JSONMember]
  /// Shows the answer to people.
  func show(_ answer: JSON)
}

extension Query {
  func parameters() throws -> [JSONMember] { [] }

  func run() throws {
    try VarlinkClient(common).call(Self.method, try parameters()) { answer, _ in
      if !common.json { show(answer) }
    }
  }
}
