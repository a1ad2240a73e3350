// SPDX-License-Identifier: Apache-2.0

// Fallback to the stripe (EMV 4.4 Book 4, 6.6). Whether it is done at all is for the payment system
// to say; here is whether the chip gave a reason for it. A thief who can make a chip fail late must
// win nothing: after a PIN was asked for or a cryptogram was, there is none.

extension Kernel {
  func fallback(_ result: Outcome.Result) -> Outcome.Fallback {
    switch result {
    case .approved, .declined: return .none
    case .notAccepted(let refusal):
      switch refusal {
      case .noApplication: return .noApplication
      case .blockedApplications, .blockedCard, .serviceNotAllowed: return .none
      }
    case .ended(let reason):
      if session.hasAskedForCryptogram || session.verification.pins > 0 { return .none }
      switch reason {
      case .format, .status, .limit, .card(.mute), .card(.transmission): return .technical
      case .logic, .card(.removed), .cancelled, .amountTooLarge: return .none
      }
    }
  }
}
