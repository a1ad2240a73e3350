// SPDX-License-Identifier: Apache-2.0

public import Clockwork
public import Devices
public import PaymentCrypto
public import Receipts
public import Wire

/// What does not change while the program runs.
public struct TerminalSettings: Hashable, Sendable {
  /// The terminal's serial number, printable ASCII.
  public var serial: String
  /// How the acquirer is spoken to.
  public var dialect: Dialect
  /// The rules of a transaction.
  public var terms: TransactionTerms
  /// Whether a reversal that is owed keeps new money from moving.
  public var reversalsBlock = true
  /// The slot of the PIN pad's master key, where PIN keys come with a sign-in.
  public var pinSlot: PadSlotID?
  /// What the account numbers of the acquirer's own organisation begin with; nothing means all.
  public var domesticPrefixes: [[UInt8]] = []
  /// Whether money is given back for a sale that this terminal does not have.
  public var allowsUnlinkedRefunds = false
  /// What the terminal may approve by itself; nil for nothing.
  public var offline: OfflineLimits?
  /// How often an advice is sent from the queue in vain before it is parked; 0 for ever.
  public var adviceTries: UInt32 = 0
  /// How many transactions a batch may have before it must be closed.
  public var batchLimit: UInt32 = 300
  /// Whether a slip is printed when a batch is closed.
  public var printsSettlementSlips = true
  /// What it takes to read chip cards: one or none.
  private var chips: [ChipRules] = []
  /// What it takes to read chip cards; nil where none are read.
  public var chip: ChipRules? {
    get { chips.first }
    set { chips = newValue.map { [$0] } ?? [] }
  }
  /// What must have been downloaded from the acquirer before anything is sold.
  public var requiredDownloads: [DownloadSet] = []
  /// How slips are laid out.
  public var slips = Slips.builtIn()
  /// Why the terminal's own templates are not those, with code and place; empty when they are.
  public var refusedTemplates = ""
  /// The logo above the papers, which the printer keeps: one or none.
  public var logos: [Raster] = []
  /// Why the terminal's own logo cannot be used, with code and place; empty when it can.
  public var refusedLogo = ""
  /// Columns of the printer.
  public var columns: Int
  /// How the acquirer wants its connections kept.
  public var link: LinkRules
  /// How long a connection to the acquirer may take.
  public var connectLimit: Interval
  /// How long the acquirer may take to answer, until parameters say otherwise.
  public var answerLimit: Interval
  /// The pauses between attempts to deliver a reversal.
  public var reversalPauses: [Interval]
  /// The pause between two questions about the application's review.
  public var reviewPause: Interval
  /// What response codes mean.
  public var responses: Responses
  /// The keys that live in the terminal.
  public var keys: TerminalKeys

  /// Settings.
  public init(
    serial: String, dialect: Dialect, terms: TransactionTerms, columns: Int, connectLimit: Interval,
    answerLimit: Interval, reversalPauses: [Interval], reviewPause: Interval,
    responses: Responses, keys: TerminalKeys, link: LinkRules = LinkRules()
  ) {
    self.serial = serial
    self.dialect = dialect
    self.terms = terms
    self.columns = columns
    self.link = link
    self.connectLimit = connectLimit
    self.answerLimit = answerLimit
    self.reversalPauses = reversalPauses
    self.reviewPause = reviewPause
    self.responses = responses
    self.keys = keys
  }
}

extension TerminalSettings {
  /// Whether a card is of another organisation than the acquirer's own.
  func isForeign(_ pan: PAN) -> Bool {
    !domesticPrefixes.isEmpty && !domesticPrefixes.contains { pan.exposed.starts(with: $0) }
  }
}

/// What a terminal may approve by itself, of its acquirer's profile; nobody who asks can raise it.
public struct OfflineLimits: Hashable, Sendable {
  /// The largest of them.
  public var floor: Amount
  /// How many may wait to be told.
  public var count: UInt32
  /// What they may come to, minor units.
  public var sum: UInt64
  /// For how many days the oldest may wait; nil for any.
  public var days: UInt32?

  /// Limits.
  public init(floor: Amount, count: UInt32, sum: UInt64, days: UInt32?) {
    self.floor = floor
    self.count = count
    self.sum = sum
    self.days = days
  }
}

/// Which limit keeps a terminal from approving by itself.
public enum OfflineFlaw: UInt8, Hashable, Sendable, CaseIterable {
  /// The acquirer allows none.
  case never
  /// The amount is too large.
  case amount
  /// Too many wait already.
  case count
  /// What waits comes to too much.
  case sum
  /// The oldest waits for too long.
  case age

  /// For people.
  public var text: String {
    switch self {
    case .never: "the acquirer allows none"
    case .amount: "above the floor limit"
    case .count: "too many are not delivered yet"
    case .sum: "too much money is not delivered yet"
    case .age: "the oldest was not delivered for too long"
    }
  }
}

/// The keys that live in the terminal.
public struct TerminalKeys: Hashable, Sendable {
  /// Seals card data at rest.
  public var seal: SealKey
  /// Unwraps the keys that the management server sends.
  public var transport: KeyEncryptionKey
  /// The PIN pad's master key, where the acquirer's PIN key is of triple DES and its others of SM4:
  /// a PIN key whose check value nobody looks at would make every PIN a wrong one.
  public var padMaster: KeyEncryptionKey?
  /// Keys the fingerprints of account numbers.
  public var fingerprint: SecretBytes

  /// Keys.
  public init(seal: SealKey, transport: KeyEncryptionKey, fingerprint: SecretBytes) {
    self.seal = seal
    self.transport = transport
    self.fingerprint = fingerprint
  }
}
