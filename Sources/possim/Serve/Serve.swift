// SPDX-License-Identifier: Apache-2.0

import ArgumentParser
import Glibc
import LinuxHost
import Simulator

struct Serve: ParsableCommand {
  static let configuration = CommandConfiguration(
    abstract: "Serve the shop's devices, acquirer and server to the real posd.",
    discussion: """
      Everything is put into the folder given with --run: reader.sock, printer.tty, pin-pad.tty, \
      authority.pem, transport.key, and shop.sock, which takes commands such as "unplug reader".
      """)

  @Option(name: .customLong("run"), help: "The folder, which posd gets with --run too.")
  var folder: String

  @Option(help: "Port of the management server.")
  var managementPort: UInt16 = 17_443

  @Option(help: "Port of the acquirer.")
  var acquirerPort: UInt16 = 17_500

  @Option(help: "The acquirer's dialect: generic or unionpay.")
  var acquirer = ServedDialect.generic

  @Option(
    help: """
      The reader: stripe, securemag, securemag-encrypted, or chip, which wants the acquirer \
      unionpay.
      """)
  var reader = ServedShop.Reader.stripe

  @Option(help: "Port of the acquirer without TLS; 0 for none.")
  var acquirerPlainPort: UInt16 = 0

  @Option(help: "Port of the mirror of updates, the folder updates in the other; 0 for none.")
  var updatesPort: UInt16 = 0

  @Option(help: "How long the review of an application takes, seconds.")
  var reviewSeconds: Int64 = 2

  @Option(help: "How long the terminal is told to wait for the acquirer, seconds.")
  var answerSeconds: UInt16 = 20

  @Flag(help: "Keep what passes over the network, as it is on the wire.")
  var capture = false

  @Flag(help: "Do not show the paper.")
  var quiet = false

  @Flag(help: "Let people and paper be faster than they are.")
  var hurry = false

  func run() throws {
    unsafe _ = mkdir(folder, 0o700)
    guard let signals = Signals() else { throw ExitCode.failure }
    let loop = EventLoop()
    let settings = ServedShop.Settings(
      run: folder, managementPort: managementPort, acquirerPort: acquirerPort,
      flavour: acquirer.flavour, reader: reader, acquirerPlainPort: acquirerPlainPort,
      reviewSeconds: reviewSeconds, answerSeconds: answerSeconds, captures: capture,
      printsPaper: !quiet,
      hurries: hurry)
    let shop = try ServedShop(settings, loop: loop)
    let mirror =
      updatesPort == 0
      ? nil : try ServedFolder(folder + "/updates", port: updatesPort, loop: loop)
    let control = try ShopControl(path: folder + "/shop.sock", shop: shop)
    signals.onTerminate = { loop.stop() }
    loop.add(signals)
    loop.add(control)
    say("the shop is open in \(folder)")
    loop.run()
    withExtendedLifetime(mirror) {}
  }
}

extension ServedShop.Reader: ExpressibleByArgument {}

/// The acquirers' dialects as the command line names them.
enum ServedDialect: String, ExpressibleByArgument, CaseIterable {
  case generic
  case unionpay

  var flavour: ShopFlavour {
    switch self {
    case .generic: .generic
    case .unionpay: .unionPay
    }
  }
}
