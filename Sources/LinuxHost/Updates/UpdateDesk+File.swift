// SPDX-License-Identifier: Apache-2.0

import Logging
import Updates

// A file that a person has brought.

extension UpdateDesk {
  /// A person has brought a file; false where it cannot be read.
  func offer(_ path: String, recovery: [UInt8]?) -> Bool {
    offerFailed = false
    let room = store.free - settings.policy.spareRoom
    guard let work = OfferCopy(from: path, to: store.offer, atMost: room) else { return false }
    copy = (work, recovery)
    return true
  }

  func offered(_ end: OfferCopy.End, _ recovery: [UInt8]?) {
    switch end {
    case .failed:
      offerFailed = true
      log.warning("the file cannot be read to its end, or not be kept")
    case .copied(let length, let digests):
      tell(.fileOffered(length: length, digests: digests, recovery: recovery))
    }
    // Whoever looks on sees the file being looked at until it is known what it is.
    copy = nil
    dropStrayOffer()
    gatesMayHaveChanged()
    house.updateMayHaveChanged()
  }

  /// A file that nobody waits for takes no room.
  func dropStrayOffer() {
    if machine.offer?.isFile != true { store.dropOffer() }
  }
}
