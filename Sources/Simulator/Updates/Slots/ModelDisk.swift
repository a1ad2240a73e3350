// SPDX-License-Identifier: Apache-2.0

public import Clockwork
public import Updates

/// A disk whose power can be cut before or inside any operation. What was not synced is then there,
/// or not, or in part, as chance has it; names that were not synced too, each by itself.
public final class ModelDisk: SlotDisk {
  /// What a disk, or who uses it, may do wrong.
  public enum Flaw: UInt8, Hashable, Sendable {
    /// Syncing a file does nothing.
    case filesNotSynced
    /// What a file had is overwritten in its place.
    case oneCopy
  }

  enum Node: Hashable, Sendable {
    case folder
    case file(Int)
    case link(ByteString)
  }

  struct Content: Hashable, Sendable {
    var bytes: [UInt8] = []
    var synced: [UInt8] = []
    var isSynced = false
  }

  /// A change of names that is not on the disk yet.
  enum Change: Hashable, Sendable {
    case put(ByteString, Node)
    case take(ByteString)
    case move(ByteString, ByteString)

    var folder: ByteString {
      switch self {
      case .put(let path, _), .take(let path), .move(let path, _): ModelDisk.folder(of: path)
      }
    }
  }

  struct Names: Sendable {
    var entries: [(path: ByteString, node: Node)] = []

    subscript(path: ByteString) -> Node? {
      get { entries.first { $0.path == path }?.node }
      set {
        entries.removeAll { $0.path == path }
        if let newValue { entries.append((path, newValue)) }
      }
    }

    mutating func apply(_ change: Change) {
      switch change {
      case .put(let path, let node): self[path] = node
      case .take(let path): self[path] = nil
      case .move(let path, let new):
        guard let node = self[path] else { return }
        self[path] = nil
        self[new] = node
      }
    }
  }

  private var contents: [Content] = []
  private var names = Names()
  private var synced = Names()
  private var pending: [Change] = []
  private var openFile: Int?
  private var offset = 0
  /// Operations until the power is cut; nil for never.
  public var cutBehind: Int?
  /// Operations until the disk is full, for ever or for one.
  public var fullBehind: Int?
  /// Whether the power is off.
  public private(set) var isOff = false
  /// How many operations there were.
  public private(set) var operations = 0
  /// What it does wrong.
  public var flaw: Flaw?

  /// An empty disk.
  public init() {}

  // MARK: Power

  /// The power comes back: what was not synced is a matter of chance.
  public func restart(_ dice: inout Dice) {
    var left = synced
    let isInOrder = dice.chance(1, in: 2)
    let kept = dice.below(pending.count + 1)
    for (index, change) in pending.enumerated() {
      // A file system that keeps an order loses the end; another one loses what it likes.
      if isInOrder ? index < kept : dice.chance(1, in: 2) { left.apply(change) }
    }
    for index in contents.indices where !contents[index].isSynced {
      let bytes = contents[index].bytes
      switch dice.below(3) {
      case 0: contents[index].bytes = contents[index].synced
      case 1: contents[index].bytes = Array(bytes.prefix(dice.below(bytes.count + 1)))
      default: break
      }
    }
    names = left
    synced = left
    pending = []
    for index in contents.indices {
      contents[index].synced = contents[index].bytes
      contents[index].isSynced = true
    }
    openFile = nil
    isOff = false
    cutBehind = nil
    fullBehind = nil
  }

  /// One operation; false in the very one in which the power goes.
  private func spend() throws(DiskFault) -> Bool {
    if isOff { throw .system(5) }
    operations += 1
    if let count = cutBehind {
      cutBehind = count - 1
      if count == 0 {
        isOff = true
        return false
      }
    }
    if let count = fullBehind {
      fullBehind = count == 0 ? nil : count - 1
      if count == 0 { throw .full }
    }
    return true
  }

  private func change(_ change: Change) throws(DiskFault) {
    guard try spend() else { throw .system(5) }
    names.apply(change)
    pending.append(change)
  }

  // MARK: Files

  /// The bytes of a small file.
  public func read(_ path: ByteString, limit: Int) throws(DiskFault) -> [UInt8] {
    if isOff { throw .system(5) }
    guard case .file(let index)? = names[path] else { throw .absent }
    if contents[index].bytes.count > limit { throw .system(27) }
    return contents[index].bytes
  }

