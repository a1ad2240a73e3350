// SPDX-License-Identifier: Apache-2.0

import Devices

extension SecureFault {
  /// The entry in the catalogue of errors.
  var code: String {
    switch self {
    case .damaged: "KEY-001"
    case .deviceSecretMissing, .deviceSecretUnfit: "KEY-003"
    case .moduleNotLoaded, .tokenNotFound, .tokenAmbiguous: "KEY-004"
    case .pinWrong: "KEY-005"
    case .pinLastTry, .pinLocked: "KEY-006"
    case .notReadable, .notWritable, .openToOthers: "KEY-007"
    case .tokenGone, .refused, .wrongDigestLength, .wrongSecretLength, .counterBackwards:
      "KEY-008"
    }
  }

  /// What and where, for people.
  var text: String {
    switch self {
    case .wrongDigestLength(let count): "a digest of \(count) bytes is none of SHA-256"
    case .wrongSecretLength(let count):
      "a secret has 1 to \(SecureOrder.secretLimit) bytes, not \(count)"
    case .counterBackwards(let current): "the counter stands at \(current) and never goes back"
    case .notReadable(let path, let code):
      "\(path) cannot be read: \(SystemFault(code: code).text)"
    case .notWritable(let path, let code):
      "\(path) cannot be written: \(SystemFault(code: code).text)"
    case .damaged(let what):
      "\(what) was changed, is torn, or is sealed under another device secret"
    case .openToOthers(let path): "\(path) must be for its owner alone: chmod go= \(path)"
    case .deviceSecretMissing(let path): "there are secrets, but no device secret in \(path)"
    case .deviceSecretUnfit(let path):
      "\(path) is no device secret: it wants 32 to 4096 bytes that are not all the same"
    case .moduleNotLoaded(let path, let reason): "\(path) cannot be loaded: \(reason)"
    case .tokenNotFound(let label): "no token is labelled \(label)"
    case .tokenAmbiguous(let label): "more than one token is labelled \(label)"
    case .pinWrong(let path): "the PIN in \(path) is not the token's"
    case .pinLastTry(let label): "the token \(label) has one try left, which posd does not take"
    case .pinLocked(let label): "the token \(label) has locked its user PIN"
    case .tokenGone(let label): "the token \(label) is gone"
    case .refused(let call, let code): "\(call) was refused with code 0x" + String(code, radix: 16)
    }
  }
}
