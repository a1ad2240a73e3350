// SPDX-License-Identifier: Apache-2.0

public import EMVKernel

/// A file of certification authorities' keys, a line each: `acquirers/test-capk.yaml`.
public enum AuthorityKeyFile {
  /// Reads a file. Throws the place of the first key that may not be used: a wrong check sum, an
  /// exponent or a length that no authority may have, or an index that the payment system has
  /// twice (EMV 4.4 Book 4, 10.2).
  public static func keys(_ file: String) throws(ConfigurationFault) -> [AuthorityKey] {
    let reader = try YAMLReader(try Configuration.parse(file))
    var keys: [AuthorityKey] = []
    for (text, place) in try reader.texts("authority-keys") {
      let key = try key(text, place)
      if keys.contains(where: { $0.scheme == key.scheme && $0.index == key.index }) {
        throw ConfigurationFault(place: place, message: "the payment system has this index twice")
      }
      keys.append(key)
    }
    try reader.finish()
    return keys
  }

  private static func key(
    _ text: String, _ place: FilePlace
  ) throws(ConfigurationFault) -> AuthorityKey {
    let words = text.utf8.split(separator: 0x20).map { Array($0) }
    do throws(AuthenticationFault) {
      if let key = try AuthorityKey(words: words) { return key }
    } catch {
      throw ConfigurationFault(place: place, message: message(error.check))
    }
    throw ConfigurationFault(
      place: place, message: "a key is identifier, index, exponent, check sum and modulus")
  }

  private static func message(_ check: AuthenticationFault.Check) -> String {
    switch check {
    case .checkSum: "the check sum of this key is another one: the key is refused"
    case .exponent: "the exponent is neither 3 nor 65537: the key is refused"
    default: "the modulus is too short or too long: the key is refused"
    }
  }
}
