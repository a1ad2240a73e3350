// SPDX-License-Identifier: Apache-2.0

public import Clockwork
public import Updates

/// Hostile metadata, drawn from a seed. What breaks a rule traps, or is told.
public struct MetadataFuzz {
  /// What is attacked.
  public enum Target: String, CaseIterable, Sendable {
    /// The reader of JSON and the canonical form.
    case json
    /// The whole client, by documents that were changed behind their signatures.
    case document
    /// The whole client, by documents that those who may sign have signed.
    case signed
  }

  /// How often something hostile was tried.
  public private(set) var executions: UInt64 = 0
  /// How many of them were taken.
  public private(set) var accepted: UInt64 = 0

  private let target: Target
  private var dice: Dice
  private let honest: RepositoryVisit
  private static let path: ByteString = "a/file"

  /// An attack; the same seed is the same attack.
  public init(_ target: Target, seed: UInt64) {
    self.target = target
    dice = Dice(seed: seed)
    var visit = RepositoryVisit { repository in
      repository.listsDigests = false
      repository.files["b/other"] = [1]
      var delegation = PublisherDelegation("a", paths: ["a/*", "[!x]?"])
      delegation.targets[MetadataFuzz.path] = [1, 2, 3]
      repository.delegations = [delegation]
    }
    // A chain of two roots, so that a changed one is met as well.
    visit.repository.rotateRoot { $0.root.keys = [PublisherKey("next root")] }
    honest = visit
  }

  /// One execution; what went wrong, or nil.
  public mutating func execute() -> String? {
    executions += 1
    switch target {
    case .json: return attackText()
    case .document: return attackDocument()
    case .signed: return attackContent()
    }
  }

  private mutating func document() -> (name: ByteString, bytes: [UInt8]) {
    let entries = honest.repository.served.entries.filter { $0.name != "1.root.json" }
    let entry = entries[dice.below(entries.count)]
    return (entry.name, entry.bytes)
  }

  /// What is read is written so that it is read again as the same, and is written again as the
  /// same.
  private mutating func attackText() -> String? {
    let text = HostileAnswers.mutate(document().bytes, &dice)
    guard let value = try? MetadataValue(parsing: text, limit: text.count) else { return nil }
    accepted += 1
    // A control character is raw in the canonical form, which then is no JSON any more.
    if value.canonical.contains(where: { $0 < 0x20 }) { return nil }
    guard let again = try? MetadataValue(parsing: value.canonical, limit: 1 << 20) else {
      return "a canonical form is not read"
    }
    return again == value && again.canonical == value.canonical
      ? nil : "a canonical form is read as something else"
  }

  /// Whatever was changed: a document is taken only where what is signed is what was signed, and
  /// where nothing but blanks was added, it is taken.
  private mutating func attackDocument() -> String? {
    let (name, bytes) = document()
    let isHarmless = dice.chance(1, in: 8)
    let hostile =
      isHarmless ? HostileValues.spaced(bytes, &dice) : HostileAnswers.mutate(bytes, &dice)
    var visit = honest
    visit.repository.served[name] = hostile
    guard case .success(let target) = visit.find(MetadataFuzz.path) else {
      return isHarmless ? "\(name) with blanks was refused" : nil
    }
    accepted += 1
    if target.length != 3 { return "another target was taken" }
    let known = try? MetadataValue(parsing: bytes, limit: 1 << 20)
    let taken = try? MetadataValue(parsing: hostile, limit: 1 << 20)
    return known?["signed"] == taken?["signed"] ? nil : "a changed \(name) was taken"
  }

  /// Whatever stands in a signed document: the run ends, and within its limits.
  private mutating func attackContent() -> String? {
    let (name, bytes) = document()
    guard let value = try? MetadataValue(parsing: bytes, limit: 1 << 20),
      let signed = value["signed"]
    else { return "an honest document is not read" }
    let hostile = HostileValues.mutate(signed, &dice)
    var visit = honest
    let repository = visit.repository
    var role = repository.role(of: name)
    // Whoever may sign before and behind the change.
    role.signers = role.keys + (name == "2.root.json" ? [PublisherKey("root")] : [])
    visit.repository.served[name] = repository.document(hostile, role)
    guard case .success = visit.find(MetadataFuzz.path) else { return nil }
    accepted += 1
    return visit.requests.count > 40 ? "a run has too many requests" : nil
  }
}

extension PublishedRepository {
  /// Whose document lies under a name.
  func role(of name: ByteString) -> PublisherRole {
    switch name {
    case "timestamp.json": timestamp
    case "1.snapshot.json": snapshot
    case "1.targets.json": targets
    case "1.a.json": delegations.first?.role ?? targets
    default: root
    }
  }
}

/// Values as no publisher would write them.
public enum HostileValues {
  /// A value in which one thing is gone, stands twice, has another type, or is huge.
  public static func mutate(_ value: MetadataValue, _ dice: inout Dice) -> MetadataValue {
    switch value {
    case .object(let members) where !members.isEmpty && !dice.chance(1, in: 6):
      var members = members
      let index = dice.below(members.count)
      if dice.chance(1, in: 4) {
        members.remove(at: index)
      } else {
        let member = members[index]
        members[index] = MetadataMember(member.name, mutate(member.value, &dice))
      }
      return .object(members)
    case .array(let elements) where !elements.isEmpty && !dice.chance(1, in: 6):
      var elements = elements
      let index = dice.below(elements.count)
      switch dice.below(4) {
      case 0: elements.remove(at: index)
      case 1: elements.append(elements[index])
      default: elements[index] = mutate(elements[index], &dice)
      }
      return .array(elements)
    case .null, .boolean, .integer, .text, .array, .object:
      return strange(value, &dice)
    }
  }

  /// The same text with blanks between its parts.
  public static func spaced(_ text: [UInt8], _ dice: inout Dice) -> [UInt8] {
    let blanks: [UInt8] = [0x20, 0x09, 0x0A, 0x0D]
    var out: [UInt8] = []
    var isInText = false
    for (index, byte) in text.enumerated() {
      out.append(byte)
      // No honest text of ours ends in a backslash.
      if byte == 0x22, index == 0 || text[index - 1] != 0x5C { isInText.toggle() }
      let isBetween = [0x7B, 0x7D, 0x5B, 0x5D, 0x2C, 0x3A].contains(byte)
      if !isInText, isBetween, dice.chance(1, in: 4) { out.append(blanks[dice.below(4)]) }
    }
    return out
  }

  private static func strange(_ value: MetadataValue, _ dice: inout Dice) -> MetadataValue {
    let numbers: [Int64] = [0, -1, 1, 2, 33, .max, .min]
    switch dice.below(8) {
    case 0: return .null
    case 1: return .boolean(dice.chance(1, in: 2))
    case 2: return .integer(numbers[dice.below(numbers.count)])
    case 3: return .text(ByteString(String(repeating: "*", count: dice.below(2_000))))
    case 4: return .text("")
    case 5: return .array([value, value])
    case 6: return .object(unsorted: [MetadataMember("x", value)])
    default: return .array([])
    }
  }
}
