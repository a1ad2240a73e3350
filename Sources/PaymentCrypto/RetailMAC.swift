// SPDX-License-Identifier: Apache-2.0

/// ISO/IEC 9797-1 algorithm 3 with padding 1 (ANSI X9.19): eight bytes.
public func retailMAC(key: TDESKey, message: [UInt8]) -> [UInt8] {
  var padded = message
  while padded.isEmpty || padded.count % 8 != 0 { padded.append(0) }
  let keys = key.exposed
  let left = Array(keys[..<8])
  let right = Array(keys[8...])
  var chain = [UInt8](repeating: 0, count: 8)
  for block in Blocks.of(padded) {
    chain = DES.single(Blocks.xor(block, chain), key: left, .encrypt)
  }
  let middle = DES.single(chain, key: right, .decrypt)
  return DES.single(middle, key: left, .encrypt)
}
