// SPDX-License-Identifier: Apache-2.0

import Devices
import EMVKernel
import TerminalCore
import Wire

extension AcquirerProfile {
  /// What it takes to read chips: EMV 4.4 Book 4, annex A, and the payment systems' rules. The
  /// applications and keys that stand here hold until the acquirer has sent others.
  static func chip(_ reader: YAMLReader) throws(ConfigurationFault) -> ChipRules {
    let types = [0x11, 0x14, 0x21, 0x24] as [UInt8]
    let type = try reader.choice("terminal-type", types.map { (Hex.text([$0]), $0) })
    let capabilities = try bytes("capabilities", 3...3, of: reader)
    if capabilities[1] & 0x91 != 0 {
      throw reader.fault(
        "capabilities", "promises an offline PIN, which no pad here can bring to a card")
    }
    let further = try bytes("additional-capabilities", 5...5, of: reader)
    let country = try reader.integer("country", 1...999)
    let languages = try reader.texts("languages")
    var spoken: [Language] = []
    for (text, place) in languages {
      let letters = Array(text.utf8)
      guard letters.count == 2, let language = Language(letters[0], letters[1]) else {
        throw ConfigurationFault(place: place, message: "languages holds pairs of letters")
      }
      spoken.append(language)
    }
    let fallback = try reader.choice("fallback", [("refuse", false), ("technical", true)])
    var applications: [ApplicationParameters] = []
    for item in reader.has("applications") ? try reader.maps("applications") : [] {
      applications.append(try application(item))
    }
    var keys: [AuthorityKey] = []
    for item in reader.has("keys") ? try reader.maps("keys") : [] { keys.append(try key(item)) }
    try reader.finish()
    guard let type = TerminalType(rawValue: type), let further = AdditionalCapabilities(further)
    else { throw reader.fault("terminal-type", "is none") }
    let number = capabilities.reduce(0) { $0 << 8 | UInt32($1) }
    let packed = UInt16(country / 100) << 8 | UInt16(country / 10 % 10) << 4 | UInt16(country % 10)
    let kernel = KernelSettings(
      terminalType: type, capabilities: TerminalCapabilities(rawValue: number),
      additionalCapabilities: further, country: packed, languages: spoken,
      applications: applications, keys: keys)
    return ChipRules(kernel: kernel, allowsFallback: fallback)
  }

  private static func application(
    _ reader: YAMLReader
  ) throws(ConfigurationFault) -> ApplicationParameters {
    let name = try bytes("aid", 5...16, of: reader)
    var risk = RiskParameters()
    risk.denialCode = try code("denial", reader)
    risk.onlineCode = try code("online", reader)
    risk.defaultCode = try code("default", reader)
    risk.floorLimit = UInt32(try reader.integer("floor-limit", 0...2_000_000_000))
    let version = try bytes("version", 2...2, of: reader).reduce(0) { $0 << 8 | UInt16($1) }
    let isPartial = try reader.boolean("partial")
    try reader.finish()
    guard let aid = AID(name) else { throw reader.fault("aid", "is none") }
    return ApplicationParameters(
      aid: aid, matchesPartially: isPartial, versionNumbers: [version], risk: risk)
  }

  /// An action code of five bytes.
  private static func code(_ name: String, _ reader: YAMLReader) throws(ConfigurationFault) -> TVR {
    TVR(try bytes(name, 5...5, of: reader)) ?? TVR()
  }

  private static func key(_ reader: YAMLReader) throws(ConfigurationFault) -> AuthorityKey {
    let scheme = try bytes("scheme", 5...5, of: reader)
    let index = try bytes("index", 1...1, of: reader)
    let modulus = try bytes("modulus", 64...248, of: reader)
    let exponent = try bytes("exponent", 1...3, of: reader)
    let sum = try bytes("check-sum", 20...20, of: reader)
    try reader.finish()
    do throws(AuthenticationFault) {
      return try AuthorityKey(
        scheme: scheme, index: index[0], modulus: modulus, exponent: exponent, checkSum: sum)
    } catch {
      // Lists of keys in circulation have such (EMV 4.4 Book 4, 10.2).
      throw reader.fault("check-sum", "does not fit the key, or no authority may have such a key")
    }
  }
}
