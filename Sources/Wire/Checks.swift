// SPDX-License-Identifier: Apache-2.0

/// The exclusive-or of all bytes, as card tracks and the "VISA" packet family use it.
public func longitudinalRedundancyCheck(_ bytes: some Sequence<UInt8>) -> UInt8 {
  var check: UInt8 = 0
  for byte in bytes { check ^= byte }
  return check
}

/// CRC-16 with polynomial 1021, most significant bit first, no reflection, no final exclusive-or.
public func cyclicRedundancyCheck16(_ bytes: some Sequence<UInt8>, initial: UInt16) -> UInt16 {
  var check = initial
  for byte in bytes {
    check ^= UInt16(byte) << 8
    for _ in 0..<8 {
      check = check & 0x8000 != 0 ? (check << 1) ^ 0x1021 : check << 1
    }
  }
  return check
}

/// Whether two byte strings are equal, in a time that depends on their lengths alone.
public func constantTimeEqual(_ left: [UInt8], _ right: [UInt8]) -> Bool {
  if left.count != right.count { return false }
  var difference: UInt8 = 0
  for index in 0..<left.count { difference |= left[index] ^ right[index] }
  return difference == 0
}
