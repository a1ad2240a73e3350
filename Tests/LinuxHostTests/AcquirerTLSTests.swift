// SPDX-License-Identifier: Apache-2.0

import Clockwork
import Devices
import Glibc
import TerminalCore
import Testing

@testable import LinuxHost

@Suite("TLS to the acquirer", .serialized)
struct AcquirerTLSTests {
  /// Made once; the suite is serialized.
  nonisolated(unsafe) private static let shared = Result { try Papers() }

  private let papers: Papers

  init() throws { papers = unsafe try AcquirerTLSTests.shared.get() }

  private func settings(
    authority: String = "ca", client: String? = nil, pin: String? = nil
  ) -> AcquirerConnection.Settings {
    AcquirerConnection.Settings(
      authorityFile: papers.path(authority + ".pem"), connectSeconds: 5,
      client: client.map { papers.client($0) }, pinnedKey: pin)
  }

  /// What a person reads of a failure at the layer of TLS; nil for everything else.
  private func evidence(_ event: AcquirerEvent?) -> String? {
    guard case .failed(.tls, let code) = event else { return nil }
    return Problem.network(.tls, code: code).evidence
  }

  @Test("a host of the right authority, name and time is connected to")
  func good() throws {
    for version in ["-tls1_2", "-tls1_3"] {
      let host = try AcquirerHost(papers, "good", version)
      let caller = try Caller(settings())
      #expect(caller.call(host.endpoint) == .connected)
      caller.say("posd was here\n", atMost: .milliseconds(1))
      caller.turn { host.said.contains("posd was here") }
      #expect(host.said.contains("posd was here"))
    }
  }

  @Test("a host that sends without end is read beside everything else, and whole")
  func flood() throws {
    let silent = try SilentHost()
    let caller = try Caller(settings())
    let endpoint = Endpoint(host: "127.0.0.1", port: silent.port, usesTLS: false)
    #expect(caller.call(endpoint) == .connected)
    guard let host = Descriptor(accept(silent.listener.number, nil, nil)) else {
      throw SystemFault(code: errno)
    }
    #expect(setNonBlocking(host.number))
    var sent = 0
    while sent < 400_000,
      case .success(let count) = writeSome(host.number, [UInt8](repeating: 7, count: 65_536)[...]),
      count > 0
    {
      sent += count
    }
    #expect(sent > 200_000)
    func heard() -> Int {
      caller.events.reduce(0) { sum, event in
        guard case .received(let bytes) = event else { return sum }
        return sum + bytes.count
      }
    }
    caller.turn { heard() > 0 }
    // Twice in a turn at most: when the socket is ready, and when the loop comes to the deadlines.
    #expect(heard() <= 2 * 16 * 4_096)
    caller.turn { heard() == sent }
    #expect(heard() == sent)
  }

  @Test("another authority, an expired certificate and another host's are told apart")
  func refused() throws {
    for (name, word) in [
      ("stranger", "another authority made it"), ("expired", "it has expired"),
      ("elsewhere", "it is for another host name"), ("early", "it is not valid yet"),
    ] {
      let host = try AcquirerHost(papers, name)
      let caller = try Caller(settings())
      let text = evidence(caller.call(host.endpoint))
      #expect(text == "libcurl code 60: the certificate was refused: " + word)
      #expect(caller.events.count == 1)
    }
  }

