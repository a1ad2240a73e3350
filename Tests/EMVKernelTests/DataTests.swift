// SPDX-License-Identifier: Apache-2.0

import Clockwork
import Devices
import Testing
import Wire

@testable import EMVKernel

@Suite("Data objects, lists and dates")
struct DataTests {
  private static func tags(_ digits: String) -> [UInt32]? {
    var walk = TLVWalk(hex(digits))
    var found: [UInt32] = []
    do throws(WireFault) {
      while let object = try walk.next() { found.append(object.tag.rawValue) }
      return found
    } catch {
      return nil
    }
  }

  @Test("objects are walked over with padding, long lengths and tags of three bytes")
  func walk() {
    #expect(DataTests.tags("0000 5A0112 00 9F360200 2A 00") == [0x5A, 0x9F36])
    #expect(DataTests.tags("5A810112 5A82000112") == [0x5A, 0x5A])
    #expect(DataTests.tags("DF810100 5000") == [0xDF8101, 0x50])
    #expect(DataTests.tags("") == [])
    // FF is the beginning of a tag, and not padding.
    #expect(DataTests.tags("FF01 00") == [0xFF01])
    for bad in [
      "5A", "5A80", "5A8401020304", "5A02 01", "9F", "9F8001", "DF818101 00", "5A81", "5A8201",
    ] {
      #expect(DataTests.tags(bad) == nil, "\(bad)")
    }
  }

  @Test("templates are checked to the bottom, and to a bound")
  func templates() {
    func sound(_ digits: String) -> Bool { TLVWalk.isSound(hex(digits), 0..<hex(digits).count) }
    #expect(sound("6105 7303 5A0112"))
    #expect(!sound("6105 7303 5A0212"))
    #expect(sound("6106 6104 6102 5A00"))
    #expect(!sound("6108 6106 6104 6102 5A00"))
  }

  @Test("a value is cut and filled as its format says")
  func fitting() {
    func fit(_ digits: String, _ length: Int, _ format: DataRule.Format) -> [UInt8] {
      DataRule.fitted(hex(digits), to: length, format)
    }
    #expect(fit("0840", 1, .n) == hex("40"))
    #expect(fit("0840", 3, .n) == hex("000840"))
    #expect(fit("123456", 2, .cn) == hex("1234"))
    #expect(fit("1234", 3, .cn) == hex("1234FF"))
    #expect(fit("414243", 2, .text) == hex("4142"))
    #expect(fit("41", 3, .text) == hex("410000"))
    #expect(fit("0102", 1, .b) == hex("01"))
    #expect(fit("01", 2, .b) == hex("0100"))
    #expect(fit("01", 0, .n) == [])
  }

  @Test("a list is always as long as it says, whatever is known")
  func lists() throws {
    let list = try #require(DOL(hex("9F0204 9F1A03 5A0A DF7F02 7003 9F3700 9505")))
    #expect(list.count == 4 + 3 + 10 + 2 + 3 + 0 + 5)
    let data = list.data { tag in
      switch tag {
      case .amount: hex("000000012345")
      case .terminalCountry: hex("0276")
      case .pan: hex("9990011234")
      case .recordTemplate: hex("010203")
      default: nil
      }
    }
    #expect(data == hex("00012345 000276 9990011234FFFFFFFFFF 0000 000000 0000000000"))
    #expect(DOL([])?.count == 0)
    for bad in ["9F02", "9F", "95", "DF8181 05"] { #expect(DOL(hex(bad)) == nil, "\(bad)") }
  }

  @Test("a value stays with its source")
  func store() {
    var store = DataStore()
    store.card[.amount] = [1]
    store.card[.pan] = [2]
    store.terminal[.pan] = [3]
    store.terminal[DataTag(0x9F53)] = [4]
    store.issuer[.authorisationCode] = [5]
    store.card[.responseCode] = [6]
    #expect(store.value(of: .amount) == nil)
    #expect(store.value(of: .pan) == [2])
    #expect(store.value(of: DataTag(0x9F53)) == [4])
    #expect(store.value(of: .authorisationCode) == [5])
    #expect(store.value(of: .responseCode) == nil)
    #expect(store.encoded([.pan, .amount, .tvr]) == hex("5A0102 95050000000000"))
  }

  @Test("no number of a card and no answer of its prints")
  func secrets() throws {
    let response = try #require(CardResponse(tlv(0x70, tlv(0x5A, PlainCard.account)) + hex("9000")))
    let command = CardCommand.internalAuthenticate(PlainCard.account)
    let object = DataObject(.pan, PlainCard.account)
    for text in [
      "\(response)", "\(command)", "\(object)", "\(Kernel.Event.responded(response))",
      "\(Kernel.Effect.transmit(command))",
    ] {
      #expect(!text.contains("999001") && !text.contains("153, 144, 1"), "\(text)")
    }
    let (outcome, bench) = outcome { $0.goOnline() }
    #expect("\(bench.kernel)" == "a kernel that is finished")
    let all = bench.effects.map { "\($0)" }.joined() + String(describing: outcome)
    #expect(!all.contains("999001") && !all.contains("153, 144, 1"))
    #expect("\(response)" == "12 bytes, 9000")
  }

  @Test("an answer has a status, and no more than 256 bytes before it")
  func responses() {
    #expect(CardResponse([]) == nil)
    #expect(CardResponse([0x90]) == nil)
    #expect(CardResponse([0x90, 0x00])?.status == .success)
    #expect(CardResponse([UInt8](repeating: 0, count: 258)) != nil)
    #expect(CardResponse([UInt8](repeating: 0, count: 259)) == nil)
  }

  @Test("only commands that are answered with data have an Le")
  func lengths() {
    #expect(CardCommand.select(hex("F0504F5344")).bytes == hex("00A4040005F0504F534400"))
    #expect(CardCommand.readRecord(2, file: 1).bytes == hex("00B2020C00"))
    #expect(CardCommand.getData(.pinTryCounter).bytes == hex("80CA9F1700"))
    #expect(CardCommand.getChallenge.bytes == hex("0084000000"))
    #expect(
      CardCommand.externalAuthenticate(hex("0102030405060708")).bytes
        == hex("00820000080102030405060708"))
    #expect(CardCommand.getProcessingOptions([]).bytes == hex("80A8000002830000"))
    let long = CardCommand.getProcessingOptions([UInt8](repeating: 1, count: 128)).bytes
    #expect(long.starts(with: hex("80A8000083 838180 01")))
    #expect(CardCommand.generateAC(.arqc, signed: true, [1]).bytes == hex("80AE9000010100"))
  }

  @Test("the same events make the same effects")
  func replay() {
    var one = outcome { $0.goOnline() }.bench
    var other = outcome { $0.goOnline() }.bench
    #expect(one.effects == other.effects)
    other.transaction.unpredictableNumber = 2
    #expect(one.run() != other.run())
  }

  @Test("what nobody asked for changes nothing but a counter")
  func unexpected() {
    var kernel = Bench().kernel
    let before = kernel
    for event: Kernel.Event in [
      .pinEntered, .cancelled, .applicationChosen(0), .cardFailed(.removed), .languageChosen(0),
      .hostAnswered(HostAnswer(responseCode: [0x30, 0x30], verdict: .approves)), .padFailed,
      .pinVerified(.success), .referralDecided(approves: true),
      .exceptionsChecked(ExceptionAnswer()),
    ] {
      #expect(kernel.handle(event, at: .start) == [])
    }
    #expect(kernel.unexpectedEvents == 10)
    #expect(kernel.isFinished == before.isFinished)
  }
}
