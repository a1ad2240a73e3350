// SPDX-License-Identifier: Apache-2.0

import Devices
import EMVKernel
import Testing

@Suite("What the card's lists are given, and when there is too much of it")
struct ListDataTests {
  @Test("the first list is given the terminal's data and no word of the card's own")
  func first() {
    let run = outcome {
      $0.transaction.isForcedOnline = true
      $0.card.proprietary += tlv(0x9F38, hex("9F1B04 5004 9F0607 9F1A02 9505 8A02 9F2608 9B02"))
    }
    #expect(
      run.bench.command("80A8")?.dropFirst(7).dropLast()
        == hex(
          "00004E20 00000000 F0504F53440101 0276 0000000800 0000 0000000000000000 0000")[...])
  }

  @Test("a first list may ask for 252 bytes, which with tag and length fill a command")
  func long() {
    for (list, isSent) in [("9F7CFC", true), ("9F7CFD", false)] {
      let run = outcome { $0.card.proprietary += tlv(0x9F38, hex(list)) }
      #expect((run.bench.command("80A8") != nil) == isSent)
      #expect(
        run.outcome?.result == (isSent ? .approved(.offline) : .ended(.format(.initiation))))
      if isSent { #expect(run.bench.command("80A8")?.prefix(8) == hex("80A80000FF8381FC")[...]) }
    }
  }

  @Test("the terminal's own key index is that of the key the card names")
  func keyIndex() {
    let run = outcome {
      $0.card.set(0x8C, "9F2201 9F1B04 9505")
      $0.card.personalise("5800")
    }
    #expect(run.bench.listData(0) == hex("01 00004E20 0200000000"))
  }

  @Test("files up to 10 hold templates and nothing else, those above what they like")
  func files() {
    for (file, isTaken) in [(UInt8(10), false), (11, true), (30, true)] {
      let run = outcome {
        let locator = hex("0800 08010100") + [file << 3, 1, 1, 0]
        $0.card.replies.insert((hex("80A8"), [tlv(0x80, locator) + hex("9000")]), at: 0)
        $0.card.replies.insert(([0x00, 0xB2, 0x01, file << 3 | 4], [hex("0102 9000")]), at: 0)
      }
      #expect(
        run.outcome?.result == (isTaken ? .approved(.offline) : .ended(.format(.records))))
    }
  }

  @Test("a dynamic list that no command can hold, or no four bytes the amount of, ends it")
  func dynamic() {
    for (list, amount, result) in [
      ("9F37FE 9501", UInt64(12_345), nil),
      ("9F37FF 9501", 12_345, Outcome.Result.ended(.format(.authentication))),
      ("9F3704 8104", 4_294_967_295, nil),
      ("9F3704 8104", 4_294_967_296, .ended(.amountTooLarge)),
    ] {
      let run = outcome {
        $0.amount(amount)
        $0.risk.floorLimit = .max
        $0.card.personalise("3800")
        $0.card.set(0x9F49, list)
      }
      #expect((run.bench.command("0088") != nil) == (result == nil), "\(list)")
      #expect(run.outcome?.result == result ?? .approved(.offline), "\(list)")
    }
  }

  @Test("an amount of more than four bytes ends it where a list for a cryptogram asks for those")
  func cryptogram() {
    for (tag, requests) in [(UInt32(0x8C), [UInt8]()), (0x8D, [0x80])] {
      let run = outcome {
        $0.goOnline()
        $0.amount(4_294_967_296)
        $0.card.set(tag, "8104 9505")
      }
      #expect(run.outcome?.result == .ended(.amountTooLarge))
      #expect(run.bench.cryptogramRequests == requests)
      // The host had approved what the card was never asked to confirm.
      #expect(run.outcome?.needsReversal == !requests.isEmpty)
    }
  }
}
