// SPDX-License-Identifier: Apache-2.0

import Clockwork
public import TerminalCore
import Updates
import Wire

/// Where a terminal's ends stand. What has no end, as the authorities' keys in the acquirer's file
/// have none, is in no source.
public struct ExpirySources: Sendable {
  /// A file of certificates in PEM, and what it is for.
  public struct CertificateFile: Hashable, Sendable {
    /// What it is for.
    public var use: String
    /// Where it is.
    public var path: String
  }

  /// The files of certificates. Keys are in other files, which are not opened.
  public var certificates: [CertificateFile]
  /// The authorities' keys for chips that were downloaded.
  public var publicKeys: [CAPublicKey]
  /// The folder of trusted update metadata, where updates are set up.
  public var metadataFolder: String?
  /// Minutes that local time is ahead of UTC: a key's last day is one of the place.
  public var offsetMinutes: Int32

  /// The sources of a terminal of this configuration.
  public init(
    _ configuration: Configuration, publicKeys: [CAPublicKey], metadataFolder: String? = nil,
    offsetMinutes: Int32 = 0
  ) {
    let link = configuration.acquirerLink
    var files = [CertificateFile(use: "acquirer authority", path: link.authorityFile)]
    if let client = link.client {
      files.append(CertificateFile(use: "acquirer client", path: client.certificateFile))
    }
    let server = configuration.management.authorityFile
    files.append(CertificateFile(use: "management authority", path: server))
    self.init(
      certificates: files, publicKeys: publicKeys, metadataFolder: metadataFolder,
      offsetMinutes: offsetMinutes)
  }

  /// These sources.
  public init(
    certificates: [CertificateFile], publicKeys: [CAPublicKey] = [], metadataFolder: String? = nil,
    offsetMinutes: Int32 = 0
  ) {
    self.certificates = certificates
    self.publicKeys = publicKeys
    self.metadataFolder = metadataFolder
    self.offsetMinutes = offsetMinutes
  }

  /// Reads all of them.
  public func report(unixMilliseconds: Int64) -> ExpiryReport {
    var items: [ExpiryReport.Item] = []
    var unread: [ExpiryReport.Unread] = []
    readCertificates(&items, &unread)
    items += publicKeys.map(item)
    if let metadataFolder { readMetadata(metadataFolder, &items, &unread) }
    return ExpiryReport(items, unread, now: unixMilliseconds / 1_000)
  }

  /// Reads the certificates alone.
  func certificateProblems(unixMilliseconds: Int64) -> [Problem] {
    ExpirySources(certificates: certificates).report(unixMilliseconds: unixMilliseconds).problems
  }

  private func readCertificates(
    _ items: inout [ExpiryReport.Item], _ unread: inout [ExpiryReport.Unread]
  ) {
    for file in certificates {
      do throws(PEMCertificates.Fault) {
        for certificate in try PEMCertificates.read(file.path) {
          guard let end = certificate.end else { continue }
          items.append(
            ExpiryReport.Item(
              name: file.use + " \"" + certificate.name + "\"", kind: .certificate,
              source: file.path, end: end, lastDay: ExpirySources.day(end)))
        }
      } catch {
        unread.append(
          ExpiryReport.Unread(use: file.use, file: file.path, reason: error.text))
      }
    }
  }

  /// The last day counts to its end, where the terminal stands.
  private func item(_ key: CAPublicKey) -> ExpiryReport.Item {
    let digits = Array(String(key.expiry).utf8)
    let parts = [digits.prefix(4), digits.dropFirst(4).prefix(2), digits.dropFirst(6)]
    let day = parts.map { String(decoding: $0, as: UTF8.self) }.joined(separator: "-")
    let end = ExpirySources.lastSecond(of: day) - Int64(offsetMinutes) * 60
    return ExpiryReport.Item(
      name: Hex.text(key.provider) + " key " + Hex.text([key.index]), kind: .publicKey,
      source: "downloaded", end: end, lastDay: day)
  }

  /// Of a day that its month has not, as the 31st of February, the month's last.
  private static func lastSecond(of day: String) -> Int64 {
    for number in [day.suffix(2), "30", "29", "28"] {
      let text = ByteString("\(day.prefix(8))\(number)T23:59:59Z")
      if let moment = UTCTime(text) { return moment.seconds }
    }
    return 0
  }

  /// The document of each role that is there. Root alone is there from the beginning.
  private func readMetadata(
    _ path: String, _ items: inout [ExpiryReport.Item], _ unread: inout [ExpiryReport.Unread]
  ) {
    let folder = MetadataFolder(path)
    let limits = UpdateLimits()
    let roles: [(TopLevelRole, StoredName, Int64)] = [
      (.root, .root, limits.root), (.timestamp, .role("timestamp"), limits.timestamp),
      (.snapshot, .role("snapshot"), limits.snapshot), (.targets, .role("targets"), limits.targets),
    ]
    for (role, name, limit) in roles {
      let file = path + "/" + name.fileName.description
      let use = "update metadata " + role.name.description
      guard let bytes = folder.load(name, limit: limit) else {
        if role == .root {
          unread.append(ExpiryReport.Unread(use: use, file: file, reason: "cannot be read"))
        }
        continue
      }
      guard let document = try? SignedDocument(parsing: bytes, limit: Int(limit)),
        case .text(let text)? = document.signed["expires"], let expires = UTCTime(text)
      else {
        unread.append(ExpiryReport.Unread(use: use, file: file, reason: "says no expiry"))
        continue
      }
      // At that very second it has expired (TUF 5.3.10).
      let end = expires.seconds - 1
      items.append(
        ExpiryReport.Item(
          name: use, kind: .metadata, source: file, end: end, lastDay: ExpirySources.day(end)))
    }
  }

  private static func day(_ seconds: Int64) -> String {
    String(UTCTime(seconds: seconds).description.prefix(10))
  }
}

/// What is known of certificates for the status, which is asked for far more often than files
/// change.
struct ExpiryWatch {
  private static let pause = Interval.minutes(10)

  private var readAt: Instant?
  private var problems: [Problem] = []

  init() {}

  mutating func problems(
    _ sources: ExpirySources, at now: Instant, unixMilliseconds: Int64
  ) -> [Problem] {
    if let readAt, now < readAt + ExpiryWatch.pause { return problems }
    note(sources.certificateProblems(unixMilliseconds: unixMilliseconds), at: now)
    return problems
  }

  mutating func note(_ problems: [Problem], at now: Instant) {
    self.problems = problems
    readAt = now
  }
}
