// SPDX-License-Identifier: Apache-2.0

import Assembly
import Clockwork
import Devices
import TerminalCore

extension World {
  /// A shop under a clear sky, in which happens what hands do.
  init(flavour: ShopFlavour, readsChips: Bool, tellsStory: Bool) {
    self.init(
      seed: 4, planted: nil, wavering: 0, tellsStory: tellsStory, flavour: flavour,
      readsChips: readsChips)
    isStorm = false
    weather = .clear
    hands = Hands()
  }

  mutating func usePrinter(isPlain: Bool, isNarrow: Bool) {
    let columns = isNarrow ? 32 : 48
    printer = PrinterModel(
      profile: PrinterModel.Profile(
        columns: columns, hasProcessID: !isPlain, hasClear: !isPlain))
    board = SimulatedShop.board(flavour, isPrinterPlain: isPlain, columns: columns)
  }

  /// Lets time go by.
  mutating func pass(_ interval: Interval) {
    let end = now + interval
    while advance(to: end) {}
  }

  /// The next event until then; false when there is none, and it is then.
  mutating func advance(to end: Instant) -> Bool {
    guard let moment = nextMoment, moment <= end else {
      now = max(now, end)
      return false
    }
    now = max(now, moment)
    step(at: now)
    return true
  }

  /// What happened so far is not counted: papers and messages.
  mutating func forget() {
    paper = []
    hands?.messagesSent = 0
    hands?.answers = []
    hands?.progress = []
  }

  mutating func handsAsk(_ request: ControlRequest) {
    guard let id = hands?.takeID() else { return }
    tell(.terminal(.requested(id, request)))
  }

  mutating func follow(_ request: ScenarioRequest) {
    switch request {
    case .transact(let kind, let reference, let amount, let original):
      let request = TransactionRequest(
        kind, reference: reference, amount: amount, original: original)
      handsAsk(
        .transact(
          request, earlier: ledger.row(reference),
          original: original.isEmpty ? nil : ledger.record(original)))
    case .cancel: handsAsk(.cancel)
    case .settle: handsAsk(.settle)
    case .sendQueue: handsAsk(.sendQueue)
    case .print(let reference):
      handsAsk(.reprint(reference: reference, row: ledger.row(reference)))
    case .signIn: handsAsk(.signIn)
    case .download(let set): handsAsk(.download(set))
    }
  }

  /// What the terminal says while it waits for somebody.
  mutating func handsHear(_ progress: Progress) {
    hands?.progress.append(progress)
    guard hands?.isEager == true else { return }
    switch progress {
    case .insertCard: queue.add(.cardInserted(clerk.accountIndex), at: now + .seconds(1))
    case .removeCard: queue.add(.cardTaken, at: now + .milliseconds(500))
    case .presentCard, .swipeCard, .swipeInstead:
      let card = SimulatedShop.swipe(SimulatedShop.accounts[clerk.accountIndex])
      queue.add(.reader(.swiped(card)), at: now + .seconds(1))
    case .swipeAgain, .insertInstead, .clearingReversals, .enterPIN, .askingAcquirer, .printing,
      .probing, .readingChip:
      break
    }
  }

  /// The cardholder is asked for the PIN.
  mutating func handsType() {
    var digits = SimulatedShop.accounts[clerk.accountIndex].pin
    var moment = now
    switch hands?.pinManner {
    case .right, nil: break
    case .wrong: digits[0] = (digits[0] + 1) % 10
    case .cancel:
      queue.add(.pad(.keyPressed(.cancel)), at: moment + .milliseconds(400))
      return
    case .some(.none): return
    }
    for digit in digits {
      moment = moment + .milliseconds(200)
      queue.add(.pad(.keyPressed(.digit(digit))), at: moment)
    }
    queue.add(.pad(.keyPressed(.enter)), at: moment + .milliseconds(200))
  }
}
