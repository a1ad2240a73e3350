// SPDX-License-Identifier: Apache-2.0

import Synchronization

/// The last lines of the log, so that whoever has the control interface alone can read them.
enum LogRing {
  private static let limit = 500
  private static let kept = Mutex<[String]>([])

  /// The oldest first.
  static var lines: [String] { kept.withLock { $0 } }

  static func keep(_ line: String) {
    kept.withLock { lines in
      lines.append(line)
      if lines.count > limit { lines.removeFirst(limit / 5) }
    }
  }
}
