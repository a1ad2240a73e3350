// SPDX-License-Identifier: Apache-2.0

import COpenSSL
import Wire

// DES by libcrypto's functions that touch nothing but their arguments. A block is a UInt64 with its
// bytes in the order of memory, so that no array is made for it.

enum DES {
  /// One block under a single key of eight bytes.
  static func encrypt(_ block: UInt64, key: UInt64) -> UInt64 {
    var schedule = schedule(key)
    defer { unsafe OPENSSL_cleanse(&schedule, MemoryLayout<DES_key_schedule>.size) }
    return single(block, &schedule, .encrypt)
  }

  /// The expanded form of a key; its parity is not looked at, since derived keys have none.
  static func schedule(_ key: UInt64) -> DES_key_schedule {
    var schedule = DES_key_schedule()
    var key = key
    unsafe withUnsafeMutablePointer(to: &key) { pointer in
      unsafe pointer.withMemoryRebound(to: DES_cblock.self, capacity: 1) { block in
        unsafe DES_set_key_unchecked(block, &schedule)
      }
    }
    unsafe OPENSSL_cleanse(&key, MemoryLayout<UInt64>.size)
    return schedule
  }

  static func single(
    _ block: UInt64, _ schedule: inout DES_key_schedule, _ direction: Direction
  ) -> UInt64 {
    var block = block
    unsafe withUnsafeMutablePointer(to: &block) { pointer in
      unsafe pointer.withMemoryRebound(to: DES_cblock.self, capacity: 1) { block in
        unsafe DES_ecb_encrypt(block, block, &schedule, direction.flag)
      }
    }
    return block
  }
}

/// The three expanded keys of triple DES; erased by whoever made them.
struct TDESSchedules {
  private var first: DES_key_schedule
  private var second: DES_key_schedule
  private var third: DES_key_schedule

  /// Of two or three keys.
  init(_ key: ScratchKey, count: Int) {
    first = DES.schedule(key.word0)
    second = DES.schedule(key.word1)
    third = count == 24 ? DES.schedule(key.word2) : first
  }

  mutating func erase() {
    unsafe OPENSSL_cleanse(&first, MemoryLayout<DES_key_schedule>.size)
    unsafe OPENSSL_cleanse(&second, MemoryLayout<DES_key_schedule>.size)
    unsafe OPENSSL_cleanse(&third, MemoryLayout<DES_key_schedule>.size)
  }

  /// One block.
  mutating func apply(_ block: UInt64, _ direction: Direction) -> UInt64 {
    var block = block
    unsafe withUnsafeMutablePointer(to: &block) { pointer in
      unsafe pointer.withMemoryRebound(to: DES_cblock.self, capacity: 1) { block in
        unsafe DES_ecb3_encrypt(block, block, &first, &second, &third, direction.flag)
      }
    }
    return block
  }

  /// Chained blocks; whole blocks only.
  mutating func chain(_ input: [UInt8], from vector: UInt64, _ direction: Direction) -> [UInt8] {
    var output = [UInt8](repeating: 0, count: input.count)
    var vector = vector
    unsafe withUnsafeMutablePointer(to: &vector) { pointer in
      unsafe pointer.withMemoryRebound(to: DES_cblock.self, capacity: 1) { vector in
        unsafe DES_ede3_cbc_encrypt(
          input, &output, input.count, &first, &second, &third, vector, direction.flag)
      }
    }
    return output
  }
}

/// Up to 32 bytes of a key on the stack, while something is computed from them; a word holds its
/// bytes in the order of memory. Whoever makes one erases it.
struct ScratchKey {
  var word0: UInt64 = 0
  var word1: UInt64 = 0
  var word2: UInt64 = 0
  var word3: UInt64 = 0

  static let byteCount = 32

  init() {}

  init(_ secret: borrowing SecretBytes) {
    let count = min(secret.count, ScratchKey.byteCount)
    unsafe secret.withBytes { bytes in
      unsafe withBytes { own in
        unsafe own.copyMemory(from: UnsafeRawBufferPointer(rebasing: bytes[..<count]))
      }
    }
  }

  mutating func erase() { unsafe withBytes { unsafe OPENSSL_cleanse($0.baseAddress, $0.count) } }

  /// A key of the first `count` bytes, in storage of its own.
  mutating func secret(_ count: Int) -> SecretBytes {
    unsafe withBytes { bytes in
      unsafe SecretBytes(copying: UnsafeRawBufferPointer(rebasing: bytes[..<count]))
    }
  }

  mutating func withBytes<Result>(_ body: (UnsafeMutableRawBufferPointer) -> Result) -> Result {
    unsafe withUnsafeMutableBytes(of: &self) { unsafe body($0) }
  }
}

/// Runs of eight bytes as words in the order of memory.
enum Words {
  static func word(_ bytes: [UInt8], _ offset: Int) -> UInt64 {
    precondition(offset + 8 <= bytes.count, "a block has eight bytes: lengths are checked before")
    return unsafe bytes.withUnsafeBytes {
      unsafe $0.loadUnaligned(fromByteOffset: offset, as: UInt64.self)
    }
  }

  static func append(_ word: UInt64, to bytes: inout [UInt8]) {
    unsafe withUnsafeBytes(of: word) { unsafe bytes.append(contentsOf: $0) }
  }

  static func bytes(_ word: UInt64) -> [UInt8] {
    var bytes: [UInt8] = []
    append(word, to: &bytes)
    return bytes
  }
}
