// SPDX-License-Identifier: Apache-2.0

import PaymentCrypto
import Updates

/// The first bundle of a new terminal, put there by its maker: nobody has signed it, whoever makes
/// the terminal stands for it.
public enum Provisioning {
  /// Puts the bundle into slot A of an empty folder of slots; what went wrong, or nil.
  public static func run(_ folder: String, _ bundle: String) -> String? {
    let slots = DirectorySlots(FolderDisk(folder))
    if slots.bootState != nil || slots.current != nil { return "\(folder) has slots already" }
    guard let expectations = expectations(bundle) else { return "\(bundle) is no bundle" }
    guard let source = BundleFile(bundle) else { return "\(bundle) cannot be read" }
    do throws(InstallFault) {
      var work = try Installation(
        slots, source, InstallOrder(expectations, recovery: 0), running: .b, isSafe: true)
      while try work.step() {}
    } catch {
      return "not provisioned: \(error.code)"
    }
    do throws(DiskFault) { try slots.provision(.a) } catch { return "not provisioned: \(error)" }
    return nil
  }

  /// What the file is, by itself.
  private static func expectations(_ path: String) -> SlotExpectations? {
    guard let source = BundleFile(path), var digest = try? RunningDigest(.sha256) else {
      return nil
    }
    var reader = BundleReader()
    var manifest: [UInt8] = []
    var length: Int64 = 0
    while let bytes = try? source.next(limit: 262_144) {
      if bytes.isEmpty {
        guard let whole = try? digest.finish(), (try? reader.finish()) != nil else { return nil }
        return SlotExpectations(manifest: manifest, length: length, digest: whole)
      }
      length += Int64(bytes.count)
      guard (try? digest.append(bytes)) != nil, let parts = try? reader.take(bytes) else {
        return nil
      }
      for case .manifest(let found) in parts { manifest = found }
    }
    return nil
  }
}
