// SPDX-License-Identifier: Apache-2.0

import Clockwork
import Devices
import Glibc
import LinuxHost
import Management
import PaymentCrypto
import Simulator
import Wire

/// The simulated shop in real time, behind pseudo-terminals, sockets and TLS, for the real posd.
final class ServedShop: PollSource {
  /// Which reader the shop has, at first.
  enum Reader: String, CaseIterable {
    case stripe, chip
    /// ID TECH's for stripes, with clear tracks and with encrypted ones.
    case secureMag = "securemag"
    case secureMagEncrypted = "securemag-encrypted"
  }

  /// Where it is served and how long things take.
  struct Settings {
    var run: String
    var managementPort: UInt16 = 17_443
    var acquirerPort: UInt16 = 17_500
    var flavour = ShopFlavour.generic
    var reader = Reader.stripe
    /// Without TLS; 0 for none.
    var acquirerPlainPort: UInt16 = 0
    var reviewSeconds: Int64 = 2
    var answerSeconds: UInt16 = 20
    var captures: Bool = false
    var printsPaper: Bool = true
    /// Whether people and paper are faster than they are.
    var hurries: Bool = false
  }

  let loop: EventLoop
  private(set) var cardholder = Cardholder()
  private(set) var acquirer: AcquirerModel
  private(set) var paper: [String] = []
  private var reader: ReaderModel
  private var slot = ServedSlot()
  private var readerInUse: Reader
  private var printer: PrinterModel
  private var pad: PINPadModel
  private var management: ManagementModel
  private let readerPort: ServedReader
  private let printerPort: ServedPort
  private let padPort: ServedPort
  private let certificates: Certificates
  private let acquirerListener: TLSListener
  private let plainListener: TLSListener?
  private let managementListener: TLSListener
  private var streams: [UInt32: TLSStream] = [:]
  private var nextConnection: UInt32 = 1
  private var nextRequest: UInt32 = 1
  private let printsPaper: Bool
  /// When the last report of a swipe left the reader; nil once the acquirer has heard of it.
  private var reportedAt: Instant?
  /// When the report left that a request came of, and when its first bytes came.
  private(set) var requestMoments: (left: Instant, came: Instant)?

  init(_ settings: Settings, loop: EventLoop) throws {
    self.loop = loop
    printsPaper = settings.printsPaper
    readerInUse = settings.reader
    reader = ServedShop.model(settings.reader)
    acquirer = SimulatedShop.acquirer(settings.flavour)
    if settings.flavour.signsIn {
      acquirer.issuer = SimulatedShop.cardIssuer
      acquirer.rules.downloads = SimulatedShop.downloads(0, forChips: true)
    }
    pad = SimulatedShop.pad(settings.flavour)
    printer = PrinterModel()
    if settings.hurries {
      printer = PrinterModel(
        profile: PrinterModel.Profile(lineTime: .milliseconds(1), cutTime: .milliseconds(5)))
      cardholder.patience = .milliseconds(100)
      cardholder.swipePause = .milliseconds(300)
      cardholder.keyPause = .milliseconds(2)
    }
    var parameters = SimulatedShop.parameters
    parameters.answerSeconds = settings.answerSeconds
    management = ManagementModel(
      reviewTime: .seconds(settings.reviewSeconds), parameters: parameters)
    let run = settings.run
    certificates = try Certificates()
    try certificates.authority.writeCertificate(to: run + "/authority.pem")
    try certificates.writeClients(to: run)
    let key = SimulatedShop.transportKeyDigits(settings.flavour) + "\n"
    unsafe _ = unlink(run + "/transport.key")
    _ = FileSystem.create(run + "/transport.key", Array(key.utf8))
    readerPort = try ServedReader(path: run + "/reader.sock")
    readerPort.facts = readerInUse == .chip ? slot.facts : reader.facts
    printerPort = try ServedPort(link: run + "/printer.tty")
    padPort = try ServedPort(link: run + "/pin-pad.tty")
    func capture(_ name: String) -> Capture? {
      settings.captures ? Capture(path: run + "/" + name + ".capture") : nil
    }
    acquirerListener = try TLSListener(
      port: settings.acquirerPort, certificates: certificates, loop: loop,
      capture: capture("acquirer"))
    plainListener =
      settings.acquirerPlainPort == 0
      ? nil
      : try TLSListener(
        port: settings.acquirerPlainPort, certificates: nil, loop: loop,
        capture: capture("acquirer-plain"))
    managementListener = try TLSListener(
      port: settings.managementPort, certificates: certificates, loop: loop,
      capture: capture("management"))
    connect()
  }

  var interests: [PollInterest] { [] }

