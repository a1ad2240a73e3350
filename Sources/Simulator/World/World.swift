// SPDX-License-Identifier: Apache-2.0

import Assembly
import Clockwork
import Devices
import TerminalCore
import Wire

//            weather
//               │
//   clerk ─▶ firmware ◀─▶ reader, printer, PIN pad
//              │  ▲
//           ledger └─▶ acquirer, management server
//
// Everything that happens is drawn from one seed: the same seed is the same history, to the byte.

/// A shop with a terminal, its customers, its acquirer and its weather.
public struct World: Sendable {
  /// How a world ended.
  public struct Report: Hashable, Sendable {
    /// The seed.
    public var seed: UInt64
    /// How many events were handled.
    public var events: UInt64
    /// The fingerprint of everything the firmware did and when.
    public var digest: UInt64
    /// Which faults were met.
    public var sightings: Sightings
    /// What a checker found, or nil.
    public var violation: Violation?
    /// Sales that were asked for.
    public var sales: UInt32
    /// Starts of the firmware.
    public var starts: UInt32

    /// One line about the world.
    public var line: String {
      let bytes = (0..<8).map { UInt8(truncatingIfNeeded: digest >> (56 - 8 * $0)) }
      var line = "seed " + String(seed) + "  digest " + Hex.text(bytes)
      line += "  events " + String(events) + "  sales " + String(sales)
      line += "  starts " + String(starts) + "  "
      if let violation {
        return line + "VIOLATED " + String(violation.invariant) + ": " + violation.text
      }
      return line + "well"
    }
  }

  let seed: UInt64
  let planted: PlantedFault?
  let wavering: UInt64
  var now = Instant.start
  var weatherDice: Dice
  var lifeDice: Dice
  var weather: Weather
  var queue = EventQueue<Happening>()
  var digest = Digest()
  var sightings = Sightings()
  var events: UInt64 = 0
  /// One line an event, while somebody wants to read them.
  public private(set) var story: [String] = []
  let tellsStory: Bool

  // The terminal.
  /// What it is told of its devices.
  var board: Board
  var firmware: Firmware?
  var start: UInt32 = 0
  var ledger = SimulatedLedger()
  var storageIsDownUntil = Instant.start
  var linkIsUp = [false, false, false]
  /// The lines to the devices, in the order of the ports.
  var lines = [DeviceLine(), DeviceLine(), DeviceLine()]

  // What surrounds it.
  /// Whether its reader has a slot for chips, and none for stripes.
  let readsChips: Bool
  var reader: ReaderModel
  var slot: ShopSlot
  var printer = PrinterModel()
  /// Which acquirer the shop has.
  let flavour: ShopFlavour
  var pad: PINPadModel
  var acquirer: AcquirerModel
  var impostor = AcquirerModel(keys: SimulatedShop.hostKeys, accounts: [])
  var management = ManagementModel(
    reviewTime: .seconds(8), parameters: SimulatedShop.parameters)
  var connection: UInt32 = 0
  /// The connection whose bytes are under way to the terminal, and until when.
  var wire: (connection: UInt32, busyUntil: Instant) = (0, .start)
  var isConnected = false
  /// What the acquirer has published for download, the newest last.
  var published: [HostDownloads]
  var setsSeen: [DownloadedSet] = []
  /// Requests that were sent long ago and arrive some time.
  var strays: UInt32 = 0
  /// Printed lines; an empty one is a cut.
  var paper: [String] = []
  var clerk: Clerk
  /// The people of a scenario; nil where dice decide what they do.
  var hands: Hands?
  var isStorm = true
  var leaks: [String] = []
  var salesAsked: UInt32 = 0
  /// Whether an intent is on disk whose request has not left yet.
  var unsentIntent = false
  /// How often session keys came.
  var signIns = 0
  /// The frame that the terminal heard last.
  var lastHeard: [UInt8] = []
  /// What the batches came to by the ledger when the terminal added them up.
  var expectations: [Expectation] = []

  /// What was approved here above its limits.
  var excesses: [String] = []

  /// How often an advice may be sent in vain.
  var adviceTries: UInt32 { seed % 3 == 0 ? 1 : 2 }

