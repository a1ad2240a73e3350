// SPDX-License-Identifier: Apache-2.0

import Clockwork
import Devices
import PINPadSerial
import PaymentCrypto
import Simulator
import Testing
import Wire

@Suite("What comes late, early or never from the PIN pad")
struct TimingTests {
  /// A driver alone, told what a pad would send; the reports and writes it answers with.
  private struct Bench {
    var driver: PINPadSerial
    var now = Instant.start
    var reports: [PINPadReport] = []
    var written: [[UInt8]] = []

    init(_ settings: PadSettings = PadSettings()) throws {
      driver = PINPadSerial(settings: settings)
      tell(.link(.opened(.serial)))
      wait(.milliseconds(300))
      hear([0x06])
      wait(.milliseconds(100))
      hear([0x06])
      hear(Bench.frame("06PAD1", administrative: true))
      wait(.seconds(1))
      reports = []
      written = []
    }

    static func frame(_ text: String, administrative: Bool = false) -> [UInt8] {
      let checked = Array(text.utf8) + [administrative ? 0x0E : 0x03]
      return [administrative ? 0x0F : 0x02] + checked + [longitudinalRedundancyCheck(checked)]
    }

    mutating func tell(_ event: DriverEvent<PINPadOrder>) {
      for effect in driver.handle(event, at: now) {
        switch effect {
        case .report(let report): reports.append(report)
        case .link(.write(let bytes)): written.append(bytes)
        case .link: break
        }
      }
    }

    mutating func hear(_ bytes: [UInt8]) { tell(.link(.received(bytes))) }

    mutating func wait(_ interval: Interval) {
      let end = now + interval
      while let due = driver.deadline, due <= end {
        now = max(now, due)
        tell(.deadlinePassed)
      }
      now = end
    }

    /// A PIN is asked for, and the pad has acknowledged it.
    mutating func ask(session: PadSessionKey? = nil) throws {
      let pan = try #require(PAN(Counter.pan))
      let amount = try #require(Amount(minorUnits: 100))
      tell(
        .ordered(
          .enterPIN(PINPrompt(pan: pan, amount: amount, seconds: 30, session: session))))
      if session != nil {
        hear([0x06])
        hear(Bench.frame("080", administrative: true))
        hear([0x04])
        wait(.milliseconds(60))
      }
      hear([0x06])
      hear(Bench.frame("Z20"))
      wait(.milliseconds(60))
      hear([0x06])
      written = []
    }
  }

  @Test(
    "the EOT behind an answer is waited for and never taken for a cancel", arguments: [0, 100, 490])
  func trailingEnd(_ milliseconds: Int64) throws {
    let slot = try KeyTests.slot("2")
    var bench = try Bench(PadSettings())
    let pan = try #require(PAN(Counter.pan))
    let amount = try #require(Amount(minorUnits: 100))
    let session = PadSessionKey(slot: slot, cryptogram: [UInt8](repeating: 5, count: 16))
    bench.tell(
      .ordered(.enterPIN(PINPrompt(pan: pan, amount: amount, seconds: 30, session: session))))
    bench.hear([0x06])
    bench.hear(Bench.frame("080", administrative: true))
    bench.written = []
    bench.wait(.milliseconds(milliseconds))
    #expect(bench.written.isEmpty)
    bench.hear([0x04])
    bench.wait(.milliseconds(60))
    #expect(bench.written == [[0x02] + hex("5A 32 1E 30 30 31 1A 03 5E")])
    #expect(bench.reports.isEmpty)
  }

  @Test("a pad's own time-out that comes a little late is still a time-out, not a silent pad")
  func lateTimeout() throws {
    for seconds in 1...4 {
      var bench = try Bench()
      try bench.ask()
      bench.wait(.seconds(30 + Int64(seconds)))
      #expect(bench.reports.isEmpty)
      bench.hear([0x04])
      #expect(bench.reports == [.noPIN(.timedOut)])
    }
  }

