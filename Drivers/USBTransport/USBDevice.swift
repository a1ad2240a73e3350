// SPDX-License-Identifier: Apache-2.0

import CUSB
import Devices
import Glibc

/// One opened USB device: its interface claimed, one interrupt transfer always pending.
///
/// Nothing here resets, configures or clears a halt: each may cost the first packet of the next
/// report. A transfer that ends badly ends the opening; the handle is never used again.
@safe final class USBDevice {
  /// Interface, endpoint and sizes of a human interface device.
  private struct Layout {
    var interface: UInt8
    var isBootKeyboard: Bool
    var endpoint: UInt8
    /// The endpoint for output reports, where the device has one.
    var output: UInt8?
    var packetSize: Int
    var descriptorSize: Int
  }

  /// USB HID 1.11: the largest report descriptor we read.
  private static let descriptorLimit = 4_096
  private static let hidClass: UInt8 = 3
  private static let controlLimit: UInt32 = 5_000
  /// Output reports under way: the longest command of a reader is cut into a few.
  private static let outputLimit = 32

  /// Called for everything that happens.
  var onEvent: (LinkEvent) -> Void = { _ in }
  private let handle: OpaquePointer
  private let layout: Layout
  private var facts: HIDFacts
  private var transfers: [USBTransfer] = []
  private var interrupt: USBTransfer?
  private var isClosed = false

  /// Opens the first device on the bus that is one of these products.
  static func first(
    of products: [USBProduct], _ context: OpaquePointer
  ) throws(LinkFault) -> USBDevice {
    var list: UnsafeMutablePointer<OpaquePointer?>?
    let count = unsafe libusb_get_device_list(context, &list)
    guard count >= 0, let list = unsafe list else { throw .failed(code: Int32(count)) }
    defer { unsafe libusb_free_device_list(list, 1) }
    var refusal = LinkFault.absent
    for index in 0..<count {
      guard let device = unsafe list[index] else { continue }
      var about = libusb_device_descriptor()
      guard unsafe libusb_get_device_descriptor(device, &about) == 0 else { continue }
      let product = USBProduct(vendor: about.idVendor, product: about.idProduct)
      if !products.contains(product) { continue }
      do throws(LinkFault) {
        return try unsafe USBDevice(device, product)
      } catch {
        refusal = error
      }
    }
    throw refusal
  }

  private init(_ device: OpaquePointer, _ product: USBProduct) throws(LinkFault) {
    guard let layout = unsafe USBDevice.layout(device) else { throw .absent }
    var opened: OpaquePointer?
    let code = unsafe libusb_open(device, &opened)
    guard code == 0, let opened = unsafe opened else { throw USBDevice.fault(code) }
    unsafe handle = opened
    self.layout = layout
    facts = HIDFacts(
      vendor: product.vendor, product: product.product, reportDescriptor: [],
      isBootKeyboard: layout.isBootKeyboard)
    // Without kernel drivers there is nothing to detach, and the claim says what is wrong.
    unsafe _ = libusb_set_auto_detach_kernel_driver(opened, 1)
    let claimed = unsafe libusb_claim_interface(opened, Int32(layout.interface))
    if claimed != 0 {
      unsafe libusb_close(opened)
      throw USBDevice.fault(claimed)
    }
  }

  /// Fetches the report descriptor; everything else follows from its arrival.
  func begin() {
    // HID 1.11, 7.1.1: GET_DESCRIPTOR of type 22, to the interface.
    control(0x81, 0x06, 0x2200, [UInt8](repeating: 0, count: layout.descriptorSize)) { result in
      switch result {
      case .success(let bytes): self.described(bytes)
      case .failure(let fault): self.fail(fault)
      }
    }
  }

  /// HID 1.11, 7.2.2: SET_REPORT of a feature report without a number.
  func setFeature(_ report: [UInt8]) {
    control(0x21, 0x09, 0x0300, report) { result in
      if case .failure(let fault) = result, fault != .failed(code: EPIPE) { self.fail(fault) }
    }
  }

  /// HID 1.11, 7.2.1: GET_REPORT; a stall is the device's refusal.
  func getFeature(length: Int) {
    control(0xA1, 0x01, 0x0300, [UInt8](repeating: 0, count: length)) { result in
      switch result {
      case .success(let bytes): self.onEvent(.feature(bytes))
      case .failure(.failed(code: EPIPE)): self.onEvent(.feature(nil))
      case .failure(let fault): self.fail(fault)
      }
    }
  }

  /// An output report: by the endpoint for them, or by SET_REPORT where there is none (HID 1.11,
  /// 4.4, 7.2.2). Reports leave in the order in which they are given.
  func write(_ report: [UInt8]) {
    if report.isEmpty || transfers.count > USBDevice.outputLimit {
      return fail(.failed(code: ENOBUFS))
    }
    guard let output = layout.output else {
      let isNumbered = HIDReportSizes(facts.reportDescriptor)?.isNumbered ?? false
      return control(0x21, 0x09, 0x0200 | UInt16(isNumbered ? report[0] : 0), report) { result in
        if case .failure(let fault) = result { self.fail(fault) }
      }
    }
    guard let transfer = USBTransfer(capacity: report.count) else {
      return fail(.failed(code: ENOMEM))
    }
    let isSent = unsafe transfer.submitOutput(
      handle, output, report, limit: USBDevice.controlLimit
    ) { result in
      self.transfers.removeAll { $0 === transfer }
      if self.isClosed { return }
      if case .failure(let fault) = result { self.fail(fault) }
    }
    if isSent { transfers.append(transfer) } else { fail(.lost) }
  }

