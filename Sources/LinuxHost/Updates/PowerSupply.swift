// SPDX-License-Identifier: Apache-2.0

/// What feeds the terminal (Linux, Documentation/ABI/testing/sysfs-class-power).
public enum PowerSupply {
  /// Below so many percent a battery alone is not enough to come to an end.
  private static let least = 30
  /// Longer names than these are none of the kernel's.
  private static let limit = 64

  /// Whether there is power enough to install and start anew. A terminal without a battery hangs on
  /// the mains; what a battery does not tell is taken for too little.
  public static func isEnough(folder: String = "/sys/class/power_supply") -> Bool {
    var hasBattery = false
    var isFull = false
    for name in FileSystem.names(in: folder, ending: "") ?? [] {
      let supply = folder + "/" + name
      switch word(supply + "/type") {
      case "Battery" where word(supply + "/scope") != "Device":
        hasBattery = true
        if let percent = Int(word(supply + "/capacity")), percent >= least { isFull = true }
      case "Mains", "USB":
        if word(supply + "/online") == "1" { return true }
      default: break
      }
    }
    return !hasBattery || isFull
  }

  private static func word(_ file: String) -> String {
    let bytes = FileSystem.read(file, limit: limit) ?? []
    return String(decoding: bytes.filter { $0 > 0x20 }, as: UTF8.self)
  }
}
