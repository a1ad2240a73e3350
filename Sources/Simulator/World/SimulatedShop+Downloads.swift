// SPDX-License-Identifier: Apache-2.0

import Devices
import Wire

extension SimulatedShop {
  /// What the UnionPay acquirer publishes, one version after the other; keys of one name are the
  /// same in all of them. The keys are numbers of no meaning and verify nothing. For chips there
  /// are a key and an application beside them, at another place in each version, with which the
  /// shop's cards can pay.
  public static func downloads(_ version: Int, forChips: Bool = false) -> HostDownloads {
    var downloads = HostDownloads()
    let provider: [UInt8] = [0xA0, 0, 0, 3, 0x33]
    downloads.keys = (0..<2 + version % 2).map { number in
      let index = UInt8(truncatingIfNeeded: version / 2 + number + 1)
      return HostDownloads.key(
        provider: provider, index: index, expiry: "20401231",
        modulus: [UInt8](repeating: index ^ 0xA5, count: 64), exponent: [3])
    }
    downloads.applications = (0..<1 + version % 3).map { number in
      let floor = UInt8(truncatingIfNeeded: version)
      return HostDownloads.application(
        provider + [1, 1, UInt8(number + 1)], parameters: applicationParameters(floor))
    }
    if forChips { addCards(to: &downloads, version) }
    downloads.blackList = (0..<version % 5).map {
      letters("62220" + String(version) + String($0))
    }
    // Every third list has one of the shop's cards.
    if version % 3 == 2 { downloads.blackList.append(letters("5555")) }
    downloads.contactless = letters(
      "FF805D0011" + "FF8058012" + String(100_000 + version) + "000000")
    downloads.parameters = parameters(version)
    return downloads
  }

  private static func addCards(to downloads: inout HostDownloads, _ version: Int) {
    downloads.keys.insert(cardAuthority, at: version % (downloads.keys.count + 1))
    let parameters = applicationParameters(
      UInt8(truncatingIfNeeded: version), denial: [0, 0, 0, 0, 0])
    downloads.applications.insert(
      HostDownloads.application(CardKeySet.scheme + [1, 1], parameters: parameters),
      at: version % (downloads.applications.count + 1))
  }

  /// DF11, DF12 and DF13 are the action codes; the last one says what the terminal declines.
  private static func applicationParameters(
    _ floor: UInt8, denial: [UInt8]? = nil
  ) -> [UInt8] {
    var content: [UInt8] = [0xDF, 0x01, 1, 0, 0x9F, 0x08, 2, 0, 0x8C]
    for tag in [0x11, 0x12, 0x13] as [UInt8] {
      let code = [0xD8, 0x40, tag, 0xA8, floor]
      content += [0xDF, tag, 5] + (tag == 0x13 ? denial ?? code : code)
    }
    return content + [0x9F, 0x1B, 4, 0, 0, 0, floor, 0xDF, 0x16, 1, 0x99, 0xDF, 0x18, 1, 1]
  }

  /// Every third version wants a sign-off after a settlement.
  private static func parameters(_ version: Int) -> [UInt8] {
    var name = "示例商店 Shop".unicodeScalars.flatMap { scalar -> [UInt8] in
      guard let code = GBK.code(of: scalar) else { return [UInt8(scalar.value)] }
      return [UInt8(code >> 8), UInt8(code & 0xFF)]
    }
    name += [UInt8](repeating: 0x20, count: 40 - name.count)
    return letters("1160" + "1220" + "181" + "1915" + "200")
      + letters(version % 3 == 1 ? "211" : "210") + letters("22") + name
      + letters("26") + [0xFF, 0xFF, 0xFF, UInt8(truncatingIfNeeded: version)]
  }
}
