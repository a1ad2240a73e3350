// SPDX-License-Identifier: Apache-2.0

import Devices
import Logging
import Management
import Updates

/// Tells the management server how the program is, and hears which version it wants.
///
/// Nothing waits for it: a server that is not there, knows nothing of updates or answers nonsense
/// leaves its last wish, and the look goes on. A certificate that has ended must not keep out the
/// version that would have the next one.
final class ManagementWish {
  private let log = Logger(label: "update")
  private let client: HTTPClient
  private let path: String
  private var number: UInt32 = 0
  private var done: (UpdateMachine.Event?) -> Void = { _ in }

  init(_ settings: HTTPClient.Settings, serial: String, transfers: Transfers) {
    client = HTTPClient(transfers: transfers, settings: settings)
    path = "/v1/terminals/" + serial + "/update"
    client.onAnswer = { [weak self] in self?.heard($0) }
  }

  /// Asks; what the machine is to be told of it comes once, nil for nothing.
  func ask(_ report: UpdateReport, _ done: @escaping (UpdateMachine.Event?) -> Void) {
    self.done = done
    number &+= 1
    let inventory = UpdateInventory(
      version: report.version, slot: report.slot, cause: report.cause,
      problem: report.problem?.code ?? "",
      history: report.history.map {
        UpdateInventory.Outcome(
          version: $0.version.description, code: $0.code.description, seconds: $0.seconds)
      })
    client.perform(HTTPRequest(number: number, isPost: true, path: path, body: inventory.encode()))
  }

  private func heard(_ answer: HTTPAnswer) {
    let done = done
    self.done = { _ in }
    done(wish(answer))
  }

  private func wish(_ answer: HTTPAnswer) -> UpdateMachine.Event? {
    switch answer {
    case .failed(_, let layer, let code):
      log.info(
        "the management server was not asked", metadata: ["layer": "\(layer)", "code": "\(code)"])
      return nil
    case .answered(_, let status, let body):
      if status == 204 { return .wished(nil) }
      guard status == 200, let wish = try? UpdateWish(decoding: body) else {
        log.info("the management server has no wish", metadata: ["status": "\(status)"])
        return nil
      }
      if wish.version.isEmpty { return .wished(nil) }
      guard let version = ReleaseVersion(ByteString(wish.version)) else {
        log.warning("the management server wants what is no version")
        return nil
      }
      log.info("wished", metadata: ["version": "\(version)"])
      return .wished(version)
    }
  }
}
