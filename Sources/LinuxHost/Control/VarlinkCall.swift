// SPDX-License-Identifier: Apache-2.0

import Management

/// A method call as varlink has it (varlink.org, "Method Call").
struct VarlinkCall {
  var method: String
  var parameters: JSON
  /// The caller wants to hear every step.
  var wantsMore: Bool
  /// The caller wants no reply.
  var isOneWay: Bool

  /// Nil when the message is no call: the connection is then closed.
  init?(_ message: [UInt8]) {
    guard let json = try? JSON(parsing: message, limit: VarlinkConnection.messageLimit),
      case .object = json, let method = json["method"]?.text
    else { return nil }
    self.method = method
    parameters = json["parameters"] ?? .object([])
    wantsMore = json["more"]?.boolean ?? false
    isOneWay = json["oneway"]?.boolean ?? false
    if json["upgrade"]?.boolean == true { return nil }
  }

  /// The interface, up to the last dot, and the method's own name.
  var parts: (interface: String, name: String)? {
    guard let dot = method.lastIndex(of: ".") else { return nil }
    return (String(method[..<dot]), String(method[method.index(after: dot)...]))
  }
}

/// A reply to a call.
enum VarlinkReply {
  /// The last or only answer.
  case answer([JSONMember])
  /// One of several answers.
  case step([JSONMember])
  /// An error by its full name.
  case error(String, [JSONMember])

  static func missing(_ parameter: String) -> VarlinkReply {
    .error("org.varlink.service.InvalidParameter", [JSONMember("parameter", .text(parameter))])
  }

  /// The message with its end.
  var bytes: [UInt8] {
    let members: [JSONMember]
    switch self {
    case .answer(let parameters): members = [JSONMember("parameters", .object(parameters))]
    case .step(let parameters):
      members = [
        JSONMember("parameters", .object(parameters)), JSONMember("continues", .boolean(true)),
      ]
    case .error(let name, let parameters):
      members = [
        JSONMember("error", .text(name)), JSONMember("parameters", .object(parameters)),
      ]
    }
    return JSON.object(members).encoded + [0]
  }
}
