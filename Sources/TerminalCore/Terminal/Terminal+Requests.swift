// SPDX-License-Identifier: Apache-2.0

import Clockwork
import Devices
import Management

extension Terminal {
  mutating func requested(
    _ id: RequestID, _ request: ControlRequest, at now: Instant
  ) -> [TerminalEffect] {
    if let problem = objection(to: request) { return [.answer(id, .refused(problem))] }
    switch request {
    case .register(let application):
      if askers.registration != nil { return [.answer(id, .refused(.busy))] }
      askers.registration = id
      return run(registration.handle(.applied(application), at: now), at: now)
    case .setNetwork(let settings):
      return ask(id, .proposed(settings), at: now)
    case .commitNetwork:
      return ask(id, .committed, at: now)
    case .rollbackNetwork:
      return ask(id, .rolledBack, at: now)
    case .transact(let request, let earlier, _):
      return saleRequested(id, request.reference, request.amount, earlier, at: now)
    case .park, .unpark, .settle, .signIn, .signOff:
      return [.answer(id, .refused(.busy))]
    case .cancel:
      guard let sale else { return [.answer(id, .refused(.withdrawn))] }
      if !sale.purchase.canBeWithdrawn { return [.answer(id, .refused(.tooLate))] }
      return [.answer(id, .done)] + tellSale(.withdrawn, at: now)
    case .commission:
      return commission(id)
    case .sendReversals:
      if reversals.queue.isEmpty { return [.answer(id, .done)] }
      if askers.reversals != nil || linkOwner != nil { return [.answer(id, .refused(.busy))] }
      askers.reversals = id
      return hurryReversals(at: now)
    case .loadPadKey(let place, let block):
      return loadPadKey(id, place, block)
    case .selectPadSet(let number):
      return orderKeys(id, .selectSet(number))
    case .reprint(let reference, let row):
      return reprint(id, reference, row, at: now)
    }
  }

  /// What the state of the terminal has against a request.
  private func objection(to request: ControlRequest) -> Problem? {
    let action: Action
    switch request {
    case .register: action = .register
    case .setNetwork, .commitNetwork, .rollbackNetwork: action = .configureNetwork
    case .park, .unpark, .settle, .signIn, .signOff: return nil
    case .transact(let request, let earlier, _):
      let reference = request.reference
      // A repeated question is answered in every state.
      if earlier != nil || sale?.reference == reference { return nil }
      if sale != nil { return .busy }
      action = isCommissioned ? .sale : .testSale
    case .cancel: return nil
    case .commission: action = .commission
    case .sendReversals: action = .sendReversals
    case .loadPadKey, .selectPadSet: action = .loadKeys
    case .reprint: action = .reprint
    }
    if state.allows(action) {
      if action == .register, network.settings == nil { return .networkNotConfigured }
      return nil
    }
    return state == .busy ? .busy : .notAllowed(action, in: state)
  }

  private mutating func ask(
    _ id: RequestID, _ event: NetworkSetup.Event, at now: Instant
  ) -> [TerminalEffect] {
    if askers.network != nil { return [.answer(id, .refused(.busy))] }
    askers.network = id
    return run(network.handle(event, at: now), at: now)
  }

  private mutating func saleRequested(
    _ id: RequestID, _ reference: String, _ amount: UInt64, _ earlier: TransactionRow?,
    at now: Instant
  ) -> [TerminalEffect] {
    if sale?.reference == reference { return askedAgain(id, amount, at: now) }
    if let earlier { return [.answer(id, answer(to: earlier, amount))] }
    if let problem = saleObjection(reference, amount) { return [.answer(id, .refused(problem))] }
    guard let amount = Amount(minorUnits: amount) else {
      return [.answer(id, .refused(.invalid(field: "amount")))]
    }
    return beginSale(id, reference, amount, at: now)
  }

  /// What became of a sale that runs no longer.
  private func answer(to earlier: TransactionRow, _ amount: UInt64) -> ControlAnswer {
    if earlier.amount != amount { return .refused(.referenceInUse) }
    // The ledger still has the intent of a sale that a start has found and turned into a reversal.
    if let owed = reversals.queue.first(where: { $0.reference == earlier.reference }) {
      return .transaction(owed.row, problem: .outcomeUnknown)
    }
    return .transaction(earlier, problem: nil)
  }

  private func saleObjection(_ reference: String, _ amount: UInt64) -> Problem? {
    let bytes = Array(reference.utf8)
    if bytes.isEmpty || bytes.count > 64 || !bytes.allSatisfy({ (0x21...0x7E).contains($0) }) {
      return .invalid(field: "reference")
    }
    // Journal, log and paper show references.
    if PAN.looksLikeOne(bytes) { return .cardNumberAsReference }
    if amount == 0 { return .invalid(field: "amount") }
    if case .provisioned(let parameters) = registration.phase, amount > parameters.maxSale {
      return .amountTooLarge
    }
    if keyOrder != nil { return .busy }
    // Said before the card is asked for: its intent would be refused.
    if !isStorageRoomy { return .journal(.diskFull) }
    if clock == nil { return .clockUnknown }
    if network.settings == nil { return .networkNotConfigured }
    if let trouble = devices.reader { return .reader(trouble) }
    if settings.terms.pinPolicy == .always, let trouble = devices.pinPad {
      return .pinPad(trouble)
    }
    return nil
  }

  private mutating func commission(_ id: RequestID) -> [TerminalEffect] {
    if !testSalePassed { return [.answer(id, .refused(.testSaleMissing))] }
    if askers.commissioning != nil { return [.answer(id, .refused(.busy))] }
    askers.commissioning = id
    isCommissioned = true
    journalOwners.append(.commissioning)
    let record = CommissioningRecord(testSalePassed: true, isCommissioned: true)
    return [.journal(JournalEntry(updates: [record.update]))]
  }

  mutating func left(_ id: RequestID, at now: Instant) -> [TerminalEffect] {
    if askers.registration == id { askers.registration = nil }
    if askers.network == id { askers.network = nil }
    if askers.reversals == id { askers.reversals = nil }
    if askers.paper == id { askers.paper = nil }
    if askers.commissioning == id { askers.commissioning = nil }
    if askers.keys == id { askers.keys = nil }
    guard sale?.detach(id) == true else { return [] }
    return tellSale(.withdrawn, at: now)
  }

  mutating func heard(_ report: CardReaderReport, at now: Instant) -> [TerminalEffect] {
    switch report {
    case .ready:
      devices.reader = nil
      return []
    case .unavailable(let trouble):
      devices.reader = trouble
      return sale == nil ? [] : tellSale(.readerLost(trouble), at: now)
    case .swiped(let card):
      return tellSale(.swiped(card), at: now)
    case .misread(let misread):
      return tellSale(.misread(misread), at: now)
    }
  }

  mutating func heard(_ report: PINPadReport, at now: Instant) -> [TerminalEffect] {
    switch report {
    case .ready:
      devices.pinPad = nil
      return []
    case .unavailable(let trouble):
      devices.pinPad = trouble
      return sale == nil ? [] : tellSale(.pinPadLost(trouble), at: now)
    case .pinEntered(let pin):
      devices.padSerialNumber = pin.keySerialNumber ?? []
      return tellSale(.pinEntered(pin), at: now)
    case .noPIN(let reason):
      return tellSale(.noPIN(reason), at: now)
    case .keys, .keyLoaded, .keyNotLoaded, .setSelected, .authenticated, .noMAC:
      return heardOfKeys(report)
    }
  }
}
