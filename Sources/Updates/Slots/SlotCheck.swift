// SPDX-License-Identifier: Apache-2.0

import PaymentCrypto

/// Looks whether a slot is whole: every file that it lists is there with its bytes. In pieces, as a
/// slot is large and whoever looks has other things to do.
public struct SlotCheck<Disk: SlotDisk>: ~Copyable {
  /// Bytes of one piece.
  static var piece: Int { 262_144 }

  private let disk: Disk
  private let slot: SlotName
  private let manifest: SlotManifest?
  private var index = 0
  private var count: Int64 = 0
  private var digest: FileDigest?
  private var isSpoilt = false

  /// A look at this slot.
  public init(_ disk: Disk, _ slot: SlotName) {
    self.disk = disk
    self.slot = slot
    let path = slot.text + "/" + SlotManifest.name
    manifest = (try? disk.read(path, limit: SlotManifest.limit)).flatMap { SlotManifest($0) }
  }

  /// What is known so far; `isWhole` counts only when `step` has said that it is done.
  public var facts: SlotFacts {
    guard let manifest, !isSpoilt else { return .nothing }
    return SlotFacts(
      isWhole: index >= manifest.files.count && !manifest.files.isEmpty,
      version: manifest.version, epoch: manifest.epoch, digest: manifest.digest)
  }

  /// One piece; false when there is no more.
  public mutating func step() -> Bool {
    guard let manifest, !isSpoilt, index < manifest.files.count else { return false }
    let file = manifest.files[index]
    if digest == nil {
      guard (try? disk.open(slot.text + "/" + file.path)) != nil else { return spoil() }
      digest = FileDigest()
      count = 0
    }
    guard let bytes = try? disk.next(limit: SlotCheck.piece), let running = digest else {
      disk.close()
      return spoil()
    }
    count += Int64(bytes.count)
    if !bytes.isEmpty, count <= file.size {
      if running.append(bytes) { return true }
      disk.close()
      return spoil()
    }
    disk.close()
    guard count == file.size, running.finish() == file.digest else { return spoil() }
    digest = nil
    index += 1
    return index < manifest.files.count
  }

  /// Gives up and leaves no file open.
  public mutating func cancel() {
    if digest != nil { disk.close() }
    digest = nil
  }

  private mutating func spoil() -> Bool {
    digest = nil
    isSpoilt = true
    return false
  }
}
