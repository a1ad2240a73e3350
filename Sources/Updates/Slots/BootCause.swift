// SPDX-License-Identifier: Apache-2.0

/// A part of the payment path that a new version must still be able to use.
public enum Organ: UInt8, Hashable, Sendable, CaseIterable {
  /// The card reader answers.
  case reader
  /// The PIN pad answers.
  case pinPad
  /// The printer says how it is.
  case printer
  /// The keys are there and have their check values.
  case keys
  /// The journal of the version before is read.
  case journal
  /// The storage takes a write.
  case storage
  /// A TLS connection can be begun.
  case tls
  /// A message is coded and read back.
  case messages

  /// A word that never changes.
  public var code: ByteString {
    switch self {
    case .reader: "reader"
    case .pinPad: "pin-pad"
    case .printer: "printer"
    case .keys: "keys"
    case .journal: "journal"
    case .storage: "storage"
    case .tls: "tls"
    case .messages: "messages"
    }
  }

  init?(code: ByteString) {
    guard let organ = Organ.allCases.first(where: { $0.code == code }) else { return nil }
    self = organ
  }
}

/// Why a new version was given up. Only these count against a version: what a mirror sends, and
/// what the disk refuses, never does.
public enum TrialFailure: Hashable, Sendable {
  /// It ended, or was silent, before it said that it is ready.
  case neverReady
  /// It was ready and fell over again and again before it was committed.
  case crashed
  /// Its own half of the payment path is broken there.
  case organ(Organ)
  /// Its own half did not come to an end in its time.
  case tooSlow
  /// The host is not reached, and the fault is in the terminal.
  case faultInside

  /// A word that never changes.
  public var code: ByteString {
    switch self {
    case .neverReady: "never-ready"
    case .crashed: "crashed"
    case .organ(let organ): "organ-" + organ.code
    case .tooSlow: "too-slow"
    case .faultInside: "fault-inside"
    }
  }

  init?(code: ByteString) {
    switch code {
    case "never-ready": self = .neverReady
    case "crashed": self = .crashed
    case "too-slow": self = .tooSlow
    case "fault-inside": self = .faultInside
    default:
      let prefix: ByteString = "organ-"
      guard code.hasPrefix(prefix) else { return nil }
      let rest = ByteString(Array(code.bytes.dropFirst(prefix.bytes.count)))
      guard let organ = Organ(code: rest) else { return nil }
      self = .organ(organ)
    }
  }
}

/// Why the slot that starts is the one that starts: every change of slot leaves one.
public enum BootCause: Hashable, Sendable {
  /// It was the first.
  case provisioned
  /// A new version is being tried.
  case trialStarted
  /// It was committed.
  case committed
  /// The version before is back.
  case fellBack(TrialFailure)
  /// The switch to a new version was cut; nothing was tried.
  case switchInterrupted
  /// Nothing legible said which slot it was.
  case stateLost
  /// The other one is not whole any more.
  case slotDamaged
  /// Nothing that may be started starts.
  case nothingStarts
  /// A person chose it.
  case chosen

  /// A word that never changes.
  public var code: ByteString {
    switch self {
    case .provisioned: "provisioned"
    case .trialStarted: "trial-started"
    case .committed: "committed"
    case .fellBack(let failure): "fell-back-" + failure.code
    case .switchInterrupted: "switch-interrupted"
    case .stateLost: "state-lost"
    case .slotDamaged: "slot-damaged"
    case .nothingStarts: "nothing-starts"
    case .chosen: "chosen"
    }
  }

  init?(code: ByteString) {
    switch code {
    case "provisioned": self = .provisioned
    case "trial-started": self = .trialStarted
    case "committed": self = .committed
    case "switch-interrupted": self = .switchInterrupted
    case "state-lost": self = .stateLost
    case "slot-damaged": self = .slotDamaged
    case "nothing-starts": self = .nothingStarts
    case "chosen": self = .chosen
    default:
      let prefix: ByteString = "fell-back-"
      guard code.hasPrefix(prefix) else { return nil }
      let rest = ByteString(Array(code.bytes.dropFirst(prefix.bytes.count)))
      guard let failure = TrialFailure(code: rest) else { return nil }
      self = .fellBack(failure)
    }
  }
}
