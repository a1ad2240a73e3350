// SPDX-License-Identifier: Apache-2.0

public import Updates

extension UpdateProblem {
  /// The stable code under which the catalogue has it.
  var code: String {
    switch self {
    case .notListed(let refusal):
      if case .expired = refusal.reason { "UPD-002" } else { "UPD-001" }
    case .recovery: "UPD-003"
    case .unfit: "UPD-004"
    case .unknownFile: "UPD-005"
    case .noRoom: "UPD-006"
    case .notFetched: "UPD-007"
    case .forged: "UPD-008"
    case .notInstalled: "UPD-009"
    case .fellBack: "UPD-010"
    case .notStored: "UPD-011"
    }
  }

  /// What the terminal saw.
  var evidence: String {
    switch self {
    case .notListed(let refusal): refusal.description
    case .recovery(let refusal): refusal.code + UpdateProblem.detail(refusal)
    case .unfit(let reason): reason.text
    case .noRoom(let missing): "\(missing) bytes are missing"
    case .notInstalled(let fault): fault.code + UpdateProblem.detail(fault)
    case .fellBack(let failure): failure.text
    case .unknownFile, .notFetched, .forged, .notStored: ""
    }
  }

  private static func detail(_ fault: InstallFault) -> String {
    switch fault {
    case .disk(.system(let number)): ", system error \(number): " + SystemFault(code: number).text
    case .disk(.readOnly): ", it takes no writes"
    case .disk(.absent): ", something is not there"
    case .disk(.taken): ", a name is taken"
    case .engine(let number): ", number \(number)"
    case .forged, .badBundle, .otherContent, .disk(.full), .slotInUse, .unreadable: ""
    }
  }

  private static func detail(_ refusal: RecoveryRefusal) -> String {
    switch refusal {
    case .malformed(let fault): " at " + fault.place
    case .signatureThreshold(let valid, let needed): ", \(valid) of \(needed)"
    case .notOneBundle(let count): ", \(count) bundles"
    case .replayed(let have, let got): ", have \(have), got \(got)"
    case .unfit(let reason): ": " + reason.text
    }
  }
}

extension Unfit {
  /// For people.
  var text: String {
    switch self {
    case .otherBoard: "it is for another board"
    case .otherFormat: "it is a bundle of another kind"
    case .notListed: "the management server wants a version that is not listed"
    case .notNewer: "it is not newer than what runs, or older than what ran"
    case .oldEpoch: "its security epoch is over"
    case .sourceTooOld: "another release comes between"
    case .notInRing: "it is not this terminal's turn yet"
    case .notYet: "its time has not come"
    case .failedBefore: "it has failed here before"
    case .migrationWithoutEpoch: "its data has no way back, and its epoch does not say so"
    }
  }
}

extension TrialFailure {
  /// For people.
  var text: String {
    switch self {
    case .neverReady: "it never became ready"
    case .crashed: "it ended again and again"
    case .organ(let organ): "it cannot use the payment path: \(organ.code)"
    case .tooSlow: "its payment path was not tested in time"
    case .faultInside: "it cannot speak with the host"
    }
  }
}

/// Why a wish about an update is not met.
public enum UpdateObjection: Hashable, Sendable {
  /// There are no updates here: posd.yaml has none, or no supervisor has started this program.
  case notHere
  /// Whoever keeps the slots does not say which of them runs, and what was seen of it.
  case slotsUnknown(String)
  /// Not at this stage.
  case notNow(UpdateStage)
  /// The till may not postpone it so often or so long.
  case notPostponed
  /// The file cannot be read or kept.
  case unreadable

  /// The stable code under which the catalogue has it.
  var code: String {
    switch self {
    case .notHere: "UPD-020"
    case .notNow: "UPD-021"
    case .notPostponed: "UPD-022"
    case .unreadable: "UPD-023"
    case .slotsUnknown: "UPD-024"
    }
  }

  /// What the terminal saw.
  var evidence: String {
    switch self {
    case .notNow(let stage): "stage " + stage.code
    case .slotsUnknown(let evidence): evidence
    case .notHere, .notPostponed, .unreadable: ""
    }
  }
}
