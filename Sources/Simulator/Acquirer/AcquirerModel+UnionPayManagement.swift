// SPDX-License-Identifier: Apache-2.0

import ISO8583
import Wire

// 60.3 of 0800 and 0820:
//
//   001 003–006  sign in        372 370 371  CAPKs: query, download, end
//   002          sign off       382 380 381  AIDs: query, download, end
//   301          echo           390 391      black list, end
//   360 362      parameters,    394 395      contactless parameters, end
//                status
//
// None carries a MAC. The trace number is there or not.

/// A terminal's word about itself: 362.
public struct StatusReport: Hashable, Sendable {
  /// DE41.
  public var terminalID: [UInt8]
  /// DE62, codes of two digits with their values.
  public var content: [UInt8]
}

/// The result of a script that a chip card ran: 0620.
public struct ScriptNotice: Hashable, Sendable {
  /// DE41.
  public var terminalID: [UInt8]
  /// Of the notice.
  public var batch: UInt32
  /// DE11 of the notice.
  public var stan: [UInt8]
  /// The trace number of the transaction in which the scripts came.
  public var originalSTAN: [UInt8]
  /// DE55.
  public var chip: [UInt8]
}

extension AcquirerModel {
  mutating func unionPayManagement(_ call: HostCall) -> [Effect] {
    guard isComplete(call.message, Presence(required: [41, 42, 60], allowed: [11, 62, 63])),
      let code = UnionPayReading.part(call.message[60], 8, 3)
    else {
      refusedFrames += 1
      return reply(unionPay(call, letters("30")), call, isSigned: false)
    }
    var answer = unionPay(call, letters("00"))
    let asked = call.message[62] ?? []
    switch (call.type, String(decoding: code, as: UTF8.self)) {
    case ("0800", "001"), ("0800", "003"), ("0800", "004"), ("0800", "005"), ("0800", "006"):
      addSignIn(&answer, call, code)
    case ("0820", "002"):
      signOff(call.terminalID)
      answer[37] = ledger.reference(rules, at: call.now)
    case ("0820", "301"): break
    case ("0800", "360"): answer[62] = rules.downloads.parameters
    case ("0820", "362"):
      statusReports.append(StatusReport(terminalID: call.terminalID, content: asked))
    case ("0820", "372"):
      answer[62] = rules.downloads.piece(rules.downloads.keys.map { $0.name }, asked)
    case ("0820", "382"):
      answer[62] = rules.downloads.piece(rules.downloads.applications.map { $0.name }, asked)
    case ("0800", "370"):
      answer[62] = rules.downloads.keys.first { $0.name.starts(with: asked) }?.download
    case ("0800", "380"):
      answer[62] = rules.downloads.applications.first { $0.name == asked }?.download
    case ("0800", "390"): answer[62] = rules.downloads.blackListPiece(asked)
    case ("0800", "394"): answer[62] = rules.downloads.contactless
    case ("0800", "371"), ("0800", "381"), ("0800", "391"), ("0800", "395"): break
    default: answer[39] = letters("12")
    }
    let needsContent = ["360", "372", "382", "370", "380", "390", "394"].map { letters($0) }
    if needsContent.contains(code), answer[62] == nil { answer[39] = letters("25") }
    return reply(answer, call, isSigned: false)
  }

  private mutating func addSignIn(
    _ answer: inout Message, _ call: HostCall, _ code: [UInt8]
  ) {
    answer[37] = ledger.reference(rules, at: call.now)
    let batch = ledger.openBatch(of: call.terminalID, rules)
    answer[60] = letters("00") + Digits.fixed(UInt64(batch), 6) + code
    answer[62] = signIn(call.terminalID, code: code)
    if answer[62] == nil { answer[39] = letters("96") }
  }

  /// Whether chip data have what a notice has to have; DF31 is five bytes a script.
  private static func saysWhatBecame(_ data: [UInt8]) -> Bool {
    guard let objects = try? TLVSlice.all(of: data) else { return false }
    let needed: [UInt32] = [0x95, 0x9F10, 0x9F26, 0x9F36, 0x82, 0xDF31, 0x9F1A, 0x9A]
    let results = objects.first { $0.tag.rawValue == 0xDF31 }?.value.count ?? 0
    return needed.allSatisfy { tag in objects.contains { $0.tag.rawValue == tag } }
      && results > 0 && results % 5 == 0
  }

  mutating func scriptNotice(_ call: HostCall) -> [Effect] {
    let (call, refusal) = signed(call)
    if let refusal { return refusal }
    let message = call.message
    let presence = Presence(
      required: [2, 3, 11, 22, 32, 37, 41, 42, 49, 55, 60, 61, 64], allowed: [4, 23, 38])
    guard isComplete(message, presence),
      let batch = Digits.number(UnionPayReading.part(message[60], 2, 6)).map({ UInt32($0) }),
      UnionPayReading.part(message[60], 8, 3) == letters("951"),
      let original = Digits.number(UnionPayReading.part(message[61], 0, 6)),
      let stan = UnionPayReading.part(message[61], 6, 6),
      AcquirerModel.saysWhatBecame(message[55] ?? [])
    else {
      refusedFrames += 1
      return reply(unionPay(call, letters("30")), call)
    }
    let notice = ScriptNotice(
      terminalID: call.terminalID, batch: batch, stan: message[11] ?? [], originalSTAN: stan,
      chip: message[55] ?? [])
    let isKnown = holds.contains {
      $0.terminalID == call.terminalID && $0.stan == stan && UInt64($0.batch) == original
    }
    let isRepeated = scriptNotices.contains {
      $0.terminalID == notice.terminalID && $0.batch == batch && $0.stan == notice.stan
    }
    let code = isRepeated ? "94" : isKnown ? "00" : "25"
    if code == "00" { scriptNotices.append(notice) }
    var answer = unionPay(call, letters(code))
    answer[2] = message[2]
    answer[37] = ledger.reference(rules, at: call.now)
    return reply(answer, call)
  }
}