  /// Whether papers have a logo, which the printer keeps.
  var keepsLogo: Bool { seed % 8 == 7 }
  /// What the terminals may approve by themselves.
  static let offlineLimits = (floor: UInt64(6_000), count: UInt32(2), sum: UInt64(9_000))

  /// In so many seeds from 1 every fault and every rare happening is met.
  public static let seedsForAll = 400
  /// How long and how much a world may take; a world that needs more does not settle.
  static let eventLimit: UInt64 = 60_000
  static let stormLimit = Interval.minutes(120)
  static let clearLimit = Interval.minutes(60)

  /// The world of this seed.
  public init(
    seed: UInt64, planted: PlantedFault? = nil, wavering: UInt64 = 0, tellsStory: Bool = false
  ) {
    self.init(
      seed: seed, planted: planted, wavering: wavering, tellsStory: tellsStory,
      flavour: World.flavour(seed, planted), readsChips: World.readsChips(seed, planted))
  }

  /// Half of the shops have each dialect; what is planted into the wire speaks generic, which has
  /// no downloads.
  private static func flavour(_ seed: UInt64, _ planted: PlantedFault?) -> ShopFlavour {
    if planted == .downloadSwappedEarly || planted?.isOfChips == true { return .unionPay }
    let kinds: [ShopFlavour] = [.unionPaySM4, .unionPay, .unionPayTracks, .unionPay]
    return planted == nil && seed % 2 == 0 ? kinds[Int(seed / 2 % 4)] : .generic
  }

  init(
    seed: UInt64, planted: PlantedFault?, wavering: UInt64, tellsStory: Bool,
    flavour: ShopFlavour, readsChips: Bool
  ) {
    self.seed = seed
    self.planted = planted
    self.wavering = wavering
    self.tellsStory = tellsStory
    self.flavour = flavour
    self.readsChips = readsChips
    board = SimulatedShop.board(flavour)
    slot = readsChips ? ShopSlot(cards: SimulatedShop.cards, planted: planted) : ShopSlot()
    pad = SimulatedShop.pad(flavour)
    acquirer = SimulatedShop.acquirer(
      flavour, remembersEarlyReversals: planted != .earlyReversalsForgotten)
    if planted == nil, seed % 3 == 0 { acquirer.rules.greeting = SimulatedShop.greeting }
    published = [SimulatedShop.downloads(0, forChips: readsChips)]
    if readsChips {
      acquirer.issuer = SimulatedShop.cardIssuer
      acquirer.rules.downloads = published[0]
    }
    var dice = Dice(seed: seed)
    weatherDice = dice.fork()
    lifeDice = dice.fork()
    weather = Weather.storm(&weatherDice, withChips: readsChips)
    let packetBytes = [8, 64, 337][dice.below(3)]
    reader = ReaderModel(
      packetBytes: packetBytes, filling: dice.chance(1, in: 2) ? .zeros : .leftovers)
    // There are many commands at which a card can be pulled.
    let sales = readsChips ? dice.within(5...12) : dice.within(2...9)
    clerk = Clerk(sales: sales, place: dice.chance(1, in: 8) ? "nowhere" : "Shop 1")
  }

  /// Lets everything happen until the world has settled, and checks it.
  public mutating func run() -> Report {
    powerOn()
    queue.add(.clerk, at: now + .seconds(1))
    var clearSince = now
    while events < World.eventLimit {
      guard let moment = nextMoment else { break }
      now = max(now, moment)
      step(at: now)
      if isStorm, clerk.salesLeft <= 0 || now - .start > World.stormLimit {
        calm()
        clearSince = now
      }
      if !isStorm, hasSettled || now - clearSince > World.clearLimit { break }
    }
    lookAtEnd()
    return Report(
      seed: seed, events: events, digest: digest.value, sightings: sightings,
      violation: check(), sales: salesAsked, starts: start)
  }

  var nextMoment: Instant? {
    var moment = earlier(queue.next, firmware?.deadline)
    moment = earlier(moment, readsChips ? slot.deadline : reader.deadline)
    moment = earlier(moment, printer.deadline)
    moment = earlier(moment, pad.deadline)
    return earlier(moment, acquirer.deadline)
  }

