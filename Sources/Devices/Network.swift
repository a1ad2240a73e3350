// SPDX-License-Identifier: Apache-2.0

// What the core and the network edge say to each other.

/// Where a host is reached.
public struct Endpoint: Hashable, Sendable {
  /// Name or address, ASCII.
  public var host: String
  /// Port.
  public var port: UInt16
  /// Whether the connection is TLS.
  public var usesTLS: Bool

  /// An end point.
  public init(host: String, port: UInt16, usesTLS: Bool) {
    self.host = host
    self.port = port
    self.usesTLS = usesTLS
  }
}

/// The layers of a connection, from the ground up; the first that fails is the cause.
public enum NetworkLayer: UInt8, Hashable, Sendable, CaseIterable {
  case link, address, name, tcp, tls
  /// What an acquirer's access gateway wants to hear before the first message; its number is
  /// behind the others', which recordings have.
  case greeting = 8
  case write = 5
  case read, clock
}

/// What the core asks of the acquirer's link.
public enum AcquirerOrder: Hashable, Sendable {
  /// Open a connection; `connected` or `failed` follows.
  case connect(Endpoint)
  /// Send bytes on it.
  case send([UInt8])
  /// Close it; nothing more comes from it.
  case disconnect
}

/// What the acquirer's link tells the core.
public enum AcquirerEvent: Hashable, Sendable {
  /// The connection is up.
  case connected
  /// The connection could not be made, or broke, at this layer; the code is the system's own.
  case failed(NetworkLayer, code: Int32)
  /// Bytes came.
  case received([UInt8])
  /// The host closed the connection.
  case closed
}

/// A request to the terminal-management server.
public struct HTTPRequest: Hashable, Sendable {
  /// Number by which the answer is matched.
  public var number: UInt32
  /// GET or POST.
  public var isPost: Bool
  /// Path below the server's base address, beginning with `/`.
  public var path: String
  /// What is sent.
  public var body: [UInt8]

  /// A request.
  public init(number: UInt32, isPost: Bool, path: String, body: [UInt8]) {
    self.number = number
    self.isPost = isPost
    self.path = path
    self.body = body
  }
}

/// What became of a request to the terminal-management server.
public enum HTTPAnswer: Hashable, Sendable {
  /// The server answered; the body has at most 65,536 bytes.
  case answered(number: UInt32, status: UInt16, body: [UInt8])
  /// It did not, and this layer is the cause.
  case failed(number: UInt32, NetworkLayer, code: Int32)
}
