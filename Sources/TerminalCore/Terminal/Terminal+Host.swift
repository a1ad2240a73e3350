// SPDX-License-Identifier: Apache-2.0

import Clockwork
import Devices

extension Terminal {
  mutating func run(_ effects: [HostExchange.Effect], at now: Instant) -> [TerminalEffect] {
    var out: [TerminalEffect] = []
    for effect in effects {
      switch effect {
      case .acquirer(let order): out.append(.acquirer(order))
      case .ended(let result): out += hostEnded(result, at: now)
      }
    }
    return out
  }

  private mutating func hostEnded(_ result: HostResult, at now: Instant) -> [TerminalEffect] {
    let owner = linkOwner
    linkOwner = nil
    switch owner {
    case .sale: return tellSale(.hostEnded(result), at: now)
    case .reversal: return run(reversals.handle(.hostEnded(result), at: now), at: now)
    case .probe: return run(network.handle(.probed(Terminal.verdict(result)), at: now), at: now)
    case nil:
      unexpectedEvents += 1
      return []
    }
  }

  private static func verdict(_ result: HostResult) -> Problem? {
    switch result {
    case .answered: nil
    case .notSent(let layer, let code): .network(layer, code: code)
    case .noAnswer: .network(.read, code: 0)
    case .badAnswer: .probeAnswer
    }
  }

  mutating func run(_ effects: [NetworkSetup.Effect], at now: Instant) -> [TerminalEffect] {
    var out: [TerminalEffect] = []
    for effect in effects {
      switch effect {
      case .probe(let candidate):
        out += askers.network.map { [.progress($0, .probing)] } ?? []
        out += probe(candidate, at: now)
      case .journal(let update):
        journalOwners.append(.network)
        out.append(.journal(JournalEntry(updates: [update])))
      case .ended(let problem):
        out += askers.network.take(problem)
      }
    }
    return out
  }

  private mutating func probe(_ candidate: NetworkSettings, at now: Instant) -> [TerminalEffect] {
    guard linkOwner == nil, let clock else {
      return run(network.handle(.probed(.busy), at: now), at: now)
    }
    let message = dialect.echoRequest(
      stan: nextSTAN, at: clock.local(at: now),
      terminalID: merchant?.terminalID ?? ascii("00000000"))
    nextSTAN = nextSTAN.next
    guard let frame = dialect.frame(message) else {
      return run(network.handle(.probed(.probeAnswer), at: now), at: now)
    }
    linkOwner = .probe
    let request = HostRequest(
      endpoint: candidate.acquirer, frame: frame, expected: dialect.answerKey(for: message),
      connectLimit: settings.connectLimit, answerLimit: answerLimit)
    return run(exchange.handle(.started(request), at: now), at: now)
  }

  mutating func hurryReversals(at now: Instant) -> [TerminalEffect] {
    if linkOwner != nil { return [] }
    return run(reversals.handle(.hurried, at: now), at: now)
  }

  mutating func run(_ effects: [ReversalDesk.Effect], at now: Instant) -> [TerminalEffect] {
    var out: [TerminalEffect] = []
    for effect in effects {
      switch effect {
      case .ask(let record):
        out += sendReversal(record, at: now)
      case .journal(let record):
        journalOwners.append(.reversal)
        out.append(.journal(JournalEntry(updates: [record.update], rows: [record.row])))
      case .ended(let cleared):
        out += askers.reversals.take(cleared ? nil : .reversalPending)
        if sale != nil { out += tellSaleOfReversals(cleared, at: now) }
      }
    }
    return out
  }

  private mutating func tellSaleOfReversals(
    _ cleared: Bool, at now: Instant
  ) -> [TerminalEffect] {
    guard sale?.awaitsReversals == true else { return [] }
    return tellSale(.reversalsCleared(cleared), at: now)
  }

  private mutating func sendReversal(
    _ record: TransactionRecord, at now: Instant
  ) -> [TerminalEffect] {
    guard linkOwner == nil, let endpoint = network.settings?.acquirer, let merchant else {
      return run(reversals.handle(.hostEnded(.notSent(.link, code: 0)), at: now), at: now)
    }
    let card = SealedCard.opened(
      record.sealedCard, with: settings.keys.seal, reference: record.reference)
    let message = dialect.reversalRequest(record, card: card, merchant: merchant)
    guard let frame = dialect.frame(message) else {
      return run(reversals.handle(.hostEnded(.notSent(.link, code: 0)), at: now), at: now)
    }
    linkOwner = .reversal
    let request = HostRequest(
      endpoint: endpoint, frame: frame, expected: dialect.answerKey(for: message),
      connectLimit: settings.connectLimit, answerLimit: answerLimit)
    return run(exchange.handle(.started(request), at: now), at: now)
  }
}
