// SPDX-License-Identifier: Apache-2.0

import CPKCS11
import Devices
import Glibc

/// A PKCS #11 library, loaded into this program and never unloaded: whoever else uses it here would
/// lose sessions, and many modules do not survive it.
@safe struct PKCS11Module {
  typealias Functions = CK_FUNCTION_LIST

  let path: String
  private let functions: UnsafeMutablePointer<Functions>

  init(_ path: String) throws(SecureFault) {
    self.path = path
    // Without a slash the loader would take the first file of this name on its own search path.
    if !path.hasPrefix("/") {
      throw .moduleNotLoaded(path, reason: "the path must begin with /")
    }
    guard let library = unsafe dlopen(path, RTLD_NOW | RTLD_LOCAL) else {
      throw .moduleNotLoaded(path, reason: PKCS11Module.loaderText)
    }
    guard let symbol = unsafe dlsym(library, "C_GetFunctionList") else {
      throw .moduleNotLoaded(path, reason: "it is no PKCS #11 module")
    }
    typealias List = UnsafeMutablePointer<Functions>
    typealias GetList = @convention(c) (UnsafeMutablePointer<List?>) -> CK_RV
    let getList = unsafe unsafeBitCast(symbol, to: GetList.self)
    var list: List?
    let code = unsafe getList(&list)
    guard code == CKR_OK, let list = unsafe list else {
      throw .refused("C_GetFunctionList", code: UInt64(code))
    }
    // v3 modules give their v2.40 functions here; before v2 the list was another one.
    if unsafe list.pointee.version.major != CRYPTOKI_VERSION_MAJOR {
      throw .moduleNotLoaded(path, reason: "it does not speak PKCS #11 v2")
    }
    unsafe functions = list
    try initialise()
  }

  /// Calls one function; a code that says no is thrown with the function's name.
  func call(
    _ name: String, _ function: (Functions) -> CK_RV?
  ) throws(SecureFault) {
    let code = unsafe function(functions.pointee) ?? CKR_FUNCTION_NOT_SUPPORTED
    if code != CKR_OK { throw .refused(name, code: UInt64(code)) }
  }

  /// Once a program; the second one that asks for it is told so, and that is no fault.
  private func initialise() throws(SecureFault) {
    var options = unsafe CK_C_INITIALIZE_ARGS()
    unsafe options.flags = CKF_OS_LOCKING_OK
    do throws(SecureFault) {
      try call("C_Initialize") { unsafe $0.C_Initialize?(&options) }
    } catch .refused(_, UInt64(CKR_CRYPTOKI_ALREADY_INITIALIZED)) {
      return
    } catch .refused(_, UInt64(CKR_CANT_LOCK)) {
      // A module without locks is good enough: one thread of this program calls it.
      try call("C_Initialize") { $0.C_Initialize?(nil) }
    }
  }

  private static var loaderText: String {
    guard let text = unsafe dlerror() else { return "the loader does not say why" }
    return unsafe String(cString: text)
  }
}