  /// Makes a file.
  public func create(_ path: ByteString, isExecutable: Bool) throws(DiskFault) {
    if names[path] != nil { throw .taken }
    let folder = ModelDisk.folder(of: path)
    if !folder.bytes.isEmpty, names[folder] != .folder { throw .absent }
    contents.append(Content())
    try change(.put(path, .file(contents.count - 1)))
    openFile = contents.count - 1
  }

  /// Writes; a cut may come in the middle.
  public func append(_ bytes: [UInt8]) throws(DiskFault) {
    guard let openFile else { throw .system(9) }
    contents[openFile].isSynced = false
    guard try spend() else {
      contents[openFile].bytes += bytes.prefix(bytes.count / 2)
      throw .system(5)
    }
    contents[openFile].bytes += bytes
  }

  /// Waits for the disk.
  public func sync() throws(DiskFault) {
    guard let file = openFile else { throw .system(9) }
    guard try spend() else { throw .system(5) }
    openFile = nil
    if flaw == .filesNotSynced { return }
    contents[file].synced = contents[file].bytes
    contents[file].isSynced = true
  }

  /// Opens a file.
  public func open(_ path: ByteString) throws(DiskFault) {
    if isOff { throw .system(5) }
    guard case .file(let index)? = names[path] else { throw .absent }
    openFile = index
    offset = 0
  }

  /// The next bytes.
  public func next(limit: Int) throws(DiskFault) -> [UInt8] {
    guard !isOff, let openFile else { throw .system(5) }
    let part = Array(contents[openFile].bytes.dropFirst(offset).prefix(limit))
    offset += part.count
    return part
  }

  /// Closes what is open.
  public func close() { openFile = nil }

  /// A bit of a file goes wrong.
  func spoil(_ path: ByteString) {
    guard case .file(let index)? = names[path], !contents[index].bytes.isEmpty else { return }
    contents[index].bytes[0] ^= 1
  }

  // MARK: Names

  /// Makes a folder.
  public func makeFolder(_ path: ByteString) throws(DiskFault) {
    if names[path] != nil { throw .taken }
    try change(.put(path, .folder))
  }

  /// What is in a folder.
  public func names(in path: ByteString, limit: Int) throws(DiskFault) -> [DiskName] {
    if isOff { throw .system(5) }
    if names[path] != .folder { throw .absent }
    var found: [DiskName] = []
    for entry in names.entries where ModelDisk.folder(of: entry.path) == path {
      let name = entry.path.bytes.dropFirst(path.bytes.count + 1)
      found.append(DiskName(ByteString(Array(name)), isFolder: entry.node == .folder))
    }
    return Array(found.prefix(limit))
  }

  /// Removes a name.
  public func remove(_ path: ByteString, isFolder: Bool) throws(DiskFault) {
    if isOff { throw .system(5) }
    if names[path] == nil { throw .absent }
    try change(.take(path))
  }

  /// Makes a link.
  public func link(_ path: ByteString, to target: ByteString) throws(DiskFault) {
    if names[path] != nil { throw .taken }
    try change(.put(path, .link(target)))
  }

  /// Where a link leads.
  public func target(of path: ByteString) throws(DiskFault) -> ByteString {
    if isOff { throw .system(5) }
    guard case .link(let target)? = names[path] else { throw .absent }
    return target
  }

  /// Renames.
  public func rename(_ path: ByteString, to new: ByteString) throws(DiskFault) {
    if names[path] == nil { throw .absent }
    if flaw == .oneCopy, case .file(let from)? = names[path], case .file(let old)? = names[new] {
      guard try spend() else {
        contents[old].bytes = Array(contents[from].bytes.prefix(contents[from].bytes.count / 2))
        throw .system(5)
      }
      contents[old] = contents[from]
      return try change(.take(path))
    }
    try change(.move(path, new))
  }

  /// Waits for the names in a folder.
  public func syncFolder(_ path: ByteString) throws(DiskFault) {
    if !path.bytes.isEmpty, names[path] != .folder { throw .absent }
    guard try spend() else { throw .system(5) }
    for change in pending where change.folder == path { synced.apply(change) }
    pending.removeAll { $0.folder == path }
  }

  static func folder(of path: ByteString) -> ByteString {
    guard let slash = path.bytes.lastIndex(of: 0x2F) else { return "" }
    return ByteString(Array(path.bytes[..<slash]))
  }
}
