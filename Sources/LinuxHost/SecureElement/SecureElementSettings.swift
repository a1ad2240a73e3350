// SPDX-License-Identifier: Apache-2.0

public import Devices

/// Which secure element a terminal has.
public enum SecureElementSettings: Hashable, Sendable {
  /// Files under a device secret: for development, and for boards that have nothing better.
  case file(deviceSecret: String)
  /// A token behind a PKCS #11 module: its library, the token's label, the file of the user PIN.
  case pkcs11(module: String, token: String, pinFile: String)

  /// Opens the secure element; files are in `secrets` of the state folder.
  public func open(stateFolder: String) throws(SecureFault) -> any SecureElement {
    switch self {
    case .file(let secret):
      try FileSecureElement(folder: stateFolder + "/secrets", deviceSecretFile: secret)
    case .pkcs11(let module, let token, let pinFile):
      try PKCS11SecureElement(modulePath: module, tokenLabel: token, pinFile: pinFile)
    }
  }
}