  var deadline: Instant? {
    var moment = earlier(earlier(reader.deadline, slot.deadline), printer.deadline)
    moment = earlier(moment, pad.deadline)
    moment = earlier(moment, acquirer.deadline)
    return earlier(moment, cardholder.deadline)
  }

  func ready(_ descriptor: Int32, _ events: Int16) {}

  func wake(at now: Instant) {
    if let due = reader.deadline, due <= now { perform(reader.handle(.deadlinePassed, at: now)) }
    if let due = slot.deadline, due <= now { perform(slot.handle(.deadlinePassed, at: now)) }
    if let due = printer.deadline, due <= now { perform(printer.handle(.deadlinePassed, at: now)) }
    if let due = pad.deadline, due <= now { perform(pad.handle(.deadlinePassed, at: now)) }
    if let due = acquirer.deadline, due <= now {
      perform(acquirer.handle(.deadlinePassed, at: now))
    }
    for act in cardholder.acts(at: now) {
      switch act {
      case .present(let card): present(card, at: now)
      case .press(let key): tell(.keyPressed(key))
      }
    }
  }

  /// The card is put into the slot, or pulled through the reader: a card of the shop that takes
  /// chips has one, and its stripe says so.
  private func present(_ card: Int, at now: Instant) {
    if readerInUse == .chip { return perform(slot.present(card, at: now)) }
    let account = SimulatedShop.accounts[card]
    tell(.swiped(SimulatedShop.swipe(account, hasChip: acquirer.issuer != nil)))
  }

  /// Another reader is put in the place of this one.
  func use(_ other: Reader) {
    if other == readerInUse { return }
    let now = SystemClock.now
    if readerInUse == .chip {
      perform(slot.takeOut(at: now))
      perform(slot.handle(.unplugged, at: now))
    } else {
      perform(reader.handle(.unplugged, at: now))
    }
    if other == .chip {
      if slot.isPlugged { readerPort.perform(ServedSlot.Model.Effect.attached(slot.facts)) }
      perform(slot.handle(.plugged, at: now))
    } else {
      reader = ServedShop.model(other)
      readerPort.perform(ReaderModel.Effect.attached(reader.facts))
    }
    readerInUse = other
  }

  private static func model(_ reader: Reader) -> ReaderModel {
    switch reader {
    case .stripe, .chip: ReaderModel(packetBytes: 64)
    case .secureMag: SimulatedShop.secureMag(.clear)
    case .secureMagEncrypted: SimulatedShop.secureMag(.enhanced)
    }
  }

  private func heard(_ event: ServedReader.Event) {
    if readerInUse == .chip {
      guard case .written(let bytes) = event else { return }
      return perform(slot.handle(.received(bytes), at: SystemClock.now))
    }
    switch event {
    case .opened: tell(ReaderModel.Event.opened)
    case .setFeature(let bytes): tell(ReaderModel.Event.setFeature(bytes))
    case .getFeature(let length): tell(ReaderModel.Event.getFeature(length: length))
    case .written: break
    }
  }

  func tell(_ event: ReaderModel.Event) {
    perform(reader.handle(event, at: SystemClock.now))
  }

  /// How long the printer writes a logo.
  func setLogoTime(_ interval: Interval) { printer.profile.keepTime = interval }

  func tell(_ event: PrinterModel.Event) {
    perform(printer.handle(event, at: SystemClock.now))
  }

  func tell(_ event: PINPadModel.Event) {
    perform(pad.handle(event, at: SystemClock.now))
  }

  func change(_ change: (inout Cardholder) -> Void) { change(&cardholder) }

  func changeHost(_ change: (inout HostRules) -> Void) { change(&acquirer.rules) }

  /// What the acquirer shows new connections, and whether they must show something too.
  func setTrust(_ server: Certificates.Server, wantsClients: Bool) throws {
    try acquirerListener.show(
      certificates.server(server), clients: wantsClients ? certificates.authority : nil)
  }

  /// Pulls or puts in the plug of a serial device.
  func setPlugged(_ name: String, _ isPlugged: Bool) throws -> Bool {
    switch name {
    case "reader" where readerInUse == .chip:
      perform(slot.handle(isPlugged ? .plugged : .unplugged, at: SystemClock.now))
    case "reader": tell(isPlugged ? ReaderModel.Event.plugged : .unplugged)
    case "printer":
      if isPlugged { try printerPort.plug() } else { printerPort.unplug() }
    case "pin-pad":
      if isPlugged { try padPort.plug() } else { padPort.unplug() }
    case "acquirer":
      acquirerListener.isUp = isPlugged
      plainListener?.isUp = isPlugged
      if !isPlugged {
        acquirerListener.breakAll()
        plainListener?.breakAll()
      }
    case "server":
      managementListener.isUp = isPlugged
      if !isPlugged { managementListener.breakAll() }
    default: return false
    }
    return true
  }

