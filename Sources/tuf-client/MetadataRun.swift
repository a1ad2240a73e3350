// SPDX-License-Identifier: Apache-2.0

import Clockwork
import LinuxHost
import Updates

/// One run of a client against a mirror and a folder, in which everything is waited for.
struct MetadataRun {
  private var client = MetadataClient(anchor: .stored)
  private let folder: MetadataFolder
  /// With its slash.
  private let base: String
  /// The moment that counts for the whole run.
  private let moment: UTCTime
  private let log: (String) -> Void

  init(folder: String, url: String, log: @escaping (String) -> Void) {
    self.folder = MetadataFolder(folder)
    base = MetadataRun.address(url)
    moment = UTCTime(seconds: SystemClock.unixMilliseconds / 1_000)
    self.log = log
  }

  static func address(_ url: String) -> String { url.hasSuffix("/") ? url : url + "/" }

  mutating func refresh() throws(Refusal) {
    _ = try run(.refreshAsked(at: moment))
  }

  /// The target of this path, and where it lies beside the others.
  mutating func find(_ path: String) throws(Refusal) -> (Target, String) {
    let last = try run(.targetSought(ByteString(path), at: moment))
    guard case .found(let target, let location)? = last else {
      preconditionFailure("a search ends with a target or a refusal")
    }
    return (target, String(decoding: location.bytes, as: UTF8.self))
  }

  private mutating func run(
    _ event: MetadataClient.Event
  ) throws(Refusal) -> MetadataClient.Effect? {
    var next: MetadataClient.Event? = event
    var last: MetadataClient.Effect?
    while let event = next {
      next = nil
      for effect in client.handle(event, at: SystemClock.now) {
        if case .refused(let refusal) = effect { throw refusal }
        last = effect
        if let answer = perform(effect) { next = answer }
      }
    }
    return last
  }

  private func perform(_ effect: MetadataClient.Effect) -> MetadataClient.Event? {
    switch effect {
    case .load(let name, let limit):
      return .loaded(folder.load(name, limit: limit))
    case .fetch(let name, let limit):
      return fetch(base + String(decoding: name.bytes, as: UTF8.self), limit: limit)
    case .store(let name, let bytes):
      return folder.store(name, bytes) ? .stored : .notStored
    case .delete(let name):
      return folder.delete(name) ? .stored : .notStored
    case .trusted(let role, let version):
      log("trusted \(role) \(version)")
    case .distrusted(let name, let refusal):
      log("the stored \(name.fileName) counts for nothing: \(refusal)")
    case .found(let target, _):
      log("found \(target.path), \(target.length) bytes")
    case .refreshed, .refused:
      break
    }
    return nil
  }

  private func fetch(_ url: String, limit: Int64) -> MetadataClient.Event {
    final class Body { var bytes: [UInt8] = [] }
    let body = Body()
    let outcome = Download.wait(for: url, limit: limit, .metadata) { part in
      body.bytes += part
      return true
    }
    switch outcome {
    case .arrived: return .fetched(body.bytes)
    case .notThere: return .notThere
    case .failed(let fault): return .notFetched(fault)
    }
  }
}
