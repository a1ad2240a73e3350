// SPDX-License-Identifier: Apache-2.0

import PaymentCrypto
import Wire

/// A release that this terminal may have.
public struct Offer: Hashable, Sendable {
  /// The file.
  public var target: Target
  /// What is said of it.
  public var release: Release
  /// Where it lies beside the others on a mirror.
  public var location: ByteString
  /// The version of the recovery document that brought it; 0 for the repository.
  public var recovery: Int64
  /// Whether it came as a file, which a person has brought.
  public var isFile: Bool

  /// An offer.
  init(
    _ target: Target, _ release: Release, location: ByteString, recovery: Int64, isFile: Bool
  ) {
    self.target = target
    self.release = release
    self.location = location
    self.recovery = recovery
    self.isFile = isFile
  }

  /// By what it is remembered.
  public var digest: [UInt8] { release.manifestHash }

  /// What the slot engine is told.
  var order: InstallOrder {
    InstallOrder(SlotExpectations(target: target, release: release), recovery: recovery)
  }
}

/// What became of a version.
public struct UpdateOutcome: Hashable, Sendable {
  /// The version.
  public var version: ReleaseVersion
  /// What became of it: the code of a ``BootCause``, or of an ``InstallFault``.
  public var code: ByteString
  /// When, by the clock of then; 0 where it could not be believed.
  public var seconds: Int64

  init(version: ReleaseVersion, code: ByteString, seconds: Int64) {
    self.version = version
    self.code = code
    self.seconds = seconds
  }
}

/// What an update must still know after a power cut. It is written before anything depends on it.
public struct UpdateRecord: Hashable, Sendable {
  /// Bytes of it.
  public static let limit = 65_536
  /// How many outcomes are kept.
  public static let historyLimit = 16

  /// How far the offer has come.
  enum Phase: UInt8, Hashable, Sendable, CaseIterable {
    /// Nothing is on offer.
    case none
    /// It is being fetched.
    case fetching
    /// It is whole on the disk.
    case ready
    /// It was handed to the slots.
    case installing
  }

  var phase = Phase.none
  /// What is on offer.
  public internal(set) var offer: Offer?
  /// What was out of order before.
  var ailing = Organs.none
  /// How often its trial had failed before it was handed over.
  var failuresBefore: UInt8 = 0
  /// When its own half first passed, seconds since 1970; 0 for not yet, or without a clock.
  var passedAt: Int64 = 0
  var postponed: UInt8 = 0
  /// The bundle that turned out to be none, and how often.
  var badDigest: [UInt8] = []
  var badCount: UInt8 = 0
  /// What became of earlier versions, the latest last.
  public internal(set) var history: [UpdateOutcome] = []

  /// A terminal that has had no update.
  public init() {}

  mutating func note(_ version: ReleaseVersion, _ code: ByteString, at now: UTCTime?) {
    history.append(UpdateOutcome(version: version, code: code, seconds: now?.seconds ?? 0))
    if history.count > UpdateRecord.historyLimit { history.removeFirst() }
  }
}

extension Target {
  /// As a document lists it.
  var member: MetadataMember {
    var hashes: [MetadataMember] = []
    for entry in digests.entries {
      let name: ByteString = entry.algorithm == .sha512 ? "sha512" : "sha256"
      hashes.append(MetadataMember(name, .text(MetadataDigits.lowerCase(entry.bytes))))
    }
    var members = [
      MetadataMember("hashes", .object(unsorted: hashes)),
      MetadataMember("length", .integer(length)),
    ]
    if let custom { members.append(MetadataMember("custom", custom)) }
    return MetadataMember(path, .object(unsorted: members))
  }
}

extension UpdateRecord {
  /// As it is written. A torn one does not parse, so whoever writes it keeps the one before until
  /// this one is on the disk.
  public var bytes: [UInt8] {
    var members = [
      MetadataMember("phase", .integer(Int64(phase.rawValue))),
      MetadataMember("ailing", .integer(ailing.number)),
      MetadataMember("failures-before", .integer(Int64(failuresBefore))),
      MetadataMember("passed-at", .integer(passedAt)),
      MetadataMember("postponed", .integer(Int64(postponed))),
      MetadataMember("bad-digest", .text(MetadataDigits.lowerCase(badDigest))),
      MetadataMember("bad-count", .integer(Int64(badCount))),
      MetadataMember("history", .array(history.map { $0.value })),
    ]
    if let offer {
      members += [
        MetadataMember("target", .object([offer.target.member])),
        MetadataMember("location", .text(offer.location)),
        MetadataMember("recovery", .integer(offer.recovery)),
        MetadataMember("is-file", .boolean(offer.isFile)),
      ]
    }
    return MetadataValue.object(unsorted: members).canonical
  }

  /// Reads one; a fault where it is none of ours.
  public init(parsing bytes: [UInt8]) throws(MetadataFault) {
    let value = try MetadataValue(parsing: bytes, limit: UpdateRecord.limit)
    func small(_ name: ByteString) throws(MetadataFault) -> UInt8 {
      let number = try value.number(name, atLeast: 0)
      if number > 255 { throw MetadataFault(.outOfRange, at: name) }
      return UInt8(number)
    }
    guard let phase = Phase(rawValue: try small("phase")) else {
      throw MetadataFault(.outOfRange, at: "phase")
    }
    self.phase = phase
    ailing = Organs(number: try value.number("ailing", atLeast: 0))
    failuresBefore = try small("failures-before")
    // Versions before have not written it.
    passedAt = value["passed-at"] == nil ? 0 : try value.number("passed-at", atLeast: 0)
    postponed = try small("postponed")
    let digits = try value.text("bad-digest")
    badDigest = (try? Hex.decode(digits.bytes)) ?? []
    badCount = try small("bad-count")
    for element in try value.array("history") {
      if history.count < UpdateRecord.historyLimit { history.append(try UpdateOutcome(element)) }
    }
    if value["target"] == nil { return }
    guard let member = try value.object("target").first else {
      throw MetadataFault(.missing, at: "target")
    }
    let target = try Target(member)
    offer = Offer(
      target, try Release(target), location: try value.text("location"),
      recovery: try value.number("recovery", atLeast: 0), isFile: try value.boolean("is-file"))
  }
}

extension UpdateOutcome {
  var value: MetadataValue {
    .object([
      MetadataMember("code", .text(code)), MetadataMember("seconds", .integer(seconds)),
      MetadataMember("version", .text(version.text)),
    ])
  }

  init(_ value: MetadataValue) throws(MetadataFault) {
    guard let version = ReleaseVersion(try value.text("version")) else {
      throw MetadataFault(.outOfRange, at: "version")
    }
    self.version = version
    code = try value.text("code")
    seconds = try value.number("seconds", atLeast: 0)
  }
}
