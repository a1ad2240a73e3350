// SPDX-License-Identifier: Apache-2.0

import Devices
import Foundation
import Receipts

/// The repository's folder.
let repository = URL(fileURLWithPath: #filePath).deletingLastPathComponent()
  .deletingLastPathComponent().deletingLastPathComponent().path

/// Templates under test: those of `Config/receipts`, some of them changed.
enum Workshop {
  /// The files as they are shipped.
  static func shipped() throws -> [TemplateFile] {
    let folder = repository + "/Config/receipts"
    let names = try FileManager.default.contentsOfDirectory(atPath: folder)
      .filter { $0.hasSuffix(".receipt") }.sorted()
    return try names.map { name in
      let text = try Data(contentsOf: URL(fileURLWithPath: folder + "/" + name))
      return TemplateFile(name: String(name.dropLast(8)), text: Array(text))
    }
  }

  /// The shipped ones with this text in the place of one.
  static func files(_ name: String, _ text: String) throws -> [TemplateFile] {
    try shipped().filter { $0.name != name }
      + [TemplateFile(name: name, text: Array(text.utf8))]
  }

  /// What a declined slip looks like when its template is this text.
  static func rows(
    _ text: String, _ values: SlipValues = SlipValues(), columns: Int = 24,
    language: SlipLanguage = .both
  ) throws -> [String] {
    try lines(text, values, columns: columns, language: language).map { $0.text }
  }

  /// The lines of a slip whose template is this text; nothing is demanded of it.
  static func lines(
    _ text: String, _ values: SlipValues = SlipValues(), columns: Int = 24,
    language: SlipLanguage = .both
  ) throws -> [PrintLine] {
    let file = TemplateFile(name: "drawn", text: Array(text.utf8))
    let template = try ReceiptTemplate("drawn", of: [file])
    return template.lines(values, in: language, columns: columns)
  }

  /// What is wrong with a template, as `kind line:column message`; nil when nothing is.
  static func fault(_ text: String) -> String? {
    do {
      _ = try lines(text)
      return nil
    } catch let fault as TemplateFault {
      return "\(fault.kind) \(fault.place.line):\(fault.place.column) \(fault.message)"
    } catch {
      return "\(error)"
    }
  }

  /// What is wrong with the set when this template is in it; nil when nothing is.
  static func refusal(_ name: String, _ text: String) throws -> TemplateFault? {
    do {
      _ = try Slips(files: try files(name, text), language: .both)
      return nil
    } catch let fault as TemplateFault {
      return fault
    }
  }

  /// A shipped template with one text in the place of another.
  static func changed(_ name: String, _ old: String, _ new: String) throws -> String {
    let file = try shipped().first { $0.name == name }
    let text = String(decoding: file?.text ?? [], as: UTF8.self)
    precondition(text.contains(old), "\(name) has no \(old)")
    return text.replacingOccurrences(of: old, with: new)
  }
}
