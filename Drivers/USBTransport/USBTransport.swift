// SPDX-License-Identifier: Apache-2.0

import CUSB
public import Clockwork
public import Devices
import Glibc
public import LinuxHost

//   hotplug ─ 300 ms ─▶ look through the bus ─▶ USBDevice: claim, descriptor, interrupt transfer
//      ▲                                            │ gone, stalled, reopen
//      └───────────── growing pauses ◀──────────────┘

/// A USB product.
public struct USBProduct: Hashable, Sendable {
  /// Vendor.
  public var vendor: UInt16
  /// Product.
  public var product: UInt16

  /// A product.
  public init(vendor: UInt16, product: UInt16) {
    self.vendor = vendor
    self.product = product
  }
}

/// The first of some USB human interface devices as the link of a driver.
@safe public final class USBTransport: DeviceLink {
  /// A device that has just been plugged in is still making up its mind.
  private static let debounce = Interval.milliseconds(300)
  /// The longest that a program which ends waits for the end of its last transfer.
  private static let farewell = Interval.seconds(1)

  /// Called for everything that happens on the link.
  public var onEvent: (LinkEvent) -> Void = { _ in }
  private let products: [USBProduct]
  private let context: OpaquePointer
  private let hasHotplug: Bool
  private var device: USBDevice?
  /// Those that are closed and still have a transfer under way.
  private var closing: [USBDevice] = []
  /// Whether libusb is telling what has happened.
  private var isHandling = false
  private var backoff = Backoff()
  private var openAt: Instant? = SystemClock.now
  private var reported: LinkFault?
  /// Openings that a transfer has ended which ended badly.
  public private(set) var lineErrors: UInt64 = 0

  /// A link to the first of these products; nil when libusb cannot be started.
  public init?(products: [USBProduct]) {
    var made: OpaquePointer?
    guard unsafe libusb_init(&made) == 0, let made = unsafe made else { return nil }
    self.products = products
    unsafe context = made
    hasHotplug = libusb_has_capability(LIBUSB_CAP_HAS_HOTPLUG.rawValue) != 0
    if hasHotplug { watch() }
  }

  /// Waits for what libusb waits for.
  public var interests: [PollInterest] {
    guard let list = unsafe libusb_get_pollfds(context) else { return [] }
    defer { unsafe libusb_free_pollfds(list) }
    var interests: [PollInterest] = []
    var next = unsafe list
    while let entry = unsafe next.pointee {
      unsafe interests.append(PollInterest(entry.pointee.fd, entry.pointee.events))
      unsafe next = next.successor()
    }
    return interests
  }

  /// When it looks for the device again.
  public var deadline: Instant? { openAt }

  /// libusb has something to do; on Linux its own timeouts are a descriptor too.
  public func ready(_ descriptor: Int32, _ events: Int16) {
    handleEvents(atMost: timeval())
  }

  private func handleEvents(atMost patience: timeval) {
    var patience = patience
    isHandling = true
    // Whatever went wrong is told by the transfers themselves.
    unsafe _ = libusb_handle_events_timeout_completed(context, &patience, nil)
    isHandling = false
    release()
  }

  /// Lets go of the devices that are closed and have nothing under way.
  private func release() {
    if !isHandling { closing.removeAll { $0.releaseIfSettled() } }
  }

  /// Its moment has come.
  public func wake(at now: Instant) {
    openAt = nil
    release()
    if device != nil { return }
    do throws(LinkFault) {
      let opened = try unsafe USBDevice.first(of: products, context)
      opened.onEvent = { [weak self] event in self?.heard(event) }
      // It may fail at once, and is heard as what it is then.
      device = opened
      opened.begin()
    } catch {
      // Without hot-plug, and after a refusal that may pass, it is tried again by itself.
      if error != .absent || !hasHotplug { openAt = now + backoff.next() }
      down(error)
    }
  }

  /// Does what a driver asks for.
  public func perform(_ order: LinkOrder) {
    switch order {
    case .setFeature(let report): device?.setFeature(report)
    case .getFeature(let length): device?.getFeature(length: length)
    case .reopen: if device != nil { heard(.closed(.lost)) }
    case .write(let report): device?.write(report)
    case .handOver(let block): device?.write(block.handOver())
    case .discardOutput:
      // A report that is under way cannot be called back.
      break
    }
  }

  private func heard(_ event: LinkEvent) {
    switch event {
    case .opened:
      reported = nil
      backoff.reset()
      onEvent(event)
    case .received, .feature: onEvent(event)
    case .closed(let fault):
      if case .failed = fault { lineErrors += 1 }
      close()
      openAt = SystemClock.now + backoff.next()
      down(fault)
    }
  }

  private func close() {
    guard let device else { return }
    device.close()
    closing.append(device)
    self.device = nil
    release()
  }

  private func down(_ fault: LinkFault) {
    if reported != fault { onEvent(.closed(fault)) }
    reported = fault
  }

  private func watch() {
    let me = unsafe Unmanaged.passUnretained(self).toOpaque()
    let any = Int32(LIBUSB_HOTPLUG_MATCH_ANY)
    // A refused registration leaves the slow way: looking again after a pause.
    unsafe _ = libusb_hotplug_register_callback(
      context, Int32(LIBUSB_HOTPLUG_EVENT_DEVICE_ARRIVED.rawValue), 0, any, any, any,
      { _, _, _, me in
        guard let me = unsafe me else { return 0 }
        unsafe Unmanaged<USBTransport>.fromOpaque(me).takeUnretainedValue().arrived()
        return 0
      }, me, nil)
  }

  private func arrived() {
    if device == nil { openAt = SystemClock.now + USBTransport.debounce }
  }

  /// Gives the device back, and with it its own driver to the kernel.
  public func end() {
    close()
    // Transfers under way are given back by the events that follow their cancellation.
    let limit = SystemClock.now + USBTransport.farewell
    while !closing.isEmpty, SystemClock.now < limit {
      handleEvents(atMost: timeval(tv_sec: 0, tv_usec: 50_000))
    }
  }

  deinit {
    end()
    unsafe libusb_exit(context)
  }
}
