// SPDX-License-Identifier: Apache-2.0

import Management
import Wire

/// What is kept of the registration.
struct RegistrationRecord: Hashable, Sendable {
  static let key = "registration"

  var application = ""
  var parameters: TerminalParameters?

  init(application: String, parameters: TerminalParameters?) {
    self.application = application
    self.parameters = parameters
  }

  /// Nil when the parameters cannot be read.
  init?(_ body: [UInt8]) {
    guard let fields = try? FieldReader(body) else { return nil }
    application = fields.text(1) ?? ""
    if let bytes = fields.bytes(2) {
      guard let parameters = try? TerminalParameters(decoding: bytes) else { return nil }
      self.parameters = parameters
    }
  }

  var update: RecordUpdate {
    var fields = FieldWriter()
    fields.write(1, application)
    if let parameters { fields.write(2, parameters.encode()) }
    return RecordUpdate(key: RegistrationRecord.key, isLive: true, body: fields.bytes)
  }
}
