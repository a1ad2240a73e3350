// SPDX-License-Identifier: Apache-2.0

//   recovery ─▶ frame ─▶ frame ─▶ … ─▶ long? the machine is recovered anew at a quiet moment,
//   and the reel begins again there, so whatever is on it can be replayed from its beginning
//
// The counters are not on the reel: they survive it.

/// What a machine was told since its recovery, in bounded memory.
public struct FlightRecorder: Hashable, Sendable {
  /// One event as it was recorded.
  public struct Frame: Hashable, Sendable {
    /// When the machine was told.
    public var at: Instant
    /// What kind of event it was, as the counters are indexed.
    public var kind: UInt8
    /// The fingerprint of what the machine did about it.
    public var answer: UInt64
    /// The event, in the recorder's owner's own coding.
    public var body: [UInt8]

    /// A frame.
    public init(at: Instant, kind: UInt8, answer: UInt64, body: [UInt8]) {
      self.at = at
      self.kind = kind
      self.answer = answer
      self.body = body
    }
  }

  /// How much memory a reel may take, in bytes.
  public struct Limits: Hashable, Sendable {
    /// From here on a moment in which nobody is there ends the reel: a day in a shop.
    public var long = 524_288
    /// From here on any moment does in which nothing is under way.
    public var urgent = 786_432
    /// From here on nothing more is recorded.
    public var full = 1_048_576

    /// The usual limits.
    public init() {}
  }

  /// What a frame takes beside its body.
  private static let overhead = 64

  /// The frames since the recovery, the oldest first.
  public private(set) var frames: [Frame] = []
  /// How often each kind of event came since the program's start.
  public private(set) var counters: [UInt64]
  /// Events that are not on the reel.
  public private(set) var missed: UInt64 = 0
  private let limits: Limits
  private var bytes = 0

  /// An empty reel for so many kinds of events.
  public init(kinds: Int, limits: Limits = Limits()) {
    counters = [UInt64](repeating: 0, count: kinds)
    self.limits = limits
  }

  /// Whether a moment in which nobody is there should end this reel.
  public var isLong: Bool { bytes >= limits.long }

  /// Whether any moment in which nothing is under way should.
  public var isUrgent: Bool { bytes >= limits.urgent }

  /// Whether the reel holds everything since the recovery.
  public var isWhole: Bool { missed == 0 }

  /// Adds a frame; a full reel only counts it, since a reel with a hole cannot be replayed.
  public mutating func add(_ frame: Frame) {
    precondition(Int(frame.kind) < counters.count, "its owner knows how many kinds there are")
    counters[Int(frame.kind)] += 1
    if bytes >= limits.full || !isWhole {
      missed += 1
      return
    }
    frames.append(frame)
    bytes += frame.body.count + FlightRecorder.overhead
  }

  /// An event could not be recorded: from here on there is a hole.
  public mutating func lose() { missed += 1 }

  /// The machine has been recovered: a new reel begins.
  public mutating func rewind() {
    frames.removeAll()
    bytes = 0
    missed = 0
  }
}
