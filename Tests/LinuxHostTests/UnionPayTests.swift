// SPDX-License-Identifier: Apache-2.0

import Clockwork
import Foundation
import ISO8583
import LinuxHost
import Simulator
import TerminalCore
import Testing
import Wire

@Suite("The UnionPay dialect against worked frames")
struct UnionPayTests {
  private static func text(_ bytes: [UInt8]?) -> String? {
    bytes.map { String(decoding: $0, as: UTF8.self) }
  }

  private static func fault(_ codec: Codec, _ bytes: [UInt8]) -> CodecFault? {
    do throws(CodecFault) {
      _ = try codec.decode(bytes)
      return nil
    } catch {
      return error
    }
  }

  private static func fault(_ codec: Codec, _ message: Message) -> CodecFault? {
    do throws(CodecFault) {
      _ = try codec.encode(message)
      return nil
    } catch {
      return error
    }
  }

  @Test("each frame has the elements it should, and they give the same bytes, by both writings")
  func workedFrames() throws {
    #expect(WorkedFrame.all.count == 11)
    let framing = try WorkedFrame.unionPay().framing
    for table in [try WorkedFrame.unionPay().table, UnionPayTable.table] {
      let codec = Codec(table: table)
      for worked in WorkedFrame.all {
        var assembler = FrameAssembler(framing: framing)
        assembler.append(worked.bytes)
        let frame = try #require(try assembler.next())
        #expect(frame == Frame(message: worked.body, order: worked.order), "\(worked.name)")
        let message = try codec.decode(frame.message)
        #expect(message == worked.message, "\(worked.name)")
        var again = message
        #expect(try codec.decode(frame.message, into: &again) == 0)
        #expect(try codec.encode(message) == frame.message, "\(worked.name)")
      }
    }
  }

  @Test("the terminal's frame is the worked frame, the host's has its addresses exchanged")
  func framed() throws {
    var framing = try WorkedFrame.unionPay().framing
    let request = try WorkedFrame.named("X4-request")
    #expect(framing.frame(request.body) == request.bytes)
    let answer = try WorkedFrame.named("X4-answer")
    #expect(framing.answering.frame(answer.body) == answer.bytes)
    framing.tpdu = [0x60, 0x00, 0x14, 0x00, 0x00]
    framing.application[5] = 0x06
    let approved = try WorkedFrame.named("X1")
    #expect(framing.answering.frame(approved.body, order: 4) == approved.bytes)
    framing.state = 1
    #expect(Hex.text(framing.frame([])) == "000B60001400006031103100" + "06")
    #expect(framing.state == 1)
  }

  @Test("the MAC covers the 91 bytes of V2 and the 259 of V3, and stands behind them")
  func covered() throws {
    let codec = Codec(table: try WorkedFrame.unionPay().table)
    for (name, count) in [("V2", 91), ("V3", 259)] {
      let worked = try WorkedFrame.named(name)
      var message = worked.message
      let mac = try #require(message[64])
      message[64] = nil
      var covered: [UInt8] = []
      let bytes = try codec.encode(message) { text in
        covered = text
        return mac
      }
      #expect(covered == Array(worked.body.prefix(count)))
      #expect(bytes == worked.body)
    }
  }

  @Test("V3 cut short at any byte is refused there, and what was read before is kept")
  func truncated() throws {
    let codec = Codec(table: try WorkedFrame.unionPay().table)
    let worked = try WorkedFrame.named("V3")
    #expect(worked.body.count == 267)
    for count in 0..<worked.body.count {
      let fault = try #require(UnionPayTests.fault(codec, Array(worked.body.prefix(count))))
      #expect(fault.rule == .truncated)
      #expect(fault.offset <= count)
      // What is missing ends where the element, its prefix or its head does.
      #expect(fault.count > 0)
      #expect(count + fault.count <= worked.body.count)
      guard let partial = fault.partial else {
        #expect(count < 2)
        continue
      }
      #expect(partial.present == Array(worked.message.present.prefix(partial.present.count)))
      #expect(partial.present.allSatisfy { partial[$0] == worked.message[$0] })
      if fault.element > 1 {
        #expect(fault.element == worked.message.present[partial.present.count])
      }
    }
    let more = UnionPayTests.fault(codec, worked.body + [0, 0, 0])
    #expect(more?.rule == .leftOver)
    #expect(more?.count == 3)
  }