  /// One event: what is due first; of several at one moment, always in the same order.
  mutating func step(at now: Instant) {
    events += 1
    if let due = firmware?.deadline, due <= now {
      tell(.deadlinePassed)
    } else if let due = reader.deadline, due <= now {
      perform(reader.handle(.deadlinePassed, at: now))
    } else if let due = slot.deadline, due <= now {
      wakeSlot()
    } else if let due = printer.deadline, due <= now {
      perform(printer.handle(.deadlinePassed, at: now))
    } else if let due = pad.deadline, due <= now {
      perform(pad.handle(.deadlinePassed, at: now))
    } else if let due = acquirer.deadline, due <= now {
      perform(acquirer.handle(.deadlinePassed, at: now))
    } else if let happening = queue.take() {
      happen(happening)
    }
  }

  private mutating func happen(_ happening: Happening) {
    switch happening {
    case .firmware(let event, let start):
      if start == self.start { tell(event) }
    case .heard(let event, let connection): heard(event, connection: connection)
    case .strayRequest(let bytes): arrive(bytes)
    case .linkUp(let port, let start):
      if start == self.start { linkUp(port) }
    case .lateCommit(let entry, let start):
      if start == self.start { ledger.commit(entry) }
    case .reader(let event): perform(reader.handle(event, at: now))
    case .chipReader(let event): perform(slot.handle(event, at: now))
    case .cardInserted(let index): cardInserted(index)
    case .cardTaken: takeCard()
    case .printer(let event): perform(printer.handle(event, at: now))
    case .pad(let event): perform(pad.handle(event, at: now))
    case .acquirer(let event): perform(acquirer.handle(event, at: now))
    case .management(let event): perform(management.handle(event, at: now))
    case .powerOff(let start):
      if start == self.start { powerOff() }
    case .powerOn: powerOn()
    case .clerk: clerkActs()
    }
  }

  /// The firmware is told something and does what follows, until the power goes.
  mutating func tell(_ event: Firmware.Event) {
    // In its place: a copy of a whole terminal for each event would be most of a world's work.
    guard let effects = firmware?.handle(event, at: now) else { return }
    watchDownloads()
    if tellsStory { note("▶", event.told) }
    for effect in effects {
      if weather.strikes(.powerCut, &weatherDice) {
        sightings.note(.powerCut)
        powerOff()
        return
      }
      if tellsStory { note("◀", effect.told) }
      perform(effect)
      if firmware == nil { return }
    }
    startAnewIfDue()
  }

  mutating func note(_ arrow: String, _ text: String) {
    let milliseconds = now.microseconds / 1_000
    let digits = String(milliseconds)
    let padding = String(repeating: " ", count: max(0, 9 - digits.utf8.count))
    story.append(padding + digits + " ms  " + arrow + " " + text)
  }

  /// The storm is over: whoever can mend something mends it, and one more sale is made.
  private mutating func calm() {
    isStorm = false
    weather = .clear
    queue.add(readsChips ? .chipReader(.plugged) : .reader(.plugged), at: now + .seconds(1))
    slot.calm()
    queue.add(.printer(.powerOn), at: now + .seconds(1))
    queue.add(.printer(.paperLoaded), at: now + .seconds(2))
    queue.add(.printer(.coverClosed), at: now + .seconds(3))
    ledger.isFull = false
    storageIsDownUntil = now
    acquirer.rules.disputesTotals = false
  }

  /// Whether something still waits to be told, as what is unparked after the last batch is closed.
  private var hasQueued: Bool {
    ledger.rows.contains { $0.state == TransactionState.queued.name }
  }

  /// Whether nothing more is owed, nothing is being written or asked, and the last sale is made.
  private var hasSettled: Bool {
    guard let status = firmware?.terminal.status, clerk.finalSaleApproved,
      clerk.finalBatchClosed, firmware?.terminal.isQuiet == true
    else { return false }
    return status.reversals.isEmpty && status.receiptsOwed.isEmpty
      && status.receiptsDoubtful.isEmpty && status.slipsOwed.isEmpty
      && status.slipsDoubtful.isEmpty && status.state == .ready && clerk.question == nil
      && strays == 0 && !hasQueued
  }
}
