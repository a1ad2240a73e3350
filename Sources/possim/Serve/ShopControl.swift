// SPDX-License-Identifier: Apache-2.0

import Clockwork
import Glibc
import LinuxHost
import Simulator

//   swipe [card]          card N               pin right|wrong|cancel|none
//   reader stripe|securemag|securemag-encrypted|chip
//   eager on|off          plug|unplug DEVICE   paper out|in|after LINES     cover open|closed
//   power off|on          ledger               paper show|logos             quit
//   batches               dispute on|off       uploads N|all
//   certificate right|expired|other-name|other-authority [clients]
//   delay                 when the last swipe's report left that became a request, and when that
//                         came, microseconds since the machine's start
//   greeting none|right|other|silent|surplus
//   wish none|newest|VERSION   which version the management server wants
//   wish heard            what terminals have told it of their programs
//
// One command a line; the answer ends with a line of its own: "ok" or "no: why".

/// The strings by which a script plays with the shop: a UNIX socket of text lines.
final class ShopControl: PollSource {
  private let listener: UnixListener
  private let shop: ServedShop
  private var callers: [Caller] = []

  init(path: String, shop: ServedShop) throws {
    listener = try UnixSocket.listen(path, .stream)
    self.shop = shop
  }

  var interests: [PollInterest] { [PollInterest(listener.number, Int16(POLLIN))] }
  var deadline: Instant? { nil }
  func wake(at now: Instant) {}

  func ready(_ descriptor: Int32, _ events: Int16) {
    guard let accepted = UnixSocket.accept(listener.number) else { return }
    let caller = Caller(accepted)
    caller.onLine = { [unowned self] in answer($0) }
    caller.onEnd = { [unowned self, weak caller] in
      guard let caller else { return }
      shop.loop.remove(caller)
      callers.removeAll { $0 === caller }
    }
    callers.append(caller)
    shop.loop.add(caller)
  }

  private func answer(_ line: String) -> String {
    let words = line.split(separator: " ").map(String.init)
    do {
      return try obey(words) ?? "no: not understood\n"
    } catch {
      return "no: \(error)\n"
    }
  }

  private func obey(_ words: [String]) throws -> String? {
    switch (words.first ?? "", words.dropFirst().first ?? "") {
    case ("swipe", let number):
      let card = number.isEmpty ? shop.cardholder.card : Int(number) ?? -1
      guard SimulatedShop.accounts.indices.contains(card) else { return "no: no such card\n" }
      shop.change { $0.card = card }
      shop.tell(ReaderModel.Event.swiped(SimulatedShop.swipe(SimulatedShop.accounts[card])))
    case ("card", let number):
      guard let card = Int(number), SimulatedShop.accounts.indices.contains(card) else {
        return "no: no such card\n"
      }
      shop.change { $0.card = card }
    case ("pin", let manner):
      guard let manner = Cardholder.Manner(rawValue: manner) else { return nil }
      shop.change { $0.manner = manner }
    case ("reader", let word):
      guard let reader = ServedShop.Reader(rawValue: word) else { return nil }
      shop.use(reader)
    case ("eager", let word): shop.change { $0.isEager = word == "on" }
    case ("plug", let device), ("unplug", let device):
      guard try shop.setPlugged(device, words[0] == "plug") else { return "no: no such plug\n" }
    case ("paper", "out"): shop.tell(.paperRanOut)
    case ("paper", "in"): shop.tell(.paperLoaded)
    case ("paper", "after"):
      guard let lines = words.last.flatMap({ Int($0) }) else { return nil }
      shop.tell(.paperRunsOutAfter(lines: lines))
    case ("logo", let word):
      guard let seconds = Int64(word), (0...60).contains(seconds) else { return nil }
      shop.setLogoTime(.seconds(seconds))
    case ("wish", "none"): shop.wish(nil)
    case ("wish", "newest"): shop.wish("")
    case ("wish", "heard"): return shop.inventories.map { $0 + "\n" }.joined() + "ok\n"
    case ("wish", let version): shop.wish(version)
    case ("paper", "logos"): return shop.logos.map { $0 + "\n" }.joined() + "ok\n"
    case ("paper", "show"): return shop.paper.map { $0 + "\n" }.joined() + "ok\n"
    case ("cover", "open"): shop.tell(.coverOpened)
    case ("cover", "closed"): shop.tell(.coverClosed)
    case ("power", "off"): shop.tell(PrinterModel.Event.powerCut)
    case ("power", "on"): shop.tell(PrinterModel.Event.powerOn)
    case ("batches", _): return ShopControl.batches(shop.acquirer) + "ok\n"
    case ("dispute", let word): shop.changeHost { $0.disputesTotals = word == "on" }
    case ("uploads", let word): shop.changeHost { $0.uploadsAnswered = Int(word) }
    case ("certificate", let word):
      guard let server = Certificates.Server(rawValue: word) else { return nil }
      try shop.setTrust(server, wantsClients: words.last == "clients")
    case ("greeting", let word):
      guard let greeting = ShopControl.greeting(word) else { return nil }
      shop.changeHost { $0.greeting = greeting.isEmpty ? nil : greeting[0] }
    case ("delay", _):
      guard let (left, came) = shop.requestMoments else { return "no: nothing was asked\n" }
      return "\(left.microseconds)\n\(came.microseconds)\nok\n"
    case ("ledger", _): return ShopControl.ledger(shop.acquirer) + "ok\n"
    case ("quit", _): shop.loop.stop()
    default: return nil
    }
    return "ok\n"
  }

