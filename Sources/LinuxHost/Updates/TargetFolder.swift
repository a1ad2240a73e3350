// SPDX-License-Identifier: Apache-2.0

import Glibc
import PaymentCrypto
public import Updates

/// A folder in which verified targets lie, and nothing else when no download is under way.
public struct TargetFolder {
  private let path: String

  /// The folder, which must be there.
  public init(_ path: String) { self.path = path }

  /// Whether the target lies there already, as it was signed.
  public func has(_ target: Target) -> Bool {
    let number = unsafe open(file(target), O_RDONLY | O_CLOEXEC | O_NOFOLLOW)
    guard let descriptor = Descriptor(number) else { return false }
    let found = Arrival(target)
    while true {
      guard case .success(let part?) = readSome(descriptor.number, limit: 65_536) else {
        return false
      }
      if part.isEmpty { break }
      if !found.take(part) || found.count > target.length { return false }
    }
    do throws(Refusal) { try found.check() } catch { return false }
    return true
  }

  /// Fetches a target and compares it with what was signed as it comes (TUF 5.7). Only then it gets
  /// its name; whatever else happens, nothing of it stays and the former file is still there.
  public func fetch(_ target: Target, from url: String) throws(Refusal) {
    let final = file(target)
    let part = final + ".part"
    // A power cut may have left one.
    unsafe _ = unlink(part)
    do throws(Refusal) {
      try fetch(target, from: url, into: part)
      guard unsafe rename(part, final) == 0, FileSystem.syncFolder(path) else {
        throw Refusal(.fetchTarget, target.path, .notStored)
      }
    } catch {
      unsafe _ = unlink(part)
      throw error
    }
  }

  private func fetch(_ target: Target, from url: String, into part: String) throws(Refusal) {
    let number = unsafe open(part, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0o644)
    guard let descriptor = Descriptor(number) else {
      throw Refusal(.fetchTarget, target.path, .notStored)
    }
    let writing = Writing(number, Arrival(target))
    let outcome = Download.wait(for: url, limit: target.length, .target) { writing.take($0) }
    if !writing.isWhole { throw Refusal(.fetchTarget, target.path, .notStored) }
    switch outcome {
    case .arrived: break
    case .notThere: throw Refusal(.fetchTarget, target.path, .absent)
    case .failed(let fault): throw Refusal(.fetchTarget, target.path, .notFetched(fault))
    }
    try writing.arrival.check()
    if fsync(descriptor.number) != 0 { throw Refusal(.fetchTarget, target.path, .notStored) }
  }

  private func file(_ target: Target) -> String {
    let name = PercentEncoding.segment(target.path)
    return path + "/" + String(decoding: name.bytes, as: UTF8.self)
  }

  /// A download's way into its file.
  private final class Writing {
    private let number: Int32
    private(set) var arrival: Arrival
    private(set) var isWhole = true

    init(_ number: Int32, _ arrival: Arrival) {
      self.number = number
      self.arrival = arrival
    }

    func take(_ bytes: [UInt8]) -> Bool {
      var rest = bytes[...]
      while !rest.isEmpty {
        guard case .success(let count) = writeSome(number, rest) else {
          isWhole = false
          return false
        }
        rest = rest.dropFirst(count)
      }
      return arrival.take(bytes)
    }
  }
}
