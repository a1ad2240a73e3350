// SPDX-License-Identifier: Apache-2.0

public import Updates

/// Files by name, in ascending order.
public struct NamedFiles: Hashable, Sendable {
  /// A file.
  public struct Entry: Hashable, Sendable {
    /// Its name.
    public let name: ByteString
    /// Its content.
    public var bytes: [UInt8]
  }

  /// All of them.
  public private(set) var entries: [Entry] = []

  /// No file.
  public init() {}

  /// The content of a file; nil where there is none.
  public subscript(name: ByteString) -> [UInt8]? {
    get { entries.first { $0.name == name }?.bytes }
    set {
      entries.removeAll { $0.name == name }
      guard let newValue else { return }
      let position = entries.firstIndex { name < $0.name } ?? entries.count
      entries.insert(Entry(name: name, bytes: newValue), at: position)
    }
  }
}

extension NamedFiles: ExpressibleByDictionaryLiteral {
  /// These files.
  public init(dictionaryLiteral files: (ByteString, [UInt8])...) {
    for (name, bytes) in files { self[name] = bytes }
  }
}
