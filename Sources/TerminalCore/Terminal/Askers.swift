// SPDX-License-Identifier: Apache-2.0

/// Who uses the acquirer's link.
enum LinkOwner: Hashable, Sendable {
  case sale
  case reversal
  case advice
  case signIn
  case signOff
  case settlement
  case download
  case probe
  case networkTest
}

/// Who asked for what is under way, so that the answer finds its way.
struct Askers: Hashable, Sendable {
  var registration: RequestID?
  var network: RequestID?
  var networkTest: RequestID?
  var queue: RequestID?
  var parking: RequestID?
  var settlement: RequestID?
  var signIn: RequestID?
  var signOff: RequestID?
  var download: RequestID?
  var paper: RequestID?
  var commissioning: RequestID?
  var keys: RequestID?
}
