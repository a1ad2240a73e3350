// SPDX-License-Identifier: Apache-2.0

public import Clockwork
import Glibc
import Logging
import SlotFiles
public import Updates

//                     ┌─ list, recovery ──▶ MetadataClient, Download ─┐
//   UpdateMachine ────┼─ fetch ───────────▶ BundleDownload ───────────┼──▶ events
//        ▲            ├─ verify, install ─▶ in pieces, turn by turn ──┤
//        │            ├─ trial, commit … ─▶ the slots ────────────────┤
//        │            └─ own half, host ──▶ the house ────────────────┘
//        └── clock, gates, wishes of people
//
// The machine decides; this is its hands. It lives beside the firmware and not in it, so that safe
// mode, which has no firmware, has the same one.

/// Updates of the running program.
public final class UpdateDesk: PollSource {
  /// What a program ends with that wants to be started anew by its supervisor.
  public static let restartCode = Supervisor.restartCode
  /// Before this moment no clock of a terminal is right: 2026-01-01.
  static let earliest: Int64 = 1_767_225_600
  /// How often power and window are looked at while they decide something; of the terminal itself
  /// each change is told.
  private static let gatePause = Interval.seconds(60)
  /// How soon the host is asked again when the terminal itself was busy.
  private static let hostPause = Interval.seconds(2)
  /// How soon an engine that has not said what runs is asked again.
  private static let openPause = Interval.seconds(5)
  /// While somebody pays, the bundle waits.
  private static let courtesy = Interval.milliseconds(200)

  let log = Logger(label: "update")
  let settings: UpdateSettings
  let transfers: Transfers
  let store: UpdateStore
  let slots: (any SlotEngine)?
  /// Whether it has said what runs.
  private(set) var isOpen = false
  private var openIsDue: Instant?
  /// How long it has for that before a trial is given up.
  private var openUntil: Instant?
  unowned let house: any UpdateHouse
  private(set) var machine: UpdateMachine

  /// Where the management server has a say in which version it is.
  private let wishes: ManagementWish?

  // What is under way, each one or none.
  var client: MetadataClient
  var document: Download?
  /// Whose metadata is being asked for.
  var listedMirror = 0
  var transfer: BundleDownload?
  /// What the last transfer says of a bundle that came in one piece.
  private var streamed: Bool?
  private var check: BundleCheck?
  var copy: (work: OfferCopy, recovery: [UInt8]?)?
  private var restartIsDue = false
  private var hostIsDue: Instant?
  /// Whether the last file that was brought could not be read or kept.
  var offerFailed = false
  /// Until when the present notice runs.
  private(set) var noticeEnds: Instant?
  private(set) var noticeMinutes: Int64 = 0
  private var events: [UpdateMachine.Event] = []
  private var isFollowing = false
  private let isSafe: Bool
  /// What was out of order when it was asked last, of what costs too much to be asked at each
  /// change.
  private var slowAiling = Organs.none
  private var wasSelling = false

  /// Where the trusted metadata lies.
  public static func metadataFolder(state: String) -> String { state + "/updates/metadata" }

  /// The updates of this terminal, with the management server that may be asked and a folder that a
  /// start of the machine empties; nil where the state folder takes none of it.
  public init?(
    _ settings: UpdateSettings, serial: String, state: String, run: String, transfers: Transfers,
    house: any UpdateHouse, management: HTTPClient.Settings?
  ) {
    guard let store = UpdateStore(state: state) else { return nil }
    self.settings = settings
    self.transfers = transfers
    self.store = store
    self.house = house
    // Without one it is safe mode, which has no management server.
    isSafe = management == nil
    wishes =
      settings.asksManagement
      ? management.map { ManagementWish($0, serial: serial, transfers: transfers) } : nil
    switch settings.engine {
    case .folders: slots = FolderSlots()
    case .rauc(let settings): slots = RAUCEngine(settings, folder: store.folder, run: run)
    }
    client = MetadataClient(anchor: .embedded(settings.root))
    machine = UpdateMachine.recovered(
      from: store.record, policy: settings.policy, board: ByteString(settings.board),
      format: slots?.format ?? .directory, ring: ReleaseRing(serial: ByteString(serial)),
      keys: settings.recoveryKeys)
  }

  /// The program runs; what is on trial begins to prove itself.
  public func start() {
    slots?.onProgress = { [weak self] progress in self?.installed(progress) }
    openUntil = SystemClock.now + settings.policy.ownHalf
    open()
  }

  private func open() {
    guard let slots else { return begin() }
    slots.open { [weak self] isOpen in
      guard let self else { return }
      if isOpen { return begin() }
      openIsDue = SystemClock.now + UpdateDesk.openPause
      fallBackWhereUnseen(slots)
    }
  }

