// SPDX-License-Identifier: Apache-2.0

extension Outcome.Result {
  /// One word, as reports and recordings have it: `approvedOnline`, `endedFormatRecords`.
  public var name: String {
    switch self {
    case .approved(let path): "approved" + Outcome.name(of: path)
    case .declined(let path): "declined" + Outcome.name(of: path)
    case .notAccepted(let refusal): "notAccepted" + Outcome.name(of: refusal)
    case .ended(let reason): "ended" + Outcome.name(of: reason)
    }
  }
}

extension Outcome {
  static func name(of path: Path) -> String {
    switch path {
    case .offline: "Offline"
    case .online: "Online"
    case .unableToGoOnline: "UnableToGoOnline"
    }
  }

  static func name(of refusal: Refusal) -> String {
    switch refusal {
    case .noApplication: "NoApplication"
    case .blockedApplications: "BlockedApplications"
    case .blockedCard: "BlockedCard"
    case .serviceNotAllowed: "ServiceNotAllowed"
    }
  }

  static func name(of reason: EndReason) -> String {
    switch reason {
    case .format(let chapter): "Format" + name(of: chapter)
    case .status(let chapter, _): "Status" + name(of: chapter)
    case .logic: "Logic"
    case .card(.removed): "CardRemoved"
    case .card(.mute): "CardMute"
    case .card(.transmission): "CardTransmission"
    case .cancelled: "Cancelled"
    case .amountTooLarge: "AmountTooLarge"
    case .limit(let chapter): "Limit" + name(of: chapter)
    }
  }

  static func name(of chapter: Chapter) -> String {
    switch chapter {
    case .selection: "Selection"
    case .initiation: "Initiation"
    case .records: "Records"
    case .authentication: "Authentication"
    case .cardholder: "Cardholder"
    case .risk: "Risk"
    case .firstCryptogram: "FirstCryptogram"
    case .issuer: "Issuer"
    case .secondCryptogram: "SecondCryptogram"
    }
  }
}
