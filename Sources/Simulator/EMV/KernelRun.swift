// SPDX-License-Identifier: Apache-2.0

import Clockwork
import Devices
public import EMVKernel
import Wire

//     APDU 00A4040007F0504F5344010100     a command, in the order sent; of VERIFY the header
//     ask pin                             what a person was asked, and what came:
//     event entered                       entered, bypassed, broken, cancelled, an index, …
//     show 03                             a standard message
//     online ARQC                         the host is asked
//     TVR 0000000000
//     TSI E800
//     CVM 420300                          9F34
//     CID 40                              of the last cryptogram; `-` without one
//     AC 1122334455667788
//     ARC 3030                            8A as the card was sent it
//     scripts 2000000000                  five bytes a script
//     owes reversal                       or advice, signature; a line each
//     fallback technical                  or no-application
//     unread 2                            exchanges of the transcript that nobody asked for
//     outcome approvedOnline
//
// TVR, TSI, CVM, CID and outcome are always there, the outcome last.

/// One transaction of a kernel, with the lines it is told in.
public struct KernelRun {
  private let terminal: TerminalFile
  private var pins: [Kernel.Event]
  private var choices: [Int]
  /// What happened so far.
  public private(set) var lines: [String] = []
  /// How it ended.
  public private(set) var outcome: Outcome?

  /// A transaction that has not begun.
  public init(_ terminal: TerminalFile) {
    self.terminal = terminal
    pins = terminal.pins
    choices = terminal.choices
  }

  /// Runs it to its end. Throws where a transcript does not go on; the lines are then those up to
  /// there.
  public mutating func run<World: KernelWorld>(with world: inout World) throws(TranscriptFault) {
    var kernel = Kernel(settings: terminal.settings)
    var event: Kernel.Event? = .started(terminal.transaction)
    // Each command leads to a few events at most, and commands are bounded.
    for _ in 0..<4 * KernelLimits.commands {
      guard let next = event else { return }
      event = nil
      for effect in kernel.handle(next, at: .start) {
        if case .finished(let outcome) = effect {
          finish(outcome)
          return
        }
        if let answer = try react(to: effect, &world) { event = answer }
      }
    }
  }

  /// Tells that a transcript has exchanges left that nobody asked for.
  public mutating func note(unread: Int) {
    lines.insert("unread \(unread)", at: max(0, lines.count - 1))
  }

  private mutating func react<World: KernelWorld>(
    to effect: Kernel.Effect, _ world: inout World
  ) throws(TranscriptFault) -> Kernel.Event? {
    switch effect {
    case .transmit(let command):
      lines.append("APDU " + Hex.text(command.bytes))
      let answer = try world.answer(command.bytes)
      if answer.isEmpty { return .cardFailed(.removed) }
      return CardResponse(answer).map { .responded($0) } ?? .cardFailed(.transmission)
    case .verifyPIN(let verification):
      lines.append(verification == .plaintext ? "APDU 00200080" : "APDU 00200088")
      let answer = try world.verify(verification)
      return CardResponse(answer).map { .pinVerified($0.status) } ?? .cardFailed(.removed)
    case .goOnline(let request):
      lines.append("online " + (request.hasOnlinePIN ? "ARQC and PIN" : "ARQC"))
      return world.ask(request)
    default: return people(effect)
    }
  }

  /// Those who stand around the terminal.
  private mutating func people(_ effect: Kernel.Effect) -> Kernel.Event? {
    switch effect {
    case .chooseApplication:
      let index = choices.isEmpty ? 0 : choices.removeFirst()
      return told("ask application", .applicationChosen(index))
    case .confirmApplication: return told("ask confirmation", .applicationConfirmed)
    case .askLanguage:
      let index = choices.isEmpty ? 0 : choices.removeFirst()
      return told("ask language", .languageChosen(index))
    case .askAmount:
      let late = terminal.lateAmount.map {
        Kernel.Event.amountEntered(total: $0, cashback: terminal.transaction.cashback)
      }
      return told("ask amount", late ?? .cancelled)
    case .askPIN: return told("ask pin", pins.isEmpty ? .pinEntered : pins.removeFirst())
    case .checkExceptions: return told("ask exceptions", .exceptionsChecked(terminal.exceptions))
    case .askReferral:
      return told("ask referral", .referralDecided(approves: terminal.referralApproves))
    case .show(let message): lines.append("show " + Hex.text([message.rawValue]))
    case .useLanguage, .erasePIN, .transmit, .verifyPIN, .goOnline, .finished: break
    }
    return nil
  }

  private mutating func told(_ question: String, _ event: Kernel.Event) -> Kernel.Event {
    lines.append(question)
    lines.append("event " + KernelRun.word(of: event))
    return event
  }

  private static func word(of event: Kernel.Event) -> String {
    switch event {
    case .applicationChosen(let index), .languageChosen(let index): "\(index)"
    case .applicationConfirmed: "confirmed"
    case .amountEntered(let total, _): "\(total.minorUnits)"
    case .exceptionsChecked(let answer): answer.isListed ? "listed" : "not-listed"
    case .pinEntered: "entered"
    case .pinBypassed: "bypassed"
    case .padFailed: "broken"
    case .referralDecided(let approves): approves ? "approves" : "declines"
    default: "cancelled"
    }
  }

  private mutating func finish(_ outcome: Outcome) {
    self.outcome = outcome
    lines.append("TVR " + Hex.text(outcome.tvr.bytes))
    lines.append("TSI " + Hex.text(outcome.tsi.bytes))
    lines.append("CVM " + Hex.text(outcome.data.cvmResults.bytes))
    lines.append("CID " + (outcome.information.map { Hex.text([$0.rawValue]) } ?? "-"))
    if let cryptogram = outcome.cryptogram { lines.append("AC " + Hex.text(cryptogram)) }
    if let code = outcome.sentResponseCode { lines.append("ARC " + Hex.text(code)) }
    let scripts = outcome.scriptResults.flatMap { $0.bytes }
    if !scripts.isEmpty { lines.append("scripts " + Hex.text(scripts)) }
    if outcome.needsReversal { lines.append("owes reversal") }
    if outcome.needsAdvice { lines.append("owes advice") }
    if outcome.needsSignature { lines.append("owes signature") }
    switch outcome.fallback {
    case .none: break
    case .technical: lines.append("fallback technical")
    case .noApplication: lines.append("fallback no-application")
    }
    lines.append("outcome " + outcome.result.name)
  }
}
