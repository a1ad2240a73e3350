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
    case .testNetwork: return testNetwork(id, at: now)
    case .transact(let request, let earlier, let original):
      return transactionRequested(id, request, earlier, original, at: now)
    case .park(let reference, let record): return park(id, reference, record, at: now)
    case .unpark(_, let record): return unpark(id, record, at: now)
    case .close(_, let record, let closing): return close(id, record, closing, at: now)
    case .settle: return settle(id, at: now)
    case .signIn: return askForSignIn(id, at: now)
    case .signOff: return askForSignOff(id, at: now)
    case .download(let set): return askForDownload(id, set, at: now)
    case .cancel:
      guard let sale else { return [.answer(id, .refused(.withdrawn))] }
      if !sale.machine.canBeWithdrawn { return [.answer(id, .refused(.tooLate))] }
      return [.answer(id, .done)] + tellTransaction(.withdrawn, at: now)
    case .commission:
      return commission(id)
    case .sendQueue: return sendQueue(id, at: now)
    case .loadPadKey(let place, let block):
      return loadPadKey(id, place, block)
    case .selectPadSet(let number):
      return orderKeys(id, .selectSet(number))
    case .reprint(let reference, let row):
      return reprint(id, reference, row, at: now)
    case .reprintSlip(let batch): return reprintSlip(id, batch)
    case .testPrinter: return testPrinter(id, at: now)
    case .storeLogo: return storeLogo(id, at: now)
    }
  }

  /// What the state of the terminal has against a request.
  private func objection(to request: ControlRequest) -> Problem? {
    let action: Action
    switch request {
    case .register: action = .register
    case .setNetwork, .commitNetwork, .rollbackNetwork, .testNetwork:
      action = .configureNetwork
    case .park, .unpark, .close: action = .sendQueue
    case .settle: action = .settle
    case .signIn: action = .signIn
    case .signOff: action = .signOff
    case .download: action = .download
    case .transact(let request, let earlier, _):
      let reference = request.reference
      // A repeated question is answered in every state.
      if earlier != nil || sale?.reference == reference { return nil }
      // With keys that are about to change no PIN is asked for.
      if sale != nil || signIn?.isWaiting == false || linkOwner == .signOff { return .busy }
      action = isCommissioned ? Action(request.kind) : .testSale
    case .cancel: return nil
    case .commission: action = .commission
    case .sendQueue: action = .sendQueue
    case .loadPadKey, .selectPadSet: action = .loadKeys
    case .reprint, .reprintSlip: action = .reprint
    case .testPrinter, .storeLogo: action = .testPrinter
    }
    if state.allows(action) {
      if action == .register, network.settings == nil { return .networkNotConfigured }
      return nil
    }
    if state == .locked, let ledgerFault { return .journal(ledgerFault) }
    return state == .busy ? .busy : .notAllowed(action, in: state)
  }

  private mutating func ask(
    _ id: RequestID, _ event: NetworkSetup.Event, at now: Instant
  ) -> [TerminalEffect] {
    if askers.network != nil { return [.answer(id, .refused(.busy))] }
    askers.network = id
    return run(network.handle(event, at: now), at: now)
  }

  private mutating func commission(_ id: RequestID) -> [TerminalEffect] {
    if !testSalePassed { return [.answer(id, .refused(.testSaleMissing))] }
    if askers.commissioning != nil { return [.answer(id, .refused(.busy))] }
    askers.commissioning = id
    journalOwners.append(.commissioning)
    let record = CommissioningRecord(testSalePassed: true, isCommissioned: true)
    return [.journal(JournalEntry(updates: [record.update]))]
  }

  mutating func left(_ id: RequestID, at now: Instant) -> [TerminalEffect] {
    if askers.registration == id { askers.registration = nil }
    if askers.network == id { askers.network = nil }
    if askers.networkTest == id { askers.networkTest = nil }
    if askers.queue == id { askers.queue = nil }
    if askers.parking == id { askers.parking = nil }
    if askers.settlement == id { askers.settlement = nil }
    if askers.signIn == id { askers.signIn = nil }
    if askers.signOff == id { askers.signOff = nil }
    if askers.download == id { askers.download = nil }
    if askers.paper == id { askers.paper = nil }
    if askers.commissioning == id { askers.commissioning = nil }
    if askers.keys == id { askers.keys = nil }
    lookUps.removeAll { $0.id == id }
    guard sale?.detach(id) == true else { return [] }
    return tellTransaction(.withdrawn, at: now)
  }

  mutating func heard(_ report: CardReaderReport, at now: Instant) -> [TerminalEffect] {
    switch report {
    case .ready(let identity):
      devices.reader = nil
      devices.readsChips = identity.readsChips
      devices.readsStripes = identity.readsStripes
      return []
    case .unavailable(let trouble):
      devices.reader = trouble
      devices.cardMayBeLeft = devices.cardMayBeLeft || devices.cardIsInSlot
      devices.cardIsInSlot = false
      return sale == nil ? [] : tellTransaction(.readerLost(trouble), at: now)
    case .swiped(let card):
      return tellTransaction(.swiped(card), at: now)
    case .misread(let misread):
      return tellTransaction(.misread(misread), at: now)
    case .cardInserted, .cardRemoved, .powered, .responded, .poweredOff, .chipFault:
      return heardOfChip(report, at: now)
    }
  }

  mutating func heard(_ report: PINPadReport, at now: Instant) -> [TerminalEffect] {
    switch report {
    case .ready:
      devices.pinPad = nil
      return []
    case .unavailable(let trouble):
      devices.pinPad = trouble
      return sale == nil ? [] : tellTransaction(.pinPadLost(trouble), at: now)
    case .pinEntered(let pin):
      devices.padSerialNumber = pin.keySerialNumber ?? []
      return tellTransaction(.pinEntered(pin), at: now)
    case .noPIN(let reason):
      // A pad that is gone has ended it already.
      if sale == nil, devices.pinPad != nil { return [] }
      return tellTransaction(.noPIN(reason), at: now)
    case .keys, .keyLoaded, .keyNotLoaded, .setSelected, .authenticated, .noMAC:
      return heardOfKeys(report)
    }
  }
}