  /// A version with which whoever keeps the slots does not work can neither stay nor be marked bad:
  /// the machine is started until the boot chooser has had enough of it.
  private func fallBackWhereUnseen(_ slots: any SlotEngine) {
    guard let until = openUntil, until <= SystemClock.now, !house.gates.isSelling else { return }
    openUntil = nil
    if !slots.mayFallBack() { return }
    log.error("nobody says which slot runs: starting anew, until the version before is back")
    house.restart()
  }

  private func begin() {
    isOpen = slots != nil
    let start = UpdateMachine.Start(
      boot: slots?.boot, running: slots?.running ?? .a, version: slots?.version ?? .none,
      isSafe: isSafe)
    tell(.started(start))
    dropStrayOffer()
  }

  /// What waits for somebody else, for the loop.
  public var source: (any PollSource)? { slots?.source }

  // MARK: The loop

  /// What it waits for is in `Transfers`.
  public var interests: [PollInterest] { [] }
  /// Never happens.
  public func ready(_ descriptor: Int32, _ events: Int16) {}

  /// At once while a bundle is worked on, and not before a sale has ended.
  public var deadline: Instant? {
    var moment = earlier(hostIsDue, openIsDue)
    if hasWork { moment = earlier(moment, workMoment) }
    // While a file is looked at, what waits waits: one of the two will be it.
    if isLookingAtFile { return moment }
    moment = earlier(moment, machine.deadline)
    if machine.isHeldByGates {
      moment = earlier(moment, lastGates + UpdateDesk.gatePause)
    }
    return moment
  }

  private var lastGates = Instant.start
  private var lastStep = Instant.start

  /// Whether a file that somebody has brought is being looked at.
  var isLookingAtFile: Bool { copy != nil }

  private var hasWork: Bool { check != nil || copy != nil || slots?.hasWork == true }

  private var workMoment: Instant {
    house.gates.isSelling ? lastStep + UpdateDesk.courtesy : .start
  }

  /// A piece of work, or a moment that has come.
  public func wake(at now: Instant) {
    if hasWork, workMoment <= now {
      lastStep = now
      work()
    }
    if let due = openIsDue, due <= now {
      openIsDue = nil
      open()
    }
    if let due = hostIsDue, due <= now {
      hostIsDue = nil
      house.testHost()
    }
    if isLookingAtFile { return }
    if machine.isHeldByGates, lastGates + UpdateDesk.gatePause <= now { readGates() }
    if let due = machine.deadline, due <= now { tell(.deadlinePassed) }
  }

  private func work() {
    if let verdict = check?.step() {
      check = nil
      tell(verdict)
    }
    if let copy, let end = copy.work.step() { offered(end, copy.recovery) }
    slots?.step()
  }

  private func installed(_ progress: SlotProgress) {
    switch progress {
    case .under(let permille): tell(.installing(permille: permille))
    case .done: tell(.installed)
    case .failed(let fault): tell(.notInstalled(fault))
    }
  }

  // MARK: The machine

  /// Hands an event to the machine and does what follows; events that come meanwhile wait.
  func tell(_ event: UpdateMachine.Event) {
    events.append(event)
    if isFollowing { return }
    isFollowing = true
    var next = 0
    while next < events.count {
      let event = events[next]
      next += 1
      let now = SystemClock.now
      _ = machine.handle(.clockRead(clock), at: now)
      if event.asksSlowly {
        slowAiling = house.failingOrgans(isQuick: false).without(
          house.failingOrgans(isQuick: true))
      }
      // What decides whether the terminal may be interrupted is how it is now.
      if event.judgesGates {
        lastGates = now
        for effect in machine.handle(.gatesRead(wholeGates), at: now) { perform(effect, at: now) }
      }
      for effect in machine.handle(event, at: now) { perform(effect, at: now) }
    }
    events.removeAll()
    isFollowing = false
    house.updateMayHaveChanged()
  }

  /// The moment; nil where the clock cannot be believed.
  var clock: UTCTime? {
    let seconds = SystemClock.unixMilliseconds / 1_000
    return seconds < UpdateDesk.earliest ? nil : UTCTime(seconds: seconds)
  }

  private func perform(_ effect: UpdateMachine.Effect, at now: Instant) {
    switch effect {
    case .list(let mirror): askManagement(then: mirror)
    case .seekRecovery(let mirror): seekRecovery(mirror)
    case .store(let record): tell(store.store(record) ? .stored : .notStored)
    case .measureRoom: tell(.roomRead(store.room))
    case .fetch(let order): fetch(order)
    case .stopFetching:
      transfer?.cancel()
      transfer = nil
    case .discard:
      streamed = nil
      check = nil
      store.discard()
    case .verify(let target):
      // What was compared as it came is not read once more: the slot is written from the file, and
      // compared to the last byte again.
      if let streamed {
        self.streamed = nil
        return tell(.verified(streamed))
      }
      check = BundleCheck(store.bundle, target)
      if check == nil { tell(.bundleLost) }
    case .announce(let notice): announce(notice, at: now)
    case .withdraw: noticeEnds = nil
    case .install(let order): install(order)
    case .beginTrial: beginTrial()
    case .restart:
      noticeEnds = nil
      restart()
    case .testOwnHalf: tell(.ownHalfEnded(house.failingOrgans(isQuick: false)))
    case .testWorldHalf: house.testHost()
    case .pass: slots?.pass { [weak self] in self?.saved($0) }
    case .commit:
      log.notice("the new version stays")
      slots?.commit { [weak self] in self?.saved($0) }
    case .revert(let failure):
      log.error("the new version is given up", metadata: ["why": "\(failure.code)"])
      slots?.revert(failure) { [weak self] in self?.saved($0) }
    case .told(let problem):
      log.warning(
        "problem", metadata: ["code": "\(problem.code)", "evidence": "\(problem.evidence)"])
    }
  }

