// SPDX-License-Identifier: Apache-2.0

extension SecureElementSettings {
  private enum Kind {
    case file
    case pkcs11
  }

  /// The bytes of a token's label (PKCS #11 v2.40, 3.2: CK_TOKEN_INFO).
  private static let labelLimit = 32

  /// Reads the stanza `secure-element`; files are meant when it does not say what is.
  init(_ reader: YAMLReader) throws(ConfigurationFault) {
    let kinds: [(word: String, value: Kind)] = [("file", .file), ("pkcs11", .pkcs11)]
    let kind = reader.has("kind") ? try reader.choice("kind", kinds) : .file
    switch kind {
    case .file: self = .file(deviceSecret: try reader.text("device-secret"))
    case .pkcs11:
      let module = try reader.text("module")
      let token = try reader.text("token")
      if !module.hasPrefix("/") {
        throw ConfigurationFault(
          place: reader.ownPlace, message: "secure-element.module must be a path from /")
      }
      if token.utf8.count > SecureElementSettings.labelLimit {
        throw ConfigurationFault(
          place: reader.ownPlace,
          message: "secure-element.token must be a label of at most 32 bytes")
      }
      self = .pkcs11(module: module, token: token, pinFile: try reader.text("pin-file"))
    }
    try reader.finish()
  }
}
