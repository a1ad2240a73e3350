// SPDX-License-Identifier: Apache-2.0

import Clockwork
import Foundation
import LinuxHost
import TerminalCore
import Testing

@Suite("Settings of the acquirer's link")
struct LinkSettingsTests {
  private static let pin = "sha256//" + String(repeating: "A", count: 43) + "="

  /// The shipped files with these lines added to a stanza, or in its place.
  private static func load(
    _ name: String, _ from: String, _ to: String, _ folder: Folder
  ) throws -> Configuration {
    for file in try shippedConfiguration() {
      let text = try String(contentsOfFile: repository + "/Config/" + file, encoding: .utf8)
      try folder.write(
        file, file == name ? text.replacingOccurrences(of: from, with: to) : text)
    }
    return try Configuration(file: folder.path + "/posd.yaml", run: folder.path)
  }

  private static func trust(_ lines: String, _ folder: Folder) throws -> Configuration {
    let from = "  connect-seconds: 10\n"
    return try load("posd.yaml", from, from + lines, folder)
  }

  private static func link(_ lines: String) throws -> LinkRules {
    let stanza = "  connection: short\n  primary-pause-seconds: 60\n"
    return try load("acquirers/generic.yaml", stanza, lines, try Folder()).acquirer.link
  }

  private static func message(_ body: () throws -> Void) -> String? {
    do {
      try body()
      return nil
    } catch let fault as ConfigurationFault {
      return fault.message
    } catch {
      return "\(error)"
    }
  }

  @Test("nothing is said: no client certificate, no pin, a connection for each request")
  func shipped() throws {
    let configuration = try LinkSettingsTests.trust("", try Folder())
    #expect(configuration.acquirerLink.client == nil)
    #expect(configuration.acquirerLink.pinnedKey == nil)
    #expect(configuration.acquirer.link == LinkRules())
  }

  @Test("a client certificate and a pin are taken over")
  func trust() throws {
    let folder = try Folder()
    try folder.write("c.pem", "-----BEGIN CERTIFICATE-----\n")
    try folder.write("c.key", "-----BEGIN PRIVATE KEY-----\n")
    let link = try LinkSettingsTests.trust(
      "  client-certificate-file: ${RUN}/c.pem\n  client-key-file: ${RUN}/c.key\n"
        + "  pinned-public-key: \(LinkSettingsTests.pin);\(LinkSettingsTests.pin)\n", folder
    ).acquirerLink
    #expect(link.client?.certificateFile == folder.path + "/c.pem")
    #expect(link.client?.keyFile == folder.path + "/c.key")
    #expect(link.pinnedKey == LinkSettingsTests.pin + ";" + LinkSettingsTests.pin)
  }

  @Test("files that cannot be used and pins that are none are named at their place")
  func mistakes() throws {
    let folder = try Folder()
    try folder.write("c.pem", "-----BEGIN CERTIFICATE-----\n")
    try folder.write("secret.key", "-----BEGIN ENCRYPTED PRIVATE KEY-----\n")
    let certificate = "  client-certificate-file: ${RUN}/c.pem\n"
    for (lines, says) in [
      (certificate, "acquirer-link.client-key-file is missing"),
      ("  client-key-file: /k\n", "acquirer-link.client-certificate-file is missing"),
      (
        certificate + "  client-key-file: /no/such.key\n",
        "acquirer-link.client-key-file /no/such.key cannot be read"
      ),
      (
        certificate + "  client-key-file: ${RUN}/c.pem\n",
        "acquirer-link.client-key-file \(folder.path)/c.pem holds no PEM of the right kind"
      ),
      (
        certificate + "  client-key-file: ${RUN}/secret.key\n",
        "acquirer-link.client-key-file \(folder.path)/secret.key is encrypted"
      ),
      ("  verify: false\n", "unknown key acquirer-link.verify; did you mean authority-file?"),
    ] {
      let found = LinkSettingsTests.message { _ = try LinkSettingsTests.trust(lines, folder) }
      #expect(found == says)
    }
    let pin = LinkSettingsTests.pin
    for bad in ["sha256//AAAA=", "sha1//" + pin, pin + ";", String(pin.dropLast()) + "A", "x"] {
      let found = LinkSettingsTests.message {
        _ = try LinkSettingsTests.trust("  pinned-public-key: \(bad)\n", folder)
      }
      #expect(found?.contains("pinned-public-key must be sha256//") == true, "\(bad)")
    }
  }

