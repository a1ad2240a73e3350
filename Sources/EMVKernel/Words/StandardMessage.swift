// SPDX-License-Identifier: Apache-2.0

/// The messages every terminal can show (EMV 4.4 Book 4, 11.2), by their numbers.
public enum StandardMessage: UInt8, Hashable, Sendable, CaseIterable {
  /// (amount)
  case amount = 0x01
  /// (amount) OK?
  case isAmountRight = 0x02
  /// APPROVED
  case approved = 0x03
  /// CALL YOUR BANK
  case callYourBank = 0x04
  /// CANCEL OR ENTER
  case cancelOrEnter = 0x05
  /// CARD ERROR
  case cardError = 0x06
  /// DECLINED
  case declined = 0x07
  /// ENTER AMOUNT
  case enterAmount = 0x08
  /// ENTER PIN
  case enterPIN = 0x09
  /// INCORRECT PIN
  case incorrectPIN = 0x0A
  /// INSERT CARD
  case insertCard = 0x0B
  /// NOT ACCEPTED
  case notAccepted = 0x0C
  /// PIN OK
  case pinOK = 0x0D
  /// PLEASE WAIT
  case pleaseWait = 0x0E
  /// PROCESSING ERROR
  case processingError = 0x0F
  /// REMOVE CARD
  case removeCard = 0x10
  /// USE CHIP READER
  case useChipReader = 0x11
  /// USE MAG STRIPE
  case useMagneticStripe = 0x12
  /// TRY AGAIN
  case tryAgain = 0x13
}
