// SPDX-License-Identifier: Apache-2.0

import PaymentCrypto
import Wire

// Two copies are kept, each with its digest: a torn one is as good as none, and the newer of the
// two that are left counts.

extension BootState {
  /// Bytes that a copy has at most.
  public static let textLimit = 4_096

  /// As it is written, with the number of the writing.
  public func text(generation: Int64) -> [UInt8] {
    var lines: [ByteString] = [
      "posd-boot 1",
      "generation " + ByteString(generation),
      "chosen " + chosen.text,
      "cause " + cause.code,
      "floors " + ByteString(floors.epoch) + " " + floors.version.text,
      "recovery " + ByteString(recovery),
      "failed-starts " + ByteString(Int64(failedStarts)),
    ]
    for slot in SlotName.allCases where isBad(slot) { lines.append("bad " + slot.text) }
    for failure in failed {
      lines.append(
        "failed " + MetadataDigits.lowerCase(failure.digest) + " "
          + ByteString(Int64(failure.count)))
    }
    if let trial { lines.append(trial.line) }
    var out: [UInt8] = []
    for line in lines { out += line.bytes + [0x0A] }
    let sum: ByteString = "sum " + MetadataDigits.lowerCase(sha256(out))
    return out + sum.bytes + [0x0A]
  }

  /// Reads one copy; nil where it is torn or none of ours.
  public static func reading(_ bytes: [UInt8]) -> (state: BootState, generation: Int64)? {
    guard bytes.count <= textLimit, bytes.last == 0x0A else { return nil }
    var lines = bytes.dropLast().split(separator: 0x0A, omittingEmptySubsequences: false)
    guard let last = lines.popLast() else { return nil }
    let body = Array(bytes.prefix(bytes.count - last.count - 1))
    let sum: ByteString = "sum " + MetadataDigits.lowerCase(sha256(body))
    guard last.elementsEqual(sum.bytes), lines.first.map({ ByteString(Array($0)) }) == "posd-boot 1"
    else { return nil }
    var state = BootState(chosen: .a)
    var generation: Int64?
    for line in lines.dropFirst() {
      let words = line.split(separator: 0x20, omittingEmptySubsequences: false)
        .map { ByteString(Array($0)) }
      if words[0] == "generation", words.count == 2 {
        generation = number(words[1])
      } else if !state.read(words) {
        return nil
      }
    }
    return generation.map { (state, $0) }
  }

  /// The newer one of two copies; nil where neither is legible.
  public static func newest(
    _ first: [UInt8]?, _ second: [UInt8]?
  ) -> (state: BootState, generation: Int64)? {
    let left = first.flatMap { reading($0) }
    let right = second.flatMap { reading($0) }
    guard let left else { return right }
    guard let right else { return left }
    return right.generation > left.generation ? right : left
  }

  private mutating func read(_ words: [ByteString]) -> Bool {
    switch (words[0], words.count) {
    case ("chosen", 2):
      guard let slot = SlotName(words[1]) else { return false }
      chosen = slot
    case ("cause", 2):
      guard let cause = BootCause(code: words[1]) else { return false }
      self.cause = cause
    case ("floors", 3):
      guard let epoch = BootState.number(words[1]), let version = ReleaseVersion(words[2]) else {
        return false
      }
      floors = Floors(epoch: epoch, version: version)
    case ("recovery", 2):
      guard let number = BootState.number(words[1]) else { return false }
      recovery = number
    case ("failed-starts", 2):
      guard let number = BootState.small(words[1]) else { return false }
      failedStarts = number
    case ("bad", 2):
      guard let slot = SlotName(words[1]) else { return false }
      mark(slot, isBad: true)
    case ("failed", 3):
      guard let digest = BootState.digest(words[1]), let count = BootState.small(words[2]),
        failed.count < BootState.failureLimit
      else { return false }
      failed.append(Failure(digest: digest, count: count))
    case ("trial", 10):
      guard let trial = Trial(words) else { return false }
      self.trial = trial
    default:
      return false
    }
    return true
  }

  fileprivate static func digest(_ word: ByteString) -> [UInt8]? {
    guard let bytes = try? Hex.decode(word.bytes), bytes.count == 32 else { return nil }
    return bytes
  }

  fileprivate static func small(_ word: ByteString) -> UInt8? {
    number(word).flatMap { $0 <= 255 ? UInt8($0) : nil }
  }

  /// A number without a sign that fits.
  fileprivate static func number(_ word: ByteString) -> Int64? {
    guard (1...18).contains(word.bytes.count),
      word.bytes.allSatisfy({ (0x30...0x39).contains($0) })
    else { return nil }
    return word.bytes.reduce(0) { $0 * 10 + Int64($1 - 0x30) }
  }
}

extension BootState.Phase {
  var code: ByteString {
    switch self {
    case .installing: "installing"
    case .switching: "switching"
    case .probation: "probation"
    case .reverting: "reverting"
    }
  }
}

extension BootState.Trial {
  fileprivate var line: ByteString {
    let head: ByteString = "trial " + MetadataDigits.lowerCase(digest) + " " + version.text + " "
    let middle = ByteString(epoch) + " " + ByteString(recovery) + " " + from.text + " "
    let counts = ByteString(Int64(left)) + " " + ByteString(Int64(crashes)) + " "
    return head + middle + counts + phase.code + " " + failure.code
  }

  fileprivate init?(_ words: [ByteString]) {
    guard let digest = BootState.digest(words[1]), let version = ReleaseVersion(words[2]),
      let epoch = BootState.number(words[3]), let recovery = BootState.number(words[4]),
      let from = SlotName(words[5]), let left = BootState.small(words[6]),
      let crashes = BootState.small(words[7]),
      let phase = BootState.Phase.allCases.first(where: { $0.code == words[8] }),
      let failure = TrialFailure(code: words[9])
    else { return nil }
    self.init(
      digest: digest, version: version, epoch: epoch, recovery: recovery, from: from, left: left,
      crashes: crashes, phase: phase, failure: failure)
  }
}
