// SPDX-License-Identifier: Apache-2.0

extension MessageTable {
  /// ISO 8583:1987 with ASCII digits and text, raw bitmap and raw binary elements.
  public static let standard1987ASCII: MessageTable = {
    var table = MessageTable()
    func digits(_ count: Int, _ elements: Int...) {
      for element in elements {
        table[element] = ElementFormat(.fixed(count), data: .digits)
      }
    }
    func text(_ count: Int, _ elements: Int...) {
      for element in elements { table[element] = ElementFormat(.fixed(count)) }
    }
    func long(_ count: Int, _ elements: Int...) {
      for element in elements { table[element] = ElementFormat(.lll(max: count)) }
    }
    digits(1, 27, 66)
    digits(2, 25, 26, 67)
    digits(3, 19, 20, 21, 22, 23, 24, 40, 49, 50, 51, 68, 69, 70)
    digits(4, 13, 14, 15, 16, 17, 18, 71, 72)
    digits(6, 3, 11, 12, 73)
    digits(8, 8, 9, 10)
    digits(10, 7, 74, 75, 76, 77, 78, 79, 80, 81)
    digits(12, 4, 5, 6, 82, 83, 84, 85)
    digits(16, 53, 86, 87, 88, 89)
    digits(42, 90)
    text(1, 91)
    text(2, 39, 92)
    text(5, 93)
    text(6, 38)
    text(7, 94)
    text(8, 41)
    text(9, 28, 29, 30, 31)
    text(12, 37)
    text(15, 42)
    text(17, 97)
    text(25, 98)
    text(40, 43)
    text(42, 95)
    table[2] = ElementFormat(.ll(max: 19), data: .digits, secrecy: .pan)
    for element in [32, 33, 99, 100] {
      table[element] = ElementFormat(.ll(max: 11), data: .digits)
    }
    table[34] = ElementFormat(.ll(max: 28), secrecy: .pan)
    table[35] = ElementFormat(.ll(max: 37), secrecy: .track)
    table[36] = ElementFormat(.lll(max: 104), secrecy: .track)
    table[44] = ElementFormat(.ll(max: 25))
    table[45] = ElementFormat(.ll(max: 76), secrecy: .track)
    table[101] = ElementFormat(.ll(max: 17))
    for element in [102, 103] {
      table[element] = ElementFormat(.ll(max: 28), secrecy: .pan)
    }
    table[52] = ElementFormat(.fixed(8), data: .bytes, secrecy: .pin)
    for element in [64, 128] { table[element] = ElementFormat(.fixed(8), data: .bytes) }
    table[96] = ElementFormat(.fixed(8), data: .bytes, secrecy: .key)
    table[55] = ElementFormat(
      .lll(max: 255), data: .bytes, secrecy: .pan, layouts: [PartLayout("chip", .ber)])
    long(100, 104)
    long(120, 54)
    long(999, 46, 47, 56, 57, 58, 59, 60, 61, 63)
    table[48] = ElementFormat(.lll(max: 999), secrecy: .pan)
    table[62] = ElementFormat(.lll(max: 999), secrecy: .key)
    for element in 105...127 { long(999, element) }
    return table
  }()
}
