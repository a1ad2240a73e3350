// SPDX-License-Identifier: Apache-2.0

import CLinux
import CSystemd
import Clockwork
import Glibc

/// The connection to RAUC's service: calls answered later, and its signals. Nothing blocks.
@safe final class RAUCBus {
  /// What comes without being asked for.
  enum Signal {
    case progress(percent: Int32, String)
    case lastError(String)
    case completed(code: Int32)
    /// The service went away.
    case gone
  }

  typealias Answer = (Result<RAUCMessage, RAUCFault>) -> Void

  private static let service = "de.pengutronix.rauc"
  private static let interface = "de.pengutronix.rauc.Installer"
  private static let properties = "org.freedesktop.DBus.Properties"

  /// Called with each signal, while the bus is being served.
  var onSignal: (Signal) -> Void = { _ in }
  private let bus: OpaquePointer
  /// How long an answer is waited for, microseconds.
  private let patience: UInt64
  private var calls: [Call] = []
  /// Who answers as the service; signals of anybody else count for nothing.
  private var owner = ""

  /// Connects to this address, without one to the system's bus; nil when there is none.
  init?(address: String?, patience: Interval) {
    var opened: OpaquePointer?
    self.patience = UInt64(clamping: patience.milliseconds) * 1_000
    if let address {
      guard unsafe sd_bus_new(&opened) >= 0, let bus = unsafe opened else { return nil }
      guard unsafe sd_bus_set_address(bus, address) >= 0,
        unsafe sd_bus_set_bus_client(bus, 1) >= 0, unsafe sd_bus_start(bus) >= 0
      else {
        unsafe _ = sd_bus_unref(bus)
        return nil
      }
    } else {
      guard unsafe sd_bus_open_system(&opened) >= 0 else { return nil }
    }
    guard let bus = unsafe opened else { return nil }
    unsafe self.bus = unsafe bus
    let context = unsafe Unmanaged.passUnretained(self).toOpaque()
    let rules = [
      "type='signal',sender='\(RAUCBus.service)',path='/'",
      "type='signal',sender='org.freedesktop.DBus',member='NameOwnerChanged',"
        + "arg0='\(RAUCBus.service)'",
    ]
    for rule in rules {
      let code = unsafe sd_bus_add_match_async(bus, nil, rule, RAUCBus.handle, nil, context)
      if code < 0 { return nil }
    }
  }

  /// What the loop waits for.
  var interests: [PollInterest] {
    let descriptor = unsafe sd_bus_get_fd(bus)
    let events = unsafe sd_bus_get_events(bus)
    if descriptor < 0 || events < 0 { return [] }
    return [PollInterest(descriptor, Int16(truncatingIfNeeded: events))]
  }

  /// When it must be served at the latest; its own clock stands while the machine sleeps.
  var deadline: Instant? {
    var moment: UInt64 = 0
    guard unsafe sd_bus_get_timeout(bus, &moment) > 0, moment != UInt64.max else { return nil }
    var time = timespec()
    let result = unsafe clock_gettime(CLOCK_MONOTONIC, &time)
    precondition(result == 0, "every kernel has this clock")
    let now = UInt64(time.tv_sec) * 1_000_000 + UInt64(time.tv_nsec) / 1_000
    let rest = moment > now ? moment - now : 0
    return SystemClock.now + .microseconds(Int64(clamping: rest))
  }

  /// Serves what has come; false when the connection is gone.
  func process() -> Bool {
    while true {
      let code = unsafe sd_bus_process(bus, nil)
      if code < 0 { return false }
      if code == 0 { return true }
    }
  }

  /// Answers what nobody else will answer any more.
  func giveUp() {
    let left = calls
    calls = []
    left.forEach { $0.answer(.failure(.lost)) }
  }

  /// Asks for everything that RAUC says of itself without being told to do something.
  func readProperties(answer: @escaping Answer) {
    call("GetAll", of: RAUCBus.properties, [RAUCBus.interface], answer: answer)
  }

