// SPDX-License-Identifier: Apache-2.0

/// What GENERATE AC answers, in either of its formats (EMV 4.4 Book 3, 6.5.5.4).
struct CryptogramAnswer: Hashable, Sendable {
  let information: CryptogramInformation
  /// Two bytes.
  let counter: [UInt8]
  /// Eight bytes; nil in a signed answer, whose signature holds them.
  let cryptogram: [UInt8]?
  let issuerData: [UInt8]?
  let isSigned: Bool
  /// The whole body, which a signature covers as it is.
  let bytes: [UInt8]

  /// Nil where something mandatory is missing or breaks its format; for a cryptogram without
  /// signature that is the cryptogram too, which `check` says.
  init?(_ bytes: [UInt8]) {
    self.bytes = bytes
    if let plain = TLVWalk.only(.format1, in: bytes) {
      if !(11...43).contains(plain.count) { return nil }
      let body = Array(bytes[plain])
      information = CryptogramInformation(rawValue: body[0])
      counter = Array(body[1...2])
      cryptogram = Array(body[3...10])
      issuerData = body.count > 11 ? Array(body[11...]) : nil
      isSigned = false
      return
    }
    guard let template = TLVWalk.only(.format2, in: bytes), TLVWalk.isSound(bytes, template) else {
      return nil
    }
    var found = DataObjectList()
    var walk = TLVWalk(bytes, in: template)
    while let object = try? walk.next() {
      let isCounter = object.tag == .atc
      guard !object.value.isEmpty, let rule = DataRule(of: object.tag),
        rule.place == .cryptogram || isCounter
      else { continue }
      let value = Array(bytes[object.value])
      if !rule.allows(value) || found.contains(object.tag) { return nil }
      found[object.tag] = value
    }
    guard let information = found[.cryptogramInformation], let counter = found[.atc] else {
      return nil
    }
    self.information = CryptogramInformation(rawValue: information[0])
    self.counter = counter
    cryptogram = found[.cryptogram]
    issuerData = found[.issuerApplicationData]
    isSigned = found.contains(.signedDynamicData)
  }
}
