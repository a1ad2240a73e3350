// SPDX-License-Identifier: Apache-2.0

import CPKCS11
import Devices
import Glibc

/// A read-write session of a token, with its user logged in.
final class PKCS11Session {
  /// Far more slots than a terminal has.
  private static let mostSlots = 64
  /// The bytes of a label, filled up with blanks (PKCS #11 v2.40, 3.2: CK_TOKEN_INFO).
  private static let labelCount = 32

  /// What is said when token or session went away, or nobody is logged in any more: a new session
  /// is worth one try.
  static let lost: [UInt64] = [
    CKR_SESSION_HANDLE_INVALID, CKR_SESSION_CLOSED, CKR_DEVICE_REMOVED, CKR_TOKEN_NOT_PRESENT,
    CKR_USER_NOT_LOGGED_IN,
  ].map { UInt64($0) }

  let module: PKCS11Module
  private(set) var handle = CK_SESSION_HANDLE(CK_INVALID_HANDLE)

  /// Finds the token by its label, in whatever slot it is, opens a session and logs in.
  init(_ module: PKCS11Module, label: String, pinFile: String) throws(SecureFault) {
    self.module = module
    let (slot, flags) = try PKCS11Session.slot(module, label)
    var opened = CK_SESSION_HANDLE(CK_INVALID_HANDLE)
    let kind = CK_FLAGS(CKF_SERIAL_SESSION | CKF_RW_SESSION)
    try module.call("C_OpenSession") { unsafe $0.C_OpenSession?(slot, kind, nil, nil, &opened) }
    handle = opened
    try login(label, flags, pinFile)
  }

  deinit {
    // A session that is lost cannot be closed; one that is open is closed with the program at last.
    // The user stays logged in as long as another session of this program is open.
    try? call("C_CloseSession") { $0.C_CloseSession?($1) }
  }

  /// Calls a function with this session.
  func call(
    _ name: String, _ function: (PKCS11Module.Functions, CK_SESSION_HANDLE) -> CK_RV?
  ) throws(SecureFault) {
    let handle = self.handle
    try module.call(name) { function($0, handle) }
  }

  /// Throws when nobody is logged in any more. Private objects are then simply not found, and what
  /// is not found would be made anew.
  func check() throws(SecureFault) {
    var facts = CK_SESSION_INFO()
    try call("C_GetSessionInfo") { unsafe $0.C_GetSessionInfo?($1, &facts) }
    if facts.state != CKS_RW_USER_FUNCTIONS {
      throw .refused("C_GetSessionInfo", code: UInt64(CKR_USER_NOT_LOGGED_IN))
    }
  }

  private static func slot(
    _ module: PKCS11Module, _ label: String
  ) throws(SecureFault) -> (CK_SLOT_ID, CK_FLAGS) {
    var slots = [CK_SLOT_ID](repeating: 0, count: mostSlots)
    var count = CK_ULONG(mostSlots)
    try module.call("C_GetSlotList") {
      unsafe $0.C_GetSlotList?(CK_BBOOL(CK_TRUE), &slots, &count)
    }
    var found: [(CK_SLOT_ID, CK_FLAGS)] = []
    for slot in slots.prefix(Int(count)) {
      var facts = CK_TOKEN_INFO()
      do throws(SecureFault) {
        try module.call("C_GetTokenInfo") { unsafe $0.C_GetTokenInfo?(slot, &facts) }
      } catch {
        // One that was pulled out since, or is not ours to understand, is not the one.
        continue
      }
      let bytes = unsafe withUnsafeBytes(of: &facts.label) { unsafe Array($0) }
      if bytes == padded(label) { found.append((slot, facts.flags)) }
    }
    if found.count > 1 { throw .tokenAmbiguous(label) }
    guard let only = found.first else { throw .tokenNotFound(label) }
    return only
  }

  private static func padded(_ label: String) -> [UInt8] {
    let bytes = Array(label.utf8)
    return bytes + [UInt8](repeating: 0x20, count: max(0, labelCount - bytes.count))
  }

  /// What the token's flags say against a login. A service is started again and again: with a
  /// wrong PIN it would lock the token in a few seconds. So the last try is never taken.
  static func obstacle(_ flags: CK_FLAGS, _ label: String) -> SecureFault? {
    if flags & CKF_USER_PIN_LOCKED != 0 { return .pinLocked(label) }
    return flags & CKF_USER_PIN_FINAL_TRY != 0 ? .pinLastTry(label) : nil
  }

  private func login(
    _ label: String, _ flags: CK_FLAGS, _ pinFile: String
  ) throws(SecureFault) {
    if let obstacle = PKCS11Session.obstacle(flags, label) { throw obstacle }
    let pin = try PINFile(pinFile)
    do throws(SecureFault) {
      try call("C_Login") { functions, handle in
        unsafe pin.use { unsafe functions.C_Login?(handle, CKU_USER, $0, CK_ULONG($1)) }
      }
    } catch .refused(let name, let code) {
      switch CK_RV(code) {
      case CKR_USER_ALREADY_LOGGED_IN: return
      case CKR_PIN_INCORRECT, CKR_PIN_INVALID, CKR_PIN_LEN_RANGE: throw .pinWrong(pinFile)
      case CKR_PIN_LOCKED: throw .pinLocked(label)
      default: throw .refused(name, code: code)
      }
    }
  }
}
