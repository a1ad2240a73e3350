// SPDX-License-Identifier: Apache-2.0

/// The little of HTTP/1.1 (RFC 9112) that a management server needs: requests with a length.
struct HTTPExchange {
  struct Request {
    var isPost: Bool
    var path: String
    var body: [UInt8]
  }

  private var buffer: [UInt8] = []

  mutating func append(_ bytes: [UInt8]) { buffer += bytes }

  /// The next whole request; the connection is closed when it makes no sense.
  mutating func next() -> Request? {
    let end = Array("\r\n\r\n".utf8)
    guard let head = buffer.indices.first(where: { buffer[$0...].starts(with: end) }) else {
      return nil
    }
    let lines = String(decoding: buffer[..<head], as: UTF8.self).split(separator: "\r\n")
    let words = lines[0].split(separator: " ")
    guard words.count == 3 else { return nil }
    var length = 0
    for line in lines.dropFirst() where line.lowercased().hasPrefix("content-length:") {
      length = Int(line.dropFirst(15).filter { $0 != " " }) ?? 0
    }
    let start = head + end.count
    guard buffer.count >= start + length else { return nil }
    let body = Array(buffer[start..<start + length])
    buffer.removeFirst(start + length)
    return Request(isPost: words[0] == "POST", path: String(words[1]), body: body)
  }

  static func response(_ status: UInt16, _ body: [UInt8]) -> [UInt8] {
    let head =
      "HTTP/1.1 \(status) \(status < 300 ? "OK" : "No")\r\nContent-Type: application/json\r\n"
      + "Content-Length: \(body.count)\r\n\r\n"
    return Array(head.utf8) + body
  }
}