  /// Calls a method whose arguments are texts and, perhaps, options that are texts.
  func call(
    _ method: String, of interface: String = RAUCBus.interface, _ arguments: [String] = [],
    options: [(String, String)]? = nil, answer: @escaping Answer
  ) {
    var made: OpaquePointer?
    guard
      unsafe sd_bus_message_new_method_call(
        bus, &made, RAUCBus.service, "/", interface, method) >= 0,
      let message = unsafe made
    else { return answer(.failure(.absent)) }
    defer { unsafe _ = sd_bus_message_unref(message) }
    var isWhole = true
    for argument in arguments { isWhole = unsafe RAUCBus.append(message, argument) && isWhole }
    if let options { isWhole = unsafe RAUCBus.append(message, options) && isWhole }
    let call = Call(self, answer)
    let context = unsafe Unmanaged.passUnretained(call).toOpaque()
    guard isWhole,
      unsafe sd_bus_call_async(bus, nil, message, Call.handle, context, patience) >= 0
    else { return answer(.failure(.absent)) }
    calls.append(call)
  }

  private static func append(_ message: OpaquePointer, _ text: String) -> Bool {
    unsafe text.withCString { unsafe sd_bus_message_append_basic(message, CChar(115), $0) >= 0 }
  }

  private static func append(_ message: OpaquePointer, _ options: [(String, String)]) -> Bool {
    var isWhole = unsafe sd_bus_message_open_container(message, CChar(97), "{sv}") >= 0
    for (name, text) in options where isWhole {
      isWhole =
        unsafe sd_bus_message_open_container(message, CChar(101), "sv") >= 0
        && append(message, name) && sd_bus_message_open_container(message, CChar(118), "s") >= 0
        && append(message, text) && sd_bus_message_close_container(message) >= 0
        && sd_bus_message_close_container(message) >= 0
    }
    let isClosed = unsafe sd_bus_message_close_container(message) >= 0
    return isWhole && isClosed
  }

  private func take(_ call: Call, _ message: RAUCMessage) {
    calls.removeAll { $0 === call }
    if let error = message.error {
      return call.answer(.failure(RAUCBus.fault(error.name, error.text)))
    }
    owner = message.sender
    call.answer(.success(message))
  }

  /// Names of the bus itself say that nobody is there; what RAUC's own errors are called changes.
  private static func fault(_ name: String, _ text: String) -> RAUCFault {
    let names = ["ServiceUnknown", "NameHasNoOwner", "NoServer", "Disconnected"]
    if names.contains(where: { name == "org.freedesktop.DBus.Error." + $0 })
      || name.hasPrefix("org.freedesktop.DBus.Error.Spawn.")
    {
      return .absent
    }
    if name == "org.freedesktop.DBus.Error.NoReply" { return .lost }
    return .refused(text.isEmpty ? name : text)
  }

  private func take(_ message: RAUCMessage) {
    switch message.member {
    case "NameOwnerChanged":
      // Its name, who had it, who has it: one that comes has had nobody before.
      guard message.sender == "org.freedesktop.DBus", message.text() == RAUCBus.service,
        let former = message.text(), !former.isEmpty
      else { return }
      onSignal(.gone)
    case "Completed":
      guard message.sender == owner, let code = message.number() else { return }
      onSignal(.completed(code: code))
    case "PropertiesChanged":
      guard message.sender == owner, message.text() == RAUCBus.interface,
        let changed = message.dictionary()
      else { return }
      for (name, value) in changed {
        switch (name, value) {
        case ("Progress", .progress(let percent, let text, _)):
          onSignal(.progress(percent: percent, text))
        case ("LastError", .text(let text)):
          onSignal(.lastError(text))
        default:
          break
        }
      }
    default:
      break
    }
  }

  private static let handle: sd_bus_message_handler_t = { message, context, _ in
    guard let message = unsafe message, let context = unsafe context else { return 0 }
    unsafe Unmanaged<RAUCBus>.fromOpaque(context).takeUnretainedValue()
      .take(RAUCMessage(message))
    return 0
  }

  /// A call that waits for its answer.
  private final class Call {
    unowned let bus: RAUCBus
    let answer: Answer

    init(_ bus: RAUCBus, _ answer: @escaping Answer) {
      self.bus = bus
      self.answer = answer
    }

    static let handle: sd_bus_message_handler_t = { message, context, _ in
      guard let message = unsafe message, let context = unsafe context else { return 0 }
      let call = unsafe Unmanaged<Call>.fromOpaque(context).takeUnretainedValue()
      call.bus.take(call, unsafe RAUCMessage(message))
      return 0
    }
  }

  deinit {
    // Closed at once: what waits for an answer must not be called any more.
    unsafe sd_bus_close(bus)
    unsafe _ = sd_bus_unref(bus)
  }
}
