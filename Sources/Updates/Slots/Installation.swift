// SPDX-License-Identifier: Apache-2.0

import PaymentCrypto

/// Where a bundle is read from, from its beginning.
public protocol BundleSource: AnyObject {
  /// The next bytes, none at the end.
  func next(limit: Int) throws(DiskFault) -> [UInt8]
}

//   looking ─▶ emptying ─▶ writing ─▶ syncing ─▶ reading back ─▶ done
//      └── the slot holds this very bundle, whole ─────────────────▲
//
// The slot is marked as not to be started before the first byte changes, and its list of files
// comes last, so wherever it is cut the slot is either not whole or exactly what was signed.

/// Puts a bundle into the slot that does not run, in pieces of bounded size: whoever installs has a
/// terminal to run and a watchdog to feed.
public struct Installation<Disk: SlotDisk, Source: BundleSource>: ~Copyable {
  /// Bytes of one piece.
  static var piece: Int { 262_144 }
  /// Names that one piece removes, or folders that it syncs.
  static var batch: Int { 64 }

  enum Stage {
    case looking
    case emptying([ByteString])
    case writing
    case syncing(Int)
    case readingBack
    case done
  }

  private let slots: DirectorySlots<Disk>
  private let source: Source
  private let order: InstallOrder
  private let slot: SlotName
  private var stage = Stage.looking
  private var look: SlotCheck<Disk>
  private var reader = BundleReader()
  private var manifest: SlotManifest
  private var folders: [ByteString] = []
  private var file: SlotManifest.File?
  private var fileDigest: FileDigest?
  private var whole: FileDigest?
  private var wholeLong: FileDigest?
  private var count: Int64 = 0
  /// What ends it.
  private var fault: InstallFault?
  /// What is wrong with the contents, which counts only if they are the signed ones.
  private var content: InstallFault?

  /// Begins: the state says it before anything else happens. `running` is what must not be touched.
  public init(
    _ slots: DirectorySlots<Disk>, _ source: Source, _ order: InstallOrder, running: SlotName,
    isSafe: Bool
  ) throws(InstallFault) {
    self.slots = slots
    self.source = source
    self.order = order
    slot = running.other
    let release = order.expectations.release
    manifest = SlotManifest(
      version: release.version, compatible: release.compatible, epoch: release.epoch,
      digest: release.manifestHash)
    look = SlotCheck(slots.disk, slot)
    for entry in order.expectations.target.digests.entries {
      switch entry.algorithm {
      case .sha512: wholeLong = FileDigest(.sha512)
      default: whole = FileDigest(.sha256)
      }
    }
    var state = slots.bootState ?? BootState(chosen: running)
    // A trial that is under way has the other slot as its way back, unless that is broken as well.
    if let trial = state.trial, trial.phase != .installing {
      if !isSafe { throw .slotInUse }
      state.abandonTrial()
    }
    state.beginInstall(order, from: running)
    do throws(DiskFault) { try slots.save(state) } catch { throw .disk(error) }
  }

  /// How much of the bundle has been read, in thousandths.
  public var permille: Int64 {
    switch stage {
    case .looking, .emptying: 0
    case .writing: count * 900 / max(1, order.expectations.target.length)
    case .syncing: 920
    case .readingBack: 950
    case .done: 1_000
    }
  }

  /// One piece; false when the slot is whole.
  public mutating func step() throws(InstallFault) -> Bool {
    do throws(DiskFault) {
      switch stage {
      case .looking: try lookOn()
      case .emptying(let folders): try empty(folders)
      case .writing: try writeOn()
      case .syncing(let index): try sync(index)
      case .readingBack: try readBack()
      case .done: return false
      }
    } catch {
      abandon()
      throw .disk(error)
    }
    if let fault {
      abandon()
      throw fault
    }
    if case .done = stage { return false }
    return true
  }

  private mutating func abandon() {
    look.cancel()
    // A file may be open.
    slots.disk.close()
  }

  // MARK: Looking

  private mutating func lookOn() throws(DiskFault) {
    if look.step() { return }
    let facts = look.facts
    if facts.isWhole, facts.digest == manifest.digest, facts.version == manifest.version {
      stage = .done
      return
    }
    // Without its list the slot is not whole, whatever is cut from here on.
    try slots.disk.forget(slot.text + "/" + SlotManifest.name)
    do throws(DiskFault) {
      try slots.disk.syncFolder(slot.text)
    } catch {
      if error != .absent { throw error }
      try slots.disk.makeFolder(slot.text)
    }
    stage = .emptying([slot.text])
  }

