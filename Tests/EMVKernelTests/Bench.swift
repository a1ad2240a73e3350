// SPDX-License-Identifier: Apache-2.0

import Clockwork
import Devices
import EMVKernel
import Wire

/// A terminal, a card and the people around them: runs one transaction and tells everything.
struct Bench {
  var settings: KernelSettings
  var transaction: TransactionData
  var card = PlainCard()
  /// What the host says; nil is silence.
  var host: HostAnswer? = HostAnswer(responseCode: Array("00".utf8), verdict: .approves)
  var mayHaveReachedHost = false
  /// What happens at the pad, one time after the other; then a PIN is entered.
  var pad: [Kernel.Event] = []
  /// How VERIFY is answered, one time after the other, the last for ever.
  var verify: [UInt16] = [0x9000]
  var padBreaksAtVerify = false
  var exceptions = ExceptionAnswer()
  var choices: [Kernel.Event] = []
  var referralApproves = true
  /// The number of the command at which the card fails, and how.
  var failAt: Int?
  var failure = CardFailure.removed

  private(set) var effects: [Kernel.Effect] = []
  private(set) var request: OnlineRequest?
  private(set) var kernel: Kernel

  init() {
    guard let aid = AID(PlainCard.aid), let type = TerminalType(rawValue: 0x22),
      let extra = AdditionalCapabilities(hex("6000F0A001")), let english = Language(0x65, 0x6E),
      let german = Language(0x64, 0x65), let amount = Amount(minorUnits: 12_345),
      let none = Amount(minorUnits: 0), let date = CardDate(hex("261231"))
    else { preconditionFailure("every one of them is well formed") }
    var risk = RiskParameters()
    risk.floorLimit = 20_000
    let application = ApplicationParameters(aid: aid, versionNumbers: [1], risk: risk)
    settings = KernelSettings(
      terminalType: type, capabilities: TerminalCapabilities(rawValue: 0xE0_F8C8),
      additionalCapabilities: extra, country: 0x0276, languages: [english, german],
      applications: [application], keys: [TestKeys.shared.authority])
    settings.options.usesDirectory = false
    transaction = TransactionData(
      amount: amount, cashback: none, type: 0x00, currency: 0x0978, currencyExponent: 2,
      date: date, time: 0x12_3456, unpredictableNumber: 0x1A2B_3C4D, sequenceCounter: 1,
      drawnNumber: 99)
    kernel = Kernel(settings: settings)
  }

  /// The application's limits and codes.
  var risk: RiskParameters {
    get { settings.applications[0].risk }
    set { settings.applications[0].risk = newValue }
  }

  /// The issuer wants everything online that has not been denied.
  mutating func goOnline() {
    transaction.isForcedOnline = true
    risk.onlineCode = .forcedOnline
  }

  mutating func amount(_ units: UInt64) { transaction.amount = Amount(minorUnits: units) }

  /// Runs to the end; nil for a kernel that did not come to one. The card may be somebody else.
  mutating func run(_ other: (([UInt8]) -> [UInt8])? = nil) -> Outcome? {
    kernel = Kernel(settings: settings)
    effects = []
    request = nil
    var event: Kernel.Event? = .started(transaction)
    // More than any bound of the kernel's, so that a kernel without bounds is seen.
    for _ in 0..<4_000 {
      guard let next = event else { return nil }
      let answer = kernel.handle(next, at: .start)
      effects += answer
      if case .finished(let outcome)? = answer.last { return outcome }
      event = nil
      for effect in answer { event = react(effect, other) ?? event }
    }
    return nil
  }

  private mutating func react(
    _ effect: Kernel.Effect, _ other: (([UInt8]) -> [UInt8])?
  ) -> Kernel.Event? {
    switch effect {
    case .transmit(let command):
      if card.commands.count + 1 == failAt { return .cardFailed(failure) }
      return CardResponse(other?(command.bytes) ?? card.answer(command.bytes)).map {
        .responded($0)
      }
        ?? .cardFailed(.transmission)
    case .chooseApplication: return choices.isEmpty ? .applicationChosen(0) : choices.removeFirst()
    case .confirmApplication:
      return choices.isEmpty ? .applicationConfirmed : choices.removeFirst()
    case .askLanguage: return choices.isEmpty ? .languageChosen(0) : choices.removeFirst()
    case .askAmount: return choices.isEmpty ? .cancelled : choices.removeFirst()
    case .checkExceptions: return .exceptionsChecked(exceptions)
    case .askPIN: return pad.isEmpty ? .pinEntered : pad.removeFirst()
    case .verifyPIN:
      if padBreaksAtVerify { return .padFailed }
      let status = verify[0]
      if verify.count > 1 { verify.removeFirst() }
      return .pinVerified(StatusWord(rawValue: status))
    case .goOnline(let request):
      self.request = request
      return host.map { .hostAnswered($0) }
        ?? .unableToGoOnline(mayHaveReachedHost: mayHaveReachedHost)
    case .askReferral: return .referralDecided(approves: referralApproves)
    case .useLanguage, .erasePIN, .show, .finished: return nil
    }
  }

  var commands: [[UInt8]] { card.commands }

  func command(_ start: String) -> [UInt8]? { commands.first { $0.starts(with: hex(start)) } }

  func count(_ start: String) -> Int { commands.filter { $0.starts(with: hex(start)) }.count }

  func shows(_ message: StandardMessage) -> Bool { effects.contains(.show(message)) }

  /// The parameter of each GENERATE AC.
  var cryptogramRequests: [UInt8] {
    commands.filter { $0.starts(with: [0x80, 0xAE]) }.map { $0[2] }
  }

  /// The last GENERATE AC's data.
  func listData(_ number: Int) -> [UInt8] {
    let all = commands.filter { $0.starts(with: [0x80, 0xAE]) }
    return number < all.count ? Array(all[number].dropFirst(5).dropLast()) : []
  }
}

/// Runs a transaction on a bench that is prepared first.
func outcome(_ prepare: (inout Bench) -> Void) -> (outcome: Outcome?, bench: Bench) {
  var bench = Bench()
  prepare(&bench)
  let outcome = bench.run()
  return (outcome, bench)
}