  @Test("the parts of the composite elements are read, and written to the same content")
  func parts() throws {
    let codec = Codec(table: try WorkedFrame.unionPay().table)
    func part(_ frame: String, _ element: Int, _ name: String, in layout: String? = nil)
      throws -> [UInt8]?
    {
      let message = try WorkedFrame.named(frame).message
      let parts = try #require(try codec.parts(element, of: message, layout: layout))
      #expect(try parts.encoded() == message[element], "\(frame) \(element)")
      return parts[name]
    }
    #expect(try Hex.text(part("V3", 55, "9F26") ?? []) == "AE60C8CABA4C02F9")
    #expect(try Hex.text(part("V3", 55, "84") ?? []) == "A000000333010101")
    #expect(try UnionPayTests.text(part("V3", 60, "batch")) == "000105")
    #expect(try UnionPayTests.text(part("V3", 60, "network")) == "000")
    #expect(try UnionPayTests.text(part("V3", 60, "partial")) == "1")
    #expect(try part("V3", 60, "account") == nil)
    #expect(try UnionPayTests.text(part("V2", 60, "batch")) == "000001")
    #expect(try UnionPayTests.text(part("V2", 53, "pin-format")) == "2")
    #expect(try UnionPayTests.text(part("X1", 44, "issuer")) == "03010000   ")
    #expect(try UnionPayTests.text(part("X1", 63, "organisation", in: "answer")) == "CUP")
    #expect(try UnionPayTests.text(part("X4-request", 62, "count", in: "sign-in")) == "12")
    #expect(
      try UnionPayTests.text(part("X4-request", 62, "certificate", in: "sign-in"))
        == "312500000001")
    #expect(
      try Hex.text(part("X4-answer", 62, "mac-key", in: "keys-003") ?? []) == "B651F9E9BACE9AE1")
    #expect(
      try Hex.text(part("X4-answer", 62, "mac-key-check", in: "keys-003") ?? []) == "AB7153CA")
    #expect(try UnionPayTests.text(part("X6", 48, "credit-amount", in: "totals")) == "000000000500")
    #expect(try UnionPayTests.text(part("X7-end", 48, "records", in: "records")) == "0004")
    let details = try WorkedFrame.named("X7-details").message
    let records = try #require(try codec.parts(48, of: details, layout: "details"))
    #expect(records.all("stan").map { UnionPayTests.text($0) } == ["000012", "000013"])
    #expect(try records.encoded() == details[48])
    #expect(try codec.parts(61, of: details) == nil)
  }

  @Test("a message for people hides card, track, PIN, chip and keys")
  func masked() throws {
    let codec = Codec(table: try WorkedFrame.unionPay().table)
    let text = codec.masked(try WorkedFrame.named("V3").message)
    #expect(text.contains("\n2 623501*********0069\n"))
    #expect(text.contains("\n35 <37 track>\n"))
    #expect(text.contains("\n41 65465423\n"))
    #expect(text.contains("\n52 <8 pin>\n"))
    #expect(text.contains("\n55 <145 pan>\n"))
    #expect(!text.contains("3452200000069") && !text.contains("FF0C47F016D61C79"))
    let keys = codec.masked(try WorkedFrame.named("X4-answer").message)
    #expect(keys.contains("\n62 <40 key>"))
    let cut = UnionPayTests.fault(codec, Array(try WorkedFrame.named("V3").body.prefix(60)))
    #expect("\(try #require(cut))" == "element 35 at byte 42: truncated, 1 bytes")
  }
}