  private func connect() {
    readerPort.onEvent = { [unowned self] in heard($0) }
    printerPort.onBytes = { [unowned self] in tell(PrinterModel.Event.received($0)) }
    padPort.onBytes = { [unowned self] in tell(PINPadModel.Event.received($0)) }
    acquirerListener.onConnected = { [unowned self] in acquirerConnected($0) }
    plainListener?.onConnected = { [unowned self] in acquirerConnected($0) }
    managementListener.onConnected = { [unowned self] in managementConnected($0) }
    loop.add(self)
    loop.add(readerPort)
    loop.add(printerPort)
    loop.add(padPort)
    loop.add(acquirerListener)
    if let plainListener { loop.add(plainListener) }
    loop.add(managementListener)
  }

  private func acquirerConnected(_ stream: TLSStream) {
    let number = nextConnection
    nextConnection += 1
    streams[number] = stream
    stream.onBytes = { [unowned self] bytes in
      let now = SystemClock.now
      if let reportedAt { requestMoments = (reportedAt, now) }
      reportedAt = nil
      perform(acquirer.handle(.received(connection: number, bytes), at: now))
    }
    stream.onClosed = { [unowned self] in
      streams[number] = nil
      perform(acquirer.handle(.disconnected(connection: number), at: SystemClock.now))
    }
    perform(acquirer.handle(.connected(connection: number), at: SystemClock.now))
  }

  private func managementConnected(_ stream: TLSStream) {
    var exchange = HTTPExchange()
    stream.onBytes = { [unowned self, weak stream] bytes in
      exchange.append(bytes)
      while let request = exchange.next() {
        nextRequest += 1
        let event = ManagementModel.Event.requested(
          number: nextRequest, isPost: request.isPost, path: request.path, body: request.body)
        for effect in management.handle(event, at: SystemClock.now) {
          switch effect {
          case .respond(_, let status, let body):
            stream?.send(HTTPExchange.response(status, body))
          }
        }
      }
    }
  }

  private func perform(_ effects: [ReaderModel.Effect]) {
    for effect in effects {
      // Before it is sent: posd may have it before the call has returned.
      if case .packet = effect { reportedAt = SystemClock.now }
      readerPort.perform(effect)
    }
  }

  private func perform(_ effects: [ServedSlot.Model.Effect]) {
    for effect in effects { readerPort.perform(effect) }
  }

  private func perform(_ effects: [PrinterModel.Effect]) {
    for effect in effects {
      switch effect {
      case .send(let bytes): printerPort.send(bytes)
      case .printed(let line, let style):
        paper.append(line)
        if printsPaper { show(line, style) }
      case .drawn:
        paper.append(PrinterModel.pictureLine)
        if printsPaper { show(PrinterModel.pictureLine, PrinterModel.PaperStyle()) }
      case .cut:
        paper.append("")
        if printsPaper { say("    ✂" + String(repeating: "╌", count: 49)) }
      }
    }
  }

  /// The version that the management server wants; empty for the newest, nil for no say.
  func wish(_ version: String?) { management.wish = version }

  /// What terminals have told of their programs, as JSON, the latest last.
  var inventories: [String] {
    management.inventories.map { String(decoding: $0.encode(), as: UTF8.self) }
  }

  /// How often the printer's memory was written, and the logos in it: size, and dots row by row.
  var logos: [String] {
    ["written \(printer.logoWritings)"]
      + printer.logos.map { "\($0.width) \($0.height) " + Hex.text($0.bytes) }
  }

  private func show(_ line: String, _ style: PrinterModel.PaperStyle) {
    var width = 0
    for character in line.unicodeScalars { width += character.value > 0x2E80 ? 2 : 1 }
    let looks = style.isLarge ? "█" : style.isBold ? "▌" : " "
    say("    │" + looks + line + String(repeating: " ", count: max(0, 48 - width)) + "│")
  }

  private func perform(_ effects: [PINPadModel.Effect]) {
    for effect in effects {
      switch effect {
      case .send(let bytes): padPort.send(bytes)
      case .awaitingPIN: cardholder.askedForPIN(at: SystemClock.now)
      }
    }
  }

  private func perform(_ effects: [AcquirerModel.Effect]) {
    for effect in effects {
      switch effect {
      case .send(let connection, let bytes): streams[connection]?.send(bytes)
      case .close(let connection): streams[connection]?.close()
      }
    }
  }
}

/// Writes a line to standard output.
func say(_ line: String) {
  // A reader that is gone has seen enough.
  _ = writeSome(STDOUT_FILENO, Array((line + "\n").utf8)[...])
}
