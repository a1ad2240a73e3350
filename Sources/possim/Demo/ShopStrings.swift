// SPDX-License-Identifier: Apache-2.0

import Glibc
import LinuxHost

/// The other end of `ShopControl`.
struct ShopStrings {
  let path: String

  /// The answer without its last line; throws what the shop objects.
  func callAsFunction(_ command: String) throws -> [String] {
    let socket = try UnixSocket.connect(path, .stream)
    guard case .success = writeSome(socket.number, Array((command + "\n").utf8)[...]) else {
      throw Child.Fault(description: "the shop is closed")
    }
    var text = ""
    while !text.hasSuffix("ok\n"), !text.contains("no: ") {
      var entry = pollfd(fd: socket.number, events: Int16(POLLIN), revents: 0)
      guard unsafe poll(&entry, 1, 5_000) == 1,
        case .success(let bytes?) = readSome(socket.number), !bytes.isEmpty
      else { throw Child.Fault(description: "the shop does not answer") }
      text += String(decoding: bytes, as: UTF8.self)
    }
    if !text.hasSuffix("ok\n") { throw Child.Fault(description: command + ": " + text) }
    return text.split(separator: "\n", omittingEmptySubsequences: false).dropLast(2).map(
      String.init)
  }
}
