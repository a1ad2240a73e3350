// SPDX-License-Identifier: Apache-2.0

import Glibc
import LinuxHost
import Receipts

extension Demo {
  /// Another terminal with another acquirer, and a reader for chips.
  func performChips(_ stage: Stage) throws {
    try stage.step("another shop opens: a reader for chips, an acquirer of UnionPay's dialect") {
      try stage.openShop()
      try stage.startTerminal()
      try stage.await("unregistered", problems: false)
    }
    try stage.step("its terminal is set up, signs in and downloads keys and applications") {
      try stage.posctl(["network", "set", "--acquirer", "localhost:17500"])
      try stage.posctl(["network", "commit"])
      try stage.posctl([
        "register", "--acquirer", "Example Acquirer", "--merchant", "Example Shop",
        "--settlement-account", "test-account-1", "--place", "Shop 1",
      ])
      try stage.await("commissioning")
      try stage.awaitNoProblems()
    }
    try stage.step("a test sale by chip: the card asks the issuer, and confirms what it answers") {
      try stage.posctl(["sale", "chip/1", "1.00"])
      try stage.showPaper()
    }
    try stage.step("the terminal goes into service") {
      try stage.posctl(["commission"])
    }
    try stage.step("a card that has a chip is swiped, and refused before anything is sent") {
      // The cardholder takes the card, and the reader sees it: one that was lost with a card in it
      // would want it out once more.
      usleep(1_500_000)
      try stage.exchangeReader("stripe")
      try stage.posctl(["sale", "chip/2", "5.00"], ends: 1)
    }
    try stage.step("inserted, it pays") {
      try stage.exchangeReader("chip")
      try stage.posctl(["sale", "chip/2", "5.00"])
    }
  }

  /// A copy of the configuration for a terminal of the UnionPay acquirer: PIN keys come under the
  /// master key in the pad's slot 0, and a card with a chip is not swiped.
  static func chipConfiguration(from config: String, in folder: String) throws -> String {
    try configuration(
      from: config, in: folder,
      [
        ("posd.yaml", "acquirers/generic.yaml", "acquirers/unionpay.yaml"),
        ("errors.yaml", "", ""),
        ("boards/demo.yaml", "pin-keys: dukpt", "pin-keys: slot-0"),
        ("acquirers/unionpay.yaml", "chip-card-by-swipe: accept", "chip-card-by-swipe: refuse"),
      ])
  }

  /// A copy of these files and the templates, each changed in one place.
  static func configuration(
    from config: String, in folder: String, _ changes: [(file: String, from: String, to: String)]
  ) throws -> String {
    let home = config.lastIndex(of: "/").map { String(config[...$0]) } ?? ""
    let templates = Slips.builtInFiles.map { "receipts/" + $0.name + ".receipt" }
    for name in ["", "/boards", "/acquirers", "/receipts"] {
      unsafe _ = mkdir(folder + name, 0o700)
    }
    for change in changes + templates.map({ ($0, "", "") }) {
      guard let bytes = FileSystem.read(home + change.file, limit: 1_048_576) else {
        throw Child.Fault(description: home + change.file + " cannot be read")
      }
      let text = String(decoding: bytes, as: UTF8.self)
      let parts = change.from.isEmpty ? [text] : text.splitOnce(change.from)
      if !change.from.isEmpty, parts.count != 2 {
        throw Child.Fault(description: change.file + " does not say " + change.from)
      }
      let changed = parts.joined(separator: change.to)
      _ = FileSystem.create(folder + "/" + change.file, Array(changed.utf8))
    }
    return folder + "/posd.yaml"
  }
}

extension String {
  /// What stands before and behind the first place of a text; the whole where it is not there.
  fileprivate func splitOnce(_ part: String) -> [String] {
    var start = startIndex
    while start < endIndex {
      if self[start...].hasPrefix(part) {
        return [String(self[..<start]), String(self[start...].dropFirst(part.count))]
      }
      start = index(after: start)
    }
    return [self]
  }
}
