// SPDX-License-Identifier: Apache-2.0

import Clockwork
import TerminalCore
import Wire

// posd.yaml says how a terminal trusts its acquirer's hosts, the acquirer's file how they want
// their connections kept.

extension AcquirerConnection.Settings {
  /// Certificates with those between them and their authority.
  private static let fileLimit = 65_536

  /// Reads the stanza `acquirer-link`.
  init(_ reader: YAMLReader) throws(ConfigurationFault) {
    self.init(
      authorityFile: try reader.text("authority-file"),
      connectSeconds: try reader.integer("connect-seconds", 1...60))
    if reader.has("client-certificate-file") || reader.has("client-key-file") {
      client = AcquirerConnection.ClientCertificate(
        certificateFile: try AcquirerConnection.Settings.file(
          reader, "client-certificate-file", holds: "CERTIFICATE-----"),
        keyFile: try AcquirerConnection.Settings.file(
          reader, "client-key-file", holds: "PRIVATE KEY-----"))
    }
    if reader.has("pinned-public-key") {
      let pin = try reader.text("pinned-public-key")
      let isPin = pin.split(separator: ";", omittingEmptySubsequences: false).allSatisfy {
        AcquirerConnection.Settings.isPin($0)
      }
      if !isPin {
        throw reader.fault(
          "pinned-public-key", "must be sha256// and 44 characters of base64; several with ;")
      }
      pinnedKey = pin
    }
    try reader.finish()
  }

  /// A file that is there and holds what it should. An encrypted key would be asked for at a screen
  /// that nobody looks at.
  private static func file(
    _ reader: YAMLReader, _ key: String, holds mark: String
  ) throws(ConfigurationFault) -> String {
    let path = try reader.text(key)
    guard let bytes = FileSystem.read(path, limit: fileLimit) else {
      throw reader.fault(key, "\(path) cannot be read")
    }
    let text = String(decoding: bytes, as: UTF8.self)
    if text.contains("ENCRYPTED") { throw reader.fault(key, "\(path) is encrypted") }
    if !text.contains("-----BEGIN ") || !text.contains(mark) {
      throw reader.fault(key, "\(path) holds no PEM of the right kind")
    }
    return path
  }

  private static func isPin(_ text: Substring) -> Bool {
    let digits = Array(text.utf8)
    let isBase64 = digits.dropFirst(8).dropLast().allSatisfy { byte in
      switch byte {
      case UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "a")...UInt8(ascii: "z"),
        UInt8(ascii: "A")...UInt8(ascii: "Z"), UInt8(ascii: "+"), UInt8(ascii: "/"):
        true
      default: false
      }
    }
    return text.hasPrefix("sha256//") && digits.count == 52 && isBase64
      && digits.last == UInt8(ascii: "=")
  }
}

extension LinkRules {
  /// Reads the stanza `link` of an acquirer's file.
  init(_ reader: YAMLReader) throws(ConfigurationFault) {
    self.init()
    let isLong = try reader.choice("connection", [("short", false), ("long", true)])
    if reader.has("primary-pause-seconds") {
      primaryPause = .seconds(Int64(try reader.integer("primary-pause-seconds", 1...3_600)))
    }
    if isLong {
      try readLong(reader)
    } else {
      for key in ["idle-seconds", "keep-alive", "keep-alive-seconds", "in-flight"] {
        if reader.has(key) { throw reader.fault(key, "needs connection: long") }
      }
    }
    try reader.finish()
  }

  private mutating func readLong(_ reader: YAMLReader) throws(ConfigurationFault) {
    let idle = try reader.integer("idle-seconds", 1...86_400)
    idleLimit = .seconds(Int64(idle))
    if reader.has("in-flight") { inFlightLimit = try reader.integer("in-flight", 1...8) }
    if reader.has("keep-alive") {
      keepAlive = try reader.choice(
        "keep-alive", [("none", .none), ("echo", .echo), ("empty-frame", .emptyFrame)])
    }
    if keepAlive == .none {
      if reader.has("keep-alive-seconds") {
        throw reader.fault("keep-alive-seconds", "needs a keep-alive")
      }
      return
    }
    let pause = try reader.integer("keep-alive-seconds", 1...86_400)
    if pause >= idle {
      throw reader.fault("keep-alive-seconds", "must be less than idle-seconds")
    }
    keepAlivePause = .seconds(Int64(pause))
  }
}
