// SPDX-License-Identifier: Apache-2.0

import Wire

// Application selection (EMV 4.4 Book 1, 12):
//
//     directory ──6A83──▶ candidates ──▶ choice or confirmation ──▶ SELECT ──▶ language, initiation
//         │ any fault        ▲   ▲                                     │
//         └──▶ list ─────────┘   └───────────── removed ───────────────┘

extension Kernel {
  /// The name of the directory: 1PAY.SYS.DDF01.
  static var directoryName: [UInt8] { Array("1PAY.SYS.DDF01".utf8) }

  mutating func startSelection() -> [Effect] {
    if settings.options.usesDirectory {
      return send(.select(Kernel.directoryName), .selectDirectory)
    }
    return tryListed(0)
  }

  // EMV 4.4 Book 1, 12.3.2, steps 1 and 2.
  mutating func openDirectory(_ response: CardResponse) -> [Effect] {
    if response.status == .notSupported { return refuse(.blockedCard) }
    guard response.status == .success, let directory = FileControl(response.data.exposed),
      let file = directory.directoryFile
    else { return tryListed(0) }
    session.selection.codeTable = directory.codeTable
    session.selection.languages = directory.lenient(.languagePreference) ?? []
    return send(.readRecord(1, file: file), .readDirectory(file: file, record: 1))
  }

  // EMV 4.4 Book 1, 12.3.2, steps 2 to 5: any fault forgets what the directory said so far.
  mutating func readDirectory(
    _ response: CardResponse, _ file: UInt8, _ record: UInt8
  ) -> [Effect] {
    if response.status == .recordNotFound {
      return session.selection.candidates.isEmpty ? tryListed(0) : chooseCandidate()
    }
    if response.status == .success, addEntries(response.data.exposed),
      Int(record) < KernelLimits.directoryRecords
    {
      let next = record + 1
      return send(.readRecord(next, file: file), .readDirectory(file: file, record: next))
    }
    session.selection.candidates = []
    return tryListed(0)
  }

  /// Adds the entries of a directory's record; false for a record that breaks the rules.
  private mutating func addEntries(_ record: [UInt8]) -> Bool {
    guard let template = TLVWalk.only(.recordTemplate, in: record),
      TLVWalk.isSound(record, template)
    else { return false }
    var walk = TLVWalk(record, in: template)
    while let entry = try? walk.next() {
      if entry.tag != .applicationTemplate { continue }
      // A directory within the directory may be ignored (EMV 4.4 Book 1, 12.2.3).
      if TLVWalk.first(.ddfName, in: record, entry.value) != nil { continue }
      guard let found = TLVWalk.first(.aid, in: record, entry.value),
        let name = AID(Array(record[found]))
      else { return false }
      for (index, application) in settings.applications.enumerated()
      where name == application.aid
        || application.matchesPartially && name.begins(with: application.aid)
      {
        add(
          Candidate(
            name: name.bytes, application: index, entry: record, entry.value,
            codeTable: session.selection.codeTable))
      }
    }
    return true
  }

  // EMV 4.4 Book 1, 12.3.3: the names of the terminal's list, one after the other.
  mutating func tryListed(_ index: Int) -> [Effect] {
    guard index < settings.applications.count else { return chooseCandidate() }
    session.selection.names = []
    return send(.select(settings.applications[index].aid.bytes), .selectListed(index))
  }

  mutating func judgeListed(
    _ response: CardResponse, _ index: Int, isNext: Bool
  ) -> [Effect] {
    // 6A81 ends the session on the first name alone (EMV 4.4 Book 1, 12.3.3, step 2).
    if response.status == .notSupported, index == 0, !isNext { return refuse(.blockedCard) }
    let isWarning = isNext && (response.status.first == 0x62 || response.status.first == 0x63)
    let application = settings.applications[index]
    guard response.status == .success || response.status == .invalidated || isWarning,
      let file = FileControl(response.data.exposed), let name = AID(file.name),
      name.begins(with: application.aid)
    else { return tryListed(index + 1) }
    let isUsable = response.status == .success
    if !isUsable { session.selection.sawBlocked = true }
    let isExact = name == application.aid
    if isUsable && (isExact || application.matchesPartially) {
      add(Candidate(file, application: index))
    }
    // A card that names the same again, or ever new ones, has said enough.
    if isExact || !application.matchesPartially || session.selection.names.contains(file.name)
      || session.selection.names.count == KernelLimits.selectNext
    {
      return tryListed(index + 1)
    }
    session.selection.names.append(file.name)
    return send(.selectNext(application.aid.bytes), .selectNext(index))
  }

