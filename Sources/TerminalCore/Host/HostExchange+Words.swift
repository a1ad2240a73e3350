// SPDX-License-Identifier: Apache-2.0

public import Devices

// What the link is told and what it asks for.

extension HostExchange {
  /// What the link is told.
  public enum Event: Hashable, Sendable {
    /// Send this.
    case started(HostRequest)
    /// Something happened on the connection.
    case acquirer(AcquirerEvent)
    /// Nobody wants the answer to this any more.
    case abandoned(ticket: UInt32)
    /// The deadline has come.
    case deadlinePassed
  }

  /// What the link asks for.
  public enum Effect: Hashable, Sendable {
    /// Do this on the connection.
    case acquirer(AcquirerOrder)
    /// Start an echo with the ticket of the keep-alive.
    case keepAliveDue
    /// A request is over.
    case ended(HostResult, ticket: UInt32)
  }

  /// Why a connection could not be made, or broke.
  public struct Failure: Hashable, Sendable {
    /// The layer that is the cause.
    public var layer: NetworkLayer
    /// The system's own number.
    public var code: Int32

    /// A failure.
    public init(layer: NetworkLayer, code: Int32) {
      self.layer = layer
      self.code = code
    }

    init(_ flaw: GreetingFlaw) {
      layer = .greeting
      code = flaw.rawValue
    }
  }
}

/// What is wrong with the answer to a greeting; the code of a failure at that layer.
public enum GreetingFlaw: Int32, Hashable, Sendable, CaseIterable {
  /// None came, or half of one.
  case missing = 1
  /// It is another one.
  case other = 2
  /// The host closed the connection.
  case closed = 3
  /// The host went on speaking before it was asked anything.
  case surplus = 4
}
