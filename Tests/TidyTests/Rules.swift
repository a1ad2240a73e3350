// SPDX-License-Identifier: Apache-2.0

import Foundation

/// Our own linter: each rule says of one file what is wrong with it, line by line.
enum Rule {
  typealias File = Repository.File

  /// Lines of at most 100 characters; tables made by a program are not read by people.
  static func lineLength(_ file: File) -> [String] {
    file.lines.enumerated().filter { $1.count > 100 }.map { "\(file.path):\($0.offset + 1)" }
  }

  /// Files of at most 400 lines.
  static func fileLength(_ file: File) -> [String] {
    file.lines.count > 400 ? ["\(file.path) has \(file.lines.count) lines"] : []
  }

  /// Functions of at most 70 lines, from `func` or `init` to the brace that closes at its depth.
  static func functionLength(_ file: File) -> [String] {
    var found: [String] = []
    let lines = file.lines
    for (index, line) in lines.enumerated() {
      let words = line.split(separator: " ")
      let isFunction = words.contains("func") || line.contains(" init(") || line.contains(" init?(")
      guard isFunction, !line.contains("//"), !line.contains("\"") else { continue }
      let indent = line.prefix { $0 == " " }
      guard let end = lines[index...].firstIndex(where: { $0 == indent + "}" }) else { continue }
      if end - index + 1 > 70 { found.append("\(file.path):\(index + 1)") }
    }
    return found
  }

  /// The licence is the first line, or the second behind `#!` or Swift's tools version.
  static func licence(_ file: File) -> [String] {
    let has = file.lines.prefix(2).contains { $0.contains("SPDX-License-Identifier: Apache-2.0") }
    return has ? [] : [file.path]
  }

  /// The modules a file imports.
  static func imports(_ file: File) -> [String] {
    file.lines.compactMap { line in
      var words = line.split(separator: " ").map(String.init)
      if ["@testable", "public", "package"].contains(words.first) { words.removeFirst() }
      return words.count >= 2 && words[0] == "import" ? words[1] : nil
    }
  }

  /// Nothing below the line has an operating system, a clock, chance or a runtime of its own.
  static func belowTheLine(_ file: File) -> [String] {
    let banned = [
      "Foundation", "FoundationEssentials", "Glibc", "Musl", "Dispatch", "Synchronization",
      "Logging", "ArgumentParser", "LinuxHost", "SerialTransport", "USBTransport", "CLinux",
      "CCurl", "CSQLite", "CYAML", "CSystemd", "CUSB", "CSerialPort", "CTLS", "SlotFiles",
    ]
    let words = [" any ", "async ", "await ", "Task {", ".random(", "Codable", "Date("]
    return imports(file).filter { banned.contains($0) }.map { "\(file.path) imports \($0)" }
      + code(file).flatMap { number, line in
        words.filter { line.contains($0) }.map { "\(file.path):\(number) \($0)" }
      }
  }

  /// A module imports what stands below it in the house and nothing else of ours.
  static func house(_ file: File) -> [String] {
    let ground = ["Wire", "Clockwork"]
    let trade =
      ground + [
        "Devices", "ISO8583", "PaymentCrypto", "EMVKernel", "Receipts", "Management", "Updates",
      ]
    let drivers = ["CardReaderHID", "PrinterESCPOS", "PINPadSerial"]
    let firmware = trade + drivers + ["TerminalCore", "Assembly"]
    let allowed: [String: [String]] = [
      "Sources/Wire": [], "Sources/Clockwork": ["Wire"], "Sources/Devices": ground,
      "Sources/ISO8583": ["Wire"], "Sources/PaymentCrypto": ["Wire"],
      "Sources/PINPadCrypto": ["Wire", "PaymentCrypto"],
      "Sources/EMVKernel": ground + ["Devices", "PaymentCrypto"],
      "Sources/Receipts": ["Wire", "Devices"], "Sources/Management": ["Wire", "Devices"],
      "Sources/Updates": ground + ["PaymentCrypto"],
      "Drivers/CardReaderHID": ground + ["Devices"], "Drivers/PrinterESCPOS": ground + ["Devices"],
      "Drivers/PINPadSerial": ground + ["Devices"], "Sources/TerminalCore": trade,
      "Sources/Assembly": trade + drivers + ["TerminalCore"],
      "Sources/Simulator": firmware + ["PINPadCrypto"],
      "Sources/LinuxHost": firmware + ["SlotFiles"],
      "Sources/SlotFiles": ground + ["PaymentCrypto", "Updates"],
      "Sources/posd-boot": ground + ["SlotFiles"],
      "Drivers/SerialTransport": ground + ["Devices", "LinuxHost"],
      "Drivers/USBTransport": ground + ["Devices", "LinuxHost"],
    ]
    guard let allowed = allowed[file.target] else { return [] }
    let ours =
      firmware + [
        "PINPadCrypto", "Simulator", "LinuxHost", "SerialTransport", "USBTransport", "SlotFiles",
      ]
    return imports(file).filter { ours.contains($0) && !allowed.contains($0) }
      .map { "\(file.path) imports \($0)" }
  }

