// SPDX-License-Identifier: Apache-2.0

import ArgumentParser
import EMVKernel
import Glibc
import LinuxHost
import PaymentCrypto
import Simulator
import Wire

/// Test cards: what a person does with them.
struct Card: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "card",
    abstract: "Make test cards, talk to them, and let them pay their issuer.",
    subcommands: [New.self, Authority.self, Talk.self, Run.self, Faults.self, Sales.self])

  /// A card's file, or a message that says what is wrong with it.
  static func profile(_ path: String) throws -> CardProfile {
    let bytes = FileSystem.read(path == "-" ? "/dev/stdin" : path, limit: 1 << 16)
    guard let bytes else { throw ValidationError("\(path) cannot be read") }
    do throws(CardFileFault) {
      return try CardProfile(text: String(decoding: bytes, as: UTF8.self))
    } catch {
      throw ValidationError("\(path):\(error.line): `\(error.word)` cannot be read")
    }
  }

  struct New: ParsableCommand {
    static let configuration = CommandConfiguration(
      abstract: "Draw a card and write its file, which says all that can be set.")

    @Option(help: "The file.")
    var out: String

    @Option(help: "What card and keys are drawn from.")
    var seed: UInt64 = 1

    func run() throws {
      let text = Array(CardProfile.drawn(seed: seed).text.utf8)
      if !FileSystem.create(out, text) {
        throw ValidationError("\(out) cannot be made; an old file is not written over")
      }
    }
  }

  struct Authority: ParsableCommand {
    static let configuration = CommandConfiguration(
      abstract: "Print the public key that a terminal needs to know a card's issuer.")

    @Argument(help: "The card's file.")
    var file: String

    func run() throws {
      let profile = try Card.profile(file)
      let key = CardKeySet(seed: profile.seed, sizes: profile.sizes).authority.publicKey
      let index = CardKeySet.authorityIndex
      let sum = AuthorityKey.sum(CardKeySet.scheme, index, key.modulus, key.exponent)
      print("rid \(Hex.text(CardKeySet.scheme))")
      print("index \(Hex.text([index]))")
      print("modulus \(Hex.text(key.modulus))")
      print("exponent \(Hex.text(key.exponent))")
      print("checksum \(Hex.text(sum))")
    }
  }

  struct Talk: ParsableCommand {
    static let configuration = CommandConfiguration(
      abstract: "Be the card: a command a line in hexadecimal digits, an answer a line.",
      discussion: "`reset` is answered with the answer to reset, a card that is gone with `-`.")

    @Argument(help: "The card's file.")
    var file: String

    @Flag(help: "Answer as a reader does that lets the words of T=0 through.")
    var bytes = false

    func run() throws {
      var link = ByteLinkCard(try Card.profile(file).personalised())
      _ = link.reset()
      while let line = readLine() {
        if line == "reset" {
          Talk.say(Hex.text(link.reset().bytes))
          continue
        }
        let digits = line.utf8.filter { $0 != 0x20 }
        guard let command = try? Hex.decode(digits) else {
          throw ValidationError("`\(line)` is no command")
        }
        let answer = bytes ? link.process(command) : link.card.process(command)
        Talk.say(answer.isEmpty ? "-" : Hex.text(answer))
      }
    }

    /// At once: who talks to a card waits for it.
    private static func say(_ line: String) {
      print(line)
      fflush(nil)
    }
  }

  struct Faults: ParsableCommand {
    static let configuration = CommandConfiguration(
      abstract: "List the faults that a card's file can name, and the switches of its issuer.")

    func run() {
      for fault in CardFault.allCases { print("fault \(fault.name)") }
      for change in IssuerSwitch.allCases { print("issuer \(change.name)") }
    }
  }

  struct Sales: ParsableCommand {
    static let configuration = CommandConfiguration(
      abstract: "Let drawn cards pay on line, a line of JSON each, for other libraries to judge.")

    @Option(help: "Sales.")
    var count: UInt64 = 1_000

    @Option(help: "The seed of the first.")
    var seed: UInt64 = 1

    func run() throws {
      let keys = CardKeySet(seed: seed, sizes: CardKeySet.Sizes())
      let masters = keys.secrets.exposed.map { Hex.text($0) }
      for seed in seed..<seed + count {
        let sale = SampleSale(seed: seed, keys: keys)
        if !sale.isComplete { throw ValidationError("sale \(seed) came to no end") }
        print(Sales.line(sale, masters))
      }
    }

    private static func line(_ sale: SampleSale, _ masters: [String]) -> String {
      let application = sale.profile.applications[0]
      let parts = [
        ("masters", masters.joined(separator: " ")),
        ("pan", digits(application.pan)), ("sequence", Hex.text([application.sequence])),
        ("derivation", application.derivation == .optionA ? "A" : "B"),
        ("proof", application.proof == .code ? "1" : "2"),
        ("filling", application.filling == .mark ? "2" : "1"),
        ("request", Hex.text(sale.request)), ("code", Hex.text(sale.code)),
        ("answer", Hex.text(sale.answer)), ("completion", Hex.text(sale.completion)),
        ("pin", digits(sale.newPIN)),
      ]
      return "{" + parts.map { #""\#($0)": "\#($1)""# }.joined(separator: ", ") + "}"
    }

    private static func digits(_ values: [UInt8]) -> String {
      String(decoding: values.map { $0 + 0x30 }, as: UTF8.self)
    }
  }
}
