// SPDX-License-Identifier: Apache-2.0

import Glibc
public import Logging

/// Log lines on standard error, as systemd's journal takes them: `<priority>label: message
/// key=value`.
public struct StderrLog: LogHandler {
  /// Values added to every line.
  public var metadata: Logger.Metadata = [:]
  /// What is written.
  public var logLevel: Logger.Level = .info
  private let label: String
  private let hasPriorities: Bool

  /// A handler for this label.
  public init(label: String) {
    self.label = label
    // systemd says so when it reads the other end.
    hasPriorities = unsafe getenv("JOURNAL_STREAM") != nil
  }

  /// Reads and sets one of the values.
  public subscript(metadataKey key: String) -> Logger.Metadata.Value? {
    get { metadata[key] }
    set { metadata[key] = newValue }
  }

  /// Writes a line.
  public func log(event: LogEvent) {
    var line = hasPriorities ? "<\(StderrLog.priority(event.level))>" : "\(event.level) "
    line += label + ": " + event.message.description
    let values = metadata.merging(event.metadata ?? [:]) { $1 }
    for (key, value) in values.sorted(by: { $0.key < $1.key }) { line += " \(key)=\(value)" }
    LogRing.keep(line)
    line += "\n"
    var bytes = Array(line.utf8)[...]
    // A log that cannot be written must not stop the terminal.
    while !bytes.isEmpty, case .success(let count) = writeSome(STDERR_FILENO, bytes), count > 0 {
      bytes = bytes.dropFirst(count)
    }
  }

  /// syslog(3).
  private static func priority(_ level: Logger.Level) -> Int {
    switch level {
    case .trace, .debug: 7
    case .info: 6
    case .notice: 5
    case .warning: 4
    case .error: 3
    case .critical: 2
    }
  }
}
