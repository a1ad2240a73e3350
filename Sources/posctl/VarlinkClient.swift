// SPDX-License-Identifier: Apache-2.0

import ArgumentParser
import Glibc
import LinuxHost
import Management

/// A caller of posd's control interface; blocks until it is answered.
final class VarlinkClient {
  private let descriptor: Descriptor
  private let common: Common
  private var incoming: [UInt8] = []

  init(_ common: Common) throws {
    self.common = common
    do throws(SystemFault) {
      descriptor = try UnixSocket.connect(common.socket, .stream)
    } catch {
      throw VarlinkClient.unreachable(common, error.text)
    }
  }

  /// Calls a method and hands its answers to `take`, all but the last one with `true`.
  func call(
    _ method: String, _ parameters: [JSONMember] = [], more: Bool = false,
    take: (JSON, Bool) throws -> Void
  ) throws {
    var call = [
      JSONMember("method", .text("org.posd.terminal." + method)),
      JSONMember("parameters", .object(parameters)),
    ]
    if more { call.append(JSONMember("more", .boolean(true))) }
    try send(JSON.object(call).encoded + [0])
    while true {
      let reply = try receive()
      if let error = reply["error"]?.text { throw refuse(error, reply["parameters"] ?? .null) }
      let answer = reply["parameters"] ?? .object([])
      let continues = reply["continues"]?.boolean ?? false
      if common.json { Screen.line(String(decoding: answer.encoded, as: UTF8.self)) }
      try take(answer, continues)
      if !continues { return }
    }
  }

  private func refuse(_ error: String, _ parameters: JSON) -> ExitCode {
    if common.json {
      VarlinkClient.say(error, parameters)
    } else if let problem = parameters["problem"] {
      VarlinkClient.complain(Screen.problem(problem))
    } else {
      let detail = String(decoding: parameters.encoded, as: UTF8.self)
      VarlinkClient.complain("CTL-002  posd answers \(error) \(detail)")
    }
    return Ending.refused
  }

  private func send(_ bytes: [UInt8]) throws {
    var rest = bytes[...]
    while !rest.isEmpty {
      wait(Int16(POLLOUT))
      guard case .success(let count) = writeSome(descriptor.number, rest) else { throw lost() }
      rest = rest.dropFirst(count)
    }
  }

  private func receive() throws -> JSON {
    while true {
      if let end = incoming.firstIndex(of: 0) {
        let message = Array(incoming[..<end])
        incoming.removeFirst(end + 1)
        guard let reply = try? JSON(parsing: message, limit: 8_388_608) else { throw lost() }
        return reply
      }
      wait(Int16(POLLIN))
      guard case .success(let read) = readSome(descriptor.number, limit: 65_536) else {
        throw lost()
      }
      if let read {
        if read.isEmpty { throw lost() }
        incoming += read
      }
    }
  }

  private func wait(_ events: Int16) {
    var entry = pollfd(fd: descriptor.number, events: events, revents: 0)
    // Whatever wakes it, the read or write that follows says what it was.
    unsafe _ = poll(&entry, 1, -1)
  }

  private func lost() -> ExitCode {
    VarlinkClient.unreachable(common, "it has ended the conversation")
  }

  /// Says so in the words of an answer, or as one.
  private static func unreachable(_ common: Common, _ evidence: String) -> ExitCode {
    let problem = JSON.object([
      JSONMember("code", .text("CTL-001")),
      JSONMember("cause", .text("posd does not answer at \(common.socket).")),
      JSONMember("causeChinese", .text("")), JSONMember("evidence", .text(evidence)),
      JSONMember(
        "remedy",
        .text("See whether it runs (systemctl status posd), and if you may use its socket.")),
      JSONMember("remedyChinese", .text("")), JSONMember("who", .text("technician")),
    ])
    if common.json {
      say("org.posd.posctl.NoAnswer", .object([JSONMember("problem", problem)]))
    } else {
      complain(Screen.problem(problem))
    }
    return Ending.unreachable
  }

  /// An error as JSON, on one line.
  private static func say(_ error: String, _ parameters: JSON) {
    let whole = JSON.object([
      JSONMember("error", .text(error)), JSONMember("parameters", parameters),
    ])
    Screen.line(String(decoding: whole.encoded, as: UTF8.self))
  }

  static func complain(_ text: String) {
    // Nobody reads the message; the exit code still says it.
    _ = writeSome(STDERR_FILENO, Array((text + "\n").utf8)[...])
  }
}