  /// Drivers and core meet in Assembly/Attachments.swift alone; the board file and the simulated
  /// board name a printer's profile.
  static func meeting(_ file: File) -> [String] {
    let drivers = ["CardReaderHID", "PrinterESCPOS", "PINPadSerial"]
    let places = [
      "Sources/Assembly/Attachments.swift", "Sources/Simulator/World/SimulatedShop.swift",
      "Sources/LinuxHost/Configuration/Configuration.swift",
      // They measure a driver by itself, and show what it writes to be judged.
      "Sources/possim/Bench/ReceiptFigures.swift", "Sources/possim/Printer/PrinterTrials.swift",
    ]
    if !file.path.hasPrefix("Sources/") || places.contains(file.path) { return [] }
    return imports(file).filter { drivers.contains($0) }.map { "\(file.path) imports \($0)" }
  }

  /// What can take a clear PIN is for simulated pads and issuers, and the bare bytes of a key are
  /// for the two modules that compute with them.
  static func clearPIN(_ file: File) -> [String] {
    let pads = ["Sources/PINPadCrypto", "Sources/Simulator", "Sources/possim"]
    if file.path.hasPrefix("Tests/") { return [] }
    let imported = pads.contains(file.target) ? [] : imports(file).filter { $0 == "PINPadCrypto" }
    let computes = pads + ["Sources/PaymentCrypto"]
    let bare = computes.contains(file.target) ? [] : code(file).filter { $1.contains(".material") }
    return imported.map { "\(file.path) imports \($0)" }
      + bare.map { "\(file.path):\($0.0) .material" }
  }

  /// What is left lying about.
  static func leftovers(_ file: File) -> [String] {
    let words = ["TO" + "DO", "FIX" + "ME", "HA" + "CK", "#if SIM" + "ULATOR", "debug" + "Print("]
    return file.lines.enumerated().flatMap { index, line in
      words.filter { line.contains($0) }.map { "\(file.path):\(index + 1) \($0)" }
    }
  }

  /// What stops the program where a fault should have been told.
  static func traps(_ file: File) -> [String] {
    code(file).flatMap { number, line in
      ["try!", "as!", "fatalError(", "unsafeBitCast(0"].filter { line.contains($0) }
        .map { "\(file.path):\(number) \($0)" }
    }
  }

  /// Paths of somebody's own machine.
  static func paths(_ file: File) -> [String] {
    let homes = ["/ho" + "me/", "/ro" + "ot/", "/wo" + "rk/", "/Us" + "ers/"]
    return file.lines.enumerated().flatMap { index, line in
      homes.filter { line.contains($0) }.map { "\(file.path):\(index + 1) \($0)" }
    }
  }

  /// Published test cards, the last as a reader masks it; every other number with a right check
  /// digit may be somebody's.
  static let testCards = [
    "4012345678909", "4111111111111111", "5555555555554444", "4012888888881881", "5413330089010434",
    "4012006008909",
  ]

  /// Card numbers: 13 to 19 digits that stand alone and have a right check digit.
  static func cardNumbers(_ file: File) -> [String] {
    file.lines.enumerated().flatMap { index, line in
      numbers(in: line).filter { isCard($0) && !testCards.contains($0) }
        .map { "\(file.path):\(index + 1) \($0)" }
    }
  }

  private static func numbers(in line: String) -> [String] {
    line.split { !($0.isLetter || $0.isNumber || $0 == "_" || $0 == ".") }.map(String.init)
      .filter { $0.utf8.allSatisfy { (0x30...0x39).contains($0) } }
  }

  static func isCard(_ digits: String) -> Bool {
    guard (13...19).contains(digits.utf8.count), digits.first != "0" else { return false }
    var sum = 0
    for (index, digit) in digits.utf8.reversed().enumerated() {
      let value = Int(digit) - 0x30
      sum += index % 2 == 0 ? value : value * 2 - (value > 4 ? 9 : 0)
    }
    return sum % 10 == 0
  }

  /// A README that says something.
  static func readme(_ text: String?) -> Bool {
    (text ?? "").split(separator: "\n").count >= 15
  }

  /// The lines of code with their numbers, without comments and texts.
  private static func code(_ file: File) -> [(Int, String)] {
    file.lines.enumerated().compactMap { index, line in
      let parts = line.split(separator: "\"", omittingEmptySubsequences: false)
      let bare = parts.enumerated().filter { $0.offset % 2 == 0 }.map { String($0.element) }
      let text = bare.joined(separator: "\"")
      return (index + 1, text.components(separatedBy: "//")[0])
    }
  }
}
