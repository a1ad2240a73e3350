// SPDX-License-Identifier: Apache-2.0

import PaymentCrypto

/// One of the two places that a system can be started from.
public enum SlotName: UInt8, Hashable, Sendable, CaseIterable {
  /// The first.
  case a
  /// The second.
  case b

  /// As it stands on disk and on screens.
  public var text: ByteString {
    switch self {
    case .a: "A"
    case .b: "B"
    }
  }

  /// The other one.
  public var other: SlotName {
    switch self {
    case .a: .b
    case .b: .a
    }
  }

  /// Of its text.
  public init?(_ text: ByteString) {
    switch text {
    case "A": self = .a
    case "B": self = .b
    default: return nil
    }
  }
}

/// What can be known of a slot without running it.
public struct SlotFacts: Hashable, Sendable {
  /// Every file that its manifest lists is there, as it was installed.
  public var isWhole: Bool
  /// The version that it says it is.
  public var version: ReleaseVersion
  /// The security epoch.
  public var epoch: Int64
  /// SHA-256 of the bundle that it was made from; empty where nobody knows.
  public var digest: [UInt8]

  /// A place with nothing in it that could be started.
  public static let nothing = SlotFacts(isWhole: false, version: .none, epoch: 0, digest: [])

  /// Facts.
  public init(isWhole: Bool, version: ReleaseVersion, epoch: Int64, digest: [UInt8]) {
    self.isWhole = isWhole
    self.version = version
    self.epoch = epoch
    self.digest = digest
  }
}

/// What a slot is to the system that runs, in the words of every slot engine.
public enum SlotRole: UInt8, Hashable, Sendable, CaseIterable {
  /// What runs was started from it.
  case booted
  /// It is in use, but not as the system.
  case active
  /// Nothing of it is in use.
  case inactive
}

/// One line of an engine's answer to "what is where".
public struct SlotStatus: Hashable, Sendable {
  /// The engine's own name.
  public var name: ByteString
  /// The boot chooser's name.
  public var bootName: ByteString
  /// What it is to the system that runs.
  public var role: SlotRole
  /// Whether the boot chooser would start it.
  public var isGood: Bool
  /// The version in it; empty where nobody knows.
  public var version: ByteString
  /// SHA-256 of its bundle's manifest; empty where nobody knows.
  public var bundleHash: [UInt8]

  /// A line.
  public init(
    name: ByteString, bootName: ByteString, role: SlotRole, isGood: Bool, version: ByteString,
    bundleHash: [UInt8]
  ) {
    self.name = name
    self.bootName = bootName
    self.role = role
    self.isGood = isGood
    self.version = version
    self.bundleHash = bundleHash
  }
}

/// What a slot may be marked as.
public enum SlotMark: UInt8, Hashable, Sendable, CaseIterable {
  /// It has proved itself.
  case good
  /// It is not to be started.
  case bad
  /// It is started next.
  case active
}

/// What must be true of a bundle, or it is not installed: an engine knows no more of trust.
public struct SlotExpectations: Hashable, Sendable {
  /// The file as it was signed: its length and its digests.
  public var target: Target
  /// What its publisher says of it.
  public var release: Release

  /// A target and its release.
  public init(target: Target, release: Release) {
    self.target = target
    self.release = release
  }

  /// Of a bundle that nobody has signed, by what it says of itself; nil where it says nothing.
  public init?(manifest: [UInt8], length: Int64, digest: [UInt8]) {
    guard let said = try? BundleManifest(manifest) else { return nil }
    self.init(
      version: said.version.text, compatible: said.compatible, format: "directory",
      manifestHash: sha256(manifest), length: length, digest: digest)
  }

  /// Of a bundle that nobody has signed, by what somebody says of it; nil where no release is so.
  public init?(
    version: ByteString, compatible: ByteString, format: ByteString, manifestHash: [UInt8],
    length: Int64, digest: [UInt8]
  ) {
    let custom = MetadataValue.object(unsorted: [
      MetadataMember("version", .text(version)), MetadataMember("compatible", .text(compatible)),
      MetadataMember("epoch", .integer(0)), MetadataMember("format", .text(format)),
      MetadataMember("manifest-hash", .text(MetadataDigits.lowerCase(manifestHash))),
    ])
    let file = MetadataValue.object(unsorted: [
      MetadataMember("length", .integer(length)),
      MetadataMember(
        "hashes",
        .object([MetadataMember("sha256", .text(MetadataDigits.lowerCase(digest)))])),
      MetadataMember("custom", .object([MetadataMember("posd", custom)])),
    ])
    guard let target = try? Target(MetadataMember("bundle", file)),
      let release = try? Release(target)
    else { return nil }
    self.init(target: target, release: release)
  }

  /// By what a bundle is remembered: SHA-256 of its manifest, which the signed metadata holds.
  public var digest: [UInt8] { release.manifestHash }
}

/// Why an installation ended without a system.
public enum InstallFault: Error, Hashable, Sendable {
  /// The bytes are not those that were signed; a mirror's doing, or the disk's, not the version's.
  case forged
  /// The bundle is not one, or not the one that its metadata describes.
  case badBundle(BundleFault)
  /// The manifest says another version or board than the metadata.
  case otherContent
  /// The disk refused something.
  case disk(DiskFault)
  /// The slot that runs is not written to.
  case slotInUse
  /// What was written does not read back as it was written.
  case unreadable
  /// The engine ended it, with its number; below 0 it is ours, as the engine gave none.
  case engine(Int32)

  /// A word that never changes.
  public var code: String {
    switch self {
    case .forged: "forged"
    case .badBundle: "bad-bundle"
    case .otherContent: "other-content"
    case .disk(.full): "disk-full"
    case .disk: "disk"
    case .slotInUse: "slot-in-use"
    case .unreadable: "unreadable"
    case .engine: "engine"
    }
  }
}
