// SPDX-License-Identifier: Apache-2.0

import CLinux
import Glibc
import Updates

/// What updates have on disk, apart from the slots: in the state folder, and nobody else's.
///
///     metadata/     what is trusted of the repository
///     record        how far the update is
///     bundle .tag   what has come of a bundle, and of which file it is
///     offer         a file that a person has brought
struct UpdateStore {
  let folder: String
  let metadata: MetadataFolder

  /// The folder below the state folder; nil where it cannot be made.
  init?(state: String) {
    folder = state + "/updates"
    for path in [state, folder, folder + "/metadata"] {
      if unsafe mkdir(path, 0o700) != 0, errno != EEXIST { return nil }
    }
    metadata = MetadataFolder(folder + "/metadata")
  }

  var bundle: String { folder + "/bundle" }
  var offer: String { folder + "/offer" }
  private var recordFile: String { folder + "/record" }

  /// The record, or that of a new terminal where there is none that can be read: then what was
  /// fetched is looked up again, and what is on trial is the supervisor's to know.
  var record: UpdateRecord {
    guard let bytes = FileSystem.read(recordFile, limit: UpdateRecord.limit) else {
      return UpdateRecord()
    }
    return (try? UpdateRecord(parsing: bytes)) ?? UpdateRecord()
  }

  func store(_ record: UpdateRecord) -> Bool { FileSystem.replace(recordFile, record.bytes) }

  /// Throws away what was fetched or brought.
  func discard() {
    for path in [bundle, bundle + ".tag", offer] { unsafe _ = unlink(path) }
  }

  /// Throws away the file that was brought.
  func dropOffer() { unsafe _ = unlink(offer) }

  /// Bytes that may still be written.
  var free: Int64 {
    var about = statvfs()
    if unsafe statvfs(folder, &about) != 0 { return 0 }
    return Int64(clamping: UInt64(about.f_bavail) * UInt64(about.f_frsize))
  }

  /// The same with those that the bundle has already.
  var room: Int64 {
    var file = stat()
    let there = unsafe stat(bundle, &file) == 0 ? Int64(file.st_size) : 0
    return free + there
  }
}