  private func saved(_ isSaved: Bool) { tell(isSaved ? .saved : .notSaved) }

  // MARK: Hands

  /// Whatever the server says or does not say, the look follows.
  private func askManagement(then mirror: Int) {
    guard let wishes else { return list(mirror) }
    wishes.ask(report) { [weak self] wish in
      if let wish { self?.tell(wish) }
      self?.list(mirror)
    }
  }

  private func fetch(_ order: UpdateFetch) {
    let mirror = settings.mirrors[order.mirror % settings.mirrors.count]
    let url = mirror + "targets/" + String(decoding: order.location.bytes, as: UTF8.self)
    let download = BundleDownload(
      transfers, url: url, into: store.bundle, length: order.length, rate: order.rate,
      authorityFile: settings.authorityFile, target: machine.offer?.target)
    download.onProgress = { [weak self] count in self?.tell(.arrived(count)) }
    download.onEnd = { [weak self] end, count in
      guard let self else { return }
      if transfer?.isUnverified == true { log.warning("the mirror's certificate was not taken") }
      streamed = transfer?.isSigned
      transfer = nil
      tell(.transferEnded(end, bytes: count))
    }
    transfer = download
    download.start()
  }

  private func announce(_ notice: UpdateNotice, at now: Instant) {
    noticeEnds = now + .seconds(notice.inSeconds)
    noticeMinutes = notice.minutes
    log.notice(
      "update announced",
      metadata: ["version": "\(notice.version)", "seconds": "\(notice.inSeconds)"])
  }

  private func install(_ order: InstallOrder) {
    noticeEnds = nil
    let isFile = machine.offer?.isFile == true
    guard let slots else { return tell(.notInstalled(.disk(.absent))) }
    let path = isFile ? store.offer : store.bundle
    slots.begin(order, path, isSafe: isSafe)
  }

  /// The gates are read at this very moment: the till may have begun since they were told.
  private func beginTrial() {
    let gates = wholeGates
    guard let slots, !gates.isSelling, !gates.owesReceipt else { return tell(.trialNotBegun) }
    slots.beginTrial { [weak self] isBegun in self?.tell(isBegun ? .trialBegun : .trialNotBegun) }
  }

  /// Not in the midst of a sale, whoever wants it: the switch is on the disk and waits for its end,
  /// which `gatesMayHaveChanged` tells.
  private func restart() {
    let gates = wholeGates
    _ = machine.handle(.gatesRead(gates), at: SystemClock.now)
    // Of a new version, nor with what a sale has left that began while the switch was being made.
    let isTrial = slots?.boot?.trial?.phase == .switching
    restartIsDue = gates.isSelling || isTrial && machine.leavesBusiness(at: SystemClock.now)
    if restartIsDue { return }
    log.notice("starting anew")
    house.restart()
  }

  // MARK: The house

  /// Something of the terminal has changed.
  public func gatesMayHaveChanged() {
    if restartIsDue { return restart() }
    if isFollowing || isLookingAtFile || !machine.isHeldByGates { return }
    // A sale has many changes, of which its beginning and its end decide.
    let isSelling = house.gates.isSelling
    if isSelling, wasSelling { return }
    wasSelling = isSelling
    readGates()
  }

  private func readGates() {
    lastGates = SystemClock.now
    tell(.gatesRead(wholeGates))
  }

  private var wholeGates: Gates {
    var gates = house.gates
    gates.ailing = house.failingOrgans(isQuick: true).joined(with: slowAiling)
    gates.hasPower = PowerSupply.isEnough()
    let minutes =
      SystemClock.unixMilliseconds / 60_000 + Int64(SystemClock.offsetMinutes)
    gates.isWindowOpen = clock == nil || settings.window.contains(Int(minutes % 1_440))
    return gates
  }

  /// The host was asked; nil when the terminal was too busy to ask it.
  public func hostTested(_ half: UpdateMachine.WorldHalf?) {
    guard let half else {
      hostIsDue = SystemClock.now + UpdateDesk.hostPause
      return
    }
    tell(.worldHalfEnded(half))
  }
}
