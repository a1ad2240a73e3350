// SPDX-License-Identifier: Apache-2.0

public import Clockwork
public import Updates
import Wire

//   install ─▶ look ─▶ Info: as signed? ─▶ InstallBundle ─▶ Progress… ─▶ Completed(0)
//               │                                              ▲            │
//               └ one goes on already: it is waited for ───────┘            │
//                                                                           │
//   installed(slot) ◀─ as ordered, not running ◀─ GetSlotStatus ◀─ GetPrimary
//
//   no answer, silence, Completed(1), another content ─▶ look ─▶ notInstalled
//
//   look: Properties, GetPrimary: does one go on? Is what runs primary? Else it is marked active
//   and the other one bad.

/// Slots that RAUC keeps, over D-Bus in the program's own loop. TUF decides which bundle is current
/// and that the file is genuine; RAUC decides where it goes and that it is whole there.
public final class RAUCSlots: PollSource {
  private struct Installation {
    /// Answers to one that was given up are not taken for answers to the next.
    let number: UInt64
    let path: String
    let ordered: SlotExpectations
    let isFileVerified: Bool
    /// Whether progress counts: looking into a bundle has one of its own.
    var isAsked = false
    /// Whether `Completed` counts: before RAUC's word that it has begun, it is somebody else's.
    var isRunning = false
    var lastError = ""
    /// When it is looked for.
    var deadline: Instant?

    /// Whether this is what was ordered. RAUC before 1.10 does not say of which manifest a slot is.
    func holds(_ slot: SlotStatus) -> Bool {
      let isOrdered =
        slot.bundleHash.isEmpty ? isFileVerified : slot.bundleHash == ordered.release.manifestHash
      return isOrdered && ReleaseVersion(slot.version) == ordered.release.version
    }
  }

  /// What a look has found.
  private enum Look {
    /// RAUC installs something.
    case goesOn
    /// It does not, and what runs is what starts next.
    case atRest
    /// Nobody knows, or the switch was not taken back.
    case unknown(RAUCFault)
  }

  private typealias Then = (RAUCSlots, Result<RAUCMessage, RAUCFault>) -> Void

  /// RAUC 1.14 and later know this option of `InstallBundle`.
  private static let demand = "require-manifest-hash"
  /// What the ones before say of it, in service.c.
  private static let unknown = "Unsupported key: require-manifest-hash"

  /// Called with each event, never while a method of this class runs but `ready` and `wake`.
  public var onEvent: (RAUCEvent) -> Void = { _ in }
  private let address: String?
  private let patience: Patience
  private var bus: RAUCBus?
  private var events: [RAUCEvent] = []
  private var installation: Installation?
  private var installations: UInt64 = 0

  /// Slots behind the bus of this address, without one behind the system's bus. Connects when it is
  /// asked for something.
  public init(address: String? = nil, patience: Patience = Patience()) {
    self.address = address
    self.patience = patience
  }

  /// Whether an installation is under way.
  public var isInstalling: Bool { installation != nil }

  // MARK: What may be asked

  /// Asks what is where: `slots` or `refused` follows.
  public func askStatus() {
    call("GetSlotStatus") { slots, answer in
      slots.finish(answer) { message in message.slots().map { .slots($0) } }
    }
  }

  /// Asks which slot is started next: `primary` or `refused` follows.
  public func askPrimary() {
    call("GetPrimary") { slots, answer in
      slots.finish(answer) { message in message.text().map { .primary(ByteString($0)) } }
    }
  }

  /// Marks a slot, by RAUC's name or as `booted` or `other`: `marked` or `refused` follows.
  public func mark(_ mark: SlotMark, _ slot: String) {
    call("Mark", [mark.raucWord, slot]) { slots, answer in
      slots.finish(answer) { message in message.text().map { .marked(ByteString($0)) } }
    }
  }

  /// Installs a file, which must stay closed meanwhile, to the slot that is not running: events of
  /// progress and then `installed` or `notInstalled` follow. `isFileVerified` says that the whole
  /// file was compared with what was signed; without it RAUC itself must compare the manifest, or
  /// nothing is installed. An installation that RAUC is busy with already is not begun again: it is
  /// waited for, and judged as if it had been ordered here. False, and nothing happens, while one
  /// that was ordered here is under way.
  public func install(_ path: String, _ ordered: SlotExpectations, isFileVerified: Bool) -> Bool {
    if installation != nil { return false }
    installations += 1
    installation = Installation(
      number: installations, path: path, ordered: ordered, isFileVerified: isFileVerified)
    look { slots, found in
      switch found {
      case .goesOn: slots.goOn()
      case .atRest: slots.step("Info", [path]) { slots, answer in slots.inspected(answer) }
      case .unknown(let fault): slots.end(fault.installFault, fault.text, startsWhatRuns: false)
      }
    }
    return true
  }