  @Test("noise that never ends does not keep the pad from being asked who it is")
  func endlessNoise() throws {
    var bench = try Bench()
    bench.tell(.link(.closed(.lost)))
    bench.reports = []
    bench.tell(.link(.opened(.serial)))
    bench.tell(.ordered(.selectSet(.one)))
    for _ in 0..<900 {
      bench.wait(.milliseconds(100))
      bench.hear([0xFF])
    }
    #expect(bench.reports.contains(.keyNotLoaded(.set(.one), .silent)))
    #expect(bench.reports.contains(.unavailable(.silent)))
  }

  @Test("behind a cancel the line is quiet first: its late ACK answers no other command")
  func crossedCancel() throws {
    var bench = try Bench()
    try bench.ask()
    bench.tell(.ordered(.cancel))
    // The cardholder cancels at the same moment; the pad then acknowledges our 72 as well.
    bench.hear([0x04])
    #expect(bench.reports == [.noPIN(.aborted)])
    bench.tell(.ordered(.selectSet(.one)))
    bench.hear([0x06])
    #expect(bench.reports == [.noPIN(.aborted)])
    bench.wait(.milliseconds(300))
    bench.hear([0x06])
    #expect(bench.reports == [.noPIN(.aborted), .setSelected(.one)])
  }

  @Test("between two orders the pad has its rest of fifty milliseconds")
  func rest() throws {
    var bench = try Bench()
    try bench.ask()
    bench.hear(Bench.frame("7109876543210E000011B9C1845EB993A7A"))
    bench.written = []
    bench.tell(.ordered(.selectSet(.one)))
    #expect(bench.written.isEmpty)
    bench.wait(.milliseconds(49))
    #expect(bench.written.isEmpty)
    bench.wait(.milliseconds(2))
    #expect(bench.written == [hex("02 39 36 31 03 3D")])
  }

  @Test("an answer that no rule fits is asked for again twice, then the session ends")
  func unreadable() throws {
    var bench = try Bench()
    try bench.ask()
    for _ in 0..<2 { bench.hear(Bench.frame("719999")) }
    #expect(bench.written == [[0x15], [0x15]])
    bench.hear(Bench.frame("719999"))
    #expect(bench.written.contains([0x04]))
    #expect(bench.reports == [.noPIN(.silent)])
  }

  @Test("a key serial number of too few or too many digits is no answer", arguments: [2, 9, 21])
  func serialDigits(_ count: Int) throws {
    var bench = try Bench()
    try bench.ask()
    let digits = String(repeating: "1", count: count)
    bench.hear(Bench.frame("710" + digits + "1B9C1845EB993A7A"))
    #expect(bench.reports.isEmpty)
    #expect(bench.written == [[0x15]])
  }

  @Test("a slow line is no bad line: only a gap between two bytes ends a frame")
  func slow() throws {
    var bench = try Bench()
    try bench.ask()
    for byte in Bench.frame("7109876543210E000011B9C1845EB993A7A") {
      bench.wait(.milliseconds(400))
      bench.hear([byte])
    }
    guard case .pinEntered = bench.reports.first else {
      Issue.record("no PIN: \(bench.reports)")
      return
    }
    var gap = try Bench()
    try gap.ask()
    gap.hear([0x02, 0x37])
    gap.wait(.milliseconds(501))
    #expect(gap.written == [[0x15]])
  }

  @Test("no key for a session, and keys that do not fit, make the pad useless by name")
  func sessionErrors() throws {
    let slot = try KeyTests.slot("0")
    let session = PadSessionKey(slot: slot, cryptogram: [UInt8](repeating: 5, count: 16))
    for (code, isLost) in [("9", true), ("1", true), ("5", false), ("A", false)] {
      var bench = try Bench()
      try bench.ask(session: session)
      bench.hear(Bench.frame("71" + code))
      #expect(bench.reports.contains(.unavailable(.keyMissing)) == isLost)
    }
    // A PIN of no digits was not asked for.
    var bench = try Bench()
    try bench.ask(session: session)
    bench.hear(Bench.frame("71.00001" + String(repeating: "0", count: 16)))
    #expect(bench.reports == [.noPIN(.cancelled)])
  }

