// SPDX-License-Identifier: Apache-2.0

import Glibc
import LinuxHost

/// A folder of plain files over HTTP without TLS, as any web server has them: a mirror of updates.
final class ServedFolder {
  /// Of one file.
  private static let limit = 134_217_728
  private let folder: String
  private let listener: TLSListener

  init(_ folder: String, port: UInt16, loop: EventLoop) throws {
    self.folder = folder
    listener = try TLSListener(port: port, certificates: nil, loop: loop, capture: nil)
    listener.onConnected = { [unowned self] in connected($0) }
    loop.add(listener)
  }

  private func connected(_ stream: TLSStream) {
    var exchange = HTTPExchange()
    stream.onBytes = { [unowned self, weak stream] bytes in
      exchange.append(bytes)
      while let request = exchange.next() {
        guard !request.isPost, let content = content(request.path) else {
          stream?.send(HTTPExchange.response(404, []))
          continue
        }
        stream?.send(HTTPExchange.response(200, content))
      }
    }
  }

  /// Nothing above the folder, nor a hidden file.
  private func content(_ path: String) -> [UInt8]? {
    if path.contains("/.") || !path.hasPrefix("/") { return nil }
    return FileSystem.read(folder + path, limit: ServedFolder.limit)
  }
}
