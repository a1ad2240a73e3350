// SPDX-License-Identifier: Apache-2.0

public import Clockwork
public import Updates
import Wire

// RAUC's words for what every slot engine is asked.

extension SlotRole {
  /// Of RAUC's word; what it does not say, nothing runs from.
  init(rauc word: String) {
    switch word {
    case "booted": self = .booted
    case "active": self = .active
    default: self = .inactive
    }
  }
}

extension SlotMark {
  var raucWord: String {
    switch self {
    case .good: "good"
    case .bad: "bad"
    case .active: "active"
    }
  }
}

extension SlotStatus {
  /// Of the facts that RAUC has of a slot; what it does not know is empty.
  init(name: String, facts: [(name: String, value: RAUCMessage.Value)]) {
    func text(_ name: String) -> String {
      let fact = facts.first { $0.name == name }
      guard case .text(let text)? = fact?.value else { return "" }
      return text
    }
    self.init(
      name: ByteString(name), bootName: ByteString(text("bootname")),
      role: SlotRole(rauc: text("state")), isGood: text("boot-status") == "good",
      version: ByteString(text("bundle.version")),
      // RAUC 1.10 and later; another text than 64 digits is no hash, and is none that was ordered.
      bundleHash: text("bundle.hash").isEmpty
        ? [] : (try? Hex.decode(Array(text("bundle.hash").utf8))) ?? [0])
  }
}

/// What RAUC says of itself.
struct RAUCProperties {
  /// Whether it says that it installs something.
  let isInstalling: Bool
  /// Whether what it did last has not come to its end, by its progress.
  let isUnderWay: Bool

  init(_ facts: [(name: String, value: RAUCMessage.Value)]) {
    var isInstalling = false
    var isUnderWay = false
    for fact in facts {
      switch (fact.name, fact.value) {
      case ("Operation", .text(let word)): isInstalling = word != "idle"
      case ("Progress", .progress(let percent, _, let depth)):
        isUnderWay = depth > 0 && percent < 100
      default: break
      }
    }
    self.isInstalling = isInstalling
    self.isUnderWay = isUnderWay
  }
}

/// Why RAUC did not do what it was asked for. Its texts are for people.
public enum RAUCFault: Error, Hashable, Sendable {
  /// The bus or the service is not there.
  case absent
  /// The service or the bus went away meanwhile, or did not answer.
  case lost
  /// It refused, and says why.
  case refused(String)
  /// It began and did not come to a good end, and says why.
  case failed(code: Int32, String)
  /// Its answer cannot be read.
  case malformed
  /// It was silent for too long, and nothing goes on any more.
  case tooSlow

  /// A word that never changes, and what RAUC says.
  public var text: String {
    switch self {
    case .absent: "absent"
    case .lost: "lost"
    case .refused(let text): "refused \(text)"
    case .failed(let code, let text): "failed \(code) \(text)"
    case .malformed: "malformed"
    case .tooSlow: "too-slow"
    }
  }

  /// As every engine's faults are told. RAUC's own numbers are not negative.
  var installFault: InstallFault {
    switch self {
    case .absent: .engine(-1)
    case .lost: .engine(-2)
    case .refused: .engine(-3)
    case .failed(let code, _): .engine(code)
    case .malformed: .engine(-4)
    case .tooSlow: .engine(-5)
    }
  }
}

extension RAUCSlots {
  /// How long RAUC is waited for.
  public struct Patience: Hashable, Sendable {
    /// For an answer: RAUC reads a whole plain bundle before it says what is in it.
    public var answer = Interval.seconds(120)
    /// For a word of an installation, before it is looked whether it goes on. RAUC 1.8 is silent
    /// while it writes an image.
    public var silence = Interval.minutes(30)

    /// As for a terminal.
    public init() {}
  }
}

/// How an installation has failed.
public struct RAUCFailure: Hashable, Sendable {
  /// Why, in the words of every slot engine.
  public var fault: InstallFault
  /// The same for people.
  public var text: String
  /// Whether what runs is what is started next, as RAUC says; false where it could not be asked, or
  /// would not take back its switch.
  public var startsWhatRuns: Bool
}

/// What RAUC has answered or done.
public enum RAUCEvent: Hashable, Sendable {
  /// What is where.
  case slots([SlotStatus])
  /// RAUC's name of the slot that is started next.
  case primary(ByteString)
  /// How far an installation is: coarse, and in RAUC's own words.
  case progress(percent: Int32, String)
  /// The bundle is in this slot, which is the primary one now.
  case installed(SlotStatus)
  /// It is not.
  case notInstalled(RAUCFailure)
  /// RAUC's name of the slot that was marked.
  case marked(ByteString)
  /// A question or a mark was not answered.
  case refused(RAUCFault)
}
