// SPDX-License-Identifier: Apache-2.0

import CUSB
import Devices
import Glibc

/// One asynchronous transfer of libusb with its buffer; it keeps itself alive while it is under
/// way.
@safe final class USBTransfer {
  /// The setup packet of a control transfer (USB 2.0, 9.3), without its length.
  struct Setup {
    var type: UInt8
    var request: UInt8
    var value: UInt16
    var index: UInt16
  }

  private static let setupSize = 8
  private let transfer: UnsafeMutablePointer<libusb_transfer>
  private let buffer: UnsafeMutablePointer<UInt8>
  private let capacity: Int
  private var offset = 0
  private var completed: ((Result<[UInt8], LinkFault>) -> Void)?

  init?(capacity: Int) {
    guard let transfer = unsafe libusb_alloc_transfer(0) else { return nil }
    unsafe self.transfer = unsafe transfer
    self.capacity = capacity
    unsafe buffer = .allocate(capacity: capacity)
    unsafe buffer.initialize(repeating: 0, count: capacity)
  }

  /// Waits for one interrupt transfer, without a limit in time.
  func submitInterrupt(
    _ handle: OpaquePointer, _ endpoint: UInt8,
    _ completed: @escaping (Result<[UInt8], LinkFault>) -> Void
  ) -> Bool {
    offset = 0
    unsafe libusb_fill_interrupt_transfer(
      transfer, handle, endpoint, buffer, Int32(capacity), USBTransfer.callback, nil, 0)
    return submit(completed)
  }

  /// Sends an output report.
  func submitOutput(
    _ handle: OpaquePointer, _ endpoint: UInt8, _ report: [UInt8], limit: UInt32,
    _ completed: @escaping (Result<[UInt8], LinkFault>) -> Void
  ) -> Bool {
    offset = 0
    for (index, byte) in report.enumerated() { unsafe buffer[index] = byte }
    unsafe libusb_fill_interrupt_transfer(
      transfer, handle, endpoint, buffer, Int32(report.count), USBTransfer.callback, nil, limit)
    return submit(completed)
  }

  /// Sends a control request with its data, or room for the answer.
  func submitControl(
    _ handle: OpaquePointer, _ setup: Setup, _ data: [UInt8], limit: UInt32,
    _ completed: @escaping (Result<[UInt8], LinkFault>) -> Void
  ) -> Bool {
    offset = USBTransfer.setupSize
    unsafe libusb_fill_control_setup(
      buffer, setup.type, setup.request, setup.value, setup.index, UInt16(data.count))
    for (index, byte) in data.enumerated() { unsafe buffer[offset + index] = byte }
    unsafe libusb_fill_control_transfer(
      transfer, handle, buffer, USBTransfer.callback, nil, limit)
    return submit(completed)
  }

  /// Asks for an early end; the completion follows.
  func cancel() {
    // A transfer that is just ending cannot be cancelled, and needs not be.
    unsafe _ = libusb_cancel_transfer(transfer)
  }

  private func submit(_ completed: @escaping (Result<[UInt8], LinkFault>) -> Void) -> Bool {
    let me = unsafe Unmanaged.passRetained(self)
    unsafe transfer.pointee.user_data = me.toOpaque()
    self.completed = completed
    if unsafe libusb_submit_transfer(transfer) == 0 { return true }
    self.completed = nil
    unsafe me.release()
    return false
  }

  private static let callback: libusb_transfer_cb_fn = { transfer in
    guard let transfer = unsafe transfer, let context = unsafe transfer.pointee.user_data else {
      return
    }
    let me = unsafe Unmanaged<USBTransfer>.fromOpaque(context).takeRetainedValue()
    let completed = me.completed
    me.completed = nil
    completed?(me.result)
  }

  private var result: Result<[UInt8], LinkFault> {
    switch unsafe transfer.pointee.status {
    case LIBUSB_TRANSFER_COMPLETED:
      let count = unsafe Int(transfer.pointee.actual_length)
      return .success((0..<count).map { unsafe buffer[offset + $0] })
    case LIBUSB_TRANSFER_STALL: return .failure(.failed(code: EPIPE))
    case LIBUSB_TRANSFER_TIMED_OUT: return .failure(.failed(code: ETIMEDOUT))
    case LIBUSB_TRANSFER_OVERFLOW: return .failure(.failed(code: EOVERFLOW))
    default: return .failure(.lost)
    }
  }

  deinit {
    unsafe libusb_free_transfer(transfer)
    // What a reader sent may have been a card.
    unsafe buffer.update(repeating: 0, count: capacity)
    unsafe buffer.deallocate()
  }
}
