// SPDX-License-Identifier: Apache-2.0

import Assembly
import Clockwork

extension World {
  /// Adds what the firmware did, and when, to the fingerprint of the history.
  mutating func addToDigest(_ effect: Firmware.Effect) {
    digest.add(UInt64(bitPattern: now.microseconds))
    if planted == .historyWavers { digest.add(wavering) }
    effect.add(to: &digest)
  }
}
