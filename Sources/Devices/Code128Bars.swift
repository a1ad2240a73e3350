// SPDX-License-Identifier: Apache-2.0

extension Code128 {
  /// The modules from the first bar to the last; true is a bar.
  public var bars: [Bool] {
    var bars: [Bool] = []
    bars.reserveCapacity(modules)
    for symbol in symbols + [Code128.stop] {
      var isBar = true
      var widths = Code128.widths[Int(symbol)]
      while widths > 0 {
        bars += [Bool](repeating: isBar, count: Int(widths % 10))
        isBar.toggle()
        widths /= 10
      }
    }
    return bars
  }

  private static let stop: UInt8 = 106

  /// The widths of bars and blanks of each symbol (ISO/IEC 15417, table 1), the first one last; the
  /// stop has one more.
  private static var widths: [Int32] {
    [
      222212, 221222, 122222, 322121, 223121, 222131, 312221, 213221, 212231, 312122, 213122,
      212132, 232211, 231221, 132221, 222311, 221321, 122321, 112322, 231122, 132122, 212312,
      211322, 131213, 222113, 221123, 122123, 212213, 211223, 112223, 321212, 123212, 121232,
      323111, 321131, 123131, 313211, 311231, 113231, 313112, 311132, 113132, 331211, 133211,
      131231, 321311, 123311, 121331, 121313, 133112, 131132, 311312, 113312, 131312, 321113,
      123113, 121133, 311213, 113213, 111233, 111413, 114122, 111134, 422111, 224111, 421121,
      124121, 221141, 122141, 412211, 214211, 411221, 114221, 211241, 112241, 112142, 411122,
      111314, 211142, 111431, 242111, 241121, 142121, 212411, 211421, 112421, 212114, 211124,
      112124, 141212, 121412, 121214, 341111, 143111, 141131, 311411, 113411, 311114, 113114,
      141311, 131411, 141113, 131114, 214112, 412112, 232112, 2111332,
    ]
  }
}
