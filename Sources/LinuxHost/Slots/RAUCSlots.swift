// SPDX-License-Identifier: Apache-2.0

public import Clockwork

//   install ─▶ Info: board and version as signed? ─▶ InstallBundle ─▶ Progress… ─▶ Completed(0)
//                                                                                     │
//   installed(slot) ◀─ of this version, primary, not running ◀─ GetSlotStatus ◀─ GetPrimary
//                        └ else: what runs is marked active, the other one bad

/// Slots that RAUC keeps, over D-Bus in the program's own loop. TUF decides which bundle is current
/// and that the file is genuine; RAUC decides where it goes and that it is whole there.
public final class RAUCSlots: PollSource {
  /// An installation that is silent for so long does not end any more. RAUC 1.8 is silent while it
  /// writes an image.
  private static let patience = Interval.minutes(30)

  private struct Installation {
    /// Answers to one that was given up are not taken for answers to the next.
    let number: UInt64
    let path: String
    let expected: RAUCExpectations
    /// `Completed` counts only behind RAUC's word that it has begun: before, it is somebody else's.
    var isRunning = false
    var lastError = ""
    var deadline: Instant
  }

  /// Called with each event, never while a method of this class runs but `ready` and `wake`.
  public var onEvent: (RAUCEvent) -> Void = { _ in }
  private let address: String?
  private var bus: RAUCBus?
  private var events: [RAUCEvent] = []
  private var installation: Installation?
  private var installations: UInt64 = 0

  /// Slots behind the bus of this address, without one behind the system's bus. Connects when it is
  /// asked for something.
  public init(address: String? = nil) { self.address = address }

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
      slots.finish(answer) { message in message.text().map { .primary($0) } }
    }
  }

  /// Marks a slot, by RAUC's name or as `booted` or `other`: `marked` or `refused` follows.
  public func mark(_ mark: RAUCMark, _ slot: String) {
    call("Mark", [mark.rawValue, slot]) { slots, answer in
      slots.finish(answer) { message in message.text().map { .marked($0) } }
    }
  }

  /// Installs a file, which must stay closed meanwhile, to the slot that is not running: events of
  /// progress and then `installed` or `notInstalled` follow. False, and nothing happens, while an
  /// installation is under way.
  public func install(_ path: String, _ expected: RAUCExpectations) -> Bool {
    if installation != nil { return false }
    installations += 1
    installation = Installation(
      number: installations, path: path, expected: expected,
      deadline: SystemClock.now + RAUCSlots.patience)
    step("Info", [path]) { slots, answer in slots.inspected(answer) }
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
    if let limit = installation?.deadline, limit <= now { fail(.tooSlow) }
    serve()
  }

  private func serve() {
    if let bus, !bus.process() {
      // The next question connects again.
      self.bus = nil
      fail(.lost)
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
    case .failure(let fault):
      fail(fault)
    case .success(let message):
      guard let compatible = message.text(), let version = message.text() else {
        return fail(.malformed)
      }
      guard compatible == installation.expected.compatible,
        installation.expected.isVersion(version)
      else { return fail(.otherContent(compatible: compatible, version: version)) }
      start(demanding: installation.expected.manifestHash)
    }
  }

  private func start(demanding hash: String) {
    guard let path = installation?.path else { return }
    let options = hash.isEmpty ? [] : [(RAUCSlots.demand, hash)]
    step("InstallBundle", [path], options: options) { slots, answer in
      slots.started(answer, isDemanding: !hash.isEmpty)
    }
  }

  /// RAUC 1.14 and later; before, it says that it does not know the word, and has begun nothing.
  private static let demand = "require-manifest-hash"

  private func started(_ answer: Result<RAUCMessage, RAUCFault>, isDemanding: Bool) {
    switch answer {
    case .success:
      installation?.isRunning = true
    case .failure(.refused(let text)) where isDemanding && text.contains(RAUCSlots.demand):
      // The whole file was verified, so what it binds is bound already.
      start(demanding: "")
    case .failure(let fault):
      fail(fault)
    }
  }

  private func take(_ signal: RAUCBus.Signal) {
    switch signal {
    case .gone:
      fail(.lost)
    case .progress(let percent, let text):
      guard installation != nil else { return }
      installation?.deadline = SystemClock.now + RAUCSlots.patience
      events.append(.progress(percent: percent, text))
    case .lastError(let text):
      installation?.lastError = text
    case .completed(let code):
      guard let installation, installation.isRunning else { return }
      if code != 0 { return fail(.failed(code: code, installation.lastError)) }
      step("GetPrimary") { slots, answer in slots.switched(answer) }
    }
  }

  private func switched(_ answer: Result<RAUCMessage, RAUCFault>) {
    switch answer {
    case .failure(let fault):
      fail(fault)
    case .success(let message):
      guard let primary = message.text() else { return fail(.malformed) }
      step("GetSlotStatus") { slots, answer in slots.confirmed(answer, primary) }
    }
  }

  /// What is there is what was signed, whatever happened to the file since it was looked at.
  private func confirmed(_ answer: Result<RAUCMessage, RAUCFault>, _ primary: String) {
    guard let installation else { return }
    switch answer {
    case .failure(let fault):
      fail(fault)
    case .success(let message):
      guard let slots = message.slots() else { return fail(.malformed) }
      guard let slot = slots.first(where: { $0.name == primary }), slot.role != .booted,
        installation.expected.isVersion(slot.version)
      else {
        let version = slots.first { $0.name == primary }?.version ?? ""
        return takeBack(.otherContent(compatible: "", version: version))
      }
      self.installation = nil
      events.append(.installed(slot))
    }
  }

  /// Nothing that was not signed is started next: what runs stays the primary one.
  private func takeBack(_ fault: RAUCFault) {
    step("Mark", [RAUCMark.active.rawValue, "booted"]) { slots, _ in
      slots.step("Mark", [RAUCMark.bad.rawValue, "other"]) { slots, _ in slots.fail(fault) }
    }
  }

  private func fail(_ fault: RAUCFault) {
    if installation == nil { return }
    installation = nil
    events.append(.notInstalled(fault))
  }

  // MARK: Calls

  /// A call that belongs to the installation under way.
  private func step(
    _ method: String, _ arguments: [String] = [], options: [(String, String)]? = nil,
    then: @escaping (RAUCSlots, Result<RAUCMessage, RAUCFault>) -> Void
  ) {
    let number = installation?.number
    call(method, arguments, options: options) { slots, answer in
      if slots.installation?.number == number { then(slots, answer) }
    }
  }

  private func call(
    _ method: String, _ arguments: [String] = [], options: [(String, String)]? = nil,
    then: @escaping (RAUCSlots, Result<RAUCMessage, RAUCFault>) -> Void
  ) {
    if bus == nil {
      bus = RAUCBus(address: address)
      bus?.onSignal = { [weak self] signal in self?.take(signal) }
    }
    guard let bus else { return then(self, .failure(.absent)) }
    bus.call(method, arguments, options: options) { [weak self] answer in
      if let self { then(self, answer) }
    }
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
