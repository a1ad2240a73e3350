// SPDX-License-Identifier: Apache-2.0

public import Clockwork

/// How an acquirer wants its connections kept.
public struct LinkRules: Hashable, Sendable {
  /// How a connection without requests is kept from being forgotten on the way.
  public enum KeepAlive: UInt8, Hashable, Sendable, CaseIterable {
    /// It is not.
    case none
    /// By an echo (0800), which the host answers.
    case echo
    /// By a frame without a message, which nobody answers.
    case emptyFrame
  }

  /// How long a connection stays open without requests; nil: it serves one request and is closed.
  public var idleLimit: Interval?
  /// How it is kept alive meanwhile.
  public var keepAlive: KeepAlive
  /// The pause between two signs of life.
  public var keepAlivePause: Interval
  /// How many requests may be on their way on one connection.
  public var inFlightLimit: Int
  /// How long a host that could not be connected to is left alone while there is a back-up.
  public var primaryPause: Interval

  /// Rules; without any, a connection serves one request.
  public init(
    idleLimit: Interval? = nil, keepAlive: KeepAlive = .none,
    keepAlivePause: Interval = .seconds(60), inFlightLimit: Int = 1,
    primaryPause: Interval = .seconds(60)
  ) {
    precondition(inFlightLimit > 0, "a link that carries nothing is none")
    self.idleLimit = idleLimit
    self.keepAlive = keepAlive
    self.keepAlivePause = keepAlivePause
    self.inFlightLimit = inFlightLimit
    self.primaryPause = primaryPause
  }
}