  /// Ends all transfers; `releaseIfSettled` then gives the device back to the kernel.
  func close() {
    if isClosed { return }
    isClosed = true
    onEvent = { _ in }
    for transfer in transfers { transfer.cancel() }
  }

  /// Lets go of a device that is closed once no transfer is under way; false while one is.
  ///
  /// Never from within a transfer's end: libusb holds the lock then that closing wants, and the
  /// program would stand still for good.
  func releaseIfSettled() -> Bool {
    if !transfers.isEmpty { return false }
    unsafe _ = libusb_release_interface(handle, Int32(layout.interface))
    unsafe libusb_close(handle)
    return true
  }

  private func described(_ descriptor: [UInt8]) {
    facts.reportDescriptor = descriptor
    onEvent(.opened(.hid(facts)))
    if isClosed { return }
    // A report that is a multiple of the packets ends without a short one: the buffer ends it.
    let report = HIDReportSizes(descriptor)?.inputBytes ?? layout.packetSize
    let packets = max(1, (report + layout.packetSize - 1) / layout.packetSize)
    guard let transfer = USBTransfer(capacity: packets * layout.packetSize) else {
      return fail(.failed(code: ENOMEM))
    }
    interrupt = transfer
    listen(transfer)
  }

  private func listen(_ transfer: USBTransfer) {
    let isSent = unsafe transfer.submitInterrupt(handle, layout.endpoint) { result in
      self.transfers.removeAll { $0 === transfer }
      if self.isClosed { return }
      switch result {
      case .success(let bytes):
        // Posted again before anything is parsed: a reader left half-read may stop for good.
        self.listen(transfer)
        if !bytes.isEmpty, !self.isClosed { self.onEvent(.received(bytes)) }
      case .failure(let fault): self.fail(fault)
      }
    }
    if isSent { transfers.append(transfer) } else { fail(.lost) }
  }

  private func control(
    _ type: UInt8, _ request: UInt8, _ value: UInt16, _ data: [UInt8],
    _ done: @escaping (Result<[UInt8], LinkFault>) -> Void
  ) {
    guard let transfer = USBTransfer(capacity: data.count + 8) else {
      return fail(.failed(code: ENOMEM))
    }
    let setup = USBTransfer.Setup(
      type: type, request: request, value: value, index: UInt16(layout.interface))
    let isSent = unsafe transfer.submitControl(
      handle, setup, data, limit: USBDevice.controlLimit
    ) { result in
      self.transfers.removeAll { $0 === transfer }
      if self.isClosed { return }
      done(result)
    }
    if isSent { transfers.append(transfer) } else { fail(.lost) }
  }

  private func fail(_ fault: LinkFault) { onEvent(.closed(fault)) }

  private static func layout(_ device: OpaquePointer) -> Layout? {
    var found: UnsafeMutablePointer<libusb_config_descriptor>?
    guard unsafe libusb_get_active_config_descriptor(device, &found) == 0,
      let configuration = unsafe found
    else { return nil }
    defer { unsafe libusb_free_config_descriptor(configuration) }
    for number in 0..<Int(unsafe configuration.pointee.bNumInterfaces) {
      guard let setting = unsafe configuration.pointee.interface[number].altsetting else {
        continue
      }
      let about = unsafe setting.pointee
      if unsafe about.bInterfaceClass != hidClass { continue }
      var input: libusb_endpoint_descriptor?
      var output: UInt8?
      for index in 0..<Int(unsafe about.bNumEndpoints) {
        let endpoint = unsafe about.endpoint[index]
        if unsafe endpoint.bmAttributes & 3 != 3 { continue }
        let isIn = unsafe endpoint.bEndpointAddress & 0x80 != 0
        if isIn, unsafe input == nil { unsafe input = endpoint }
        if !isIn, output == nil { output = unsafe endpoint.bEndpointAddress }
      }
      guard let input = unsafe input else { continue }
      return unsafe Layout(
        interface: about.bInterfaceNumber, isBootKeyboard: about.bInterfaceProtocol == 1,
        endpoint: input.bEndpointAddress, output: output,
        packetSize: max(8, Int(input.wMaxPacketSize & 0x07FF)),
        descriptorSize: descriptorSize(about.extra, Int(about.extra_length)))
    }
    return nil
  }

  /// HID 1.11, 6.2.1: the HID descriptor names the length of the report descriptor at offset 7.
  private static func descriptorSize(_ extra: UnsafePointer<UInt8>?, _ count: Int) -> Int {
    guard let extra = unsafe extra, count >= 9, unsafe extra[1] == 0x21 else {
      return descriptorLimit
    }
    let size = unsafe Int(extra[7]) | Int(extra[8]) << 8
    return max(1, min(size, descriptorLimit))
  }

  static func fault(_ code: Int32) -> LinkFault {
    switch libusb_error(code) {
    case LIBUSB_ERROR_ACCESS: .denied
    case LIBUSB_ERROR_BUSY: .busy
    case LIBUSB_ERROR_NO_DEVICE, LIBUSB_ERROR_NOT_FOUND: .absent
    default: .failed(code: code)
    }
  }
}