  // MARK: PollSource

  /// The bus.
  public var interests: [PollInterest] { bus?.interests ?? [] }

  /// The bus's moment, or the end of patience; at once where something waits to be told.
  public var deadline: Instant? {
    events.isEmpty ? earlier(bus?.deadline, installation?.deadline) : SystemClock.now
  }

  /// Serves the bus.
  public func ready(_ descriptor: Int32, _ events: Int16) { serve() }

  /// Serves the bus.
  public func wake(at now: Instant) {
    if let limit = installation?.deadline, limit <= now { settle(.tooSlow) }
    serve()
  }

  private func serve() {
    if let bus, !bus.process() {
      // The next question connects again: RAUC may be well, and be installing.
      self.bus = nil
      bus.giveUp()
      if installation?.isRunning == true { settle(.lost) }
    }
    // Told behind the bus's own calls, so that whoever is told may do what he likes.
    let told = events
    events = []
    told.forEach { onEvent($0) }
  }

  // MARK: An installation

  private func inspected(_ answer: Result<RAUCMessage, RAUCFault>) {
    guard let installation else { return }
    switch answer {
    case .failure(let fault): refuse(fault)
    case .success(let message):
      guard let compatible = message.text(), let version = message.text() else {
        return refuse(.malformed)
      }
      let release = installation.ordered.release
      guard ByteString(compatible) == release.compatible,
        ReleaseVersion(ByteString(version)) == release.version
      else { return end(.otherContent, "\(version) for \(compatible)", startsWhatRuns: true) }
      // RAUC demands no manifest of a plain bundle; where the file is verified, all of it is bound.
      start(isDemanding: !installation.isFileVerified || release.format != .plain)
    }
  }

  private func start(isDemanding: Bool) {
    guard let installation else { return }
    self.installation?.isAsked = true
    let hash = Hex.text(installation.ordered.release.manifestHash).lowercased()
    let options = isDemanding ? [(RAUCSlots.demand, hash)] : []
    step("InstallBundle", [installation.path], options: options) { slots, answer in
      slots.started(answer, isDemanding: isDemanding)
    }
  }

  private func started(_ answer: Result<RAUCMessage, RAUCFault>, isDemanding: Bool) {
    guard let installation else { return }
    switch answer {
    case .success:
      goOn()
    case .failure(.refused(RAUCSlots.unknown)) where isDemanding && installation.isFileVerified:
      // It has begun nothing.
      start(isDemanding: false)
    case .failure(.refused(let text)):
      // It may be busy with an installation, and this one was not begun in any case.
      settle(.refused(text))
    case .failure(let fault):
      settle(fault)
    }
  }

  private func goOn() {
    installation?.isAsked = true
    installation?.isRunning = true
    installation?.deadline = SystemClock.now + patience.silence
  }

  private func take(_ signal: RAUCBus.Signal) {
    guard let running = installation else { return }
    switch signal {
    case .gone:
      if running.isRunning { settle(.lost) }
    case .progress(let percent, let text):
      if running.isRunning { goOn() }
      if !running.isAsked { return }
      events.append(.progress(percent: percent, text))
    case .lastError(let text):
      installation?.lastError = text
    case .completed(let code):
      if !running.isRunning { return }
      if code != 0 { return settle(.failed(code: code, running.lastError)) }
      rest()
      step("GetPrimary") { slots, answer in slots.switched(answer) }
    }
  }

  private func switched(_ answer: Result<RAUCMessage, RAUCFault>) {
    switch answer {
    case .failure(let fault): settle(fault)
    case .success(let message):
      guard let primary = message.text() else { return settle(.malformed) }
      step("GetSlotStatus") { slots, answer in slots.confirmed(answer, ByteString(primary)) }
    }
  }

  /// What is there is what was ordered, whatever happened to the file since it was looked at.
  private func confirmed(_ answer: Result<RAUCMessage, RAUCFault>, _ primary: ByteString) {
    guard let installation else { return }
    switch answer {
    case .failure(let fault): settle(fault)
    case .success(let message):
      guard let slots = message.slots() else { return settle(.malformed) }
      let slot = slots.first { $0.name == primary }
      guard let slot, slot.role != .booted, installation.holds(slot) else {
        let version = slot?.version.description ?? ""
        return settle(.otherContent, "\(version) is in \(primary)")
      }
      self.installation = nil
      events.append(.installed(slot))
    }
  }

  // MARK: Ends

  private func rest() {
    installation?.isRunning = false
    installation?.deadline = nil
  }

  /// RAUC has begun nothing.
  private func refuse(_ fault: RAUCFault) {
    end(fault.installFault, fault.text, startsWhatRuns: true)
  }

