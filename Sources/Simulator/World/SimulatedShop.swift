// SPDX-License-Identifier: Apache-2.0

public import Assembly
import CardReaderHID
import Clockwork
public import Devices
public import ISO8583
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
  /// The same with tracks encrypted under a key of triple DES.
  case unionPayTracks
  /// UnionPay's dialect with MACs and tracks under SM4. The pad holds no SM4 key: its PIN keys are
  /// of triple DES, under the pad's master key.
  case unionPaySM4

  /// Whether keys come with a sign-in.
  public var signsIn: Bool { self != .generic }
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
  public static let masterKey: KeyEncryptionKey = key(masterKeyDigits)
  private static let masterKeyDigits = "CA5D92598DCA48CE8A4C76361A9269E9"
  /// The terminal's master key of the SM4 flavour: the key of GB/T 32907-2016, Annex A.
  public static let sm4MasterKey: KeyEncryptionKey = key(sm4MasterKeyDigits, .sm4)
  private static let sm4MasterKeyDigits = "0123456789ABCDEFFEDCBA9876543210"
  /// The key that the maker's file has in a terminal of this acquirer.
  public static func transportKeyDigits(_ flavour: ShopFlavour) -> String {
    switch flavour {
    case .generic: transportKeyDigits
    case .unionPay, .unionPayTracks: masterKeyDigits
    case .unionPaySM4: sm4MasterKeyDigits
    }
  }

  /// The key under which keys are loaded into the pad.
  public static let padLoadingKey: KeyBlockProtectionKey = key("89E88CF7931444F334BD7547FC3F380C")

  /// The cards of the shop's customers, with their PINs; their issuer has no others. The
  /// PINs are longer than the approval codes of an acquirer, so that one of them in a record is no
  /// accident.
  public static let accounts = [
    account(
      "4012345678909", pin: [7, 3, 9, 4, 6, 1, 8, 2, 0, 5, 7, 3], balance: 100_000_000),
    account("4111111111111111", pin: [8, 2, 5, 0, 9, 3, 6, 1, 4, 7], balance: 100_000_000),
    account("5555555555554444", pin: [6, 0, 4, 8, 1, 7, 2, 9, 5, 3, 0], balance: 50_000),
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
    case .unionPay, .unionPayTracks: HostKeys(master: masterKey)
    case .unionPaySM4: HostKeys(master: sm4MasterKey, padMaster: masterKey)
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
    case .unionPay, .unionPayTracks, .unionPaySM4:
      var rules = HostRules(.unionPay)
      rules.wantsEncryptedTracks = flavour != .unionPay
      rules.remembersEarlyReversals = remembersEarlyReversals
      rules.downloads = downloads(0)
      rules.organisations.insert(CardOrganisation(prefix: "4012", name: "CUP"), at: 0)
      return AcquirerModel(
        dialect: .unionPay, keys: hostKeys(flavour), accounts: accounts, rules: rules)
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
    if flavour.signsIn {
      settings.dialect = unionPayDialect(flavour)
      settings.keys.transport = flavour == .unionPaySM4 ? sm4MasterKey : masterKey
      settings.keys.padMaster = flavour == .unionPaySM4 ? masterKey : nil
      settings.pinSlot = PadSlotID(0x30)
      settings.requiredDownloads = [.parameters, .keys, .applications]
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

  /// What the gateway of some simulated acquirers wants to hear: model, serial number, cipher,
  /// random number, and a byte to check them by; and what it answers.
  public static var greeting: HostGreeting {
    HostGreeting(
      request: [UInt8](repeating: 0x20, count: 82) + digits("0123456789ABCDEF") + [0x53],
      answer: [0x00, 0x22] + [UInt8](repeating: 0x30, count: 34))
  }

  /// The same as the terminal's file has it.
  public static var framedGreeting: Framing.Greeting {
    Framing.Greeting(
      request: greeting.request, answerPrefix: Array(greeting.answer.prefix(4)),
      answerCount: greeting.answer.count)
  }

  private static func unionPayDialect(_ flavour: ShopFlavour) -> Dialect {
    let isSM4 = flavour == .unionPaySM4
    let (code, keys) =
      switch flavour {
      case .generic, .unionPay: ("003", "PIK 16+4, MAK 8z8+4")
      case .unionPayTracks: ("004", "PIK 16+4, MAK 8z8+4, TDK 16+4")
      case .unionPaySM4: ("006", "PIK 16+3, MAK 16+3, TDK 16+3")
      }
    let framing = Framing(
      tpdu: [0x60, 0x00, 0x03, 0x00, 0x00],
      application: [0x60, 0x31, 0x00, 0x31, 0x00, 0x00])
    let made = try? Dialect(
      table: UnionPayTable.table, framing: framing, lines: DialectLines.unionPay(signIn: code))
    guard var made, var layout = SignInLayout(keys, isSM4: isSM4) else {
      preconditionFailure("a test reads these lines")
    }
    made.mac = .unionPay
    made.result = .digits(element: 48, domestic: 30, foreign: 61)
    made.trackEncryption = isSM4 ? .sm4 : flavour == .unionPayTracks ? .des : .none
    layout.hasTDESPINKey = isSM4
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
      reader: .cardReaderHID(SecureMagSettings()), printer: .printerESCPOS(PrinterProfile()),
      pinPad: .pinPadSerial(PadSettings()))
  }

  /// A logo: a frame of two dots.
  public static var logo: Raster {
    var logo = Raster(width: 96)
    for y in 0..<24 {
      let isEdge = y < 2 || y >= 22
      let row: [UInt8] = [isEdge ? 0xFF : 0xC0] + [UInt8](repeating: isEdge ? 0xFF : 0, count: 10)
      logo.add(rows: (row + [isEdge ? 0xFF : 0x03])[...])
    }
    return logo
  }

  /// A pad with the keys that the issuer expects.
  public static var pad: PINPadModel {
    PINPadModel(
      keys: PadKeys(
        loadingKey: padLoadingKey, initialKey: initialPadKey, serialNumber: padSerialNumber),
      identification: "SIM000000001")
  }

  /// The board of the simulated terminal.
  public static func board(
    _ flavour: ShopFlavour, isPrinterPlain: Bool = false, columns: Int = 48
  ) -> Board {
    var board = board
    board.printer = .printerESCPOS(
      PrinterProfile(
        columns: columns, hasProcessID: !isPrinterPlain, dleDc4Clear: !isPrinterPlain))
    if flavour.signsIn {
      board.pinPad = .pinPadSerial(PadSettings(pinSlot: PadSlotID(0x30)))
    }
    return board
  }

  /// A pad with the keys that the issuer expects.
  public static func pad(_ flavour: ShopFlavour) -> PINPadModel {
    switch flavour {
    case .generic: pad
    case .unionPay, .unionPayTracks, .unionPaySM4:
      PINPadModel(
        keys: PadKeys(loadingKey: padLoadingKey, masters: [(0x30, masterKey)]),
        identification: "SIM000000001")
    }
  }

  /// A SecureMag, whose encrypted tracks no acquirer of the shop takes.
  public static func secureMag(
    _ output: SecureMagOutput, packetBytes: Int = 64
  ) -> ReaderModel {
    ReaderModel(
      kind: .secureMag(output, initialKey: initialPadKey, serial: padSerialNumber),
      packetBytes: packetBytes)
  }

  /// A card of this account pulled through the reader. The service code of one with a chip begins
  /// with 2 (ISO/IEC 7813).
  public static func swipe(_ account: IssuerAccount, hasChip: Bool = false) -> CardSwipe {
    let tail = digits("30121010000000000000")
    let track1 = digits("%B") + account.pan + digits("^CARD/TEST^") + tail + [0x3F]
    var track2 = [0x3B] + account.track + [0x3F]
    let serviceCode = 1 + account.pan.count + 1 + 4
    if hasChip { track2[serviceCode] = 0x32 }
    return CardSwipe(track1: .readable(track1), track2: .readable(track2))
  }

  /// A card whose second track is as long as one can be, 37 characters, and some codes that its
  /// owner's telephone shows; each pays once.
  private static func account(_ pan: String, pin: [UInt8], balance: UInt64) -> IssuerAccount {
    let track = digits(pan) + digits("=301210192837465564738291")
    let codes = (10..<40).map { digits("628" + String($0) + "77035194" + pan.suffix(6)) }
    return IssuerAccount(
      pan: digits(pan), pin: pin, balance: balance, codes: codes, track: Array(track.prefix(37)))
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

  private static func key<Purpose: KeyPurpose>(
    _ hex: String, _ algorithm: CipherAlgorithm = .tdes2
  ) -> Key<Purpose> {
    guard let bytes = try? Hex.decode(digits(hex)), let key = try? Key<Purpose>(algorithm, bytes)
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