  @Test("the place of a file that cannot be read is its own line and column")
  func place() throws {
    let folder = try Folder()
    try folder.write("c.key", "-----BEGIN PRIVATE KEY-----\n")
    let lines = "  client-certificate-file: /no/such.pem\n  client-key-file: ${RUN}/c.key\n"
    let fault = #expect(throws: ConfigurationFault.self) {
      try LinkSettingsTests.trust(lines, folder)
    }
    let text = String(decoding: folder.bytes("posd.yaml"), as: UTF8.self)
    let row = text.split(separator: "\n", omittingEmptySubsequences: false)
      .firstIndex { $0.contains("/no/such.pem") }
    #expect(fault?.place.line == (row ?? -1) + 1)
    #expect(fault?.place.column == 28)
  }

  @Test("advices are tried for ever where the file says 0, and a number of tries is taken over")
  func adviceTries() throws {
    let file = "acquirers/generic.yaml"
    func tries(_ line: String) throws -> Int {
      try LinkSettingsTests.load(file, "advice-tries: 0\n", line, try Folder())
        .acquirer.rules.adviceTries
    }
    #expect(try tries("advice-tries: 0\n") == 0)
    #expect(try tries("advice-tries: 12\n") == 12)
    for (line, says) in [
      ("", "advice-tries is missing"),
      ("advice-tries: -1\n", "advice-tries must be a number 0...1000"),
      ("advice-tries: 1001\n", "advice-tries must be a number 0...1000"),
      ("advice-tries: few\n", "advice-tries must be a number 0...1000"),
    ] {
      #expect(LinkSettingsTests.message { _ = try tries(line) } == says)
    }
  }

  @Test("a long connection has its rules, a short one none of them")
  func connection() throws {
    #expect(
      try LinkSettingsTests.link(
        "  connection: long\n  idle-seconds: 900\n  keep-alive: echo\n"
          + "  keep-alive-seconds: 60\n  in-flight: 4\n  primary-pause-seconds: 30\n")
        == LinkRules(
          idleLimit: .seconds(900), keepAlive: .echo, keepAlivePause: .seconds(60),
          inFlightLimit: 4, primaryPause: .seconds(30)))
    #expect(
      try LinkSettingsTests.link("  connection: long\n  idle-seconds: 5\n  keep-alive: none\n")
        == LinkRules(idleLimit: .seconds(5)))
    let long = "  connection: long\n  idle-seconds: 60\n"
    for (lines, says) in [
      ("  connection: short\n  idle-seconds: 5\n", "link.idle-seconds needs connection: long"),
      ("  connection: short\n  in-flight: 2\n", "link.in-flight needs connection: long"),
      ("  connection: long\n", "link.idle-seconds is missing"),
      (long + "  keep-alive: echo\n", "link.keep-alive-seconds is missing"),
      (long + "  keep-alive-seconds: 5\n", "link.keep-alive-seconds needs a keep-alive"),
      (
        long + "  keep-alive: empty-frame\n  keep-alive-seconds: 60\n",
        "link.keep-alive-seconds must be less than idle-seconds"
      ),
      (long + "  in-flight: 9\n", "link.in-flight must be a number 1...8"),
    ] {
      #expect(LinkSettingsTests.message { _ = try LinkSettingsTests.link(lines) } == says)
    }
  }
}
