// SPDX-License-Identifier: Apache-2.0

public import Clockwork

/// How long the update waits for what, and how often it tries.
public struct UpdatePolicy: Hashable, Sendable {
  /// Between two looks at the repository.
  public var checkPause = Interval.minutes(360)
  /// Whether what is found is fetched without being asked for. It is never applied for that.
  public var fetchesByItself = true
  /// Whether it is applied in the merchant's window without being asked for.
  public var appliesByItself = true
  /// How many mirrors there are.
  public var mirrors = 1
  /// Tries of a transfer that bring nothing new, before it is given up until the next look.
  public var tries: UInt8 = 8
  /// The first pause between two of them; each further one is twice as long …
  public var firstPause = Interval.seconds(5)
  /// … and none longer than this.
  public var longestPause = Interval.minutes(15)
  /// Bytes a second while the shop is open; 0 for no limit.
  public var rate: Int64 = 256_000
  /// Room that must be left on the disk beside the bundle, bytes.
  public var spareRoom: Int64 = 16_777_216
  /// How long before it goes away the terminal says so.
  public var notice = Interval.minutes(5)
  /// How often the till may postpone.
  public var postponements: UInt8 = 3
  /// For how long at most, each time, minutes.
  public var postponementMinutes: Int64 = 60
  /// How long supervisor and technician have to agree.
  public var agreement = Interval.minutes(10)
  /// How long the own half of the payment path may take to pass.
  public var ownHalf = Interval.seconds(120)
  /// And at a later start, when it has passed before: a printer may be switched on later than the
  /// terminal is.
  public var laterOwnHalf = Interval.minutes(30)
  /// Between two tries of it.
  public var ownHalfPause = Interval.seconds(1)
  /// Between two tries of the host.
  public var hostPause = Interval.minutes(5)
  /// From then on a version that only the host keeps waiting is committed.
  public var probation = Interval.minutes(1_440)
  /// Before a version that failed its trial is tried again.
  public var trialPause = Interval.minutes(360)
  /// How long the management server's wish holds that is not heard any more.
  public var wishLasts = Interval.minutes(1_440)
  /// How often a bundle may turn out, behind its signature, to be none.
  public var badContents: UInt8 = 2

  /// The policy as it is.
  public init() {}

  /// The pause behind so many tries in vain.
  func pause(after tries: UInt8) -> Interval {
    var pause = firstPause
    for _ in 1..<max(2, tries) { pause = min(pause + pause, longestPause) }
    return pause
  }
}
