// SPDX-License-Identifier: Apache-2.0

import Clockwork
import Devices
import Management
import TerminalCore
import Wire

extension Firmware.Event {
  /// The event as bytes; the first is the number of its kind.
  func write(to writer: inout ByteWriter) {
    switch self {
    case .deadlinePassed: writer.write(0 as UInt8)
    case .link(let port, let event):
      writer.write(1 + port.rawValue)
      event.write(to: &writer)
    case .terminal(let event): event.write(to: &writer)
    }
  }

  /// The event of a recording.
  init(recorded bytes: [UInt8]) throws(RecordingFault) {
    let event: Firmware.Event?
    do throws(WireFault) {
      var reader = ByteReader(bytes)
      event = try Firmware.Event.read(&reader)
      try reader.finish()
    } catch {
      throw .wire(error)
    }
    guard let event else { throw .unknownCase(bytes.first ?? 0) }
    self = event
  }

  private static func read(_ reader: inout ByteReader) throws(WireFault) -> Firmware.Event? {
    let number = try reader.readByte()
    if number == 0 { return .deadlinePassed }
    if let port = Port(rawValue: number - 1) {
      guard let event = try LinkEvent(from: &reader) else { return nil }
      return .link(port, event)
    }
    guard let event = try TerminalEvent(number, from: &reader) else { return nil }
    return .terminal(event)
  }
}

extension LinkEvent {
  fileprivate func write(to writer: inout ByteWriter) {
    switch self {
    case .opened(.serial): writer.write(0 as UInt8)
    case .opened(.hid(let facts)):
      writer.write(1 as UInt8)
      writer.write(facts.vendor)
      writer.write(facts.product)
      writer.write(facts.isBootKeyboard)
      writer.writeCounted(facts.reportDescriptor)
    case .received(let bytes):
      writer.write(2 as UInt8)
      writer.writeCounted(bytes)
    case .feature(nil): writer.write(3 as UInt8)
    case .feature(let bytes?):
      writer.write(4 as UInt8)
      writer.writeCounted(bytes)
    case .closed(.absent): writer.write(5 as UInt8)
    case .closed(.lost): writer.write(6 as UInt8)
    case .closed(.denied): writer.write(7 as UInt8)
    case .closed(.busy): writer.write(8 as UInt8)
    case .closed(.failed(let code)):
      writer.write(9 as UInt8)
      writer.write(code)
    }
  }

  fileprivate init?(from reader: inout ByteReader) throws(WireFault) {
    switch try reader.readByte() {
    case 0: self = .opened(.serial)
    case 1:
      let vendor = try reader.readUInt16()
      let product = try reader.readUInt16()
      let isBootKeyboard = try reader.readFlag()
      self = .opened(
        .hid(
          HIDFacts(
            vendor: vendor, product: product, reportDescriptor: try reader.readCounted(),
            isBootKeyboard: isBootKeyboard)))
    case 2: self = .received(try reader.readCounted())
    case 3: self = .feature(nil)
    case 4: self = .feature(try reader.readCounted())
    case 5: self = .closed(.absent)
    case 6: self = .closed(.lost)
    case 7: self = .closed(.denied)
    case 8: self = .closed(.busy)
    case 9: self = .closed(.failed(code: try reader.readCode()))
    default: return nil
    }
  }
}

extension TerminalEvent {
  /// Numbers from 10 on; the reports of drivers stay inside the firmware and are never recorded.
  fileprivate func write(to writer: inout ByteWriter) {
    switch self {
    case .started(let facts):
      writer.write(10 as UInt8)
      writer.write(facts.entropy)
      writer.write(facts.clock)
    case .clockRead(let clock):
      writer.write(11 as UInt8)
      writer.write(clock)
    case .reader, .printer, .pinPad:
      preconditionFailure("drivers report inside the firmware, never from outside")
    case .acquirer(let event): event.write(to: &writer)
    case .management(.answered(let number, let status, let body)):
      writer.write(16 as UInt8)
      writer.write(number)
      writer.write(status)
      writer.writeCounted(body)
    case .management(.failed(let number, let layer, let code)):
      writer.write(17 as UInt8)
      writer.write(number)
      writer.write(layer.rawValue)
      writer.write(code)
    case .journalled: writer.write(18 as UInt8)
    case .journalFailed(let fault):
      writer.write(19 as UInt8)
      writer.write(fault.rawValue)
    case .requested(let id, let request):
      writer.write(20 as UInt8)
      writer.write(id.rawValue)
      request.write(to: &writer)
    case .requesterLeft(let id):
      writer.write(21 as UInt8)
      writer.write(id.rawValue)
    case .deadlinePassed: writer.write(22 as UInt8)
    case .storageRead(let isRoomy):
      writer.write(23 as UInt8)
      writer.write(isRoomy)
    case .ledgerRead(let answer):
      writer.write(24 as UInt8)
      writer.write(answer)
    }
  }

