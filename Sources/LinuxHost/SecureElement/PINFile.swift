// SPDX-License-Identifier: Apache-2.0

import Devices
import Glibc

/// The user PIN of a token, out of its file; the one copy is erased when this value ends.
@safe final class PINFile {
  /// Longer than the longest PIN of any token.
  private static let limit = 256

  private let buffer: UnsafeMutablePointer<UInt8>
  private let count: Int

  /// Reads the first line; a file that others may read is refused, since they have the PIN then.
  init(_ path: String) throws(SecureFault) {
    guard let file = try WholeFile.open(path, followsLinks: true) else {
      throw .notReadable(path, code: ENOENT)
    }
    let buffer = UnsafeMutablePointer<UInt8>.allocate(capacity: PINFile.limit)
    unsafe buffer.initialize(repeating: 0, count: PINFile.limit)
    unsafe self.buffer = unsafe buffer
    let got = unsafe Glibc.read(file.number, buffer, PINFile.limit)
    let code = errno
    let line = unsafe UnsafeBufferPointer(start: buffer, count: max(0, got))
    count = unsafe line.firstIndex { $0 == 0x0A || $0 == 0x0D } ?? line.count
    if got < 0 { throw .notReadable(path, code: code) }
    // An empty PIN asks some tokens for a key pad of their own, which nobody is at.
    if count == 0 || got == PINFile.limit { throw .pinWrong(path) }
  }

  deinit {
    unsafe explicit_bzero(buffer, PINFile.limit)
    unsafe buffer.deallocate()
  }

  /// Hands the PIN to the one call that needs it.
  func use<Result>(_ body: (UnsafeMutablePointer<UInt8>, Int) -> Result) -> Result {
    unsafe body(buffer, count)
  }
}
