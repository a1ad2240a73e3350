// SPDX-License-Identifier: Apache-2.0

import ArgumentParser
import Glibc
import LinuxHost
import Management

/// A caller of posd's control interface; blocks until it is answered.
final class VarlinkClient {
  private let descriptor: Descriptor
  private let socket: String
  private let json: Bool
  /// Whether it says why it has no answer.
  private let complains: Bool
  private var incoming: [UInt8] = []

  init(_ common: Common) throws {
    (socket, json, complains) = (common.socket, common.json, true)
    do throws(SystemFault) {
      descriptor = try UnixSocket.connect(socket, .stream)
    } catch {
      throw VarlinkClient.unreachable(common.socket, common.json, error.text)
    }
  }

  /// A caller that says nothing itself.
  init(socket: String) throws(SystemFault) {
    (self.socket, json, complains) = (socket, false, false)
    descriptor = try UnixSocket.connect(socket, .stream)
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
      if json { Screen.line(String(decoding: answer.encoded, as: UTF8.self)) }
      try take(answer, continues)
      if !continues { return }
    }
  }

  private func refuse(_ error: String, _ parameters: JSON) -> ExitCode {
    if !complains { return Ending.refused }
    if json {
      VarlinkClient.say(error, parameters)
    } else if let problem = parameters["problem"] {
      Screen.complaint(Screen.problem(problem))
    } else {
      let detail = String(decoding: parameters.encoded, as: UTF8.self)
      Screen.complaint(Screen.problem(OwnProblem.otherVersion.problem(error + " " + detail)))
    }
    return Ending.refused
  }

  private func send(_ bytes: [UInt8]) throws {
    var rest = bytes[...]
    while !rest.isEmpty {
      Screen.wait(descriptor.number, Int16(POLLOUT))
      // A posd that has just ended must not end this program by a signal: it has a code for that.
      let count = unsafe rest.withUnsafeBytes {
        unsafe Glibc.send(
          descriptor.number, $0.baseAddress, $0.count, Int32(MSG_NOSIGNAL))
      }
      if count < 0, errno != EAGAIN, errno != EINTR { throw lost() }
      rest = rest.dropFirst(max(0, count))
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
      Screen.wait(descriptor.number, Int16(POLLIN))
      guard case .success(let read) = readSome(descriptor.number, limit: 65_536) else {
        throw lost()
      }
      if let read {
        if read.isEmpty { throw lost() }
        incoming += read
      }
    }
  }

  private func lost() -> ExitCode {
    if !complains { return Ending.unreachable }
    return VarlinkClient.unreachable(socket, json, "it has ended the conversation")
  }

  /// Says so in the words of an answer, or as one.
  private static func unreachable(
    _ socket: String, _ json: Bool, _ evidence: String
  ) -> ExitCode {
    let problem = OwnProblem.silent.problem(socket + ": " + evidence)
    if json {
      say("org.posd.posctl.NoAnswer", .object([JSONMember("problem", problem)]))
    } else {
      Screen.complaint(Screen.problem(problem))
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
}
