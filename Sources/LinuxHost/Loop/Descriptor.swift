// SPDX-License-Identifier: Apache-2.0

import Glibc

/// An open file descriptor that closes itself.
public struct Descriptor: ~Copyable {
  /// The number; valid as long as this value lives.
  public let number: Int32

  /// Takes over an open descriptor; nil when the system call that made it failed.
  public init?(_ number: Int32) {
    if number < 0 { return nil }
    self.number = number
  }

  deinit {
    // Nothing can be done about a failing close: the number is free either way.
    _ = close(number)
  }
}

extension Descriptor {
  /// Takes the lock of the open file, for as long as it is open. Waits up to half a second for
  /// another program that has it, as one that is ending does, or that was started a moment ago and
  /// has still what its parent had; then fails with `EWOULDBLOCK`.
  borrowing func lock() throws(SystemFault) {
    var tries = 50
    while flock(number, LOCK_EX | LOCK_NB) != 0 {
      tries -= 1
      if errno != EINTR, errno != EWOULDBLOCK || tries == 0 { throw SystemFault(code: errno) }
      usleep(10_000)
    }
  }
}

/// Writes as much as the descriptor takes now; nil when it is broken, with the system's number.
public func writeSome(_ descriptor: Int32, _ bytes: ArraySlice<UInt8>) -> Result<Int, SystemFault> {
  let count = unsafe bytes.withUnsafeBytes { unsafe write(descriptor, $0.baseAddress, $0.count) }
  if count >= 0 { return .success(count) }
  if errno == EAGAIN || errno == EINTR { return .success(0) }
  return .failure(SystemFault(code: errno))
}

/// Reads what is there, at most so many bytes; nil when there is nothing now, empty at the end.
public func readSome(_ descriptor: Int32, limit: Int = 4_096) -> Result<[UInt8]?, SystemFault> {
  var buffer = [UInt8](repeating: 0, count: limit)
  let count = unsafe buffer.withUnsafeMutableBytes {
    unsafe read(descriptor, $0.baseAddress, $0.count)
  }
  if count >= 0 { return .success(Array(buffer[..<count])) }
  if errno == EAGAIN || errno == EINTR { return .success(nil) }
  return .failure(SystemFault(code: errno))
}

/// What the operating system refused, by its error number.
public struct SystemFault: Error, Hashable, Sendable {
  /// The number of `errno`.
  public var code: Int32

  /// A refusal.
  public init(code: Int32) { self.code = code }

  /// The system's own text.
  public var text: String {
    guard let characters = unsafe strerror(code) else { return "error \(code)" }
    return unsafe String(cString: characters)
  }
}

/// Lets reads and writes return at once, and the descriptor end with the program.
public func setNonBlocking(_ descriptor: Int32) -> Bool {
  let flags = fcntl(descriptor, F_GETFL)
  return flags >= 0 && fcntl(descriptor, F_SETFL, flags | O_NONBLOCK) == 0
    && fcntl(descriptor, F_SETFD, FD_CLOEXEC) == 0
}
