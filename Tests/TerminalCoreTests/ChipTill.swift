// SPDX-License-Identifier: Apache-2.0

import Clockwork
import Devices
import EMVKernel
import ISO8583
import PaymentCrypto
import Simulator
import TerminalCore
import Wire

/// A slot for chip cards that answers in the words of a reader, without a driver between.
struct ChipSlot {
  var card: TestCard?
  /// The command, counted from 1, at which somebody pulls the card; 0 pulls it at its reset.
  var pulledAt: Int?
  /// What the reader says of a card that it is to reset.
  var resetFault: ChipFault?
  /// The command that the card never answers.
  var muteAt: Int?
  /// How the command begins at which the reader falls silent for good.
  var silentAt: [UInt8]?
  private(set) var commands: [[UInt8]] = []
  private(set) var isPowered = false

  mutating func follow(_ order: CardReaderOrder) -> [CardReaderReport] {
    switch order {
    case .accept, .ignore: return []
    case .powerOn:
      commands = []
      isPowered = true
      guard card != nil else { return [.chipFault(.noCard)] }
      if pulledAt == 0 { return pull() }
      if let resetFault { return [.chipFault(resetFault)] }
      guard let bytes = card?.reset().bytes, let answer = try? Devices.AnswerToReset(bytes) else {
        return [.chipFault(.noATR)]
      }
      return [.powered(answer)]
    case .transmit(let command):
      commands.append(command.exposed)
      if pulledAt == commands.count { return pull() }
      if let silentAt, command.exposed.starts(with: silentAt) { return [] }
      if muteAt == commands.count { return [.chipFault(.mute)] }
      guard let answer = card?.process(command.exposed), let answer = ResponseAPDU(answer) else {
        return [.chipFault(.noCard)]
      }
      return [.responded(answer)]
    case .verify: return [.chipFault(.cannotVerify)]
    case .powerOff:
      isPowered = false
      return [.poweredOff]
    }
  }

  mutating func pull() -> [CardReaderReport] {
    card = nil
    isPowered = false
    return [.chipFault(.removed), .cardRemoved]
  }

  /// How many commands begin so.
  func count(_ header: [UInt8]) -> Int { commands.filter { $0.starts(with: header) }.count }
}

extension Till {
  static let chipKeys = CardKeySet(seed: 21, sizes: CardKeySet.Sizes())

  /// What every chip terminal of these tests is set to.
  static func chipRules(allowsFallback: Bool) -> ChipRules? {
    guard let type = TerminalType(rawValue: 0x21), let language = Language(0x7A, 0x68),
      let extra = AdditionalCapabilities([0x60, 0x00, 0xF0, 0xA0, 0x01])
    else { return nil }
    return ChipRules(
      kernel: KernelSettings(
        terminalType: type, capabilities: TerminalCapabilities(rawValue: 0xE0_F8C8),
        additionalCapabilities: extra, country: 0x0156, languages: [language], applications: []),
      allowsFallback: allowsFallback)
  }

  /// A terminal in service that reads chips, with keys and applications from its acquirer.
  static func withChips(
    allowsFallback: Bool = false, readsStripes: Bool = true, keyExpiry: String = "20401231",
    fileKeys: [AuthorityKey] = [],
    _ issue: (inout TestIssuer) -> Void = { _ in }
  ) throws -> Till {
    var till = try Till(flavour: .unionPay) {
      $0.chip = Till.chipRules(allowsFallback: allowsFallback)
      $0.terms.acceptsChipCardsBySwipe = false
      $0.allowsUnlinkedRefunds = true
      $0.chip?.kernel.keys = fileKeys
    }
    let authority = Till.chipKeys.authority.publicKey
    till.acquirer.rules.downloads.keys = [
      HostDownloads.key(
        provider: CardKeySet.scheme, index: CardKeySet.authorityIndex, expiry: keyExpiry,
        modulus: authority.modulus, exponent: authority.exponent)
    ]
    var parameters: [UInt8] = [0xDF, 0x01, 1, 1, 0x9F, 0x08, 2, 0, 0x8C]
    for tag in [0x11, 0x12, 0x13] as [UInt8] { parameters += [0xDF, tag, 5, 0, 0, 0, 0, 0] }
    parameters += [0x9F, 0x1B, 4, 0, 0, 0, 0, 0xDF, 0x18, 1, 1]
    till.acquirer.rules.downloads.applications = [
      HostDownloads.application(CardKeySet.scheme + [1, 1], parameters: parameters)
    ]
    var issuer = TestIssuer(secrets: Till.chipKeys.secrets)
    issue(&issuer)
    till.acquirer.issuer = issuer
    till.setUp(usesTLS: true)
    till.sell("test/1", 100)
    till.ask(.commission)
    till.tell(
      .reader(
        .ready(
          ReaderIdentity(
            vendor: 0x0ACD, product: 0x3810, encrypts: false, readsChips: true,
            readsStripes: readsStripes))))
    till.forget()
    return till
  }

  /// A chip on the shop's card.
  static func chipCard(
    _ account: Int = 0, _ change: (inout CardProfile) -> Void = { _ in }
  ) -> TestCard {
    var profile = CardProfile()
    let owner = SimulatedShop.accounts[account]
    profile.applications[0].pan = owner.pan.map { $0 - 0x30 }
    profile.applications[0].expires = [0x30, 0x12, 0x31]
    var track = owner.track.map { $0 - 0x30 }
    if track.count % 2 == 1 { track.append(0x0F) }
    profile.applications[0].replaced = [CardObject(0x57, BCD.pack(track))]
    change(&profile)
    return profile.personalised(with: Till.chipKeys)
  }

  /// Somebody puts a card into the slot.
  mutating func insert(_ card: TestCard = Till.chipCard()) {
    slot.card = card
    tell(.reader(.cardInserted))
  }

  /// A whole sale with a chip: the PIN is entered where it is asked for.
  mutating func sellByChip(
    _ reference: String, _ amount: UInt64, _ card: TestCard = Till.chipCard()
  ) {
    progress = []
    ask(.sale(reference: reference, amount: amount, earlier: nil))
    insert(card)
    if progress.contains(.enterPIN) { enterPIN(0) }
  }

  /// The messages of a type that were sent.
  func messages(_ type: String) -> [Message] {
    let codec = Codec(table: settings.dialect.table)
    let head = settings.dialect.framing.headerCount + settings.dialect.framing.overhead
    return sent.compactMap { try? codec.decode(Array($0.dropFirst(head))) }
      .filter { $0.mti == Array(type.utf8) }
  }

  /// One of the objects of DE55.
  static func object(_ tag: UInt32, _ data: [UInt8]?) -> [UInt8]? {
    guard let data, let objects = try? TLV.parse(data), let tag = TLVTag(tag) else { return nil }
    return TLV.first(tag, in: objects)?.value
  }

  /// What the acquirer holds of all but the test sale.
  var heldOfSales: UInt64 { acquirer.heldTotal - 100 }
}
