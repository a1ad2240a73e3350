// SPDX-License-Identifier: Apache-2.0

import Clockwork
import Devices
import Simulator
import Testing

@testable import PrinterESCPOS

@Suite("The logo in the printer")
struct LogoTests {
  private func raster(_ width: Int, _ bytes: [UInt8]) -> Raster {
    var logo = Raster(width: width)
    logo.add(rows: bytes[...])
    return logo
  }

  private func order(_ logo: Raster, number: UInt32 = 7) -> PrinterESCPOS.Event {
    .ordered(.print(PrintJob(number: number, keeps: logo)))
  }

  private func sent(_ logo: Raster) -> [UInt8] {
    var encoder = Encoder(profile: PrinterProfile())
    encoder.keep(logo)
    encoder.flush()
    return encoder.chunks.flatMap { $0 }
  }

  @Test("keeping and printing are the orders of the manual")
  func vectors() {
    // The reference's example: sixteen by four dots under the key G1.
    #expect(
      sent(raster(16, [0xFF, 0xFF, 0x80, 0x01, 0x80, 0x01, 0xFF, 0xFF])) == [
        0x1D, 0x28, 0x4C, 0x13, 0x00, 0x30, 0x43, 0x30, 0x47, 0x31, 0x01, 0x10, 0x00, 0x04, 0x00,
        0x31, 0xFF, 0xFF, 0x80, 0x01, 0x80, 0x01, 0xFF, 0xFF,
      ])
    var encoder = Encoder(profile: PrinterProfile())
    encoder.logo()
    encoder.flush()
    #expect(
      encoder.chunks.flatMap { $0 } == [
        0x1B, 0x61, 0x01, 0x1D, 0x28, 0x4C, 0x06, 0x00, 0x30, 0x45, 0x47, 0x31, 0x01, 0x01,
      ])
  }

  @Test("no logo of any size hides a real-time command, not in its length either")
  func harmless() {
    var dice = Dice(seed: 11)
    let pool: [UInt8] = [0x10, 0x04, 0x05, 0x14, 0x00, 0xFF]
    var lengths: Set<UInt8> = []
    for width in 1...72 {
      for height in 1...PrintJob.mostLogoDots {
        let size = 11 + width * height
        // Most sizes cannot be one of these; of the others a few are tried.
        let isRisky = size & 0xFF == 0x10 && [0x04, 0x05, 0x14].contains(size >> 8)
        if !isRisky, !dice.chance(1, in: 200) { continue }
        if isRisky { lengths.insert(UInt8(size >> 8)) }
        let dots = (0..<width * height).map { _ in pool[dice.below(pool.count)] }
        let bytes = sent(raster(width * 8, dots))
        for (first, second) in zip(bytes, bytes.dropFirst()) {
          if first == 0x10, [0x04, 0x05, 0x14].contains(second) {
            Issue.record("\(width) by \(height)")
          }
        }
      }
    }
    #expect(lengths == [0x04, 0x05, 0x14])
  }

  @Test("a printer that has proven a logo prints those dots above every paper, and nothing else")
  func kept() throws {
    for profile in [PrinterProfile(), fenceOnly] {
      var bench = Bench.fitting(profile)
      bench.open()
      let logo = SimulatedShop.logo
      bench.tell(order(logo))
      bench.run(.seconds(120))
      #expect(bench.outcomes == [.printed(profile.hasProcessID ? .processID : .fence)])
      #expect(bench.model.logos == [logo])
      #expect(bench.model.everythingPrinted.isEmpty && bench.model.receipts.isEmpty)
      var job = PrintJob(number: 8, lines: document())
      job.logoDots = logo.height
      bench.tell(.ordered(.print(job)))
      bench.run(.seconds(60))
      #expect(bench.outcomes.count == 2)
      #expect(bench.model.receipts.last?.first == PrinterModel.pictureLine)
      #expect(bench.paperHolds(document()))
      let paper = try #require(bench.model.pictures.last)
      let left = (paper.width - logo.width) / 2
      #expect(paper.height == logo.height)
      for y in 0..<logo.height {
        for x in 0..<paper.width {
          let wanted = x >= left && x < left + logo.width && logo[x - left, y]
          if paper[x, y] != wanted { Issue.record("dot \(x), \(y)") }
        }
      }
      #expect(bench.model.unknownCommands.isEmpty)
      #expect(bench.model.logoWritings == 1)
    }
  }

  @Test("a logo survives a power cut; one that was being written is in doubt, and the next fits")
  func power() {
    var bench = Bench()
    bench.open()
    bench.tell(order(SimulatedShop.logo))
    // The dots have arrived and are being written.
    bench.run(.milliseconds(500))
    bench.happen(.powerCut)
    bench.happen(.powerOn)
    bench.run(.minutes(3))
    #expect(bench.outcomes == [.unknown(.unavailable(.silent))])
    #expect(bench.model.logos.isEmpty)
    bench.tell(order(SimulatedShop.logo, number: 8))
    bench.run(.minutes(3))
    #expect(bench.outcomes.last == .printed(.processID))
    bench.happen(.powerCut)
    bench.happen(.powerOn)
    #expect(bench.model.logos == [SimulatedShop.logo])
  }

  @Test("half a logo swallows no receipt, in a printer that clears nothing and is slow too")
  func half() {
    var profile = fenceOnly
    profile.baud = 9_600
    var bench = Bench.fitting(profile)
    bench.open()
    bench.linkLostAtWrite = 12
    bench.tell(order(largest))
    bench.run(.minutes(1))
    #expect(bench.outcomes.last == .unknown(.unavailable(.link(.lost))))
    bench.linkLostAtWrite = nil
    bench.open()
    bench.run(.seconds(10))
    bench.tell(.ordered(.print(PrintJob(number: 8, lines: document()))))
    bench.run(.minutes(3))
    #expect(bench.outcomes.last == .printed(.fence))
    let isWhole = bench.paperHolds(document())
    #expect(isWhole)
    #expect(bench.model.everythingPrinted.count == document().count)
  }

  @Test("a printer that is only busy proves no receipt by the answer to an earlier preamble")
  func busy() {
    for profile in [fenceOnly, PrinterProfile()] {
      for quarters in 0..<60 {
        var bench = Bench.fitting(profile, keepTime: .milliseconds(Int64(quarters) * 250))
        bench.open()
        bench.tell(order(SimulatedShop.logo))
        bench.run(.milliseconds(700))
        // posd is killed, and started anew while the printer writes.
        bench.loseLink()
        bench.driver = PrinterESCPOS(profile: profile)
        bench.open()
        bench.run(.milliseconds(100))
        bench.print(document(), number: 8)
        bench.run(.minutes(2))
        guard case .printed? = bench.outcomes.last else { continue }
        let seconds = Double(quarters) / 4
        #expect(bench.linesAtEnd[8] == document().count, "\(profile.hasProcessID) \(seconds) s")
        let isWhole = bench.paperHolds(document()) && bench.model.logos.count == 1
        #expect(isWhole)
      }
    }
  }

  @Test("nor is one proven that waits behind another's long paper")
  func longPaper() {
    for count in stride(from: 10, to: 300, by: 10) {
      var bench = Bench.fitting(fenceOnly)
      bench.open()
      bench.run(.seconds(1))
      let long = (0..<count).map { PrintLine("line \($0)") }
      bench.print(long, number: 7)
      bench.run(.milliseconds(650))
      bench.loseLink()
      bench.driver = PrinterESCPOS(profile: fenceOnly)
      bench.open()
      bench.run(.milliseconds(100))
      bench.print(document(), number: 8)
      bench.run(.minutes(2))
      guard case .printed? = bench.outcomes.last else { continue }
      #expect(bench.linesAtEnd[8] == count + document().count, "\(count) lines")
      let isWhole = bench.paperHolds(document())
      #expect(isWhole)
    }
  }

  private var largest: Raster {
    raster(576, [UInt8](repeating: 0xFF, count: 72 * PrintJob.mostLogoDots))
  }

  @Test("a logo that is too large for any printer is refused and stops nothing")
  func tooLarge() {
    var bench = Bench()
    bench.open()
    let wide = raster(768, [UInt8](repeating: 0, count: 96 * PrintJob.mostLogoDots))
    bench.tell(order(wide))
    bench.tell(order(raster(8, [UInt8](repeating: 0, count: PrintJob.mostLogoDots + 1))))
    #expect(
      bench.outcomes
        == [PrintOutcome](
          repeating: .notPrinted(.busy, isFragment: false), count: 2))
    bench.tell(order(largest))
    bench.run(.minutes(2))
    #expect(bench.outcomes.last == .printed(.processID) && bench.model.logos == [largest])
  }

  @Test("a printer whose profile keeps none is sent none, and one that has none prints none")
  func without() {
    let plain = PrinterProfile(keepsLogo: false)
    var bench = Bench(plain, printer: PrinterModel.Profile(keepsLogos: false))
    bench.open()
    bench.tell(order(SimulatedShop.logo))
    #expect(bench.outcomes == [.notPrinted(.busy, isFragment: false)])
    var job = PrintJob(number: 8, lines: document())
    job.logoDots = 24
    bench.tell(.ordered(.print(job)))
    bench.run(.seconds(60))
    #expect(bench.model.unknownCommands.isEmpty && bench.paperHolds(document()))
    #expect(!bench.model.everythingPrinted.contains(PrinterModel.pictureLine))
    // A false claim costs a command that the printer drops by its length; text is never printed.
    var claimed = Bench(PrinterProfile(), printer: PrinterModel.Profile(keepsLogos: false))
    claimed.open()
    claimed.tell(order(SimulatedShop.logo))
    claimed.run(.minutes(2))
    #expect(claimed.model.everythingPrinted.isEmpty)
    #expect(claimed.model.unknownCommands.map { $0.bytes[2] } == [0x4C])
    // Its proof is that it has read the dots: what it does with them only paper shows.
    #expect(claimed.outcomes == [.printed(.processID)] && claimed.model.logos.isEmpty)
  }
}
