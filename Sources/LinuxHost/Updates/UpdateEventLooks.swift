// SPDX-License-Identifier: Apache-2.0

import Updates

// What the desk looks at before it tells the machine something.

extension UpdateMachine.Event {
  /// Whether what is out of order is found out in full: before what waits may be applied.
  var asksSlowly: Bool {
    switch self {
    case .started, .verified, .fileOffered: true
    default: false
    }
  }

  /// Whether the machine may go on because of it where gates stand.
  var judgesGates: Bool {
    switch self {
    case .started, .deadlinePassed, .stored, .notStored, .installed, .notInstalled, .verified,
      .applyAsked, .postponeAsked, .overridden, .listed, .trialNotBegun:
      true
    case .fileOffered, .clockRead, .checkAsked, .wished, .notListed, .recoveryCame, .downloadAsked,
      .cancelAsked, .gatesRead, .roomRead, .arrived, .transferEnded, .installing, .trialBegun,
      .ownHalfEnded,
      .worldHalfEnded, .saved, .notSaved, .bundleLost:
      false
    }
  }
}
