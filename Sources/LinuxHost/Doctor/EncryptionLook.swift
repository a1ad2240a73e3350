// SPDX-License-Identifier: Apache-2.0

public import Clockwork
import Devices
import TerminalCore
import Updates

extension Doctor {
  /// Starts TLS with the acquirer's host as posd does, by the same settings and the same code, and
  /// says what it fails at; nothing of a message is sent. Only worth trying when the host takes
  /// connections.
  ///
  /// With TLS 1.3 a host says that it refuses the client certificate when the connection is up on
  /// this side (RFC 8446, 4.4.2.4), so it is listened to for `pause` then.
  public func encryption(
    host: String, port: UInt16, _ settings: AcquirerConnection.Settings,
    unixSeconds: Int64 = SystemClock.unixMilliseconds / 1_000,
    pause: Interval = .milliseconds(500)
  ) -> [Finding] {
    guard let transfers = Transfers() else { return [] }
    let connection = AcquirerConnection(transfers: transfers, settings: settings)
    let loop = EventLoop()
    loop.add(transfers)
    loop.add(connection)
    var failure: (layer: NetworkLayer, code: Int32)?
    var end = SystemClock.now + .seconds(Int64(settings.connectSeconds) + 1)
    connection.onEvent = { event in
      switch event {
      case .connected: end = SystemClock.now + pause
      case .failed(let layer, let code):
        failure = (layer, code)
        end = .start
      // A host that hangs up on who says nothing has done what this look is about.
      case .closed: end = .start
      case .received: break
      }
    }
    connection.perform(.connect(Endpoint(host: host, port: port, usesTLS: true)))
    while SystemClock.now < end { loop.turn(atMost: end - SystemClock.now) }
    connection.perform(.disconnect)
    guard let failure else { return [] }
    return [Doctor.finding(failure.layer, failure.code, "\(host):\(port)", unixSeconds)]
  }

  /// What fails for the time of day is told with the terminal's own: a certificate that is not
  /// valid yet is hardly ever the host's mistake.
  private static func finding(
    _ layer: NetworkLayer, _ code: Int32, _ host: String, _ unixSeconds: Int64
  ) -> Finding {
    let isEarly = layer == .tls && TLSFault.isNotYetValid(code)
    let isLate = layer == .tls && TLSFault.isExpired(code)
    let problem = Problem.network(layer, code: code)
    let clock = UTCTime(seconds: unixSeconds).description
    let evidence =
      host + ": " + problem.evidence
      + (isEarly || isLate ? "; the terminal's clock says " + clock : "")
    let code = isEarly ? Problem.network(.clock, code: 0).code : problem.code
    return Finding("network", code, evidence)
  }
}
