// SPDX-License-Identifier: Apache-2.0

import Clockwork
import Logging
import Updates

// What is current, and the way out when that cannot be found out.

extension UpdateDesk {
  /// Where the recovery document lies on a mirror.
  private static let recoveryName = "recovery.json"

  private func mirror(_ number: Int) -> String { settings.mirrors[number % settings.mirrors.count] }

  func list(_ mirror: Int) {
    listedMirror = mirror
    // The seconds that there are, whatever they are worth: a client without a clock is told by the
    // documents themselves that it has none.
    let moment = UTCTime(seconds: SystemClock.unixMilliseconds / 1_000)
    run(.refreshAsked(at: moment))
  }

  private func run(_ event: MetadataClient.Event) {
    var next: MetadataClient.Event? = event
    while let event = next {
      next = nil
      for effect in client.handle(event, at: SystemClock.now) {
        if let answer = perform(effect) { next = answer }
      }
    }
  }

  /// The answer where there is one at once.
  private func perform(_ effect: MetadataClient.Effect) -> MetadataClient.Event? {
    switch effect {
    case .load(let name, let limit): return .loaded(store.metadata.load(name, limit: limit))
    case .store(let name, let bytes):
      return store.metadata.store(name, bytes) ? .stored : .notStored
    case .delete(let name): return store.metadata.delete(name) ? .stored : .notStored
    case .fetch(let name, let limit):
      let url =
        mirror(listedMirror) + "metadata/" + String(decoding: name.bytes, as: UTF8.self)
      return fetch(url, limit: limit)
    case .trusted(let role, let version):
      log.info("trusted", metadata: ["role": "\(role)", "version": "\(version)"])
    case .distrusted(let name, let refusal):
      log.warning(
        "what is stored counts for nothing",
        metadata: ["file": "\(name.fileName)", "why": "\(refusal)"])
    case .refreshed: tell(.listed(client.targets, isConsistent: client.isConsistent))
    case .refused(let refusal): tell(.notListed(refusal))
    case .found: break
    }
    return nil
  }

  private func fetch(_ url: String, limit: Int64) -> MetadataClient.Event? {
    let isBegun = get(url, limit: limit) { [weak self] outcome, bytes in
      switch outcome {
      case .arrived: self?.run(.fetched(bytes))
      case .notThere: self?.run(.notThere)
      case .failed(let fault): self?.run(.notFetched(fault))
      }
    }
    return isBegun ? nil : .notFetched(.connection(code: 0))
  }

  func seekRecovery(_ number: Int) {
    let url = mirror(number) + "metadata/" + UpdateDesk.recoveryName
    let isBegun = get(url, limit: Int64(RecoveryKeys.documentLimit)) { [weak self] outcome, bytes in
      self?.tell(.recoveryCame(outcome == .arrived ? bytes : nil))
    }
    if !isBegun { tell(.recoveryCame(nil)) }
  }

  /// Fetches a document; false where that cannot even be begun, and then nothing more is told.
  private func get(
    _ url: String, limit: Int64, _ finished: @escaping (Download.Outcome, [UInt8]) -> Void
  ) -> Bool {
    final class Body { var bytes: [UInt8] = [] }
    let body = Body()
    document = Download.begin(
      transfers, url, limit: limit, authorityFile: settings.authorityFile,
      take: { part in
        body.bytes += part
        return true
      },
      finished: { [weak self] outcome in
        self?.document = nil
        finished(outcome, body.bytes)
      })
    return document != nil
  }
}