  private mutating func empty(_ path: [ByteString]) throws(DiskFault) {
    guard let top = path.last else {
      stage = .writing
      return
    }
    let names = try slots.disk.names(in: top, limit: Self.batch)
    for entry in names {
      let child = top + "/" + entry.name
      if entry.isFolder {
        stage = .emptying(path + [child])
        return
      }
      try slots.disk.remove(child, isFolder: false)
    }
    if !names.isEmpty { return }
    if path.count > 1 { try slots.disk.remove(top, isFolder: true) }
    stage = .emptying(Array(path.dropLast()))
  }

  // MARK: Writing

  private mutating func writeOn() throws(DiskFault) {
    let bytes = try source.next(limit: Self.piece)
    if bytes.isEmpty { return finish() }
    count += Int64(bytes.count)
    if count > order.expectations.target.length { return fail(.forged) }
    if whole?.append(bytes) == false || wholeLong?.append(bytes) == false {
      return fail(.unreadable)
    }
    // Behind a fault nothing is written, but the rest is read: only its end says whose fault it is.
    if content != nil { return }
    let parts: [BundleReader.Part]
    do throws(BundleFault) {
      parts = try reader.take(bytes)
    } catch {
      content = .badBundle(error)
      slots.disk.close()
      return
    }
    for part in parts where fault == nil && content == nil { try take(part) }
  }

  private mutating func take(_ part: BundleReader.Part) throws(DiskFault) {
    switch part {
    case .manifest(let bytes):
      guard sha256(bytes) == order.expectations.release.manifestHash,
        let said = try? BundleManifest(bytes), said.version == manifest.version,
        said.compatible == manifest.compatible
      else {
        content = .otherContent
        return
      }
    case .folder(let path):
      try slots.disk.makeFolder(slot.text + "/" + path)
      folders.append(path)
    case .file(let path, let size, let isExecutable):
      try slots.disk.create(slot.text + "/" + path, isExecutable: isExecutable)
      file = SlotManifest.File(path: path, size: size, digest: [])
      fileDigest = FileDigest(.sha256)
      if size == 0 { try endFile() }
    case .content(let bytes):
      try slots.disk.append(bytes)
      if fileDigest?.append(bytes) != true { fail(.unreadable) }
    case .fileEnd:
      try endFile()
    }
  }

  private mutating func endFile() throws(DiskFault) {
    try slots.disk.sync()
    guard var done = file, let bytes = fileDigest?.finish() else {
      return fail(.unreadable)
    }
    done.digest = bytes
    manifest.files.append(done)
    file = nil
    fileDigest = nil
  }

  /// The bytes have ended: now it is known whether they were the signed ones, to the last.
  private mutating func finish() {
    var found: [Digests.Entry] = []
    if let bytes = whole?.finish() {
      found.append(Digests.Entry(.sha256, bytes))
    }
    if let bytes = wholeLong?.finish() {
      found.append(Digests.Entry(.sha512, bytes))
    }
    do throws(Refusal) {
      try order.expectations.target.check(length: count, digests: Digests(found))
    } catch {
      return fail(.forged)
    }
    if let content { return fail(content) }
    do throws(BundleFault) { _ = try reader.finish() } catch { return fail(.badBundle(error)) }
    stage = .syncing(folders.count)
  }

  /// The names in each folder, deepest first, as they were made last.
  private mutating func sync(_ index: Int) throws(DiskFault) {
    var index = index
    for _ in 0..<Self.batch where index > 0 {
      index -= 1
      try slots.disk.syncFolder(slot.text + "/" + folders[index])
    }
    if index > 0 {
      stage = .syncing(index)
      return
    }
    try slots.disk.syncFolder(slot.text)
    let name = slot.text + "/" + SlotManifest.name
    try slots.disk.create(name, isExecutable: false)
    try slots.disk.append(manifest.text)
    try slots.disk.sync()
    try slots.disk.syncFolder(slot.text)
    try slots.disk.syncFolder("")
    look = SlotCheck(slots.disk, slot)
    stage = .readingBack
  }

  private mutating func readBack() throws(DiskFault) {
    if look.step() { return }
    if look.facts.isWhole {
      stage = .done
      return
    }
    try slots.disk.forget(slot.text + "/" + SlotManifest.name)
    fail(.unreadable)
  }

  private mutating func fail(_ fault: InstallFault) {
    if self.fault == nil { self.fault = fault }
  }
}
