// SPDX-License-Identifier: Apache-2.0

import Clockwork
import PaymentCrypto
import Wire

extension CardProfile {
  /// The card that this profile describes, with keys of its own seed.
  public func personalised() -> TestCard {
    personalised(with: CardKeySet(seed: seed, sizes: sizes))
  }

  /// The card with keys that many cards share. A fault of an application is the first one's.
  public func personalised(with keys: CardKeySet) -> TestCard {
    var made: [CardApplication] = []
    for (index, application) in applications.enumerated() {
      made.append(CardProfile.application(application, index == 0 ? faults : [], keys))
    }
    if faults.contains(.mixedPriorities) {
      for index in made.indices { made[index].setPriority(CardProfile.priorities[index % 4]) }
    }
    var card = TestCard(
      directory: hasDirectory ? directory(of: made) : nil, applications: made, seed: seed,
      faults: faults)
    card.link = link
    card.goneAt = goneAt
    card.garbledAt = garbledAt
    return card
  }

  private static var priorities: [UInt8] { [0x00, 0x01, 0x81, 0x0F] }

  private static func application(
    _ profile: Application, _ faults: [CardFault], _ keys: CardKeySet
  ) -> CardApplication {
    var draft = CardDraft(profile)
    for object in profile.replaced { draft.replace(object.tag, object.value) }
    for fault in faults { draft.apply(fault) }
    for tag in profile.leftOut { draft.remove(tag) }
    draft.sign(with: keys)
    for fault in faults { draft.strip(fault) }
    for tag in profile.leftOut { draft.remove(tag) }
    var name = profile.name
    if faults.contains(.longerName) { name.append(0x01) }
    var made = CardApplication(
      profile: profile, name: name,
      information: CardProfile.information(name, draft.information),
      records: draft.records.map {
        CardFileRecord(file: $0.file, number: $0.number, bytes: $0.bytes)
      },
      locator: draft.locator(faults),
      lists: (
        processing: list(draft, 0x9F38), first: list(draft, 0x8C), second: list(draft, 0x8D)
      ),
      secrets: keys.secrets.derived(
        pan: profile.pan, sequence: profile.sequence, profile.derivation))
    made.signing = keys.card
    // A card without a certificate for the PIN key takes the other.
    made.pinKey = draft.value(0x9F2D) == nil ? nil : keys.pin
    made.lowerLimit = draft.value(0x9F14)?.first ?? 0xFF
    made.upperLimit = draft.value(0x9F23)?.first ?? 0xFF
    made.apply(faults)
    return made
  }

  private static func list(_ draft: CardDraft, _ tag: UInt32) -> DataList {
    DataList(draft.value(tag) ?? []) ?? DataList.empty
  }

  static func information(_ name: [UInt8], _ objects: [CardObject]) -> [UInt8] {
    let own = CardObject(0xA5, objects.bytes)
    return CardObject(0x6F, CardObject(0x84, name).bytes + own.bytes).bytes
  }
}

extension CardApplication {
  /// What faults change of the counters.
  mutating func apply(_ faults: [CardFault]) {
    // The next transaction has the counter and one.
    let next = counter + 1
    for fault in faults {
      switch fault {
      case .triesUsedUp: tries = 0
      case .lastOnlineAhead: lastOnline = next + 1
      case .lastOnlineZero: lastOnline = 0
      case .atLowerLimit: (counter, lastOnline) = (UInt16(lowerLimit) + 9, 10)
      case .aboveLowerLimit: (counter, lastOnline) = (UInt16(lowerLimit) + 10, 10)
      case .atUpperLimit: (counter, lastOnline) = (UInt16(upperLimit) + 9, 10)
      case .aboveUpperLimit: (counter, lastOnline) = (UInt16(upperLimit) + 10, 10)
      default: break
      }
    }
  }

  mutating func setPriority(_ priority: UInt8) {
    profile.priority = priority
    guard let objects = try? TLV.parse(information), let tag = TLVTag(0xA5),
      let own = TLV.first(tag, in: objects)
    else { return }
    let changed = own.children.map { object -> CardObject in
      let content = object.tag.isConstructed ? object.children.flatMap { $0.encoded } : object.value
      return CardObject(
        object.tag.rawValue, object.tag.rawValue == 0x87 ? [priority] : content)
    }
    information = CardProfile.information(name, changed)
  }
}