  /// What the acquirer's gateway wants to hear and answers; empty for no gateway, nil for another
  /// word.
  private static func greeting(_ word: String) -> [HostGreeting]? {
    var greeting = SimulatedShop.greeting
    switch word {
    case "none": return []
    case "right": break
    case "other": greeting.answer[2] ^= 1
    case "silent": greeting.answer = []
    case "surplus": greeting.answer.append(0)
    default: return nil
    }
    return [greeting]
  }

  /// A line a hold: trace number, local date and time, amount, state, response code.
  private static func ledger(_ acquirer: AcquirerModel) -> String {
    var text = ""
    for hold in acquirer.holds {
      let parts = [hold.stan, hold.localTime].map { String(decoding: $0, as: UTF8.self) }
      let code = String(decoding: hold.responseCode, as: UTF8.self)
      text += "\(parts[0]) \(parts[1]) \(hold.amount) \(hold.state) \(code.isEmpty ? "-" : code)\n"
    }
    return text
  }

  /// A line a batch: number, open or closed, what was said of the totals, records uploaded, and
  /// the amounts of debits and credits in the end.
  private static func batches(_ acquirer: AcquirerModel) -> String {
    var text = ""
    for batch in acquirer.batches {
      let result = batch.domestic.map { "\($0)" } ?? "-"
      let sums = batch.settled?.domestic ?? batch.host?.domestic ?? BatchSums()
      text += "\(batch.number) \(batch.isClosed ? "closed" : "open") \(result) "
      text += "\(batch.uploaded.count) \(sums.debitAmount) \(sums.creditAmount)\n"
    }
    return text
  }

  /// One script.
  private final class Caller: PollSource {
    var onLine: (String) -> String = { _ in "" }
    var onEnd: () -> Void = {}
    private let descriptor: Descriptor
    private var buffer: [UInt8] = []

    init(_ descriptor: consuming Descriptor) { self.descriptor = descriptor }

    var interests: [PollInterest] { [PollInterest(descriptor.number, Int16(POLLIN))] }
    var deadline: Instant? { nil }
    func wake(at now: Instant) {}

    func ready(_ number: Int32, _ events: Int16) {
      guard case .success(let read?) = readSome(number), !read.isEmpty else { return onEnd() }
      buffer += read
      while let end = buffer.firstIndex(of: 0x0A) {
        let line = String(decoding: buffer[..<end], as: UTF8.self)
        buffer.removeFirst(end + 1)
        _ = writeSome(number, Array(onLine(line).utf8)[...])
      }
    }
  }
}
