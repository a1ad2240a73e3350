// SPDX-License-Identifier: Apache-2.0

public import Assembly
import Clockwork
import Devices
import ISO8583
public import Management
import PINPadSerial
public import PaymentCrypto
import PrinterESCPOS
public import TerminalCore
import Wire

/// Which acquirer a simulated shop has, and with it which keys.
public enum ShopFlavour: UInt8, Hashable, Sendable, CaseIterable {
  /// ISO 8583:1987 in ASCII, one MAC key, PINs under DUKPT keys.
  case generic
  /// UnionPay's dialect, all keys under a master key that the pad has too.
  case unionPay
}

/// The people, cards and keys of a simulated shop. Every key and card number here is a published
/// test value and opens nothing.
public enum SimulatedShop {
  /// ANSI X9.24-1, Annex A: the base key of the published examples.
  public static let pinBaseKey: BaseDerivationKey = key("0123456789ABCDEFFEDCBA9876543210")
  /// The key serial number that the pad starts with.
  public static let padSerialNumber = serial("FFFF9876543210E00001")
  /// The MAC key of the acquirer.
  public static let macKey: MACKey = key("7CA110454A1A6E570131D9619DC1376E")
  /// The key under which the management server wraps the MAC key.
  public static let transportKey: KeyEncryptionKey = key(transportKeyDigits)
  /// The same, as the maker's file has it.
  public static let transportKeyDigits = "404142434445464748494A4B4C4D4E4F"
  /// The master key of the UnionPay flavour, in slot 0 of the pad: a published example.
  public static let masterKey: KeyEncryptionKey = key("CA5D92598DCA48CE8A4C76361A9269E9")
  /// The key under which keys are loaded into the pad.
  public static let padLoadingKey: KeyBlockProtectionKey = key("89E88CF7931444F334BD7547FC3F380C")

  /// The cards of the shop's customers, with their PINs; their issuer has no others. The
  /// PINs are longer than the approval codes of an acquirer, so that one of them in a record is no
  /// accident.
  public static let accounts = [
    IssuerAccount(
      pan: digits("4012345678909"), pin: [7, 3, 9, 4, 6, 1, 8, 2, 0, 5, 7, 3],
      balance: 100_000_000),
    IssuerAccount(
      pan: digits("4111111111111111"), pin: [8, 2, 5, 0, 9, 3, 6, 1, 4, 7], balance: 100_000_000),
    IssuerAccount(
      pan: digits("5555555555554444"), pin: [6, 0, 4, 8, 1, 7, 2, 9, 5, 3, 0], balance: 50_000),
  ]

  /// The serial number of the terminal.
  public static let serialNumber = "SIM00001"

  /// What the management server hands out.
  public static var parameters: TerminalParameters {
    TerminalParameters(
      terminalID: "10000001", merchantID: "898000000000001", merchantName: "示例商店 Example Shop",
      currency: "156", macKeyCryptogram: wrappedMACKey, macKeyCheckValue: macKeyCheckValue,
      answerSeconds: 20, maxSale: 5_000_000)
  }

  /// A merchant's application from this place.
  public static func application(place: String) -> MerchantApplication {
    MerchantApplication(
      serial: serialNumber, acquirer: "Example Acquirer", merchant: "Example Shop",
      settlementAccount: "test-account-1", place: place)
  }

  /// The host's keys.
  public static var hostKeys: HostKeys { HostKeys(mac: macKey, pinBase: pinBaseKey) }

  /// The host's keys.
  public static func hostKeys(_ flavour: ShopFlavour) -> HostKeys {
    switch flavour {
    case .generic: hostKeys
    case .unionPay: HostKeys(master: masterKey)
    }
  }

  /// The acquirer with the shop's accounts. With the UnionPay flavour the first card is the
  /// country's own, so that both sides of the totals occur.
  public static func acquirer(
    _ flavour: ShopFlavour, remembersEarlyReversals: Bool = true
  ) -> AcquirerModel {
    switch flavour {
    case .generic:
      return AcquirerModel(
        keys: hostKeys, accounts: accounts, remembersEarlyReversals: remembersEarlyReversals)
    case .unionPay:
      var rules = HostRules(.unionPay)
      rules.remembersEarlyReversals = remembersEarlyReversals
      rules.organisations.insert(CardOrganisation(prefix: "4012", name: "CUP"), at: 0)
      return AcquirerModel(
        dialect: .unionPay, keys: hostKeys(.unionPay), accounts: accounts, rules: rules)
    }
  }

  /// What the terminal is set to; the seal key and fingerprint key are for simulation only.
  public static var settings: TerminalSettings {
    TerminalSettings(
      serial: serialNumber,
      dialect: genericDialect,
      terms: TransactionTerms(pinPolicy: .always, acceptsChipCardsBySwipe: true),
      columns: 48, connectLimit: .seconds(10), answerLimit: .seconds(20),
      reversalPauses: [.seconds(5), .seconds(15), .seconds(60)], reviewPause: .seconds(5),
      responses: responses,
      keys: TerminalKeys(
        seal: sealKey, transport: transportKey,
        fingerprint: SecretBytes([UInt8](repeating: 0x5A, count: 32))))
  }

  /// What the terminal is set to for this acquirer.
  public static func settings(_ flavour: ShopFlavour) -> TerminalSettings {
    var settings = settings
    if flavour == .unionPay {
      settings.dialect = unionPayDialect
      settings.keys.transport = masterKey
      settings.pinSlot = PadSlotID(0x30)
      settings.domesticPrefixes = [digits("62"), digits("4012")]
    }
    return settings
  }

