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
    let limit = VarlinkConnection.messageLimit
    guard let json = try? JSON(parsing: message, limit: limit, marksOddNumbers: true),
      case .object = json, let method = json["method"]?.text
    else { return nil }
    self.method = method
    let given = json["parameters"] ?? .null
    parameters = given == .null ? .object([]) : given
    wantsMore = json["more"]?.boolean ?? false
    isOneWay = json["oneway"]?.boolean ?? false
    if json["upgrade"]?.boolean == true { return nil }
  }

  /// The first parameter that is none of these; "parameters" when they are no object.
  func stranger(to known: [String]) -> String? {
    VarlinkCall.stranger(in: parameters, to: known) { $0 ?? "parameters" }
  }

  /// The same for a parameter that is an object itself, by its whole name.
  func stranger(in name: String, to known: [String]) -> String? {
    guard let object = parameters[name] else { return name }
    return VarlinkCall.stranger(in: object, to: known) { inner in
      inner.map { name + "." + $0 } ?? name
    }
  }

  private static func stranger(
    in value: JSON, to known: [String], _ name: (String?) -> String
  ) -> String? {
    guard case .object(let members) = value else { return name(nil) }
    return members.first { !known.contains($0.name) }.map { name($0.name) }
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

  /// A parameter is missing, of the wrong type or none of the method's.
  static func invalid(_ parameter: String) -> VarlinkReply {
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
