// SPDX-License-Identifier: Apache-2.0

public import Devices
public import Management

/// The number by which a question and its answer belong together.
public struct RequestID: Hashable, Sendable {
  /// The number; the edge that asks chooses it.
  public var rawValue: UInt32

  /// A number.
  public init(_ rawValue: UInt32) {
    self.rawValue = rawValue
  }
}

/// What a person, a till or a tool asks of the terminal.
public enum ControlRequest: Hashable, Sendable {
  /// Apply for registration.
  case register(MerchantApplication)
  /// Try network settings.
  case setNetwork(NetworkSettings)
  /// Keep the candidate that has passed its probe.
  case commitNetwork
  /// Forget the candidate.
  case rollbackNetwork
  /// Ask the acquirer whether it is there, with the settings that are committed.
  case testNetwork
  /// Do a transaction; `earlier` is what the ledger has under its reference, `original` the record
  /// of the one it follows.
  case transact(TransactionRequest, earlier: TransactionRow?, original: LiveRecord?)
  /// Give up what is being asked of the cardholder.
  case cancel
  /// Go into service.
  case commission
  /// Send what is owed to the acquirer now.
  case sendQueue
  /// A person has settled with the acquirer what it does not take: it leaves the queue, and stays
  /// in sight.
  case park(reference: String, record: LiveRecord?)
  /// Put what was parked back into the queue.
  case unpark(reference: String, record: LiveRecord?)
  /// A person has settled by hand what was parked: it is never sent again, and stays in sight.
  case close(reference: String, record: LiveRecord?, Closing)
  /// Close the batch.
  case settle
  /// Fetch new keys from the acquirer.
  case signIn
  /// Leave the acquirer until the next sign-in.
  case signOff
  /// Download this from the acquirer now.
  case download(DownloadSet)
  /// Load a key into the PIN pad; the block can be opened by the pad alone.
  case loadPadKey(PadKeyPlace, block: [UInt8])
  /// Use this set of the PIN pad's DUKPT keys.
  case selectPadSet(PadKeySet)
  /// Print the receipt of this transaction again.
  case reprint(reference: String, row: TransactionRow?)
  /// Print the slip of this batch again, or of the one that was closed last.
  case reprintSlip(batch: UInt32?)
  /// Print the page by which a technician judges the printer.
  case testPrinter
  /// Have the printer keep the logo.
  case storeLogo
}

/// What is told while a request runs.
public enum Progress: UInt8, Hashable, Sendable, CaseIterable {
  /// A reversal is being delivered first.
  case clearingReversals
  /// The cardholder is asked to swipe or insert the card.
  case presentCard
  /// The card could not be read: again, please.
  case swipeAgain
  /// The cardholder is asked for the PIN.
  case enterPIN
  /// The acquirer is being asked.
  case askingAcquirer
  /// The receipt is being printed.
  case printing
  /// The acquirer or server is being tried.
  case probing
  /// The cardholder is asked to insert the card.
  case insertCard
  /// The chip is being read; the card stays where it is.
  case readingChip
  /// The chip does not work; its card may be swiped.
  case swipeInstead
  /// The cardholder is asked to swipe the card.
  case swipeCard
  /// The card that was swiped has a chip: it belongs into the slot.
  case insertInstead
  /// The card is not needed any more, or is that of an earlier transaction.
  case removeCard

  /// For people.
  public var text: String {
    switch self {
    case .clearingReversals: "sending a reversal first"
    case .presentCard: "swipe or insert card / 请刷卡或插卡"
    case .swipeAgain: "not read, swipe again / 请重新刷卡"
    case .enterPIN: "enter PIN / 请输入密码"
    case .askingAcquirer: "asking the acquirer / 正在联网"
    case .printing: "printing / 正在打印"
    case .probing: "trying the connection"
    case .insertCard: "insert card / 请插卡"
    case .readingChip: "reading the chip, leave the card / 正在读卡，请勿拔卡"
    case .swipeInstead: "the chip does not work, swipe card / 芯片无法读取，请刷卡"
    case .swipeCard: "swipe card / 请刷卡"
    case .insertInstead: "the card has a chip, insert it / 该卡有芯片，请插卡"
    case .removeCard: "take the card out / 请取卡"
    }
  }
}

/// How a request ended.
public enum ControlAnswer: Hashable, Sendable {
  /// It was done.
  case done
  /// The batch is closed, and came to this.
  case settled(ClosedBatch)
  /// It was not, and why.
  case refused(Problem)
  /// The transaction has this end; `problem` says why it has no better one.
  case transaction(TransactionRow, problem: Problem?)
}

/// Where the acquirer is reached; kept in the journal once committed.
public struct NetworkSettings: Hashable, Sendable {
  /// The acquirer's host.
  public var acquirer: Endpoint
  /// Where the acquirer is reached when that host cannot be connected to.
  public var backup: Endpoint?

  /// Settings.
  public init(acquirer: Endpoint, backup: Endpoint? = nil) {
    self.acquirer = acquirer
    self.backup = backup
  }
}
