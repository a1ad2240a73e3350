// SPDX-License-Identifier: Apache-2.0

/// What has no value on a slip: fields without a text, lists without an item.
struct Absence: Hashable, Sendable {
  /// Something that a slip may have or lack.
  enum Thing: Hashable, Sendable {
    case field(SlipField)
    case list(SlipList)
  }

  private(set) var things: [Thing] = []

  /// Everything is there.
  init() {}

  /// These are missing.
  init(_ things: [Thing]) { self.things = things }

  /// Whether this field is missing, or what it is made of.
  func has(_ field: SlipField) -> Bool {
    switch field {
    case .card, .cardLastFour:
      things.contains(.field(.card)) || things.contains(.field(.cardLastFour))
    case .merchantName:
      things.contains(.field(.merchantName)) || things.contains(.list(.merchantNames))
    default: things.contains(.field(field))
    }
  }

  /// The names of what is missing, for people.
  var text: String {
    var text = ""
    for thing in things {
      text += text.isEmpty ? "" : ", "
      switch thing {
      case .field(let field): text += field.rawValue
      case .list(let list): text += list.rawValue
      }
    }
    return text
  }
}

extension ReceiptTemplate {
  /// So many things can be missing in any company; of more, one and two, all, and all but one.
  private static let fewThings = 4

  /// What can be missing so that the slip is another one than without its text: what a condition
  /// asks for, and what is gone through one by one. A line whose fields are empty leaves nothing
  /// else out, so no other field needs to be tried.
  var absences: [Absence] {
    var things: [Absence.Thing] = []
    for step in steps {
      let thing: Absence.Thing
      switch step {
      case .unless(.field(let field), _): thing = .field(field)
      case .unless(.list(let list), _), .each(let list, _): thing = .list(list)
      case .unless(.flag, _), .unless(.columns, _), .line, .code, .rule, .blank, .jump: continue
      }
      if thing != .field(.signatureLine), !things.contains(thing) { things.append(thing) }
    }
    if things.count > ReceiptTemplate.fewThings { return ReceiptTemplate.some(of: things) }
    return (0..<1 << things.count).map { number in
      Absence(things.indices.filter { number >> $0 & 1 == 1 }.map { things[$0] })
    }
  }

  private static func some(of things: [Absence.Thing]) -> [Absence] {
    // The fewest first, so that what is named is the cause.
    var absences = [Absence()] + things.map { Absence([$0]) }
    for (place, thing) in things.enumerated() {
      for other in things[(place + 1)...] { absences.append(Absence([thing, other])) }
    }
    for thing in things { absences.append(Absence(things.filter { $0 != thing })) }
    return absences + [Absence(things)]
  }
}

extension SlipValues {
  /// Without what is missing, on the slip and in each item of its lists.
  func lacking(_ absence: Absence) -> SlipValues {
    if absence.things.isEmpty { return self }
    var values = self
    for field in fields where absence.has(field) { values[field] = nil }
    for list in SlipList.allCases {
      guard let items = self[list] else { continue }
      let isMissing = absence.things.contains(.list(list))
      values[list] = isMissing ? [] : items.map { $0.lacking(absence) }
    }
    return values
  }
}
