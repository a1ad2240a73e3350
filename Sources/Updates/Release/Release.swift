// SPDX-License-Identifier: Apache-2.0

import PaymentCrypto
import Wire

/// What a publisher says of a bundle beyond TUF: the member `posd` of the target's `custom`.
///
/// What is of a wrong type, or out of range, makes this target unusable and no other; members that
/// we do not know are passed over.
public struct Release: Hashable, Sendable {
  /// How a bundle is made.
  public enum Format: UInt8, Hashable, Sendable, CaseIterable {
    /// A tape archive for a folder (``BundleReader``).
    case directory
    /// RAUC's bundle whose contents are checked as they are read.
    case verity
    /// RAUC's bundle that is checked as a whole before it is used.
    case plain
  }

  /// What becomes of the terminal's data.
  public enum Migration: UInt8, Hashable, Sendable, CaseIterable {
    /// The version before can read it.
    case none
    /// It cannot: there is no way back, so the epoch must rise.
    case forwardOnly
  }

  /// The version.
  public let version: ReleaseVersion
  /// The board it is for.
  public let compatible: ByteString
  /// The security epoch: below the terminal's own it is not taken.
  public let epoch: Int64
  /// The version that a terminal must have at least; none is needed where it is `none`.
  public let minSource: ReleaseVersion
  /// SHA-256 of the bundle's manifest, 32 bytes.
  public let manifestHash: [UInt8]
  /// How the bundle is made.
  public let format: Format
  /// What becomes of the data.
  public let migration: Migration
  /// Terminals whose number 0...99 is at most this one may have it; 99 is everybody.
  public let ring: Int64
  /// Not before this moment, where the clock can be believed.
  public let notBefore: UTCTime?
  /// From this moment on the merchant's window and wishes do not count any more.
  public let deadline: UTCTime?
  /// How long the terminal is away, minutes.
  public let minutes: Int64
  /// What is new, in English.
  public let noteEnglish: ByteString
  /// What is new, in Chinese.
  public let noteChinese: ByteString

  /// The most minutes that a release may say of itself.
  public static let minutesLimit: Int64 = 240
  /// Bytes of a note.
  public static let noteLimit = 1_000
  /// Bytes of a board's name.
  public static let nameLimit = 64

  /// Of a target. A target without the member is none of ours.
  public init(_ target: Target) throws(MetadataFault) {
    guard let value = target.custom?["posd"] else { throw MetadataFault(.missing, at: "posd") }
    try self.init(value)
  }

  /// Of the member itself.
  public init(_ value: MetadataValue) throws(MetadataFault) {
    guard case .object = value else { throw MetadataFault(.wrongType) }
    version = try Release.version(value, "version")
    let compatible = try value.text("compatible")
    if compatible.bytes.isEmpty || compatible.bytes.count > Release.nameLimit {
      throw MetadataFault(.outOfRange, at: "compatible")
    }
    self.compatible = compatible
    epoch = try value.number("epoch", atLeast: 0)
    minSource = value["min-source"] == nil ? .none : try Release.version(value, "min-source")
    let digits = try value.text("manifest-hash")
    let digest = (try? Hex.decode(digits.bytes)) ?? []
    if digest.count != HashAlgorithm.sha256.byteCount {
      throw MetadataFault(.outOfRange, at: "manifest-hash")
    }
    manifestHash = digest
    format = try Release.format(value)
    migration = try Release.migration(value)
    ring = try Release.number(value, "ring", 0...99, otherwise: 99)
    notBefore = try Release.moment(value, "not-before")
    deadline = try Release.moment(value, "deadline")
    minutes = try Release.number(value, "minutes", 0...Release.minutesLimit, otherwise: 5)
    noteEnglish = try Release.note(value, "en")
    noteChinese = try Release.note(value, "zh")
  }

  private static func version(
    _ value: MetadataValue, _ name: ByteString
  ) throws(MetadataFault) -> ReleaseVersion {
    guard let version = ReleaseVersion(try value.text(name)), version > .none else {
      throw MetadataFault(.outOfRange, at: name)
    }
    return version
  }

  private static func format(_ value: MetadataValue) throws(MetadataFault) -> Format {
    switch try value.text("format") {
    case "directory": return .directory
    case "verity": return .verity
    case "plain": return .plain
    default: throw MetadataFault(.outOfRange, at: "format")
    }
  }

  private static func migration(_ value: MetadataValue) throws(MetadataFault) -> Migration {
    if value["migration"] == nil { return .none }
    switch try value.text("migration") {
    case "none": return .none
    case "forward-only": return .forwardOnly
    default: throw MetadataFault(.outOfRange, at: "migration")
    }
  }

  private static func number(
    _ value: MetadataValue, _ name: ByteString, _ range: ClosedRange<Int64>, otherwise: Int64
  ) throws(MetadataFault) -> Int64 {
    if value[name] == nil { return otherwise }
    let number = try value.number(name, atLeast: range.lowerBound)
    if number > range.upperBound { throw MetadataFault(.outOfRange, at: name) }
    return number
  }

  private static func moment(
    _ value: MetadataValue, _ name: ByteString
  ) throws(MetadataFault) -> UTCTime? {
    if value[name] == nil { return nil }
    guard let moment = UTCTime(try value.text(name)) else {
      throw MetadataFault(.outOfRange, at: name)
    }
    return moment
  }

  private static func note(
    _ value: MetadataValue, _ language: ByteString
  ) throws(MetadataFault) -> ByteString {
    guard let notes = value["notes"] else { return "" }
    guard case .object = notes else { throw MetadataFault(.wrongType, at: "notes") }
    if notes[language] == nil { return "" }
    let text = try notes.text(language)
    if text.bytes.count > Release.noteLimit { throw MetadataFault(.outOfRange, at: "notes") }
    return text
  }
}

/// Where a terminal stands in staged releases: a number 0...99 that never changes.
public struct ReleaseRing: Hashable, Sendable {
  /// The number.
  public let number: Int64

  /// Of a serial number: the first four bytes of its SHA-256, modulo 100. A publisher can compute
  /// it as well, so he knows which terminals come first.
  public init(serial: ByteString) {
    let digest = sha256(serial.bytes)
    number = digest.prefix(4).reduce(Int64(0)) { $0 << 8 | Int64($1) } % 100
  }

  /// Whether the release has come as far as this terminal.
  public func isIn(_ release: Release) -> Bool { number <= release.ring }
}
