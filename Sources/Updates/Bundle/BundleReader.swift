// SPDX-License-Identifier: Apache-2.0

//   header(512) ─▶ contents(size) ─▶ padding ─▶ header … ─▶ zero block, zero block, zeroes ─▶ end
//
// POSIX ustar (IEEE Std 1003.1-1988, 10.1.1) without extensions: first `manifest`, then folders and
// plain files below `slot/`, each behind the folder it lies in.

/// Reads a bundle as it comes, in pieces of any size; holds one header, never a file.
public struct BundleReader: Hashable, Sendable {
  /// What a piece has brought, in order.
  public enum Part: Hashable, Sendable {
    /// The manifest, whole; always the first part.
    case manifest([UInt8])
    /// A folder; its path is below the slot.
    case folder(ByteString)
    /// A file begins.
    case file(ByteString, size: Int64, isExecutable: Bool)
    /// The next bytes of it.
    case content([UInt8])
    /// It is complete.
    case fileEnd
  }

  /// The most members.
  public static let memberLimit = 4_096
  /// The most bytes of all files.
  public static let sizeLimit: Int64 = 1 << 31
  /// The most bytes of a path.
  public static let pathLimit = 200
  /// How deep folders may nest.
  public static let depthLimit = 12
  /// Zeroes behind the end: archives are written in records of 10,240 bytes.
  static let tailLimit: Int64 = 65_536

  private static let block = 512
  private static let root: ByteString = "slot/"

  private enum State: Hashable, Sendable {
    case header
    case manifest(rest: Int64)
    case content(rest: Int64)
    case padding(rest: Int64, isFile: Bool)
    case end(blocks: Int64)
  }

  private var state = State.header
  private var buffer: [UInt8] = []
  private var manifest: [UInt8] = []
  private var hasManifest = false
  private var names: Set<ByteString> = []
  private var folders: Set<ByteString> = []
  private var size: Int64 = 0
  private var tail: Int64 = 0

  /// A reader at the beginning.
  public init() {}

  /// Takes the next bytes; a fault is final.
  public mutating func take(_ bytes: [UInt8]) throws(BundleFault) -> [Part] {
    var parts: [Part] = []
    var position = 0
    while position < bytes.count {
      switch state {
      case .header, .end:
        let count = min(BundleReader.block - buffer.count, bytes.count - position)
        buffer += bytes[position..<position + count]
        position += count
        if buffer.count < BundleReader.block { break }
        let header = buffer
        buffer = []
        if let part = try take(header: header) { parts.append(part) }
      case .manifest(let rest):
        let count = Int(min(rest, Int64(bytes.count - position)))
        manifest += bytes[position..<position + count]
        position += count
        state = .manifest(rest: rest - Int64(count))
        if rest == Int64(count) { parts.append(try endManifest()) }
      case .content(let rest):
        let count = Int(min(rest, Int64(bytes.count - position)))
        parts.append(.content(Array(bytes[position..<position + count])))
        position += count
        state = .content(rest: rest - Int64(count))
        if rest == Int64(count) { parts.append(.fileEnd) }
        if rest == Int64(count) { pad(behind: fileSize) }
      case .padding(let rest, let isFile):
        let count = Int(min(rest, Int64(bytes.count - position)))
        if bytes[position..<position + count].contains(where: { $0 != 0 }) { throw .badHeader }
        position += count
        let left = rest - Int64(count)
        state = left == 0 ? .header : .padding(rest: left, isFile: isFile)
      }
    }
    return parts
  }

  /// The bytes have come to their end.
  public func finish() throws(BundleFault) -> BundleManifest {
    guard case .end(let blocks) = state, blocks >= 2, buffer.isEmpty, hasManifest else {
      throw .truncated
    }
    return try BundleManifest(manifest)
  }

  private var fileSize: Int64 = 0

  private mutating func pad(behind size: Int64) {
    let over = size % Int64(BundleReader.block)
    state =
      over == 0 ? .header : .padding(rest: Int64(BundleReader.block) - over, isFile: true)
  }

  private mutating func endManifest() throws(BundleFault) -> Part {
    // What it says is read at once: nothing of a bundle of another kind is written anywhere.
    _ = try BundleManifest(manifest)
    hasManifest = true
    pad(behind: Int64(manifest.count))
    return .manifest(manifest)
  }

  private mutating func take(header: [UInt8]) throws(BundleFault) -> Part? {
    if header.allSatisfy({ $0 == 0 }) {
      tail += Int64(BundleReader.block)
      if tail > BundleReader.tailLimit { throw .tooMuch }
      if case .end(let blocks) = state {
        state = .end(blocks: blocks + 1)
      } else {
        state = .end(blocks: 1)
      }
      return nil
    }
    if case .end = state { throw .trailingBytes }
    let member = try BundleHeader(header)
    if names.count >= BundleReader.memberLimit { throw .tooMuch }
    if !hasManifest {
      guard member.path == "manifest", !member.isFolder, !member.isExecutable,
        (1...Int64(BundleManifest.limit)).contains(member.size)
      else { throw .badManifest }
      state = .manifest(rest: member.size)
      return nil
    }
    return try take(member: member)
  }

  private mutating func take(member: BundleHeader) throws(BundleFault) -> Part? {
    // Archivers write a folder's name with a slash behind it.
    var path = member.path
    if member.isFolder, path.bytes.last == 0x2F { path = ByteString(Array(path.bytes.dropLast())) }
    if member.isFolder, path == "slot" {
      if !names.isEmpty { throw .badOrder }
      names.insert("slot")
      return nil
    }
    guard path.hasPrefix(BundleReader.root), Target.isUsable(path),
      path.bytes.count <= BundleReader.pathLimit,
      path.bytes.allSatisfy({ (0x21...0x7E).contains($0) })
    else { throw .forbiddenMember }
    let inside = ByteString(Array(path.bytes.dropFirst(BundleReader.root.bytes.count)))
    // The slot's own list of its files has this name.
    if inside == SlotManifest.name { throw .forbiddenMember }
    if !names.insert(path).inserted { throw .badOrder }
    if let slash = inside.bytes.lastIndex(of: 0x2F) {
      let parent = ByteString(Array(inside.bytes[..<slash]))
      if !folders.contains(parent) { throw .badOrder }
    }
    let depth = inside.bytes.filter { $0 == 0x2F }.count
    if depth >= BundleReader.depthLimit { throw .tooMuch }
    if member.isFolder {
      if member.size != 0 { throw .badHeader }
      folders.insert(inside)
      return .folder(inside)
    }
    size += member.size
    if size > BundleReader.sizeLimit { throw .tooMuch }
    fileSize = member.size
    state = .content(rest: member.size)
    if member.size == 0 { state = .header }
    return .file(inside, size: member.size, isExecutable: member.isExecutable)
  }
}
