// SPDX-License-Identifier: Apache-2.0

public import PaymentCrypto
import Wire

/// A record as it was read, with its file.
public struct CardRecord: Hashable, Sendable {
  /// The short file identifier.
  public var file: UInt8
  /// The answer without its status word.
  public var bytes: [UInt8]

  /// A record.
  public init(file: UInt8, bytes: [UInt8]) {
    self.file = file
    self.bytes = bytes
  }
}

/// What a dynamic signature holds.
public struct DynamicData: Hashable, Sendable {
  /// 9F4C: two to eight bytes; empty when the data have none in the usual form.
  public var number: [UInt8]
}

/// What a combined signature holds.
public struct CombinedData: Hashable, Sendable {
  /// 9F4C: two to eight bytes.
  public var number: [UInt8]
  /// 9F27, inside and beside the signature.
  public var information: UInt8
  /// 9F26: eight bytes.
  public var cryptogram: [UInt8]
}

extension Authentication {
  /// The static data to be authenticated (EMV 4.4 Book 3, 10.3): of the flagged records in the
  /// order of the file locator the content, or of files 11 to 30 the whole record; then the
  /// interchange profile if 9F4A names it. `tagList` is 9F4A, empty when the card has none.
  public static func staticInput(
    _ records: [CardRecord], tagList: [UInt8], profile: [UInt8]
  ) throws(AuthenticationFault) -> [UInt8] {
    var input: [UInt8] = []
    for record in records {
      if record.bytes.first != 0x70 { throw AuthenticationFault(.staticInput, .record) }
      if record.file > 10 {
        input += record.bytes
        continue
      }
      guard let content = TLVWalk.only(.recordTemplate, in: record.bytes) else {
        throw AuthenticationFault(.staticInput, .record)
      }
      input += record.bytes[content]
    }
    if tagList.isEmpty { return input }
    if tagList != [0x82] { throw AuthenticationFault(.staticInput, .tagList) }
    return input + profile
  }

  /// SDA (EMV 4.4 Book 2, 5.4): 93 is the issuer's signature of the input. The data authentication
  /// code 9F45, two bytes.
  public static func staticData(
    _ signature: [UInt8], issuer: RSAPublicKey, input: [UInt8]
  ) throws(AuthenticationFault) -> [UInt8] {
    let block = try recover(signature, with: issuer, format: 0x03, .staticSignature)
    try block.checkHash(input, indicator: block.bytes[2])
    return block.slice(3, 2)
  }

  /// DDA (EMV 4.4 Book 2, 6.5): 9F4B is the card's signature of the data that the DDOL asked for.
  public static func dynamicData(
    _ signature: [UInt8], card: RSAPublicKey, asked: [UInt8]
  ) throws(AuthenticationFault) -> DynamicData {
    let block = try recover(signature, with: card, format: 0x05, .dynamicSignature)
    try block.checkHash(asked, indicator: block.bytes[2])
    guard let data = dynamic(block) else { throw block.fault(.dynamicData) }
    // The data are the card's own; only their beginning has a usual form.
    let count = data.first.map { Int($0) } ?? 0
    if !(2...8).contains(count) || data.count <= count { return DynamicData(number: []) }
    return DynamicData(number: Array(data[1...count]))
  }

  /// CDA (EMV 4.4 Book 2, 6.6.2): 9F4B in the answer to GENERATE AC signs the cryptogram and all
  /// data of the transaction. `answer` is the whole body, 77; `asked` the values sent for PDOL,
  /// CDOL1 and, for the second cryptogram, CDOL2; `unpredictable` the number of this command.
  public static func combinedData(
    _ answer: [UInt8], card: RSAPublicKey, asked: [UInt8], unpredictable: [UInt8]
  ) throws(AuthenticationFault) -> CombinedData {
    let object = AuthenticationFault.Object.combinedSignature
    guard let template = TLVWalk.only(.format2, in: answer),
      TLVWalk.isSound(answer, template)
    else { throw AuthenticationFault(object, .length) }
    var signature: [UInt8] = []
    var clear: [UInt8] = []
    var covered = asked
    var walk = TLVWalk(answer, in: template)
    while let part = try? walk.next() {
      if part.tag == .signedDynamicData {
        signature = Array(answer[part.value])
        continue
      }
      if part.tag == .cryptogramInformation { clear = Array(answer[part.value]) }
      // As it came: a length may have been written longer than it needs.
      covered += answer[part.start..<part.value.upperBound]
    }
    if clear.count != 1 { throw AuthenticationFault(object, .missing) }
    let block = try recover(signature, with: card, format: 0x05, object)
    guard let data = dynamic(block), let parts = CombinedParts(data) else {
      throw block.fault(.dynamicData)
    }
    func fault(_ check: AuthenticationFault.Check) -> AuthenticationFault {
      AuthenticationFault(object, check, signedInformation: parts.data.information)
    }
    if parts.data.information != clear[0] { throw fault(.cryptogramInformation) }
    do throws(AuthenticationFault) {
      try block.checkHash(unpredictable, indicator: block.bytes[2])
    } catch {
      throw fault(error.check)
    }
    if HashAlgorithm.sha1.digest(covered) != parts.transactionHash {
      throw fault(.transactionData)
    }
    return parts.data
  }

  /// The card's dynamic data: any length that fits (EMV 4.4 Book 2, table 17).
  private static func dynamic(_ block: Block) -> [UInt8]? {
    let length = Int(block.bytes[3])
    return length <= block.bytes.count - 25 ? block.slice(4, length) : nil
  }
}

/// EMV 4.4 Book 2, table 19.
private struct CombinedParts {
  var data: CombinedData
  var transactionHash: [UInt8]

  init?(_ bytes: [UInt8]) {
    var reader = ByteReader(bytes)
    guard let count = try? reader.readByte(), (2...8).contains(count),
      let number = try? reader.read(Int(count)), let information = try? reader.readByte(),
      let cryptogram = try? reader.read(8), let hash = try? reader.read(20)
    else { return nil }
    data = CombinedData(number: number, information: information, cryptogram: cryptogram)
    transactionHash = hash
  }
}