  private func settle(_ fault: RAUCFault) { settle(fault.installFault, fault.text) }

  /// It has not come to a good end, if it has come to one: RAUC may be writing still, and it may
  /// have switched already.
  private func settle(_ fault: InstallFault, _ text: String) {
    rest()
    look { slots, found in
      switch found {
      case .goesOn: slots.goOn()
      case .atRest: slots.end(fault, text, startsWhatRuns: true)
      case .unknown: slots.end(fault, text, startsWhatRuns: false)
      }
    }
  }

  private func end(_ fault: InstallFault, _ text: String, startsWhatRuns: Bool) {
    if installation == nil { return }
    installation = nil
    let failure = RAUCFailure(fault: fault, text: text, startsWhatRuns: startsWhatRuns)
    events.append(.notInstalled(failure))
  }

  // MARK: Looks

  private func look(_ then: @escaping (RAUCSlots, Look) -> Void) {
    connect()
    guard let bus else { return then(self, .unknown(.absent)) }
    let number = installation?.number
    bus.readProperties { [weak self] answer in
      guard let self, installation?.number == number else { return }
      switch answer {
      case .failure(let fault): then(self, .unknown(fault))
      case .success(let message):
        let properties = RAUCProperties(message.dictionary() ?? [])
        if properties.isInstalling { return then(self, .goesOn) }
        findPrimary(properties, then)
      }
    }
  }

  /// RAUC 1.8 says that it is idle while it writes, once it has refused a second call: it has not
  /// come to the end then, and answers nobody what is primary.
  private func findPrimary(
    _ properties: RAUCProperties, _ then: @escaping (RAUCSlots, Look) -> Void
  ) {
    step("GetPrimary") { slots, answer in
      switch answer {
      case .failure(.refused) where properties.isUnderWay: then(slots, .goesOn)
      case .failure(let fault): then(slots, .unknown(fault))
      case .success(let message):
        guard let primary = message.text() else { return then(slots, .unknown(.malformed)) }
        slots.keep(from: ByteString(primary), then)
      }
    }
  }

  /// What runs is what starts next, or is made so.
  private func keep(
    from primary: ByteString, _ then: @escaping (RAUCSlots, Look) -> Void
  ) {
    step("GetSlotStatus") { slots, answer in
      switch answer {
      case .failure(let fault): then(slots, .unknown(fault))
      case .success(let message):
        let booted = message.slots()?.first { $0.role == .booted }
        guard let booted else { return then(slots, .unknown(.malformed)) }
        if booted.name == primary { return then(slots, .atRest) }
        slots.takeBack(booted.name, then)
      }
    }
  }

  /// Nothing that was not signed is started next; the other slot is bad as well, for boot choosers
  /// that fall over to it. The engine's word for it counts, and what it says is primary afterwards.
  private func takeBack(
    _ booted: ByteString, _ then: @escaping (RAUCSlots, Look) -> Void
  ) {
    step("Mark", [SlotMark.active.raucWord, "booted"]) { slots, answer in
      if case .failure(let fault) = answer { return then(slots, .unknown(fault)) }
      slots.step("Mark", [SlotMark.bad.raucWord, "other"]) { slots, answer in
        if case .failure(let fault) = answer { return then(slots, .unknown(fault)) }
        slots.step("GetPrimary") { slots, answer in
          guard case .success(let message) = answer, let primary = message.text(),
            ByteString(primary) == booted
          else { return then(slots, .unknown(.malformed)) }
          then(slots, .atRest)
        }
      }
    }
  }

  // MARK: Calls

  /// A call that belongs to the installation under way.
  private func step(
    _ method: String, _ arguments: [String] = [], options: [(String, String)]? = nil,
    then: @escaping Then
  ) {
    let number = installation?.number
    call(method, arguments, options: options) { slots, answer in
      if slots.installation?.number == number { then(slots, answer) }
    }
  }

  private func call(
    _ method: String, _ arguments: [String] = [], options: [(String, String)]? = nil,
    then: @escaping Then
  ) {
    connect()
    guard let bus else { return then(self, .failure(.absent)) }
    bus.call(method, arguments, options: options) { [weak self] answer in
      if let self { then(self, answer) }
    }
  }

  private func connect() {
    if bus != nil { return }
    bus = RAUCBus(address: address, patience: patience.answer)
    bus?.onSignal = { [weak self] signal in self?.take(signal) }
  }

  private func finish(
    _ answer: Result<RAUCMessage, RAUCFault>, _ read: (RAUCMessage) -> RAUCEvent?
  ) {
    switch answer {
    case .failure(let fault): events.append(.refused(fault))
    case .success(let message): events.append(read(message) ?? .refused(.malformed))
    }
  }
}
