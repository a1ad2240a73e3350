// SPDX-License-Identifier: Apache-2.0

import Clockwork
import Updates

/// Hostile bundles and boot states, drawn from a seed. What breaks a rule traps, or is told.
public struct BundleFuzz {
  /// What is attacked.
  public enum Target: String, CaseIterable, Sendable {
    /// The reader of bundles.
    case bundle
    /// The reader of the supervisor's file, and the choice that follows.
    case boot
    /// The reader of what a publisher says of a bundle.
    case custom
  }

  /// How often something hostile was tried.
  public private(set) var executions: UInt64 = 0
  /// How many of them were taken.
  public private(set) var accepted: UInt64 = 0

  private let target: Target
  private var dice: Dice
  private let honest: [UInt8]

  /// An attack; the same seed is the same attack.
  public init(_ target: Target, seed: UInt64) {
    self.target = target
    dice = Dice(seed: seed)
    switch target {
    case .bundle: honest = PublishedBundle(version: "2026.11.2").bytes
    case .boot: honest = BootState(chosen: .b).text(generation: 7)
    case .custom: honest = PublishedBundle(version: "2026.11.2").listed().canonical
    }
  }

  /// One execution; what went wrong, or nil.
  public mutating func execute() -> String? {
    executions += 1
    switch target {
    case .bundle: return attackBundle()
    case .boot: return attackBoot()
    case .custom: return attackCustom()
    }
  }

  /// Members as no publisher writes them, with headers whose sums are right.
  private mutating func hostileBundle() -> [UInt8] {
    if dice.chance(1, in: 2) { return HostileAnswers.mutate(honest, &dice) }
    var bundle = PublishedBundle(version: "2026.11.2")
    let names: [ByteString] = [
      "slot/../out", "/slot/x", "slot//x", "slot/posd", "slot/MANIFEST", "elsewhere/x",
      "slot/a/b", "slot/data/more", "slot/\u{1}x", "manifest",
    ]
    let kinds: [UInt8] = [0x30, 0x31, 0x32, 0x33, 0x35, 0x37, 0x4C, 0x78]
    bundle.members.append(
      PublishedBundle.Member(
        path: names[dice.below(names.count)], bytes: dice.bytes(dice.below(600)),
        kind: kinds[dice.below(kinds.count)], mode: dice.chance(1, in: 4) ? 0o4755 : 0o644))
    return bundle.bytes
  }

  /// Whatever comes, in whatever pieces: what is taken stays within the slot and within its limits,
  /// and the pieces make no difference.
  private mutating func attackBundle() -> String? {
    let bytes = hostileBundle()
    let whole = BundleFuzz.read(bytes, piece: bytes.count)
    let pieces = BundleFuzz.read(bytes, piece: 1 + dice.below(700))
    if whole?.paths != pieces?.paths || whole?.count != pieces?.count {
      return "a bundle is another one in pieces"
    }
    guard let whole else { return nil }
    accepted += 1
    for path in whole.paths where !Updates.Target.isUsable(path) || path == "MANIFEST" {
      return "a bundle leaves its slot: \(path)"
    }
    return whole.count > BundleReader.sizeLimit ? "a bundle is too large" : nil
  }

  private static func read(_ bytes: [UInt8], piece: Int) -> (paths: [ByteString], count: Int64)? {
    var reader = BundleReader()
    var paths: [ByteString] = []
    var count: Int64 = 0
    var offset = 0
    while offset < bytes.count {
      let end = min(bytes.count, offset + max(1, piece))
      guard let parts = try? reader.take(Array(bytes[offset..<end])) else { return nil }
      for part in parts {
        switch part {
        case .folder(let path), .file(let path, _, _): paths.append(path)
        case .content(let some): count += Int64(some.count)
        case .manifest, .fileEnd: break
        }
      }
      offset = end
    }
    return (try? reader.finish()) == nil ? nil : (paths, count)
  }

  /// A file that was changed is none, and whatever is read: something whole is always started.
  private mutating func attackBoot() -> String? {
    let copies = [HostileAnswers.mutate(honest, &dice), HostileAnswers.mutate(honest, &dice)]
    let state = BootState.newest(copies[0], copies[1])?.state
    if state != nil { accepted += 1 }
    let isAWhole = dice.chance(1, in: 2)
    let current: SlotName? = [.a, .b, nil][dice.below(3)]
    let choice = BootChoice.next(state, current: current) { slot in
      let isWhole = slot == .a ? isAWhole : true
      return SlotFacts(
        isWhole: isWhole, version: ReleaseVersion(slot == .a ? "1.1" : "1.2") ?? .none, epoch: 1,
        digest: [])
    }
    guard let slot = choice.slot else { return "nothing starts" }
    if slot == .a, !isAWhole { return "a slot starts that is not whole" }
    return nil
  }

  /// What is taken says what the rest relies on.
  private mutating func attackCustom() -> String? {
    guard let value = try? MetadataValue(parsing: honest, limit: 1 << 20) else {
      return "an honest target is not read"
    }
    let hostile = HostileValues.mutate(value, &dice)
    let text = MetadataValue.object([
      MetadataMember("posd", hostile["custom"]?["posd"] ?? .null)
    ]).canonical
    guard let again = try? MetadataValue(parsing: text, limit: 1 << 20),
      let release = try? Release(again["posd"] ?? .null)
    else { return nil }
    accepted += 1
    let isInRange =
      (0...99).contains(release.ring) && release.manifestHash.count == 32
      && release.version > .none && (0...Release.minutesLimit).contains(release.minutes)
    return isInRange ? nil : "a release is out of range"
  }
}