  @Test("the doctor starts TLS by posd's own settings, and says what it fails at")
  func doctor() throws {
    func look(
      _ name: String = "good", _ options: String = "", _ settings: AcquirerConnection.Settings
    ) throws -> [String] {
      let host = try AcquirerHost(papers, name, options)
      return Doctor().encryption(
        host: host.endpoint.host, port: host.port, settings, unixSeconds: 1_800_000_000
      ).map { found in
        let evidence = found.evidence.split(separator: ": ").dropFirst().joined(separator: ": ")
        return found.code + " " + evidence
      }
    }
    let clock = "; the terminal's clock says 2027-01-15T08:00:00Z"
    let refused = "libcurl code 60: the certificate was refused: "
    let unknown = "NET-005 libcurl code 98: the host refused the client certificate, or wants one"
    let wantsClient = "-Verify 1 -verify_return_error -CAfile ca.pem"
    #expect(try look("good", "", settings()) == [])
    #expect(try look("good", wantsClient, settings(client: "client")) == [])
    for (name, options, client, wanted) in [
      ("early", "", nil, "NET-008 " + refused + "it is not valid yet" + clock),
      ("expired", "", nil, "NET-005 " + refused + "it has expired" + clock),
      ("elsewhere", "", nil, "NET-005 " + refused + "it is for another host name"),
      ("stranger", "", nil, "NET-005 " + refused + "another authority made it"),
      ("good", wantsClient, "intruder", unknown),
    ] {
      for version in [" -tls1_2", " -tls1_3"] {
        let found = try look(name, options + version, settings(client: client))
        #expect(found == [wanted], "\(name)\(version)")
      }
    }
    // Before TLS 1.3 a host that misses a certificate says no more than that it will not.
    #expect(try look("good", wantsClient + " -tls1_3", settings()) == [unknown])
    #expect(
      try look("good", wantsClient + " -tls1_2", settings())
        == ["NET-005 libcurl code 35: no version, cipher or client certificate that both take"])
    #expect(
      try look("good", "", settings(authority: "missing"))
        == ["NET-005 libcurl code 77: the authority file cannot be used"])
  }

  @Test("a host that takes a connection and says nothing is told as that")
  func silent() throws {
    let host = try SilentHost()
    let brief = AcquirerConnection.Settings(
      authorityFile: papers.path("ca.pem"), connectSeconds: 1)
    let found = Doctor().encryption(host: "127.0.0.1", port: host.port, brief)
    #expect(
      found.map { $0.code + " " + $0.evidence }
        == ["NET-005 127.0.0.1:\(host.port): the host does not answer the handshake in time"])
    // One that takes no connection any more is not said to be silent.
    let waiting = try (0..<8).map { _ in try host.knock() }
    let closed = Doctor().encryption(host: "127.0.0.1", port: host.port, brief)
    #expect(closed.map { $0.code } == ["NET-004"])
    #expect(waiting.count == 8)
  }

  @Test("a host that speaks no TLS 1.2 is not spoken to, nor one without TLS")
  func oldVersion() throws {
    let old = try AcquirerHost(papers, "good", "-tls1_1 -cipher ALL:@SECLEVEL=0")
    let text = evidence(try Caller(settings()).call(old.endpoint))
    #expect(text == "libcurl code 35: no version, cipher or client certificate that both take")
    // The host itself would have: this is what the refusal is worth.
    #expect(try papers.connects(to: old.port, "-tls1_1 -cipher ALL:@SECLEVEL=0"))
  }

  @Test("a host that has the pinned key is connected to, one with another key never")
  func pin() throws {
    let host = try AcquirerHost(papers)
    let right = try papers.pin("good")
    let wrong = try papers.pin("client")
    #expect(try Caller(settings(pin: right)).call(host.endpoint) == .connected)
    #expect(try Caller(settings(pin: wrong + ";" + right)).call(host.endpoint) == .connected)
    let text = evidence(try Caller(settings(pin: wrong)).call(host.endpoint))
    #expect(text == "libcurl code 90: the host has not the pinned key")
    // A pin is no way around the authority.
    let stranger = try AcquirerHost(papers, "stranger")
    let pinned = settings(pin: try papers.pin("stranger"))
    #expect(evidence(try Caller(pinned).call(stranger.endpoint))?.contains("code 60") == true)
  }

  @Test(
    "a host that wants a client certificate takes the right one, and refuses none and another's",
    arguments: ["-tls1_2", "-tls1_3"])
  func clientCertificate(_ version: String) throws {
    let host = try AcquirerHost(
      papers, "good", version + " -Verify 1 -CAfile ca.pem -verify_return_error")
    let welcome = try Caller(settings(client: "client"))
    #expect(welcome.call(host.endpoint) == .connected)
    welcome.say("posd was here\n", atMost: .milliseconds(1))
    welcome.turn { host.said.contains("posd was here") }
    #expect(host.said.contains("posd was here"))
    #expect(host.said.contains("CN = client"))
    welcome.connection.perform(.disconnect)
    for name in [nil, "intruder"] {
      let caller = try Caller(settings(client: name))
      // With TLS 1.3 the word of the host comes when this side is done already.
      if caller.call(host.endpoint) == .connected {
        caller.turn { caller.events.count > 1 }
      }
      let text = evidence(caller.events.last)
      // Until TLS 1.2 the lack of one is a failed handshake like others (RFC 5246, 7.4.6).
      let isUnnamed = name == nil && version == "-tls1_2"
      #expect(
        text
          == (isUnnamed
            ? "libcurl code 35: no version, cipher or client certificate that both take"
            : "libcurl code 98: the host refused the client certificate, or wants one"),
        "\(name ?? "none"): \(caller.events) \(host.said)")
    }
  }

  @Test("a client certificate that cannot be used is named as ours")
  func unusable() throws {
    let host = try AcquirerHost(papers)
    var settings = settings(client: "client")
    settings.client?.keyFile = papers.path("good.key")
    let text = evidence(try Caller(settings).call(host.endpoint))
    #expect(text == "libcurl code 58: the client certificate or its key cannot be used")
  }

  @Test("a session is taken up again, and no data is sent before the handshake")
  func resumption() throws {
    for version in ["-tls1_2", "-tls1_3"] {
      let host = try AcquirerHost(
        papers, "good", version == "-tls1_3" ? "-tls1_3 -early_data" : version)
      let caller = try Caller(settings())
      for round in 1...2 {
        #expect(caller.call(host.endpoint) == .connected)
        caller.say("round \(round)\n", atMost: .milliseconds(200))
        caller.turn { host.said.contains("round \(round)") }
        // What the host had said before it heard that, its ticket, may be unread yet.
        caller.turn(.milliseconds(50)) { false }
        caller.connection.perform(.disconnect)
      }
      #expect(host.said.contains("Reused session-id"), "\(version)")
      #expect(!host.said.contains("Early data received"))
    }
  }
}
