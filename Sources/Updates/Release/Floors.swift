// SPDX-License-Identifier: Apache-2.0

/// Below what a terminal goes never again. Both only rise, and only when a version was committed.
public struct Floors: Hashable, Sendable {
  /// The security epoch.
  public private(set) var epoch: Int64
  /// The version.
  public private(set) var version: ReleaseVersion

  /// A terminal that has had no update.
  public static let none = Floors(epoch: 0, version: .none)

  /// These floors.
  public init(epoch: Int64, version: ReleaseVersion) {
    self.epoch = epoch
    self.version = version
  }

  /// Whether a version of this epoch stands on them.
  public func allow(version: ReleaseVersion, epoch: Int64) -> Bool {
    version >= self.version && epoch >= self.epoch
  }

  /// Raises them to a version that was committed; neither sinks.
  public mutating func raise(version: ReleaseVersion, epoch: Int64) {
    self.version = max(self.version, version)
    self.epoch = max(self.epoch, epoch)
  }

  /// The higher ones of two records.
  public func joined(with other: Floors) -> Floors {
    Floors(epoch: max(epoch, other.epoch), version: max(version, other.version))
  }
}
