// SPDX-License-Identifier: Apache-2.0

import CPKCS11
import Devices

extension PKCS11Session {
  /// Of one kind and name there is one object, or a few that a power cut left behind.
  private static let mostFound = 64
  /// The longest value that is read: a record with the longest secret, or a point.
  private static let mostBytes = 1_024

  /// The objects that have all of these attributes.
  func find(_ attributes: [PKCS11Attribute]) throws(SecureFault) -> [CK_OBJECT_HANDLE] {
    let template = PKCS11Template(attributes)
    try call("C_FindObjectsInit") { functions, handle in
      unsafe template.use { unsafe functions.C_FindObjectsInit?(handle, $0, template.count) }
    }
    do throws(SecureFault) {
      let found = try collect()
      try call("C_FindObjectsFinal") { $0.C_FindObjectsFinal?($1) }
      return found
    } catch {
      // The search that failed is the fault to tell; its end may fail for the same reason.
      try? call("C_FindObjectsFinal") { $0.C_FindObjectsFinal?($1) }
      throw error
    }
  }

  /// A token may give fewer than it was asked for; only none at all is the end.
  private func collect() throws(SecureFault) -> [CK_OBJECT_HANDLE] {
    var all: [CK_OBJECT_HANDLE] = []
    while all.count <= PKCS11Session.mostFound {
      var part = [CK_OBJECT_HANDLE](repeating: CK_OBJECT_HANDLE(CK_INVALID_HANDLE), count: 16)
      let room = CK_ULONG(part.count)
      var count: CK_ULONG = 0
      try call("C_FindObjects") { unsafe $0.C_FindObjects?($1, &part, room, &count) }
      if count == 0 { return all }
      all += part.prefix(Int(count))
    }
    throw .damaged("the token, with over \(PKCS11Session.mostFound) objects of one name,")
  }

  func create(_ attributes: [PKCS11Attribute]) throws(SecureFault) {
    let template = PKCS11Template(attributes)
    var made = CK_OBJECT_HANDLE(CK_INVALID_HANDLE)
    try call("C_CreateObject") { functions, handle in
      unsafe template.use { unsafe functions.C_CreateObject?(handle, $0, template.count, &made) }
    }
  }

  /// Destroys an object; one that another program has destroyed is gone as well.
  func destroy(_ object: CK_OBJECT_HANDLE) throws(SecureFault) {
    do throws(SecureFault) {
      try call("C_DestroyObject") { $0.C_DestroyObject?($1, object) }
    } catch .refused(_, UInt64(CKR_OBJECT_HANDLE_INVALID)) {
      return
    }
  }

  /// The value of one attribute; nothing, when it is longer than any of ours.
  func bytes(
    _ object: CK_OBJECT_HANDLE, _ type: CK_ATTRIBUTE_TYPE
  ) throws(SecureFault) -> [UInt8] {
    let room = [UInt8](repeating: 0, count: PKCS11Session.mostBytes)
    let template = PKCS11Template([PKCS11Attribute(type, room)])
    do throws(SecureFault) {
      try call("C_GetAttributeValue") { functions, handle in
        unsafe template.use { unsafe functions.C_GetAttributeValue?(handle, object, $0, 1) }
      }
    } catch .refused(_, UInt64(CKR_BUFFER_TOO_SMALL)) {
      return []
    }
    return unsafe template.use { list in
      // A value that is not there has the length of all ones.
      guard let first = unsafe list?.pointee,
        let count = unsafe Int(exactly: first.ulValueLen), count <= room.count
      else { return [] }
      return unsafe Array(UnsafeRawBufferPointer(start: first.pValue, count: count))
    }
  }
}
