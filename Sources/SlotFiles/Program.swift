// SPDX-License-Identifier: Apache-2.0

import CLinux
import Glibc

/// A program that was started and has not been waited for yet.
struct Program {
  /// How it ended.
  enum End {
    /// With this code.
    case code(Int32)
    /// By a signal.
    case signal
  }

  let number: pid_t

  /// Starts it; nil where the system refuses. It dies with us.
  init?(_ path: String, _ arguments: [String], _ environment: [String], keeping kept: Int32) {
    var words = unsafe ([path] + arguments).map { unsafe strdup($0) }
    var variables = unsafe environment.map { unsafe strdup($0) }
    defer {
      unsafe words.forEach { unsafe free($0) }
      unsafe variables.forEach { unsafe free($0) }
    }
    unsafe words.append(nil)
    unsafe variables.append(nil)
    number = unsafe posd_start(path, &words, &variables, kept)
    if number < 0 { return nil }
  }

  func send(_ signal: Int32) { _ = kill(number, signal) }

  /// How it ended, if it has.
  func ended() -> End? {
    var status: Int32 = 0
    guard unsafe waitpid(number, &status, WNOHANG) == number else { return nil }
    let code = posd_exit_code(status)
    return code >= 0 ? .code(code) : .signal
  }

  /// The environment of this process without these variables.
  static func environment(without names: [String]) -> [String] {
    var found: [String] = []
    var next = unsafe environ
    while let entry = unsafe next.pointee {
      let text = unsafe String(cString: entry)
      let name = text.split(separator: "=", maxSplits: 1).first.map(String.init) ?? ""
      if !names.contains(name) { found.append(text) }
      unsafe next += 1
    }
    return found
  }
}
