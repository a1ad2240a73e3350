// SPDX-License-Identifier: Apache-2.0

/// What a response code is to the terminal.
public enum ResponseClass: UInt8, Hashable, Sendable, CaseIterable {
  /// Money is held as asked.
  case approved
  /// Money is held for part of the amount. No sale here takes a part, so it is reversed at once.
  case approvedInPart
  /// Nothing is held, and asking again with this card is in vain.
  case declined
  /// The PIN was wrong: the next try is a new transaction.
  case wrongPIN
  /// Nothing is held, and the merchant is to call; the cardholder is not told why.
  case callAcquirer
  /// The issuer or a line to it is out of service: the clerk may start again.
  case hostTrouble
  /// Keys or batch are out of step: the terminal signs in by itself.
  case signIn
  /// The terminal is set up wrongly at the acquirer.
  case setUp

  /// The name in an acquirer's file.
  public var name: String {
    switch self {
    case .approved: "approved"
    case .approvedInPart: "approved-in-part"
    case .declined: "declined"
    case .wrongPIN: "wrong-pin"
    case .callAcquirer: "call-acquirer"
    case .hostTrouble: "host-trouble"
    case .signIn: "sign-in"
    case .setUp: "set-up"
    }
  }

  /// Whether money is held.
  var holdsMoney: Bool { self == .approved || self == .approvedInPart }

  /// What clerk and cardholder read beside the code's own text, English.
  public var english: String {
    switch self {
    case .approved: "Approved"
    case .approvedInPart: "Approved for part, taken back"
    case .declined: "Declined: another card, or ask your bank"
    case .wrongPIN: "Wrong PIN: try again"
    case .callAcquirer: "Declined: merchant, call your bank"
    case .hostTrouble: "Bank not reachable: try again later"
    case .signIn: "Signing in: please start again"
    case .setUp: "Terminal set-up problem: call service"
    }
  }

  /// The same, Chinese.
  public var chinese: String {
    switch self {
    case .approved: "交易成功"
    case .approvedInPart: "部分批准，已自动撤回"
    case .declined: "交易被拒，请换卡或咨询发卡行"
    case .wrongPIN: "密码错误，请重新输入"
    case .callAcquirer: "交易被拒，商户请致电收单行"
    case .hostTrouble: "银行系统繁忙，请稍后再试"
    case .signIn: "正在重新签到，请重做交易"
    case .setUp: "终端设置有误，请联系服务商"
    }
  }

  /// Whether the cardholder may read the code's own text: not that a card is to be kept.
  public var tellsCardholder: Bool { self != .callAcquirer }

  /// Who acts: clerk, cardholder, merchant, operator, or nobody.
  public var who: String {
    switch self {
    case .approved, .approvedInPart: "nobody"
    case .declined, .wrongPIN: "cardholder"
    case .callAcquirer: "merchant"
    case .hostTrouble, .signIn: "clerk"
    case .setUp: "operator"
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
