// SPDX-License-Identifier: Apache-2.0

import Management

/// What every varlink service answers about itself (varlink.org, "Service").
enum VarlinkService {
  static let interface = "org.posd.terminal"

  private static let service = """
    # The service interface of every varlink server.
    interface org.varlink.service
    method GetInfo() -> (
      vendor: string, product: string, version: string, url: string, interfaces: []string
    )
    method GetInterfaceDescription(interface: string) -> (description: string)
    error InterfaceNotFound (interface: string)
    error MethodNotFound (method: string)
    error MethodNotImplemented (method: string)
    error InvalidParameter (parameter: string)
    error PermissionDenied ()
    error ExpectedMore ()

    """

  static func reply(_ name: String, _ call: VarlinkCall) -> VarlinkReply {
    let known = name == "GetInterfaceDescription" ? ["interface"] : []
    if let stranger = call.stranger(to: known) { return .invalid(stranger) }
    switch name {
    case "GetInfo":
      return .answer([
        JSONMember("vendor", .text("posd")), JSONMember("product", .text("posd")),
        JSONMember("version", .text(Version.text)), JSONMember("url", .text("")),
        JSONMember("interfaces", .array([.text("org.varlink.service"), .text(interface)])),
      ])
    case "GetInterfaceDescription":
      guard let wanted = call.parameters["interface"]?.text else { return .invalid("interface") }
      switch wanted {
      case interface:
        let text = String(decoding: PackageResources.org_posd_terminal_varlink, as: UTF8.self)
        return .answer([JSONMember("description", .text(text))])
      case "org.varlink.service": return .answer([JSONMember("description", .text(service))])
      default:
        return .error(
          "org.varlink.service.InterfaceNotFound", [JSONMember("interface", .text(wanted))])
      }
    default:
      return .error(
        "org.varlink.service.MethodNotFound", [JSONMember("method", .text(call.method))])
    }
  }
}

/// The version of this program.
public enum Version {
  /// Semantic version.
  public static let text = "0.1.0"
}
