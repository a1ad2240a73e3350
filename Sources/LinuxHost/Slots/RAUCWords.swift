// SPDX-License-Identifier: Apache-2.0

/// A place that RAUC can install to, as it says itself. What it does not know is empty.
public struct RAUCSlot: Hashable, Sendable {
  /// What a slot is to the system that runs.
  public enum Role: String, Hashable, Sendable, CaseIterable {
    /// What runs was started from it.
    case booted
    /// It is in use, but not as the system.
    case active
    /// Nothing of it is in use.
    case inactive
  }

  /// RAUC's name, as `rootfs.1`.
  public var name: String
  /// The boot chooser's name, as `B`.
  public var bootName: String
  /// What it is to the system that runs.
  public var role: Role
  /// Whether the boot chooser would start it.
  public var isGood: Bool
  /// The version of the bundle in it.
  public var version: String
  /// SHA-256 of its image, hexadecimal.
  public var imageHash: String
  /// SHA-256 of its bundle's manifest, hexadecimal; RAUC 1.10 and later.
  public var bundleHash: String
  /// When it was installed, as RAUC writes it.
  public var installed: String
  /// When it was made the primary one, as RAUC writes it.
  public var activated: String

  /// A slot of which only the names are known.
  public init(name: String, bootName: String = "", role: Role = .inactive) {
    self.name = name
    self.bootName = bootName
    self.role = role
    isGood = false
    version = ""
    imageHash = ""
    bundleHash = ""
    installed = ""
    activated = ""
  }
}

/// What a slot may be marked as.
public enum RAUCMark: String, Hashable, Sendable, CaseIterable {
  /// It has proved itself.
  case good
  /// It is not to be started.
  case bad
  /// It is started next.
  case active
}

/// What must be true of a bundle, as its signed metadata says. RAUC itself would install an older
/// bundle of the same maker without a word.
public struct RAUCExpectations: Hashable, Sendable {
  /// The board.
  public var compatible: String
  /// The version.
  public var version: String
  /// SHA-256 of the manifest, hexadecimal, that RAUC is to demand; empty where the whole file was
  /// verified already, and for plain bundles, for which RAUC refuses to demand it.
  public var manifestHash: String

  /// What is expected.
  public init(compatible: String, version: String, manifestHash: String = "") {
    self.compatible = compatible
    self.version = version
    self.manifestHash = manifestHash
  }

  /// Whether RAUC means this version: `2026.5` and `2026.05.0` are the same, as in the release that
  /// was signed.
  func isVersion(_ text: String) -> Bool {
    text == version || RAUCExpectations.shortest(text) == RAUCExpectations.shortest(version)
  }

  private static func shortest(_ version: String) -> [Substring] {
    var parts = version.split(separator: ".", omittingEmptySubsequences: false)
      .map { part in part.count > 1 ? part.drop { $0 == "0" } : part }
      .map { $0.isEmpty ? "0" : $0 }
    while parts.count > 1, parts.last == "0" { parts.removeLast() }
    return parts
  }
}

/// Why RAUC did not do what it was asked for. Its texts are for people.
public enum RAUCFault: Error, Hashable, Sendable {
  /// The bus or the service is not there.
  case absent
  /// The service went away meanwhile; what it was installing to may be bad, or may be primary.
  case lost
  /// It refused, and says why.
  case refused(String)
  /// It began and did not come to a good end, and says why.
  case failed(code: Int32, String)
  /// The bundle, or what is in the slot after it, is of another board or version than was signed.
  /// A slot does not say its board.
  case otherContent(compatible: String, version: String)
  /// Its answer cannot be read.
  case malformed
  /// It did not come to an end in its time.
  case tooSlow

  /// A word for people and programs that never changes.
  public var code: String {
    switch self {
    case .absent: "absent"
    case .lost: "lost"
    case .refused: "refused"
    case .failed: "failed"
    case .otherContent: "other-content"
    case .malformed: "malformed"
    case .tooSlow: "too-slow"
    }
  }
}

/// What RAUC has answered or done.
public enum RAUCEvent: Hashable, Sendable {
  /// What is where.
  case slots([RAUCSlot])
  /// RAUC's name of the slot that is started next.
  case primary(String)
  /// How far an installation is: coarse, and in RAUC's own words.
  case progress(percent: Int32, String)
  /// The bundle is in this slot, which is the primary one now.
  case installed(RAUCSlot)
  /// It is not; the primary slot is what it was.
  case notInstalled(RAUCFault)
  /// RAUC's name of the slot that was marked.
  case marked(String)
  /// A question or a mark was not answered.
  case refused(RAUCFault)
}