  fileprivate init?(_ number: UInt8, from reader: inout ByteReader) throws(WireFault) {
    switch number {
    case 10:
      let entropy = try reader.read(32)
      self = .started(StartFacts(entropy: entropy, clock: try reader.readClock()))
    case 11: self = .clockRead(try reader.readClock())
    case 12: self = .acquirer(.connected)
    case 13:
      let layer = try reader.readLayer()
      self = .acquirer(.failed(layer, code: try reader.readCode()))
    case 14: self = .acquirer(.received(try reader.readCounted()))
    case 15: self = .acquirer(.closed)
    case 16:
      let number = try reader.readUInt32()
      let status = try reader.readUInt16()
      self = .management(
        .answered(number: number, status: status, body: try reader.readCounted()))
    case 17:
      let number = try reader.readUInt32()
      let layer = try reader.readLayer()
      self = .management(.failed(number: number, layer, code: try reader.readCode()))
    case 18: self = .journalled
    case 19:
      guard let fault = JournalFault(rawValue: try reader.readByte()) else { return nil }
      self = .journalFailed(fault)
    case 20:
      let id = RequestID(try reader.readUInt32())
      guard let request = try ControlRequest(from: &reader) else { return nil }
      self = .requested(id, request)
    case 21: self = .requesterLeft(RequestID(try reader.readUInt32()))
    case 22: self = .deadlinePassed
    case 23: self = .storageRead(isRoomy: try reader.readFlag())
    case 24:
      guard let answer = try reader.readLedgerAnswer() else { return nil }
      self = .ledgerRead(answer)
    default: return nil
    }
  }
}

extension AcquirerEvent {
  fileprivate func write(to writer: inout ByteWriter) {
    switch self {
    case .connected: writer.write(12 as UInt8)
    case .failed(let layer, let code):
      writer.write(13 as UInt8)
      writer.write(layer.rawValue)
      writer.write(code)
    case .received(let bytes):
      writer.write(14 as UInt8)
      writer.writeCounted(bytes)
    case .closed: writer.write(15 as UInt8)
    }
  }
}

extension ControlRequest {
  fileprivate func write(to writer: inout ByteWriter) {
    switch self {
    case .register(let application):
      writer.write(0 as UInt8)
      for text in [
        application.serial, application.acquirer, application.merchant,
        application.settlementAccount, application.place,
      ] {
        writer.writeCounted(text)
      }
    case .setNetwork(let settings):
      writer.write(1 as UInt8)
      writer.write(settings)
    case .commitNetwork: writer.write(2 as UInt8)
    case .rollbackNetwork: writer.write(3 as UInt8)
    case .transact(let request, let earlier, let original):
      writer.write(4 as UInt8)
      writer.write(request)
      writer.write(earlier)
      writer.write(original)
    case .cancel: writer.write(5 as UInt8)
    case .commission: writer.write(6 as UInt8)
    case .sendQueue: writer.write(7 as UInt8)
    case .reprint(let reference, let row):
      writer.write(8 as UInt8)
      writer.writeCounted(reference)
      writer.write(row)
    case .loadPadKey(let place, let block):
      writer.write(9 as UInt8)
      writer.write(place)
      writer.writeCounted(block)
    case .selectPadSet(let number):
      writer.write(10 as UInt8)
      writer.write(number.rawValue)
    case .park(let reference, let record):
      writer.write(11 as UInt8)
      writer.writeCounted(reference)
      writer.write(record)
    case .unpark(let reference, let record):
      writer.write(12 as UInt8)
      writer.writeCounted(reference)
      writer.write(record)
    case .settle: writer.write(13 as UInt8)
    case .signIn: writer.write(14 as UInt8)
    case .signOff: writer.write(15 as UInt8)
    case .reprintSlip(let batch):
      writer.write(16 as UInt8)
      // No batch has this number.
      writer.write(batch ?? 0)
    case .download(let set):
      writer.write(17 as UInt8)
      writer.write(set.rawValue)
    case .close(let reference, let record, let closing):
      writer.write(18 as UInt8)
      writer.writeCounted(reference)
      writer.write(record)
      writer.writeCounted(closing.reason)
      writer.writeCounted(closing.by)
    case .testPrinter: writer.write(19 as UInt8)
    case .testNetwork: writer.write(20 as UInt8)
    case .storeLogo: writer.write(21 as UInt8)
    }
  }

  fileprivate init?(from reader: inout ByteReader) throws(WireFault) {
    switch try reader.readByte() {
    case 0:
      let serial = try reader.readText()
      let acquirer = try reader.readText()
      let merchant = try reader.readText()
      let account = try reader.readText()
      self = .register(
        MerchantApplication(
          serial: serial, acquirer: acquirer, merchant: merchant, settlementAccount: account,
          place: try reader.readText()))
    case 1: self = .setNetwork(try reader.readNetwork())
    case 2: self = .commitNetwork
    case 3: self = .rollbackNetwork
    case 4:
      guard let request = try reader.readTransaction() else { return nil }
      let earlier = try reader.readRow()
      self = .transact(request, earlier: earlier, original: try reader.readRecord())
    case 5: self = .cancel
    case 6: self = .commission
    case 7: self = .sendQueue
    case 8:
      let reference = try reader.readText()
      self = .reprint(reference: reference, row: try reader.readRow())
    case 9:
      guard let place = try reader.readPlace() else { return nil }
      self = .loadPadKey(place, block: try reader.readCounted())
    case 10:
      guard let number = PadKeySet(rawValue: try reader.readByte()) else { return nil }
      self = .selectPadSet(number)
    case 11:
      let reference = try reader.readText()
      self = .park(reference: reference, record: try reader.readRecord())
    case 12:
      let reference = try reader.readText()
      self = .unpark(reference: reference, record: try reader.readRecord())
    case 13: self = .settle
    case 14: self = .signIn
    case 15: self = .signOff
    case 16:
      let batch = try reader.readUInt32()
      self = .reprintSlip(batch: batch == 0 ? nil : batch)
    case 17:
      guard let set = DownloadSet(rawValue: try reader.readByte()) else { return nil }
      self = .download(set)
    case 18:
      let reference = try reader.readText()
      let record = try reader.readRecord()
      let reason = try reader.readText()
      self = .close(
        reference: reference, record: record, Closing(reason: reason, by: try reader.readText()))
    case 19: self = .testPrinter
    case 20: self = .testNetwork
    case 21: self = .storeLogo
    default: return nil
    }
  }
}
