// SPDX-License-Identifier: Apache-2.0

import PaymentCrypto

/// Everything of one transaction that is not the step it is at.
struct Session: Hashable, Sendable {
  /// The data objects.
  var data = DataStore()
  /// Terminal data of any application, from which each selection begins anew.
  var common = DataObjectList()
  /// Commands sent so far.
  var commands = 0
  /// Whether a GENERATE AC was sent: from there on no stripe may be read instead.
  var hasAskedForCryptogram = false

  // What the transaction brought.
  var amount: UInt64?
  var cashback: UInt64 = 0
  var kind = TransactionKind(type: 0, service: .other)
  var drawnNumber: UInt8 = 99
  var isForcedOnline = false

  var selection = Selection()
  /// The application, an index of the settings'.
  var application = 0
  /// The terminal's capabilities in this transaction.
  var capabilities = TerminalCapabilities()

  // Initiation and records.
  var aip = AIP()
  var aipBytes: [UInt8] = []
  var pdolData: [UInt8] = []
  var locator: [LocatorEntry] = []
  var locatorIndex = 0
  var record: UInt8 = 0
  var staticRecords: [CardRecord] = []
  var staticBytes = 0

  var authentication = DataAuthentication()
  var verification = Verification()

  // The card's counters, as GET DATA gave them.
  var counter: UInt16?

  // Cryptograms.
  var requested = CryptogramType.aac
  var isSigned = false
  var cdolData: [UInt8] = []
  var firstTSI = TSI()
  var information: CryptogramInformation?
  var requestCryptogram: [UInt8]?
  var cryptogram: [UInt8]?

  // The host and what came of it.
  var verdict: HostAnswer.Verdict?
  var referralApproves = false
  var mayHaveReachedHost = false
  var scripts: [IssuerScript] = []
  var scriptIndex = 0
  var commandIndex = 0
  var arePreliminary = true
  var scriptResults: [ScriptResult] = []
  var path = Outcome.Path.offline
  var isApproved = false
}

/// What application selection has found so far.
struct Selection: Hashable, Sendable {
  var candidates: [Candidate] = []
  /// The candidate that is being selected, an index of the candidates'.
  var chosen = 0
  /// Names that the current name of the list has found.
  var names: [[UInt8]] = []
  /// Whether the cardholder chose or confirmed the candidate that is being selected.
  var isCardholdersChoice = false
  /// Whether nothing may be selected any more without the cardholder's word.
  var needsConfirmation = false
  /// Whether an application was there and blocked, or refused the transaction.
  var sawBlocked = false
  /// What the directory says where an application says nothing.
  var codeTable: UInt8?
  var languages: [UInt8] = []
}

/// Offline data authentication so far.
struct DataAuthentication: Hashable, Sendable {
  enum Method: UInt8, Hashable, Sendable { case none, sda, dda, cda }

  var method = Method.none
  /// Whether CDA has failed, after which no signature is asked for.
  var hasFailed = false
  /// The card's key, once it is recovered: none or one.
  var cardKeys: [RSAPublicKey] = []
  var ddolData: [UInt8] = []

  /// Whether cryptograms are signed.
  var signs: Bool { method == .cda && !hasFailed }
}

/// Cardholder verification so far.
struct Verification: Hashable, Sendable {
  var rules: [CVMRule] = []
  var next = 0
  /// The amounts X and Y of the list.
  var limits: [UInt32] = [0, 0]
  var lastFailed: CVMRule?
  /// The rule that is being performed, and its method.
  var rule = CVMRule(method: 0x3F, condition: 0)
  var code = CVMCode.fail
  var pins = 0
  var triesLeft: UInt8?
  var wasBypassed = false
  var isPadBroken = false
  var isPINHeld = false
  var hasOnlinePIN = false
  /// The key that PINs are enciphered with: none or one.
  var keys: [RSAPublicKey] = []
}
