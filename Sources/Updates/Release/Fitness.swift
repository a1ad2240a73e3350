// SPDX-License-Identifier: Apache-2.0

/// What a release is measured against.
public struct DeviceFacts: Hashable, Sendable {
  /// The board's name.
  public var board: ByteString
  /// Which bundles its slots take.
  public var format: Release.Format
  /// The version that runs.
  public var running: ReleaseVersion
  /// Below these it does not go.
  public var floors: Floors
  /// Where it stands in staged releases.
  public var ring: ReleaseRing
  /// The moment; nil where the clock cannot be believed.
  public var now: UTCTime?

  /// Facts.
  public init(
    board: ByteString, format: Release.Format, running: ReleaseVersion, floors: Floors,
    ring: ReleaseRing, now: UTCTime?
  ) {
    self.board = board
    self.format = format
    self.running = running
    self.floors = floors
    self.ring = ring
    self.now = now
  }
}

/// Why a release is not for this terminal.
public enum Unfit: UInt8, Hashable, Sendable, CaseIterable {
  /// For another board.
  case otherBoard
  /// A kind of bundle that the slots do not take.
  case otherFormat
  /// Not newer than what runs, or below the floor.
  case notNewer
  /// Of an epoch below the floor.
  case oldEpoch
  /// The terminal's version is too old for it: another release comes between.
  case sourceTooOld
  /// Not this terminal's turn yet.
  case notInRing
  /// Not its time yet.
  case notYet
  /// Failed here so often that it is not tried again.
  case failedBefore
  /// The data would not be read by the version before, and the epoch does not say so.
  case migrationWithoutEpoch
  /// The management server wants it, and nothing that is signed is it.
  case notListed
}

extension Release {
  /// Whether the maker's last day for it is over; a terminal without a clock knows of none.
  func isOverdue(at clock: UTCTime?) -> Bool {
    guard let deadline, let clock else { return false }
    return deadline <= clock
  }

  /// Why the release is not for this terminal; nil when it is. `isCure` is for one that the
  /// recovery role has signed for this terminal's state: it may be the version that is there
  /// already, and rings and times do not count.
  public func unfit(for device: DeviceFacts, isCure: Bool = false) -> Unfit? {
    if compatible != device.board { return .otherBoard }
    if format != device.format { return .otherFormat }
    if epoch < device.floors.epoch { return .oldEpoch }
    if version < device.floors.version { return .notNewer }
    if migration == .forwardOnly, epoch <= device.floors.epoch { return .migrationWithoutEpoch }
    if device.running < minSource { return .sourceTooOld }
    if isCure { return nil }
    if version <= device.running { return .notNewer }
    if !device.ring.isIn(self) { return .notInRing }
    // Advice to honest terminals, not protection: without a clock it stops nothing.
    if let notBefore, let now = device.now, now < notBefore { return .notYet }
    return nil
  }
}