  /// One entry a name, bound to the longest of the terminal's names that finds it.
  private mutating func add(_ candidate: Candidate) {
    let names = session.selection.candidates
    if let known = names.firstIndex(where: { $0.name == candidate.name }) {
      let old = settings.applications[names[known].application].aid.bytes.count
      if settings.applications[candidate.application].aid.bytes.count > old {
        session.selection.candidates[known].application = candidate.application
      }
    } else if names.count < KernelLimits.candidates {
      session.selection.candidates.append(candidate)
    }
  }
}

// Final selection (EMV 4.4 Book 1, 12.4; Book 4, 11.3).
extension Kernel {
  mutating func chooseCandidate() -> [Effect] {
    let candidates = session.selection.candidates
    if candidates.isEmpty {
      return refuse(session.selection.sawBlocked ? .blockedApplications : .noApplication)
    }
    if candidates.count == 1 {
      session.selection.chosen = 0
      if !candidates[0].needsConfirmation && !session.selection.needsConfirmation {
        return selectChosen(byCardholder: false)
      }
      if !settings.options.cardholderSelects { return refuse(.noApplication) }
      return ask(.confirmation, .confirmApplication(choice(candidates[0])))
    }
    sortCandidates()
    if settings.options.cardholderSelects {
      return ask(
        .application, .chooseApplication(session.selection.candidates.map { choice($0) }))
    }
    guard let first = session.selection.candidates.firstIndex(where: { !$0.needsConfirmation })
    else { return refuse(.noApplication) }
    session.selection.chosen = first
    return selectChosen(byCardholder: false)
  }

  /// Those with a priority first, 1 before 15; equals stay as they were found.
  private mutating func sortCandidates() {
    var sorted: [Candidate] = []
    for priority in UInt8(1)...16 {
      sorted += session.selection.candidates.filter { $0.priority == priority & 0x0F }
    }
    session.selection.candidates = sorted
  }

  private func choice(_ candidate: Candidate) -> ApplicationChoice {
    let aid = AID(candidate.name) ?? settings.applications[candidate.application].aid
    return candidate.choice(settings.additionalCapabilities, aid)
  }

  mutating func choose(_ index: Int) -> [Effect]? {
    if !session.selection.candidates.indices.contains(index) { return nil }
    session.selection.chosen = index
    return selectChosen(byCardholder: true)
  }

  mutating func selectChosen(byCardholder: Bool) -> [Effect] {
    session.selection.isCardholdersChoice = byCardholder
    return send(
      .select(session.selection.candidates[session.selection.chosen].name), .selectFinally)
  }

  mutating func acceptSelection(_ response: CardResponse) -> [Effect] {
    let chosen = session.selection.candidates[session.selection.chosen]
    guard response.status == .success, let file = FileControl(response.data.exposed),
      file.name == chosen.name
    else {
      if response.status == .invalidated { session.selection.sawBlocked = true }
      let message = settings.options.cardholderSelects ? [Effect.show(.tryAgain)] : []
      return message + removeChosen()
    }
    session.application = chosen.application
    session.data = DataStore()
    load(file.name)
    session.data.card[.dfName] = file.name
    for tag in [DataTag.label, .preferredName, .codeTable, .languagePreference] {
      session.data.card[tag] = file.lenient(tag)
    }
    session.data.card[.priority] = file.value(of: .priority)
    session.data.card[.pdol] = file.value(of: .pdol)
    return chooseLanguage()
  }

  /// Goes back to the others. Once the cardholder's own choice is gone, nothing is selected without
  /// the cardholder's word (EMV 4.4 Book 1, 12.4).
  mutating func removeChosen() -> [Effect] {
    if session.selection.isCardholdersChoice { session.selection.needsConfirmation = true }
    session.selection.candidates.remove(at: session.selection.chosen)
    return chooseCandidate()
  }

  // EMV 4.4 Book 4, 11.1: the first of the cardholder's languages that is spoken here.
  private mutating func chooseLanguage() -> [Effect] {
    let wishes = session.data.card[.languagePreference] ?? session.selection.languages
    for index in stride(from: 0, to: wishes.count - 1, by: 2) {
      if let wish = Language(wishes[index], wishes[index + 1]), settings.languages.contains(wish) {
        return [.useLanguage(wish)] + initiate()
      }
    }
    if settings.options.asksLanguage && settings.languages.count > 1 {
      return ask(.language, .askLanguage(settings.languages))
    }
    let local = settings.languages.prefix(1).map { Effect.useLanguage($0) }
    return local + initiate()
  }

  mutating func speak(_ index: Int) -> [Effect]? {
    if !settings.languages.indices.contains(index) { return nil }
    return [.useLanguage(settings.languages[index])] + initiate()
  }
}
