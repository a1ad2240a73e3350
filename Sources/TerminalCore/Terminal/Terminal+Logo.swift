// SPDX-License-Identifier: Apache-2.0

import Clockwork

extension Terminal {
  /// What is known of the logo in the printer; nil where papers have none.
  public var storedLogo: StoredLogo? { settings.logos.isEmpty ? nil : prints.logo }

  /// Whether the printer is being given it: it is not to be switched off, nor is posd.
  public var isStoringLogo: Bool { prints.isStoringLogo }

  /// Gives the printer its logo when nothing else is under way.
  mutating func storeLogoIfQuiet(at now: Instant) -> [TerminalEffect] {
    guard prints.wantsLogo, isSelfTested, isQuiet else { return [] }
    return run(prints.handle(.logoWanted(isOrdered: false), at: now), at: now)
  }

  /// A person has the logo stored: the printer is another, or was reset.
  mutating func storeLogo(_ id: RequestID, at now: Instant) -> [TerminalEffect] {
    if isPaperOrdered { return [.answer(id, .refused(.busy))] }
    askers.paper = id
    return run(prints.handle(.logoWanted(isOrdered: true), at: now), at: now)
  }
}
