// SPDX-License-Identifier: Apache-2.0

import CPKCS11
import Devices

//   01 │ number, 8, most significant first │ payload
//
// A record is a private data object of the token, which nobody finds who has no PIN. It is never
// changed: a new one is created with a higher number, then the former ones are destroyed. So a
// power cut between leaves two, of which the higher counts; there is no moment without one. Of a
// secret the number is its generation, of a counter its value.

/// A record as it was found.
struct PKCS11Record {
  let object: CK_OBJECT_HANDLE
  /// Nil when the object is none of ours, or was changed.
  let number: UInt64?
  let payload: [UInt8]

  init(_ object: CK_OBJECT_HANDLE, _ bytes: [UInt8]) {
    self.object = object
    if bytes.count < 9 || bytes[0] != 1 {
      (number, payload) = (nil, [])
    } else {
      number = bytes[1..<9].reduce(0) { $0 << 8 | UInt64($1) }
      payload = Array(bytes[9...])
    }
  }

  static func bytes(_ number: UInt64, _ payload: [UInt8]) -> [UInt8] {
    [1] + (0..<8).map { UInt8(truncatingIfNeeded: number >> (56 - 8 * UInt64($0))) } + payload
  }
}

extension PKCS11Session {
  /// The record that counts; nil when there is none.
  func newest(_ label: String) throws(SecureFault) -> PKCS11Record? {
    let all = try records(label)
    if all.contains(where: { $0.number == nil }) { throw .damaged(label) }
    return all.last
  }

  /// Creates the new record, then destroys the former ones.
  func replace(
    _ label: String, _ number: UInt64, _ payload: [UInt8]
  ) throws(SecureFault) {
    let former = try records(label)
    try add(label, number, payload)
    for record in former { try destroy(record.object) }
  }

  /// Creates a record beside those that are there.
  func add(_ label: String, _ number: UInt64, _ payload: [UInt8]) throws(SecureFault) {
    try create(
      PKCS11Session.description(label) + [
        PKCS11Attribute(CKA_PRIVATE, true), PKCS11Attribute(CKA_MODIFIABLE, false),
        PKCS11Attribute(CKA_VALUE, PKCS11Record.bytes(number, payload)),
      ])
  }

  /// Destroys every record of this name, the one that counts last: cut off at any moment, no
  /// former one comes back.
  func remove(_ label: String) throws(SecureFault) {
    for record in try records(label) { try destroy(record.object) }
  }

  /// The records of this name in the order of their numbers; damaged ones stand first.
  private func records(_ label: String) throws(SecureFault) -> [PKCS11Record] {
    var all: [PKCS11Record] = []
    for object in try find(PKCS11Session.description(label)) {
      all.append(PKCS11Record(object, try bytes(object, CKA_VALUE)))
    }
    return all.sorted { left, right in
      guard let leftNumber = left.number else { return right.number != nil }
      guard let rightNumber = right.number else { return false }
      if leftNumber != rightNumber { return leftNumber < rightNumber }
      // Only two programs at once make two of one number: whoever reads them reads the same one.
      return left.payload.lexicographicallyPrecedes(right.payload)
    }
  }

  private static func description(_ label: String) -> [PKCS11Attribute] {
    [
      PKCS11Attribute(CKA_CLASS, number: CKO_DATA), PKCS11Attribute(CKA_TOKEN, true),
      PKCS11Attribute(CKA_APPLICATION, "posd"), PKCS11Attribute(CKA_LABEL, label),
    ]
  }
}
