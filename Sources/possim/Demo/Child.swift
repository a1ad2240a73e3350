// SPDX-License-Identifier: Apache-2.0

import Glibc
import LinuxHost

/// Another program, started by its path, its output in a file.
final class Child {
  /// What the system refused.
  struct Fault: Error, CustomStringConvertible {
    var description: String
  }

  let output: String
  private(set) var process: pid_t

  init(_ words: [String], output: String) throws {
    self.output = output
    var actions = unsafe posix_spawn_file_actions_t()
    unsafe posix_spawn_file_actions_init(&actions)
    defer { unsafe posix_spawn_file_actions_destroy(&actions) }
    let flags = O_WRONLY | O_CREAT | O_APPEND
    unsafe posix_spawn_file_actions_addopen(&actions, STDOUT_FILENO, output, flags, 0o600)
    unsafe posix_spawn_file_actions_adddup2(&actions, STDOUT_FILENO, STDERR_FILENO)
    var arguments = unsafe words.map { unsafe strdup($0) } + [nil]
    defer { unsafe arguments.forEach { unsafe free($0) } }
    var process: pid_t = 0
    let code = unsafe posix_spawnp(&process, words[0], &actions, nil, &arguments, environ)
    if code != 0 { throw Fault(description: words[0] + ": " + SystemFault(code: code).text) }
    self.process = process
  }

  func send(_ signal: Int32) { if process > 0 { _ = kill(process, signal) } }

  /// Waits for the end and says how it ended: the exit code, or minus the signal.
  func wait() -> Int32 {
    if process <= 0 { return 0 }
    var status: Int32 = 0
    while unsafe waitpid(process, &status, 0) < 0, errno == EINTR {}
    process = 0
    let signal = status & 0x7F
    return signal == 0 ? (status >> 8) & 0xFF : -signal
  }

  /// Ends it now.
  func end(_ signal: Int32 = SIGTERM) {
    send(signal)
    _ = wait()
  }

  /// What it has written so far.
  var written: String {
    String(decoding: FileSystem.read(output, limit: 16_777_216) ?? [], as: UTF8.self)
  }
}
