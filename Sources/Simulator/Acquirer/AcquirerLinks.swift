// SPDX-License-Identifier: Apache-2.0

import Clockwork
import ISO8583

/// The connections of terminals and what has still to be said on them.
struct AcquirerLinks: Hashable, Sendable {
  private struct Connection: Hashable, Sendable {
    var number: UInt32
    var assembler: FrameAssembler
    /// What the gateway still wants to hear.
    var awaited: [UInt8]
    var greeting: HostGreeting?
  }

  struct Late: Hashable, Sendable {
    var at: Instant
    var connection: UInt32
    var bytes: [UInt8]
  }

  private var connections: [Connection] = []
  private var late: [Late] = []
  let framing = Framing(limit: 8_192)

  var deadline: Instant? { late.map { $0.at }.min() }

  mutating func open(_ number: UInt32, _ greeting: HostGreeting?) {
    connections.append(
      Connection(
        number: number, assembler: FrameAssembler(framing: framing),
        awaited: greeting?.request ?? [], greeting: greeting))
  }

  mutating func close(_ number: UInt32) {
    connections.removeAll { $0.number == number }
    late.removeAll { $0.connection == number }
  }

  mutating func closeAll() {
    connections = []
    late = []
  }

  mutating func sayLater(_ bytes: [UInt8], on connection: UInt32, at moment: Instant) {
    late.append(Late(at: moment, connection: connection, bytes: bytes))
  }

  mutating func takeDue(at now: Instant) -> [Late] {
    let due = late.filter { $0.at <= now }
    late.removeAll { $0.at <= now }
    return due
  }

  /// Takes bytes and returns what the gateway answers, which is the greeting's answer or nothing;
  /// nil for who greets it wrongly.
  mutating func append(_ bytes: [UInt8], to number: UInt32) -> [UInt8]? {
    guard let index = connections.firstIndex(where: { $0.number == number }) else { return [] }
    let awaited = connections[index].awaited
    let count = min(awaited.count, bytes.count)
    if bytes.prefix(count) != awaited.prefix(count) { return nil }
    connections[index].awaited = Array(awaited.dropFirst(count))
    connections[index].assembler.append(Array(bytes.dropFirst(count)))
    let isGreetedNow = !awaited.isEmpty && awaited.count == count
    return isGreetedNow ? connections[index].greeting?.answer ?? [] : []
  }

  /// The next frame of a connection. Throws when the stream makes no sense.
  mutating func next(of number: UInt32) throws(FrameFault) -> [UInt8]? {
    guard let index = connections.firstIndex(where: { $0.number == number }) else { return nil }
    return try connections[index].assembler.next()?.message
  }
}
