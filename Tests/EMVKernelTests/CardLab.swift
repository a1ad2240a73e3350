// SPDX-License-Identifier: Apache-2.0

import Clockwork
import Devices
import EMVKernel
import PINPadCrypto
import PaymentCrypto
import Simulator
import Wire

/// A terminal with a whole software card, its issuer, and a pad that knows the PIN.
struct CardLab {
  static let keys = CardKeySet(seed: 1, sizes: CardKeySet.Sizes())

  var profile = CardProfile()
  var settings: KernelSettings
  var transaction: TransactionData
  var issuer: TestIssuer
  var pin: [UInt8] = [1, 2, 3, 4]
  private(set) var commands: [[UInt8]] = []
  private(set) var effects: [Kernel.Effect] = []
  private(set) var findings: [IssuerFinding] = []
  private var dice = Dice(seed: 3)

  init() {
    let bench = Bench()
    settings = bench.settings
    transaction = bench.transaction
    issuer = TestIssuer(secrets: CardLab.keys.secrets)
    settings.options.usesDirectory = true
    settings.country = 0x0156
    transaction.currency = 0x0156
    settings.applications[0].versionNumbers = [0x8C]
    let key = CardLab.keys.authority.publicKey
    let sum = AuthorityKey.sum(
      CardKeySet.scheme, CardKeySet.authorityIndex, key.modulus, key.exponent)
    settings.keys = [
      try? AuthorityKey(
        scheme: CardKeySet.scheme, index: CardKeySet.authorityIndex, modulus: key.modulus,
        exponent: key.exponent, checkSum: sum)
    ].compactMap { $0 }
    settings.revoked = [
      RevokedCertificate(
        scheme: CardKeySet.scheme, index: CardKeySet.authorityIndex,
        serial: CardKeySet.revokedSerial)
    ]
  }

  mutating func goOnline() {
    transaction.isForcedOnline = true
    settings.applications[0].risk.onlineCode = .forcedOnline
  }

  /// Runs one transaction; nil for a kernel that comes to no end.
  mutating func run() -> Outcome? {
    var card = profile.personalised(with: CardLab.keys)
    _ = card.reset()
    var kernel = Kernel(settings: settings)
    var event: Kernel.Event? = .started(transaction)
    for _ in 0..<2_000 {
      guard let next = event else { return nil }
      let answer = kernel.handle(next, at: .start)
      effects += answer
      if case .finished(let outcome)? = answer.last { return outcome }
      event = nil
      for effect in answer { event = react(effect, &card) ?? event }
    }
    return nil
  }

  private mutating func react(_ effect: Kernel.Effect, _ card: inout TestCard) -> Kernel.Event? {
    switch effect {
    case .transmit(let command):
      commands.append(command.bytes)
      let answer = card.process(command.bytes)
      if answer.isEmpty { return .cardFailed(.removed) }
      return CardResponse(answer).map { .responded($0) } ?? .cardFailed(.transmission)
    case .verifyPIN(let verification):
      let answer = card.process(verify(verification))
      return CardResponse(answer).map { .pinVerified($0.status) } ?? .cardFailed(.removed)
    case .goOnline(let request): return ask(request)
    case .chooseApplication: return .applicationChosen(0)
    case .confirmApplication: return .applicationConfirmed
    case .askPIN: return .pinEntered
    case .askReferral: return .referralDecided(approves: true)
    case .askLanguage, .askAmount, .checkExceptions: return .cancelled
    case .useLanguage, .erasePIN, .show, .finished: return nil
    }
  }

  /// What a pad does with the PIN that it holds.
  private mutating func verify(_ verification: PINVerification) -> [UInt8] {
    let block = BCD.pack(
      [2, UInt8(pin.count)] + pin + [UInt8](repeating: 15, count: 14 - pin.count))
    switch verification {
    case .plaintext: return hex("0020008008") + block
    case .enciphered(let with):
      let filling = dice.bytes(OfflinePIN.fillingCount(modulus: with.modulus.count))
      guard let key = try? RSAPublicKey(modulus: with.modulus, exponent: with.exponent),
        let data = try? key.recover([0x7F] + block + with.challenge + filling)
      else { return [] }
      return hex("00200088") + [UInt8(data.count)] + data
    }
  }

  private mutating func ask(_ request: OnlineRequest) -> Kernel.Event {
    let application = profile.applications[0]
    let (finding, answer) = issuer.authorise(
      request.data.encoded(DataTag.ofRequest), pan: application.pan,
      sequence: application.sequence)
    findings.append(finding)
    guard answer.delivery == .prompt else {
      return .unableToGoOnline(mayHaveReachedHost: true)
    }
    let verdict: HostAnswer.Verdict =
      switch answer.code {
      case Array("00".utf8): .approves
      case Array("01".utf8): .refers
      default: .declines
      }
    return .hostAnswered(
      HostAnswer(responseCode: answer.code, verdict: verdict, issuerData: answer.objects))
  }
}
