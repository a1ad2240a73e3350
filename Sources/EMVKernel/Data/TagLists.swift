// SPDX-License-Identifier: Apache-2.0

// What messages usually carry of the chip (EMV 4.4 Book 4, 12.1). The acquirer's file may order
// something else: a list goes through `DataStore.encoded`, which leaves out what does not exist.
extension DataTag {
  /// The request for an authorisation, and the batch record with the same beginning.
  public static var ofRequest: [DataTag] {
    [
      .cryptogram, .cryptogramInformation, .issuerApplicationData, .unpredictableNumber, .atc, .tvr,
      .date, .type, .amount, .currency, .aip, .terminalCountry, .otherAmount,
      .terminalCapabilities, .cvmResults, .terminalType, .deviceSerial, .dfName, .terminalVersion,
      .sequenceCounter,
    ]
  }

  /// The batch record: the request's data with what decided.
  public static var ofBatch: [DataTag] { ofRequest + [.responseCode, .authorisationCode] }

  /// The reversal; the results of scripts are added by who knows the acquirer's tag for them.
  public static var ofReversal: [DataTag] {
    [.aip, .atc, .issuerApplicationData, .tvr, .terminalCapabilities, .terminalType]
  }

  /// The notice of scripts' results.
  public static var ofScriptNotice: [DataTag] {
    ofReversal + [.cryptogram, .cryptogramInformation, .unpredictableNumber, .date, .type]
  }

  /// The receipt (EMV 4.4 Book 4, 11.3-11.4).
  public static var ofReceipt: [DataTag] {
    [
      .dfName, .label, .preferredName, .panSequenceNumber, .cryptogram, .cryptogramInformation,
      .tvr, .tsi, .atc, .responseCode, .authorisationCode,
    ]
  }
}