  private static var genericDialect: Dialect {
    let made = try? Dialect(
      table: .standard1987ASCII, framing: Framing(), lines: DialectLines.generic)
    guard let made else { preconditionFailure("a test reads these lines") }
    return made
  }

  private static var unionPayDialect: Dialect {
    let framing = Framing(
      tpdu: [0x60, 0x00, 0x03, 0x00, 0x00],
      application: [0x60, 0x31, 0x00, 0x31, 0x00, 0x00])
    let made = try? Dialect(
      table: UnionPayTable.table, framing: framing, lines: DialectLines.unionPay)
    guard var made, let layout = SignInLayout("PIK 16+4, MAK 8z8+4") else {
      preconditionFailure("a test reads these lines")
    }
    made.mac = .unionPay
    made.result = .digits(element: 48, domestic: 30, foreign: 61)
    made.signIn = SignInRules(layout: layout, batchAt: 2)
    return made
  }

  private static var responses: Responses {
    let codes: [(String, ResponseClass, String, String)] = [
      ("00", .approved, "Approved", "交易成功"),
      ("10", .approvedInPart, "Approved for part of the amount", "部分批准"),
      ("11", .approved, "Approved, VIP", "贵宾批准"),
      ("30", .setUp, "Format error", "报文格式错"),
      ("41", .callAcquirer, "Lost card", "挂失卡"),
      ("51", .declined, "Not enough money", "余额不足"),
      ("55", .wrongPIN, "Wrong PIN", "密码错误"),
      ("77", .signIn, "Batch out of step", "批次不一致，请签到"),
      ("91", .hostTrouble, "Issuer out of service", "发卡行不可用"),
      ("99", .signIn, "PIN block or key wrong", "PIN密钥错，请签到"),
      ("A0", .signIn, "MAC wrong", "MAC错，请签到"),
      ("A2", .approved, "Approved, issuer confirms later", "成功，待发卡行确认"),
    ]
    return Responses(
      codes.map { Responses.Response(code: $0.0, kind: $0.1, english: $0.2, chinese: $0.3) })
  }

  /// The board of the simulated terminal.
  public static var board: Board {
    Board(
      reader: .cardReaderHID, printer: .printerESCPOS(PrinterProfile()),
      pinPad: .pinPadSerial(PadSettings()))
  }

  /// A pad with the keys that the issuer expects.
  public static var pad: PINPadModel {
    PINPadModel(
      keys: PadKeys(
        loadingKey: padLoadingKey, initialKey: initialPadKey, serialNumber: padSerialNumber),
      identification: "SIM000000001")
  }

  /// The board of the simulated terminal.
  public static func board(_ flavour: ShopFlavour) -> Board {
    var board = board
    if flavour == .unionPay {
      board.pinPad = .pinPadSerial(PadSettings(pinSlot: PadSlotID(0x30)))
    }
    return board
  }

  /// A pad with the keys that the issuer expects.
  public static func pad(_ flavour: ShopFlavour) -> PINPadModel {
    switch flavour {
    case .generic: pad
    case .unionPay:
      PINPadModel(
        keys: PadKeys(loadingKey: padLoadingKey, masters: [(0x30, masterKey)]),
        identification: "SIM000000001")
    }
  }

  /// A card of this account pulled through the reader.
  public static func swipe(_ account: IssuerAccount) -> CardSwipe {
    let tail = digits("30121010000000000000")
    let track1 = digits("%B") + account.pan + digits("^CARD/TEST^") + tail + [0x3F]
    let track2 = [0x3B] + account.pan + [0x3D] + Array(tail.prefix(17)) + [0x3F]
    return CardSwipe(track1: .readable(track1), track2: .readable(track2))
  }

  private static var initialPadKey: InitialKey {
    guard let key = try? TDESDUKPT.initialKey(base: pinBaseKey, serial: padSerialNumber) else {
      preconditionFailure("the published key and serial number have the right lengths")
    }
    return key
  }

  private static var wrappedMACKey: [UInt8] {
    guard let wrapped = try? transportKey.wrap(macKey) else {
      preconditionFailure("a key has whole blocks")
    }
    return wrapped
  }

  private static var macKeyCheckValue: [UInt8] {
    guard let value = try? macKey.checkValue() else {
      preconditionFailure("a TDES key encrypts a block of zeros")
    }
    return value
  }

  private static var sealKey: SealKey {
    guard let key = try? SealKey([UInt8](repeating: 0xA5, count: 32)) else {
      preconditionFailure("a seal key has 32 bytes")
    }
    return key
  }

  private static func digits(_ text: String) -> [UInt8] { Array(text.utf8) }

  private static func key<Purpose: KeyPurpose>(_ hex: String) -> Key<Purpose> {
    guard let bytes = try? Hex.decode(digits(hex)), let key = try? Key<Purpose>(.tdes2, bytes)
    else {
      preconditionFailure("the keys above have 32 digits")
    }
    return key
  }

  private static func serial(_ hex: String) -> KeySerialNumber {
    guard let bytes = try? Hex.decode(digits(hex)), let serial = try? KeySerialNumber(bytes)
    else { preconditionFailure("the serial number above has 20 digits") }
    return serial
  }
}
