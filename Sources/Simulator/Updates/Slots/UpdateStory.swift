// SPDX-License-Identifier: Apache-2.0

/// What is published in a world of updates, and how it must end.
public enum UpdateStory: UInt8, Hashable, Sendable, CaseIterable {
  /// A good version, and a host that answers.
  case good
  /// A good version, while the host is away for a while.
  case hostAway
  /// A version that never becomes ready.
  case neverReady
  /// A version that is silent from its start.
  case silent
  /// A version that cannot use the PIN pad.
  case cannotPay
  /// A version whose own half never comes to an end.
  case tooSlow
  /// A version that cannot reach the host, by its own fault.
  case faultInside
  /// A version that falls over while the host is away.
  case fallsOver
  /// A mirror that sends other bytes than were signed.
  case wrongBytes
  /// A signed version that is older than the one that runs.
  case older
  /// A good version on a disk that is full for a moment.
  case fullDisk
  /// A good version, signed by the recovery role alone, when the clock is far off.
  case recovery

  /// Whether it must be kept in the end.
  public var isKept: Bool {
    switch self {
    case .good, .hostAway, .fullDisk, .recovery: true
    case .neverReady, .silent, .cannotPay, .tooSlow, .faultInside, .fallsOver, .wrongBytes, .older:
      false
    }
  }
}

/// A mistake that is planted, to see that a world finds it.
public enum PlantedUpdateFault: UInt8, Hashable, Sendable, CaseIterable {
  /// Files are not synced.
  case filesNotSynced
  /// The state is overwritten in its place.
  case stateInPlace
  /// The supervisor does not write that one start fewer is left.
  case startsNotCounted
  /// The floors are lost with every start.
  case floorsForgotten
  /// What failed is forgotten with every start.
  case failuresForgotten
  /// An own half that fails is told as passed.
  case ownHalfIgnored
  /// A silent host is told as a fault inside.
  case hostBlamed
  /// What the mirror sent is counted against the version.
  case mirrorBlamesVersion
  /// What was fetched is not compared with what was signed.
  case bytesNotCompared
  /// The running slot is the one that is written to.
  case runningSlotWritten
  /// A trial that failed is told to the machine as committed.
  case trialForgotten
  /// A version is kept before its own half has passed.
  case keptUntested
  /// The link is changed and the state is never told.
  case switchNotWritten
}
