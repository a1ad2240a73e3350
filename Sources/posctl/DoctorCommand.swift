// SPDX-License-Identifier: Apache-2.0

import ArgumentParser
import Assembly
import LinuxHost
import Management

struct Examination: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "doctor",
    abstract: "Names the exact cause of what is wrong, with evidence, remedy and who acts.",
    discussion: """
      Asks posd if it runs, and looks at the system itself: devices on the USB, rights, who else \
      has a device, serial ports, disk, clock, and the way to the acquirer up to the start of \
      TLS. Call it as root, or the programs of other users are not seen. Exit code 0 when nothing \
      is wrong, 1 otherwise.
      """)

  @Option(help: "The socket of posd.")
  var socket = "/run/posd/control.sock"

  @Option(help: "Configuration of posd.")
  var config = "/etc/posd/posd.yaml"

  @Option(help: "The state folder of posd.")
  var state = "/var/lib/posd"

  @Option(name: .customLong("run"), help: "What ${RUN} in the configuration means.")
  var runFolder = "/run/posd"

  @Flag(help: "Print what was found as JSON.")
  var json = false

  func run() throws {
    var problems: [JSON] = []
    var configuration: Configuration?
    do throws(ConfigurationFault) {
      configuration = try Configuration(file: config, run: runFolder)
    } catch {
      problems.append(Examination.words(nil, "CFG-001", error.text))
    }
    let catalogue = configuration?.catalogue
    let doctor = Doctor()
    var findings = configuration.map { doctor.look(at: $0.ports) } ?? []
    findings += doctor.disk(state)
    findings += doctor.clock(unixSeconds: SystemClock.unixMilliseconds / 1_000)
    let posd = Answers(socket: socket)
    for device in posd.devices { findings += doctor.judge(counts: device) }
    if let acquirer = posd.acquirer {
      var found = doctor.network(host: acquirer.host, port: acquirer.port)
      // The lowest layer that fails is the cause of those above it.
      if found.isEmpty, acquirer.usesTLS, let settings = configuration?.acquirerLink {
        found = doctor.encryption(host: acquirer.host, port: acquirer.port, settings)
      }
      findings += found
    }
    if let silence = posd.silence { problems.append(silence) }
    // What posd knows of a device is said better by whoever has found the cause.
    let causes = Set(findings.map { Examination.generalCode($0.part) })
    problems += posd.problems.filter { !causes.contains($0["code"]?.text ?? "") }
    for finding in findings {
      let code = finding.code
      // posd has told it already; the same of two devices is two problems.
      if posd.problems.contains(where: { $0["code"]?.text == code }), !causes.contains(code) {
        continue
      }
      let evidence = finding.part + ": " + finding.evidence
      problems.append(Examination.words(catalogue, code, evidence, finding.lines))
    }
    tell(problems, posd.devices)
    if !problems.isEmpty { throw Ending.refused }
  }

  private func tell(_ problems: [JSON], _ devices: [JSON]) {
    if json {
      let whole = JSON.object([JSONMember("problems", .array(problems))])
      return Screen.line(String(decoding: whole.encoded, as: UTF8.self))
    }
    for device in devices { Screen.line(DeviceScreen(device).head) }
    for problem in problems {
      Screen.line(Screen.problem(problem))
      for line in problem["lines"]?.array ?? [] { Screen.line("  put  " + (line.text ?? "")) }
    }
    let count = problems.count
    Screen.line(count == 0 ? "nothing is wrong" : count == 1 ? "1 problem" : "\(count) problems")
  }

  /// The code under which posd itself says that it has no link to a device.
  private static func generalCode(_ part: String) -> String {
    switch part {
    case "reader": "RDR-001"
    case "printer": "PRN-001"
    case "pin-pad": "PAD-001"
    default: ""
    }
  }

  /// A problem as the control interface has it.
  private static func words(
    _ catalogue: Catalogue?, _ code: String, _ evidence: String, _ lines: [String] = []
  ) -> JSON {
    let entry = catalogue?.entry(code)
    return .object([
      JSONMember("code", .text(code)),
      JSONMember("cause", .text(entry?.cause.english ?? "The configuration cannot be read.")),
      JSONMember("causeChinese", .text(entry?.cause.chinese ?? "")),
      JSONMember("evidence", .text(evidence)),
      JSONMember("remedy", .text(entry?.remedy.english ?? "Correct what is named.")),
      JSONMember("remedyChinese", .text(entry?.remedy.chinese ?? "")),
      JSONMember("who", .text(entry?.who ?? "technician")),
      JSONMember("lines", .array(lines.map { .text($0) })),
    ])
  }
}

/// What posd says of itself, if it runs.
private struct Answers {
  private(set) var problems: [JSON] = []
  private(set) var devices: [JSON] = []
  private(set) var acquirer: (host: String, port: UInt16, usesTLS: Bool)?
  /// That it does not answer.
  private(set) var silence: JSON?

  init(socket: String) {
    do {
      let status = try Answers.ask("GetStatus", socket)["status"]
      problems = status?["problems"]?.array ?? []
      devices = try Answers.ask("GetDevices", socket)["devices"]?.array ?? []
      let host = status?["acquirer"]?["host"]?.text ?? ""
      let port = status?["acquirer"]?["port"]?.integer.flatMap { UInt16(exactly: $0) }
      let usesTLS = status?["acquirer"]?["tls"]?.boolean ?? false
      if !host.isEmpty, let port { acquirer = (host, port, usesTLS) }
    } catch {
      silence = OwnProblem.silent.problem(socket)
    }
  }

  private static func ask(_ method: String, _ socket: String) throws -> JSON {
    var answer = JSON.null
    try VarlinkClient(socket: socket).call(method) { reply, _ in answer = reply }
    return answer
  }
}
