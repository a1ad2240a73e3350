// SPDX-License-Identifier: Apache-2.0

/// What a response code is to the terminal.
public enum ResponseClass: UInt8, Hashable, Sendable, CaseIterable {
  /// Money is held as asked.
  case approved
  /// Money is held for part of the amount. No sale here takes a part, so it is reversed at once.
  case approvedInPart
  /// Nothing is held.
  case declined

  /// The name in an acquirer's file.
  public var name: String {
    switch self {
    case .approved: "approved"
    case .approvedInPart: "approved-in-part"
    case .declined: "declined"
    }
  }
}

/// What response codes mean, to the terminal and to people, in English and Chinese.
public struct Responses: Hashable, Sendable {
  /// One code.
  public struct Response: Hashable, Sendable {
    /// Two characters of DE39.
    public var code: String
    /// What it is to the terminal.
    public var kind: ResponseClass
    /// English.
    public var english: String
    /// Chinese.
    public var chinese: String

    /// A response.
    public init(code: String, kind: ResponseClass, english: String, chinese: String) {
      self.code = code
      self.kind = kind
      self.english = english
      self.chinese = chinese
    }
  }

  /// The known codes.
  public var list: [Response]

  /// Responses.
  public init(_ list: [Response]) { self.list = list }

  /// What a code means. An unknown one is named as such, and is no approval.
  public func response(to code: String) -> Response {
    for response in list where response.code == code { return response }
    return Response(
      code: code, kind: .declined, english: "Unknown answer " + code, chinese: "未知应答码 " + code)
  }
}
