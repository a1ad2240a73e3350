// SPDX-License-Identifier: Apache-2.0

import Wire

extension CardProfile {
  /// The name of the directory: 1PAY.SYS.DDF01.
  public static var directoryName: [UInt8] { Array("1PAY.SYS.DDF01".utf8) }

  /// The directory of some applications, with the card's faults.
  func directory(of applications: [CardApplication]) -> CardDirectory {
    var objects = [
      CardObject(0x88, [0x01]), CardObject(0x5F2D, Array("zhen".utf8)), CardObject(0x9F11, [0x01]),
    ]
    if faults.contains(.directoryWithoutFile) { objects.removeFirst() }
    if faults.contains(.directoryFileZero) { objects[0].value = [0x00] }
    if faults.contains(.directoryFileEleven) { objects[0].value = [0x0B] }
    var contents = applications.enumerated().map { index, application in
      entry(application, isFirst: index == 0)
    }
    if faults.contains(.directoryEntryRepeated), let first = contents.first {
      contents[0] = first + first
    }
    if faults.contains(.directoryEmptyRecord) { contents.insert([], at: 0) }
    if faults.contains(.directoryInDirectory) {
      let other = CardObject(0x9D, Array("2PAY.SYS.DDF99".utf8)).bytes
      contents.append(CardObject(0x61, other).bytes)
    }
    let template: UInt32 = faults.contains(.directoryRecordNotATemplate) ? 0x61 : 0x70
    return CardDirectory(
      information: CardProfile.information(CardProfile.directoryName, objects),
      records: contents.enumerated().map { index, content in
        CardFileRecord(
          file: 1, number: UInt8(index + 1), bytes: CardObject(template, content).bytes)
      })
  }

  private func entry(_ application: CardApplication, isFirst: Bool) -> [UInt8] {
    let profile = application.profile
    var objects = [
      CardObject(0x4F, application.name), CardObject(0x50, Array(profile.label.utf8)),
      CardObject(0x87, [profile.priority]),
    ]
    if isFirst {
      if faults.contains(.withoutLabel) { objects.remove(at: 1) }
      if faults.contains(.directoryEntryWithoutName) { objects.remove(at: 0) }
    }
    if faults.contains(.directoryUnknownObjects) {
      objects.insert(CardObject(0xDF01, [0x01, 0x02]), at: 0)
      objects.append(CardObject(0xC1, []))
    }
    let padding: [UInt8] = faults.contains(.directoryPadding) ? [0, 0] : []
    let content = padding + objects.flatMap { $0.bytes + padding }
    return padding + CardObject(0x61, content).bytes + padding
  }
}
