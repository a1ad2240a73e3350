// SPDX-License-Identifier: Apache-2.0

import Clockwork
import Devices
import Foundation
import PrinterESCPOS
import Simulator

/// A driver and a simulated printer on one wire, in virtual time.
struct Bench {
  typealias PaperEvent = PrinterModel.Event

  var driver: PrinterESCPOS
  var model: PrinterModel
  var now = Instant.start
  var isLinkUp = false
  /// What the driver told the core.
  var reports: [PrinterReport] = []
  /// What the driver wrote.
  var writes: [[UInt8]] = []
  /// What happens to the printer after its n-th printed line.
  var afterLine: [Int: [PaperEvent]] = [:]
  /// The link is lost before this write.
  var linkLostAtWrite: Int?
  /// This byte comes before the n-th byte of the printer's answers.
  var noise: (position: Int, byte: UInt8)?
  /// This byte of the printer's answers is lost.
  var lostReply: Int?
  /// How many lines were on paper when a document ended.
  var linesAtEnd: [UInt32: Int] = [:]
  private var replyBytes = 0
  private var linesPrinted = 0

  init(
    _ profile: PrinterProfile = PrinterProfile(),
    printer: PrinterModel.Profile = PrinterModel.Profile()
  ) {
    driver = PrinterESCPOS(profile: profile)
    model = PrinterModel(profile: printer)
  }

  /// A bench whose printer fits the profile.
  static func fitting(_ profile: PrinterProfile, keepTime: Interval = .seconds(2)) -> Bench {
    Bench(
      profile,
      printer: PrinterModel.Profile(
        columns: profile.columns, isChinese: profile.chinese == .gbk,
        hasProcessID: profile.hasProcessID, hasClear: profile.dleDc4Clear, keepTime: keepTime))
  }

  var outcomes: [PrintOutcome] {
    reports.compactMap { if case .finished(_, let outcome) = $0 { outcome } else { nil } }
  }

  var statuses: [PrinterStatus] {
    reports.compactMap { if case .status(let status) = $0 { status } else { nil } }
  }

  /// Whether a paper with these lines, one after the other, has come out.
  func paperHolds(_ lines: [PrintLine]) -> Bool {
    let wanted = lines.map { Array(trimmed($0.text).unicodeScalars) }
    let paper = model.everythingPrinted.map { Array(trimmed($0).unicodeScalars) }
    if paper.count < wanted.count { return false }
    return (0...(paper.count - wanted.count)).contains { start in
      (0..<wanted.count).allSatisfy { paper[start + $0] == wanted[$0] }
    }
  }

  /// How many lines on paper contain this text.
  func linesOnPaper(containing text: String) -> Int {
    model.everythingPrinted.filter { $0.contains(text) }.count
  }

  mutating func open() {
    isLinkUp = true
    tell(.link(.opened(.serial)))
  }

  mutating func loseLink() {
    isLinkUp = false
    tell(.link(.closed(.lost)))
  }

  mutating func print(_ lines: [PrintLine], number: UInt32 = 1) {
    tell(.ordered(.print(PrintJob(number: number, lines: lines))))
  }

  mutating func tell(_ event: PrinterESCPOS.Event) {
    for effect in driver.handle(event, at: now) { carry(out: effect) }
  }

  mutating func happen(_ event: PaperEvent) {
    for effect in model.handle(event, at: now) { carry(out: effect) }
  }

  /// Lets so much time pass.
  mutating func run(_ interval: Interval) {
    let end = now + interval
    var steps = 0
    while let next = earlier(driver.deadline, model.deadline), next <= end {
      steps += 1
      precondition(steps < 100_000, "a machine that is always due never waits")
      now = max(now, next)
      if let due = model.deadline, due <= now { happen(.deadlinePassed) }
      if let due = driver.deadline, due <= now { tell(.deadlinePassed) }
    }
    now = end
  }

  private mutating func carry(out effect: PrinterESCPOS.Effect) {
    switch effect {
    case .report(let report):
      reports.append(report)
      if case .finished(let job, _) = report { linesAtEnd[job] = model.everythingPrinted.count }
    case .link(.write(let bytes)):
      if !isLinkUp { return }
      if writes.count == linkLostAtWrite {
        loseLink()
        return
      }
      writes.append(bytes)
      happen(.received(bytes))
    case .link(.discardOutput): happen(.hostDiscarded)
    case .link: break
    }
  }

  private mutating func carry(out effect: PrinterModel.Effect) {
    switch effect {
    case .send(let bytes): answer(bytes)
    case .printed, .drawn:
      linesPrinted += 1
      for event in afterLine[linesPrinted] ?? [] { happen(event) }
    case .cut: break
    }
  }

  private mutating func answer(_ bytes: [UInt8]) {
    var disturbed: [UInt8] = []
    for byte in bytes {
      if let noise, noise.position == replyBytes { disturbed.append(noise.byte) }
      if lostReply != replyBytes { disturbed.append(byte) }
      replyBytes += 1
    }
    if isLinkUp && !disturbed.isEmpty { tell(.link(.received(disturbed))) }
  }
}

/// Without blanks at both ends.
func trimmed(_ text: String) -> String {
  text.trimmingCharacters(in: CharacterSet(charactersIn: " "))
}

/// The folder of fixtures.
let fixtures = URL(fileURLWithPath: #filePath).deletingLastPathComponent()
  .deletingLastPathComponent().appendingPathComponent("Fixtures")

/// A document whose every line names its number.
func document(_ number: UInt32 = 1, lines: Int = 8) -> [PrintLine] {
  (1...lines).map { line in
    switch line % 4 {
    case 0: PrintLine("第\(number)号 行 \(line) ￥12.00")
    case 1: PrintLine("slip \(number) line \(line)", style: .bold, alignment: .centre)
    case 2: PrintLine("job \(number): \(line)", style: .large, alignment: .centre)
    default: PrintLine("item \(number)/\(line)                 3.00")
    }
  }
}
