// SPDX-License-Identifier: Apache-2.0

import Assembly
import Clockwork
import TerminalCore

//     shop chips                    generic, unionpay or chips; the first line, or left out
//     printer plain                 one that knows no process IDs and no clearing; also narrow
//     open                          from the first start into service, with a test sale
//     boot                          the first start alone
//
//     sell R 12.00                  asks the terminal: also preauth, offline, balance R,
//                                   void R ORIGINAL, refund R AMOUNT ORIGINAL, cancel, settle,
//                                   send queue, print R, sign in, download keys
//     cardholder waits              does not present a card; or hurries, as at the beginning
//     card 2                        whose card, 0…2
//     swipe                         also swipe unreadable, blank, half
//     insert, remove                the card and the slot
//     pin wrong                     right, cancel, none
//     power cut, power on           the terminal's
//     reader unplug, plug           also printer, pad
//     reader securemag clear        another one in its place: also original and enhanced, whose
//                                   tracks are encrypted, and sureswipe
//     reader change byte 5          of what it sends; also lose, and cut: the plug is pulled then
//     to printer lose byte 5        of what is sent to it
//     printer stop, go              holds the line, and lets go of it
//     printer speed 9600            bits a second; pad too
//     printer paper out             and paper in, paper ends after 7, cover open, cover closed,
//                                   power off, power on
//     pad power off, power on, tampered
//     chip mute                     no-reset, wrong-reset, pulled after 3, slow 40, deaf,
//                                   lost report 1, short report
//     acquirer silent, closed, back
//     disk full, failing, back
//     wait 5 s                      also ms, min
//
//     expect state ready            the terminal's
//     expect R approved             a transaction's; and behind it: receipt printed
//     expect answer done            also none, settled, or a code
//     expect told swipe card        and not: no told swipe card
//     expect status RDR-001         and not: no status RDR-001; clean for nothing at all
//     expect paper 12.00            a text on a line; and not: no paper 12.00
//     expect receipts 2             that were cut
//     expect held 12.00             by the acquirer, of everything
//     expect sent 3                 messages to the acquirer
//     within 60 s R reversed        any of these, as soon as it holds
//
// `#` begins a remark. The amount asks for the acquirer's behaviour: `Behaviour.swift` says how.

/// A shop and what happens in it, line by line, as a small text file says.
public struct Scenario: Hashable, Sendable {
  /// One line.
  struct Line: Hashable, Sendable {
    /// Counted from 1.
    var number: Int
    /// As it is written.
    var text: String
    var step: Step
  }

  /// What a line says.
  enum Step: Hashable, Sendable {
    case open
    case boot
    case request(ScenarioRequest)
    case act(ScenarioAct)
    case wait(Interval)
    case expect(ScenarioClaim, within: Interval)
  }

  /// The shops there are.
  enum Shop: UInt8, Hashable, Sendable, CaseIterable {
    case generic
    case unionPay
    case chips
  }

  var shop = Shop.generic
  /// Whether the printer knows neither process IDs nor clearing.
  var isPrinterPlain = false
  /// Whether the paper is 58 mm wide.
  var isPrinterNarrow = false
  var lines: [Line] = []
}

/// Why a scenario's file cannot be used.
public struct ScenarioFault: Error, Hashable, Sendable {
  /// Which line, counted from 1.
  public let line: Int
  /// The word that is wrong, counted from 1; behind the last one, where something is missing.
  public let word: Int
  /// What may stand there.
  public let wanted: String

  /// In words.
  public var text: String { "line \(line), word \(word): wants \(wanted)" }
}

/// What a person asks of the terminal.
enum ScenarioRequest: Hashable, Sendable {
  case transact(TransactionKind, reference: String, amount: UInt64, original: String)
  case cancel
  case settle
  case sendQueue
  case print(reference: String)
  case signIn
  case download(DownloadSet)
}

/// What somebody does to the shop.
enum ScenarioAct: Hashable, Sendable {
  /// How a card is pulled through the reader.
  enum Swipe: UInt8, Hashable, Sendable, CaseIterable {
    case whole
    case unreadable
    case blank
    case half
  }

  case eager(Bool)
  case card(Int)
  case swipe(Swipe)
  case insert
  case remove
  case pin(Hands.PINManner)
  case power(Bool)
  case plug(Port, Bool)
  /// Another reader for stripes; nil is a SureSwipe.
  case reader(SecureMagOutput?)
  case harm(Port, DeviceLine.Harm, byte: Int, isToDevice: Bool)
  case stop(Port, Bool)
  case speed(Port, Int64)
  case printer(PrinterModel.Event)
  case pad(PINPadModel.Event)
  case chip(NEO2Fault)
  case hostSilent(Bool)
  case hostClosed(Bool)
  case storage(JournalFault?)
}

/// What has to be so.
enum ScenarioClaim: Hashable, Sendable {
  case state(String)
  case transaction(reference: String, state: String, receipt: String)
  case answer(String)
  case told(String, isSo: Bool)
  case status(String, isSo: Bool)
  case clean
  case paper(String, isSo: Bool)
  case receipts(Int)
  case held(UInt64)
  case sent(Int)
}
