// SPDX-License-Identifier: Apache-2.0

/// Bytes that are never printed and that are overwritten when the last owner lets go of them.
public struct SecretBytes: Hashable, Sendable, CustomStringConvertible {
  private let storage: Storage

  /// Copies `bytes` into erasing storage; the caller's own copy is the caller's to drop.
  public init(_ bytes: [UInt8]) {
    storage = unsafe bytes.withUnsafeBytes { unsafe Storage($0) }
  }

  /// Copies what a buffer holds into erasing storage.
  public init(copying buffer: UnsafeRawBufferPointer) { unsafe storage = Storage(buffer) }

  /// How many bytes there are.
  public var count: Int { storage.count }

  /// The bytes where they lie, for a call that only reads them: no copy is made.
  public func withBytes<Result, Fault: Error>(
    _ body: (UnsafeRawBufferPointer) throws(Fault) -> Result
  ) throws(Fault) -> Result {
    try unsafe storage.withBytes(body)
  }

  /// A plain copy, for the one call that needs it.
  public var exposed: [UInt8] { unsafe storage.withBytes { unsafe Array($0) } }

  /// Never the bytes.
  public var description: String { "<secret>" }

  /// Compares in constant time.
  public static func == (left: SecretBytes, right: SecretBytes) -> Bool {
    if left.count != right.count { return false }
    return unsafe left.withBytes { one in
      unsafe right.withBytes { other in
        var difference: UInt8 = 0
        for index in 0..<one.count { unsafe difference |= one[index] ^ other[index] }
        return difference == 0
      }
    }
  }

  /// Hashes the bytes, for the digests of a machine's state only.
  public func hash(into hasher: inout Hasher) {
    hasher.combine(storage.count)
    unsafe storage.withBytes { unsafe hasher.combine(bytes: $0) }
  }

  /// The storage is never written to between initialisation and the end of its life, so sharing it
  /// between threads is safe.
  @safe private final class Storage: @unchecked Sendable {
    private let buffer: UnsafeMutableRawBufferPointer

    init(_ bytes: UnsafeRawBufferPointer) {
      unsafe buffer = UnsafeMutableRawBufferPointer.allocate(
        byteCount: bytes.count, alignment: MemoryLayout<UInt64>.alignment)
      unsafe buffer.copyMemory(from: bytes)
    }

    var count: Int { unsafe buffer.count }

    func withBytes<Result, Fault: Error>(
      _ body: (UnsafeRawBufferPointer) throws(Fault) -> Result
    ) throws(Fault) -> Result {
      try unsafe body(UnsafeRawBufferPointer(buffer))
    }

    deinit {
      // The storage goes back through a function that the optimiser does not see into, so it cannot
      // leave this out.
      for index in unsafe buffer.indices { unsafe buffer[index] = 0 }
      unsafe buffer.deallocate()
    }
  }
}