  @Test("the pad asks for more behind the last packet: dropped, and the MAC still comes")
  func moreThanAll() throws {
    let slot = try KeyTests.slot("B")
    var bench = try Bench()
    let key = PadSessionKey(slot: slot, cryptogram: [UInt8](repeating: 0, count: 16))
    let request = try #require(PadMACRequest(key: key, message: [1, 2, 3]))
    bench.tell(.ordered(.authenticate(request)))
    bench.hear([0x06])
    bench.hear(Bench.frame("Z671"))
    bench.wait(.seconds(1))
    #expect(bench.reports.isEmpty)
    bench.hear(Bench.frame("Z670A1C72E74EA3FA9B6"))
    #expect(bench.reports == [.authenticated(hex("A1C72E74EA3FA9B6"))])
  }

  @Test("a refused echo whose EOT is lost comes again and is refused again, never acknowledged")
  func echoAgain() throws {
    let slot = try KeyTests.slot("0")
    var bench = try Bench()
    bench.tell(.ordered(.loadKey(.slot(slot), block: KeyTests.pinBlock)))
    bench.hear([0x06])
    let other = String(decoding: KeyTests.pinBlock, as: UTF8.self).replacing("F516", with: "F617")
    bench.written = []
    bench.hear(Bench.frame("020" + other, administrative: true))
    #expect(bench.reports == [.keyNotLoaded(.slot(slot), .echoDiffers)])
    for wait in [Interval.milliseconds(10), .seconds(5), .seconds(5)] {
      bench.wait(wait)
      bench.written = []
      bench.hear(Bench.frame("020" + other, administrative: true))
      #expect(bench.written == [[0x04]])
    }
    // Neither is a key stored that comes back when the load has been given up.
    var slow = try Bench()
    slow.tell(.ordered(.loadKey(.slot(slot), block: KeyTests.pinBlock)))
    slow.hear([0x06])
    slow.wait(.seconds(13))
    #expect(slow.reports.first == .keyNotLoaded(.slot(slot), .silent))
    slow.written = []
    let block = String(decoding: KeyTests.pinBlock, as: UTF8.self)
    slow.hear(Bench.frame("020" + block, administrative: true))
    #expect(slow.written == [[0x04]])
  }

  @Test("ten seconds for a key: it is never sent twice when the pad has acknowledged it")
  func slowLoad() throws {
    let slot = try KeyTests.slot("0")
    var bench = try Bench()
    bench.tell(.ordered(.loadKey(.slot(slot), block: KeyTests.pinBlock)))
    bench.hear([0x06])
    bench.written = []
    bench.wait(.seconds(10))
    #expect(bench.written.isEmpty)
    let block = String(decoding: KeyTests.pinBlock, as: UTF8.self)
    bench.hear(Bench.frame("020" + block, administrative: true))
    #expect(bench.reports == [.keyLoaded(.slot(slot))])
  }

  @Test("a second order while one is under way is refused at once, and the first goes on")
  func twoOrders() throws {
    var bench = try Bench()
    try bench.ask()
    bench.tell(.ordered(.selectSet(.one)))
    #expect(bench.reports == [.keyNotLoaded(.set(.one), .silent)])
    bench.hear(Bench.frame("7109876543210E000011B9C1845EB993A7A"))
    #expect(bench.reports.count == 2)
  }

  @Test("only 910 says that an initial key is loaded")
  func initialKeyAnswers() throws {
    for (answer, expected) in [
      ("910", PINPadReport.keyLoaded(.set(.zero))),
      ("9110", .keyNotLoaded(.set(.zero), .refused(code: 0x30))),
      ("911C", .keyNotLoaded(.set(.zero), .refused(code: 0x43))),
    ] {
      var bench = try Bench()
      bench.tell(.ordered(.loadKey(.set(.zero), block: KeyTests.pinBlock)))
      bench.hear([0x06])
      bench.hear(Bench.frame(answer))
      #expect(bench.reports == [expected])
    }
  }

  @Test("a pad with an empty MAC slot is not ready because a set was selected")
  func incomplete() throws {
    let slot = try KeyTests.slot("B")
    var counter = try KeyTests.ready(PadSettings(macSlot: slot))
    #expect(counter.reports.last == .unavailable(.keyMissing))
    counter.order(.selectSet(.one))
    #expect(counter.reports == [.setSelected(.one)])
  }
}
