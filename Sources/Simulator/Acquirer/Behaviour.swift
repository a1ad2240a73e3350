// SPDX-License-Identifier: Apache-2.0

// The amount asks for the host's behaviour. Below 100.00 the cents are the response code: .00 and
// .11 approve, .10 approves half of the amount; not where the amount is an earlier one's. Above:
//
//     101.ss  answer after ss seconds        102.08  answered without MAC
//     102.01  no answer, nothing held        102.09  answered to another terminal
//     102.02  held, and no answer            102.10  answered byte by byte
//     102.03  wrong MAC                      102.11  held, no answer; its reversal is refused with
//     102.04  wrong trace number                     96 three times, and then taken
//     102.05  held, and the connection is    102.12  approved, the issuer confirms later (A2)
//             closed                         102.13  approved, and ordered to sign in again
//     102.06  answered twice                 102.14  refused for a wrong MAC that is right (A0)
//     102.07  one byte of the answer is      102.15  refused for a wrong batch that is right (77)
//             another

/// How an answer leaves.
enum Behaviour: Hashable, Sendable {
  case plain
  case late(seconds: Int64)
  case deaf
  case silent
  case wrongMAC
  case wrongTrace
  case closed
  case twice
  case garbled
  case unsigned
  case otherTerminal
  case pieces
  case signInOrdered

  static let stubbornReversal: UInt64 = 10_211

  init(_ amount: UInt64) {
    switch amount {
    case 10_100...10_199: self = .late(seconds: Int64(amount) - 10_100)
    case 10_201: self = .deaf
    case 10_202, Behaviour.stubbornReversal: self = .silent
    case 10_203: self = .wrongMAC
    case 10_204: self = .wrongTrace
    case 10_205: self = .closed
    case 10_206: self = .twice
    case 10_207: self = .garbled
    case 10_208: self = .unsigned
    case 10_209: self = .otherTerminal
    case 10_210: self = .pieces
    case 10_213: self = .signInOrdered
    default: self = .plain
    }
  }
}

extension HostRules {
  /// How the answer to a request of this amount leaves.
  func behaviour(_ amount: UInt64) -> Behaviour { amountsDecide ? Behaviour(amount) : .plain }

  /// DE39 of an amount that is refused whatever is asked.
  func refusal(_ amount: UInt64) -> String? {
    switch amount {
    case 10_214 where amountsDecide: "A0"
    case 10_215 where amountsDecide: "77"
    default: nil
    }
  }

  /// DE39 of a request that nothing else speaks against.
  func code(_ amount: UInt64) -> String {
    let cents = amount % 100
    if !amountsDecide { return "00" }
    if amount == 10_212 { return "A2" }
    if amount >= 10_000 || cents == 0 { return "00" }
    return String(cents / 10) + String(cents % 10)
  }
}
