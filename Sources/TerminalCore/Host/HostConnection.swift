// SPDX-License-Identifier: Apache-2.0

import Clockwork
import Devices
import ISO8583

// What the link knows of its connections; each type is a value inside the machine.

extension HostExchange {
  /// How far the connection is.
  enum Phase: Hashable, Sendable {
    case idle
    case connecting(Attempt)
    case greeting(Attempt, FrameAssembler)
    case open(Connection)

    var isConnecting: Bool {
      switch self {
      case .connecting, .greeting: true
      case .idle, .open: false
      }
    }
  }

  /// Where a request may go: to the first host, and to its back-up.
  struct Route: Hashable, Sendable {
    var primary: Endpoint
    var backup: Endpoint?

    init(_ request: HostRequest) {
      primary = request.endpoint
      backup = request.backup
    }

    func other(than endpoint: Endpoint) -> Endpoint? { endpoint == primary ? backup : primary }
  }

  /// A connection that is being made.
  struct Attempt: Hashable, Sendable {
    var route: Route
    var endpoint: Endpoint
    /// Whether the other host has failed already.
    var isSecond: Bool
    /// The failure to tell when this one fails too: the first host's, if that was tried.
    var earlier: Failure?
    var limit: Interval
    var until: Instant
  }

  /// A connection, and what must be remembered as long as it lasts.
  struct Connection: Hashable, Sendable {
    let route: Route
    let endpoint: Endpoint
    var assembler: FrameAssembler
    /// Whether a request has left on it.
    var isUsed = false
    /// Whether it takes no new request and is closed when the last one has ended.
    var isDraining = false
    /// What the answers to ended requests look like, the newest last.
    var ended: [AnswerKey] = []
    /// When it is closed for lack of requests.
    var idleUntil: Instant?
    /// When it must give a sign of life.
    var keepAliveAt: Instant?

    init(_ attempt: Attempt, assembler: FrameAssembler) {
      route = attempt.route
      endpoint = attempt.endpoint
      self.assembler = assembler
    }

    /// Whether this answers a request that has ended.
    func wasAnswer(_ message: Message) -> Bool { ended.contains { $0.owns(message) } }
  }

  /// A request on its way.
  struct Flight: Hashable, Sendable {
    var request: HostRequest
    var until: Instant
  }

  /// A host that is left alone for a while.
  struct Rest: Hashable, Sendable {
    var endpoint: Endpoint
    var until: Instant
  }
}
