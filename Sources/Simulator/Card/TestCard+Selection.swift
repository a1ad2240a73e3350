// SPDX-License-Identifier: Apache-2.0

import Wire

extension TestCard {
  /// EMV 4.4 Book 1, 11.3: by name, the first that begins with it or the next.
  mutating func select(_ command: CommandBytes) -> [UInt8] {
    if session.commands == 1, has(.blockedAtFirstSelect) { return status(.cardBlocked) }
    guard command.first == 0x04, command.second == 0x00 || command.second == 0x02 else {
      return status(.wrongParameters)
    }
    guard (5...16).contains(command.data.count), command.hasExpectedLength else {
      return status(.wrongLength)
    }
    if command.data == CardProfile.directoryName { return selectDirectory() }
    let isNext = command.second == 0x02
    if isNext {
      if command.data != session.sought { return status(.noFile) }
      if !has(.nextRepeats) { session.passed += 1 }
    } else {
      session.sought = command.data
      session.passed = 0
      session.selections += 1
      if session.selections == 2, has(.secondNameBlocked) { return status(.cardBlocked) }
    }
    session.isDirectorySelected = false
    session.selected = nil
    session.transaction = Transaction()
    let matches = applications.indices.filter {
      applications[$0].name.starts(with: command.data)
    }
    guard session.passed < matches.count else { return status(.noFile) }
    return select(application: matches[session.passed], sought: command.data)
  }

  private mutating func select(application index: Int, sought: [UInt8]) -> [UInt8] {
    let application = applications[index]
    if index == 0, application.name == sought {
      session.selectionsOfFirst += 1
      // Out of a list of names the first SELECT only looks for it; out of the directory it is the
      // last already.
      if session.selectionsOfFirst > 1 || session.hasReadDirectory, let answer = lastSelect() {
        return answer
      }
    }
    session.selected = index
    let isInvalid = application.isBlocked || (index == 0 && has(.applicationInvalidated))
    return application.information + status(isInvalid ? .invalidated : .done)
  }

  private func lastSelect() -> [UInt8]? {
    let information = applications[0].information
    if has(.finalSelectInvalidated) { return information + status(.invalidated) }
    if has(.finalSelectFails) { return status(.noFile) }
    if has(.finalSelectOtherName) {
      // 84 begins behind 6F and its length; its last byte is what differs.
      var other = information
      let end = 4 + applications[0].name.count - 1
      if information[1] < 0x80 { other[end] ^= 0x01 } else { other[end + 1] ^= 0x01 }
      return other + status(.done)
    }
    if has(.finalSelectUnreadable) { return information.dropLast() + status(.done) }
    return nil
  }

  private mutating func selectDirectory() -> [UInt8] {
    session.selected = nil
    session.isDirectorySelected = false
    guard let directory, !has(.directoryAbsent) else { return status(.noFile) }
    if has(.directoryFails) { return status(.unspecified) }
    if has(.directoryInvalidated) { return directory.information + status(.invalidated) }
    session.isDirectorySelected = true
    return directory.information + status(.done)
  }

  /// EMV 4.4 Book 3, 6.5.11.
  mutating func readRecord(_ command: CommandBytes) -> [UInt8] {
    guard command.data.isEmpty, command.hasExpectedLength else { return status(.wrongLength) }
    guard command.first != 0, command.second & 0x07 == 0x04 else {
      return status(.wrongParameters)
    }
    let file = command.second >> 3
    if session.isDirectorySelected { return readDirectory(file, command.first) }
    guard let index = session.selected else { return status(.conditionsNotMet) }
    let application = applications[index]
    if file == 0x0B, command.first <= 10 {
      // The log can be read in a blocked application too (EMV 4.4 Book 3, annex D).
      let number = Int(command.first)
      return number <= application.log.count
        ? application.log[number - 1] + status(.done) : status(.noRecord)
    }
    if session.transaction.options == nil { return status(.conditionsNotMet) }
    if index == 0, file == 3, has(.recordMissing) { return status(.noRecord) }
    let records = application.records.filter { $0.file == file }
    guard let record = records.first(where: { $0.number == command.first }) else {
      return status(records.isEmpty ? .noFile : .noRecord)
    }
    return record.bytes + status(.done)
  }

  private mutating func readDirectory(_ file: UInt8, _ number: UInt8) -> [UInt8] {
    guard let directory else { return status(.noFile) }
    if has(.directoryRecordFails) { return status(.conditionsNotMet) }
    let records = directory.records.filter { $0.file == file }
    if records.isEmpty { return status(.noFile) }
    session.hasReadDirectory = true
    let sought = has(.directoryEndless) ? 1 : number
    guard let record = records.first(where: { $0.number == sought }) else {
      return status(.noRecord)
    }
    return record.bytes + status(.done)
  }
}
