// SPDX-License-Identifier: Apache-2.0

import Devices
import PaymentCrypto
import TerminalCore
import Wire

extension Problem {
  /// What the terminal saw: numbers, layers, fields; empty when the code says all.
  var evidence: String {
    switch self {
    case .notAllowed(let action, let state): "\(action.name) while \(state.name)"
    case .invalid(let field): "field \(field)"
    case .network(let layer, let code): Problem.text(layer, code)
    case .hosts(let primary, let backup):
      [("first host", primary), ("back-up host", backup)]
        .map { $0 + (Problem.text($1)) }.joined(separator: "; ")
    case .management(let status): "HTTP status \(status)"
    case .journal(let fault), .outcomeUnwritten(let fault):
      fault == .diskFull ? "too little room" : "the system refused"
    case .reader(let trouble): Problem.text(trouble)
    case .readerFailed(let trouble): Problem.reader(trouble).code + " " + Problem.text(trouble)
    case .misread(.partial(let bytes)): "\(bytes) bytes of a report"
    case .pinPad(.link(let fault)), .printer(.link(let fault)): Problem.text(fault)
    case .noPIN(.refused(let code)): "code " + String(decoding: [code], as: UTF8.self)
    case .padKey(let place, let reason): place.text + Problem.text(reason)
    case .keyBlock(let fault): Problem.text(fault)
    case .originalUnfit(let flaw): flaw.text
    case .overOriginal(let most), .tipTooLarge(let most):
      "at most " + (Amount(minorUnits: most)?.decimalText ?? String(most))
    case .offlineRefused(let flaw): flaw.text
    case .settlementRefused(let code), .signInRefused(let code):
      code.isEmpty ? "no code" : "code " + String(decoding: code, as: UTF8.self)
    case .switchedOff(let kind): kind.name
    case .downloadMissing(let set): set.name
    case .download(let set, let flaw): set.name + ": " + flaw.text
    case .keyEnds(let key, let others), .keyOver(let key, let others):
      Problem.text(key) + (others == 0 ? "" : " and \(others) more")
    case .certificateEnds(let text, let others), .certificateOver(let text, let others):
      text + (others == 0 ? "" : ", and \(others) more")
    case .otherBatch(let own, let acquirer):
      "batch \(own.value) here, \(acquirer.value) there"
    case .parked(let count): count == 1 ? "1 transaction" : "\(count) transactions"
    case .approvedInPart(let amount):
      amount.flatMap { Amount(minorUnits: $0) }.map { "approved " + $0.decimalText } ?? ""
    case .receiptDoubtful(let reference, let others):
      others == 0 ? reference : "\(reference) and \(others) more"
    case .slipDoubtful(let batch): "batch \(batch.value)"
    case .templatesRefused(let fault), .logoRefused(let fault), .safeMode(let fault): fault
    case .slipsTooLong(let slips):
      slips.last + (slips.count == 1 ? "" : " and \(slips.count - 1) more") + ", template "
        + slips.template + ": " + slips.flaw
    case .busy, .referenceInUse, .amountTooLarge, .networkNotConfigured, .noCandidate,
      .candidateNotProven, .probeAnswer, .managementAnswer, .rejected, .keyCheck,
      .reversalPending, .pinPad, .printer, .printerHalted, .misread, .encryptedTracks, .chipCard,
      .noWayToRead, .chipsNotSetUp, .cardNumber, .noPIN, .noCard, .trackTooShort, .withdrawn,
      .tooLate, .stillRunning, .cardNumberAsReference, .nothingToReprint, .slipMissing,
      .testSaleMissing, .clockUnknown, .unknownReference, .outcomeUnknown, .originalMissing,
      .otherCard, .notKnownHere, .batchFull, .advicePending, .settlementBlocked, .settlementAnswer,
      .signInKeys, .logoMissing, .logoNotKept, .logoBeingStored, .cardNotTaken, .cardRemoved,
      .chipUnreadable, .chipNotTaken, .cardDeclines:
      ""
    }
  }

  private static func text(_ key: KeyName) -> String {
    let digits = Array(String(key.expiry).utf8)
    let day = [digits.prefix(4), digits.dropFirst(4).prefix(2), digits.dropFirst(6)]
      .map { String(decoding: $0, as: UTF8.self) }.joined(separator: "-")
    return Hex.text(key.provider) + " key " + Hex.text([key.index]) + ", last day " + day
  }

  private static func text(_ problem: Problem?) -> String {
    guard let problem else { return " is well" }
    return ": " + problem.code + (problem.evidence.isEmpty ? "" : ", " + problem.evidence)
  }

  private static func text(_ layer: NetworkLayer, _ code: Int32) -> String {
    switch layer {
    case .link, .address, .name, .tcp, .write:
      code == 0 ? "" : "system error \(code): " + SystemFault(code: code).text
    case .tls: TLSFault.text(code)
    case .greeting: GreetingFlaw(rawValue: code).map { text($0) } ?? ""
    case .read, .clock: code == 0 ? "" : "libcurl code \(code)"
    }
  }

  private static func text(_ flaw: GreetingFlaw) -> String {
    switch flaw {
    case .missing: "no answer to the greeting, or half of one"
    case .other: "the answer to the greeting is not the one of the acquirer's file"
    case .closed: "the host closed the connection after the greeting"
    case .surplus: "the host went on speaking behind its answer to the greeting"
    }
  }

  private static func text(_ trouble: ReaderTrouble) -> String {
    switch trouble {
    case .link(let fault): text(fault)
    case .unknownProduct(let vendor, let product):
      "USB product " + hex(vendor) + ":" + hex(product)
    case .unexpectedReportSize(let bytes): "\(bytes) bytes a report"
    case .refuses(let status): "status " + Hex.text([status])
    case .keyboardMode, .keysExhausted, .silent, .noPassThrough: ""
    }
  }

  private static func hex(_ number: UInt16) -> String {
    Hex.text([UInt8(number >> 8), UInt8(truncatingIfNeeded: number)])
  }

  private static func text(_ reason: NoKey) -> String {
    switch reason {
    case .refused(let code): ", code " + String(decoding: [code], as: UTF8.self)
    case .format, .echoDiffers, .silent: ""
    }
  }

  private static func text(_ fault: KeyBlockFault) -> String {
    switch fault {
    case .notPrintable(let offset), .unknownUsage(let offset), .wrongKeyVersion(let offset),
      .reserved(let offset), .optionalBlock(let offset), .notHexadecimal(let offset):
      "character \(offset + 1)"
    case .wrongLength(let stated, let actual):
      "\(actual) characters where the header says \(stated)"
    case .unknownVersion: "character 1, the version"
    case .wrongAlgorithm: "character 8, the algorithm"
    case .wrongMode: "character 9, the mode of use"
    case .wrongExportability: "character 12, the exportability"
    case .cipherLength(let count): "\(count) characters of cipher text"
    case .wrongProtectionKey, .authenticationFailed, .keyLength, .wrongPurpose,
      .strongerThanProtection, .key, .failed:
      ""
    }
  }

  private static func text(_ fault: LinkFault) -> String {
    switch fault {
    case .absent: "not there"
    case .lost: "gone"
    case .denied: "this user may not open it"
    case .busy: "another program has it"
    case .failed(let code): "system error \(code)"
    }
  }
}
