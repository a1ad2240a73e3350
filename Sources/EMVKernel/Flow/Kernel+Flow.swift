// SPDX-License-Identifier: Apache-2.0

import Devices

extension Kernel {
  /// What an event leads to; nil where nobody had asked for it.
  mutating func react(to event: Event) -> [Effect]? {
    switch event {
    case .started(let transaction): return step == .idle ? start(transaction) : nil
    case .responded(let response):
      guard case .card(let command) = step else { return nil }
      return proceed(command, response)
    case .cardFailed(let failure):
      return step == .idle || step == .finished ? nil : lose(failure)
    case .cancelled:
      guard case .asked(let question) = step else { return nil }
      return cancel(question)
    case .applicationChosen(let index): return isAsked(.application) ? choose(index) : nil
    case .applicationConfirmed:
      return isAsked(.confirmation) ? selectChosen(byCardholder: true) : nil
    case .languageChosen(let index): return isAsked(.language) ? speak(index) : nil
    case .amountEntered(let total, let cashback):
      guard case .asked(.amount(let waiting)) = step else { return nil }
      return take(total, cashback, waiting)
    case .exceptionsChecked(let answer): return isAsked(.exceptions) ? assess(answer) : nil
    case .pinEntered: return isAsked(.pin) ? usePIN() : nil
    case .pinBypassed: return isAsked(.pin) ? passOverPIN() : nil
    case .padFailed: return isAsked(.pin) || isAsked(.verification) ? losePad() : nil
    case .pinVerified(let status): return isAsked(.verification) ? judgePIN(status) : nil
    case .hostAnswered(let answer): return isAsked(.host) ? hear(answer) : nil
    case .unableToGoOnline(let mayHaveReachedHost):
      return isAsked(.host) ? decideWithoutHost(mayHaveReachedHost: mayHaveReachedHost) : nil
    case .referralDecided(let approves): return isAsked(.referral) ? followReferral(approves) : nil
    }
  }

  private func isAsked(_ question: Question) -> Bool { step == .asked(question) }

  private mutating func proceed(_ command: Command, _ response: CardResponse) -> [Effect] {
    switch command {
    case .selectDirectory: openDirectory(response)
    case .readDirectory(let file, let record): readDirectory(response, file, record)
    case .selectListed(let index): judgeListed(response, index, isNext: false)
    case .selectNext(let index): judgeListed(response, index, isNext: true)
    case .selectFinally: acceptSelection(response)
    case .getProcessingOptions: takeOptions(response)
    case .readRecord: takeRecord(response)
    case .internalAuthenticate: checkDynamicSignature(response)
    case .getTryCounter: takeTryCounter(response)
    case .getChallenge: takeChallenge(response)
    case .getATC: takeCounter(response)
    case .getLastOnlineATC: takeLastOnlineCounter(response)
    case .generateFirst: takeFirstCryptogram(response)
    case .externalAuthenticate: takeIssuerAuthentication(response)
    case .scriptCommand: takeScriptAnswer(response)
    case .generateSecond: takeSecondCryptogram(response)
    }
  }

  /// The one way to the card: a hostile card's commands are counted too.
  mutating func send(_ command: CardCommand, _ expected: Command) -> [Effect] {
    session.commands += 1
    if session.commands > KernelLimits.commands { return end(.limit(chapter(of: expected))) }
    step = .card(expected)
    return [.transmit(command)]
  }

  /// Asks somebody else.
  mutating func ask(_ question: Question, _ effect: Effect) -> [Effect] {
    step = .asked(question)
    return [effect]
  }

  private func chapter(of command: Command) -> Outcome.Chapter {
    switch command {
    case .selectDirectory, .readDirectory, .selectListed, .selectNext, .selectFinally: .selection
    case .getProcessingOptions: .initiation
    case .readRecord: .records
    case .internalAuthenticate: .authentication
    case .getTryCounter, .getChallenge: .cardholder
    case .getATC, .getLastOnlineATC: .risk
    case .generateFirst: .firstCryptogram
    case .externalAuthenticate, .scriptCommand: .issuer
    case .generateSecond: .secondCryptogram
    }
  }

  /// The application's parameters.
  var parameters: ApplicationParameters { settings.applications[session.application] }

  /// The application that is selected (9F06).
  var selectedAID: AID { AID(session.data.terminal[.terminalAID] ?? []) ?? parameters.aid }

  /// The card's number; the records were refused without one.
  var pan: PAN? {
    AccountDigits.read(session.data.card[.pan] ?? []).flatMap { PAN($0.map { 0x30 + $0 }) }
  }

  /// A request to end, where somebody was asked. Once a cryptogram was asked for, card and host
  /// have to be heard to the end.
  private mutating func cancel(_ question: Question) -> [Effect]? {
    switch question {
    case .application, .confirmation, .language, .amount, .pin: end(.cancelled)
    case .exceptions, .verification, .host, .referral: nil
    }
  }
}
