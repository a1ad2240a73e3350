// SPDX-License-Identifier: Apache-2.0

import EMVKernel
import Foundation
import Simulator
import Testing
import Wire

// Made anew with, and then read by a person:
//     possim card run Tests/Fixtures/cards/online.card --config TERMINAL --out STEM

@Suite("Recorded cards at the kernel")
struct KernelRunTests {
  private static let fixtures = [
    "online", "offline", "static", "blocked", "scripts", "declined", "silent",
  ]

  private static func file(_ name: String) throws -> [UInt8] {
    let url = URL(fileURLWithPath: #filePath).deletingLastPathComponent()
      .deletingLastPathComponent().deletingLastPathComponent()
      .appendingPathComponent("Fixtures/" + name)
    return Array(try Data(contentsOf: url))
  }

  private static func text(_ name: String) throws -> String {
    String(decoding: try file(name), as: UTF8.self)
  }

  private static func run(
    _ transcript: [UInt8], _ terminal: TerminalFile, byCommand: Bool = false
  ) throws(TranscriptFault) -> (lines: [String], unread: Int) {
    var card = TranscriptCard(
      try CardTranscript(text: transcript), terminal, isByCommand: byCommand)
    var run = KernelRun(terminal)
    try run.run(with: &card)
    return (run.lines, card.unread)
  }

  @Test("each gives the lines that were written down, in the strict order and by command")
  func golden() throws {
    var outcomes: Set<Substring> = []
    for name in KernelRunTests.fixtures {
      let terminal = try TerminalFile(text: KernelRunTests.file("emv/\(name).terminal"))
      let lines = try KernelRunTests.text("emv/\(name).lines").split(separator: "\n")
      for byCommand in [false, true] {
        let run = try KernelRunTests.run(
          KernelRunTests.file("emv/\(name).apdu"), terminal, byCommand: byCommand)
        #expect(run.lines.map { Substring($0) } == lines, "\(name)")
        #expect(run.unread == 0)
      }
      outcomes.insert(lines.last ?? "")
    }
    #expect(outcomes.count >= 4)
  }

  @Test("a test card recorded again says the same, and no recording holds a PIN")
  func recorded() throws {
    let profile = try CardProfile(text: KernelRunTests.text("cards/online.card"))
    let terminal = try TerminalFile(text: KernelRunTests.file("emv/online.terminal"))
    var card = RecordedCard(profile)
    var run = KernelRun(terminal)
    try run.run(with: &card)
    #expect(card.transcript.text == (try KernelRunTests.text("emv/online.apdu")))
    #expect(run.outcome?.result == .approved(.online))
    let sums = try KernelRunTests.text("emv/online.terminal")
    #expect(sums.contains(RecordedCard.keyLine(profile)))
    #expect(card.hostLines.allSatisfy { sums.contains($0) } && card.hostLines.count == 2)
    for name in KernelRunTests.fixtures {
      let recorded = try CardTranscript(text: KernelRunTests.file("emv/\(name).apdu"))
      #expect(recorded.exchanges.allSatisfy { $0.command[1] != 0x20 || $0.command.count == 4 })
      #expect(try KernelRunTests.text("emv/\(name).apdu") == recorded.text)
    }
  }

  @Test("a transcript that does not go on is named with its line")
  func ends() throws {
    let file = try KernelRunTests.file("emv/offline.apdu")
    let terminal = try TerminalFile(text: KernelRunTests.file("emv/offline.terminal"))
    let lines = file.split(separator: 0x0A)
    let cut = Array(lines[..<8].joined(separator: [0x0A]))
    #expect(throws: TranscriptFault(.ended, line: 8)) { try KernelRunTests.run(cut, terminal) }
    #expect(throws: TranscriptFault(.nowhere, line: 7)) {
      try KernelRunTests.run(cut, terminal, byCommand: true)
    }
    // Two exchanges change places.
    let turned = Array(
      (lines[..<4] + lines[6..<8] + lines[4..<6] + lines[8...]).joined(separator: [0x0A]))
    #expect(throws: TranscriptFault(.otherCommand, line: 5)) {
      try KernelRunTests.run(turned, terminal)
    }
    let whole = try KernelRunTests.run(file, terminal).lines
    #expect(try KernelRunTests.run(turned, terminal, byCommand: true).lines == whole)
    // An exchange too many is told.
    let more = file + Array("> 80CA9F4F00\n< 6A88\n".utf8)
    #expect(try KernelRunTests.run(more, terminal).unread == 1)
  }

  @Test("the lines of a transcript that cannot be read are named")
  func unreadable() throws {
    let cases: [(String, TranscriptFault)] = [
      ("> 00A40400\n< 9000\nhello", TranscriptFault(.mark, line: 3)),
      ("> 00A4040", TranscriptFault(.digits, line: 1)),
      ("# only\n> 00A404", TranscriptFault(.command, line: 2)),
      ("> 00A40400\n< 90", TranscriptFault(.answer, line: 2)),
      ("\n< 9000", TranscriptFault(.answerAlone, line: 2)),
      ("> 00A40400\n\n> 00A40400\n< 9000", TranscriptFault(.unanswered, line: 1)),
      ("> 00A40400", TranscriptFault(.unanswered, line: 1)),
    ]
    for (text, fault) in cases {
      #expect(throws: fault, "\(text)") { try CardTranscript(text: Array(text.utf8)) }
      #expect(!fault.text.isEmpty)
    }
    let read = try CardTranscript(text: Array("> 00 A4 04 00 # name\n<  - # gone\n".utf8))
    #expect(read.exchanges.map { $0.command } == [[0x00, 0xA4, 0x04, 0x00]])
    #expect(read.exchanges.map { $0.answer } == [[]])
    #expect("\(read)".contains("secret") && !"\(read)".contains("164"))
  }

  @Test("the lines of a terminal's file that cannot be used are named, and what they would be")
  func terminalFaults() throws {
    let key = "authority-key: F0504F5344 01 "
    let cases: [(String, TerminalFileFault.Kind, Int)] = [
      ("aid: F0504F5344\nwhat: 1", .key, 2), ("aid F0504F5344", .key, 1),
      ("aid: F050", .value, 1), ("aid: F0504F5344 nearly", .value, 1),
      ("9F33: E0F8\naid: F0504F5344", .value, 1), ("9F35: 27", .value, 1),
      ("9A: 261331", .value, 1), ("9F02: 00000001234A", .value, 1),
      ("floor-limit: 1\naid: F0504F5344", .missing, 1), ("9C: 00", .missing, 1),
      ("aid: F0504F5344\ntarget: 100", .value, 2), ("aid: F0504F5344\ndenial: 00", .value, 2),
      ("host: approves", .value, 1), ("host: unable\n91: 00", .value, 2),
      ("pin: entered maybe", .value, 1), ("verify: 90", .value, 1), ("choose: -1", .value, 1),
      (key + "03 00", .value, 1), (key + "03 0000 B679", .checkSum, 1),
    ]
    for (text, kind, line) in cases {
      do throws(TerminalFileFault) {
        _ = try TerminalFile(text: Array(text.utf8))
        Issue.record("\(text) was taken")
      } catch {
        #expect(error.kind == kind && error.line == line, "\(text)")
        #expect(!error.text.isEmpty)
      }
    }
  }

  @Test("an authority's key with a wrong check sum, a forbidden exponent or no length is refused")
  func keys() throws {
    let scheme = CardKeySet.scheme
    func problem(_ exponent: [UInt8], _ modulus: [UInt8]) -> TerminalFileFault.Kind? {
      let sum = AuthorityKey.sum(scheme, 0x07, modulus, exponent)
      let parts = [scheme, [0x07], exponent, sum, modulus].map { Hex.text($0) }
      let text = "aid: F0504F5344\nauthority-key: " + parts.joined(separator: " ")
      do throws(TerminalFileFault) {
        let file = try TerminalFile(text: Array(text.utf8))
        return file.settings.keys.count == 1 ? nil : .missing
      } catch {
        return error.kind
      }
    }
    let good = [UInt8](repeating: 0xC1, count: 128)
    #expect(problem([3], good) == nil)
    #expect(problem([2], good) == .exponent)
    #expect(problem([3], Array(good.prefix(20))) == .keyLength)
  }
}
