// SPDX-License-Identifier: Apache-2.0

/// Everything of one transaction that is no step.
struct Session: Hashable, Sendable {
  var data = DataStore()
}
