// SPDX-License-Identifier: Apache-2.0

// What a driver machine and its transport say to each other. A transport opens its port by itself,
// and again after a loss with growing pauses; a driver only ever sees a link that is up or down.
//
//     transport ── LinkEvent ──▶ driver machine ── Report ──▶ core
//     transport ◀── LinkOrder ── driver machine ◀── Order ─── core

/// What kind of link has been opened.
public enum LinkFacts: Hashable, Sendable {
  /// A serial port or a pseudo-terminal.
  case serial
  /// A USB human interface device.
  case hid(HIDFacts)
}

/// What a USB human interface device says of itself.
public struct HIDFacts: Hashable, Sendable {
  /// Vendor number.
  public var vendor: UInt16
  /// Product number.
  public var product: UInt16
  /// The report descriptor, as the device gave it.
  public var reportDescriptor: [UInt8]
  /// Whether the interface says that it is a boot keyboard.
  public var isBootKeyboard: Bool

  /// Facts as read from the device.
  public init(vendor: UInt16, product: UInt16, reportDescriptor: [UInt8], isBootKeyboard: Bool) {
    self.vendor = vendor
    self.product = product
    self.reportDescriptor = reportDescriptor
    self.isBootKeyboard = isBootKeyboard
  }
}

/// Why a link is down.
public enum LinkFault: Error, Hashable, Sendable {
  /// There is no such device or port.
  case absent
  /// The device went away, or the other end hung up.
  case lost
  /// This user may not open it.
  case denied
  /// Somebody else has it.
  case busy
  /// The operating system refused with this error number.
  case failed(code: Int32)
}

/// What a transport tells a driver machine.
public enum LinkEvent: Hashable, Sendable {
  /// The link is up.
  case opened(LinkFacts)
  /// Bytes came; on USB one interrupt transfer, which may be a part of a report.
  case received([UInt8])
  /// The answer to `getFeature`, or nil when the device refused it.
  case feature([UInt8]?)
  /// The link is down; the transport goes on trying.
  case closed(LinkFault)
}

/// What a driver machine asks of its transport.
public enum LinkOrder: Hashable, Sendable {
  /// Send bytes.
  case write([UInt8])
  /// Send bytes that have a PIN block in them, and keep no copy.
  case handOver(HeldBlock)
  /// Throw away what has not left yet.
  case discardOutput
  /// Send a feature report (USB only).
  case setFeature([UInt8])
  /// Ask for a feature report of so many bytes (USB only).
  case getFeature(length: Int)
  /// Close the link and open it anew.
  case reopen
}

/// What every driver machine is told.
public enum DriverEvent<Order: Hashable & Sendable>: Hashable, Sendable {
  /// Something happened on the link.
  case link(LinkEvent)
  /// The core wants something.
  case ordered(Order)
  /// The moment the driver asked to be woken at has come.
  case deadlinePassed
}

/// What every driver machine asks for.
public enum DriverEffect<Report: Hashable & Sendable>: Hashable, Sendable {
  /// Do this on the link.
  case link(LinkOrder)
  /// Tell the core.
  case report(Report)
}
