// SPDX-License-Identifier: Apache-2.0

public import Receipts

/// The templates of slips, as files.
public enum SlipTemplates {
  /// What a template's file is called behind its name.
  static let ending = ".receipt"

  /// Room for a template of the largest size, and for one byte that shows that it is larger.
  private static let limit = 65_537

  /// What the `receipts` stanza says.
  struct Stanza {
    var slips: Slips
    /// Why the terminal's own templates cannot be used; nil when they can.
    var refused: ConfigurationFault?
    /// The file of the logo, if there is one, and where the stanza names it.
    var logo: (file: String, place: FilePlace)?
  }

  /// Reads the `receipts` stanza; without one the built-in templates hold, in both languages.
  ///
  /// Templates that cannot be used are no reason to stay down: money may be owed, and the built-in
  /// ones show all that a slip must. What is wrong is returned beside them.
  static func slips(
    _ reader: YAMLReader, folder: String, columns: Int
  ) throws(ConfigurationFault) -> Stanza {
    guard reader.has("receipts") else { return Stanza(slips: Slips.builtIn()) }
    let stanza = try reader.map("receipts")
    let templates = folder + "/" + (try stanza.text("folder"))
    let language = try stanza.choice(
      "language", SlipLanguage.allCases.map { ($0.rawValue, $0) })
    var read = Stanza(slips: Slips.builtIn(language))
    if stanza.has("logo") {
      read.logo = (folder + "/" + (try stanza.text("logo")), stanza.place(of: "logo"))
    }
    try stanza.finish()
    do throws(ConfigurationFault) {
      read.slips = try slips(in: templates, language: language, columns: columns)
    } catch {
      read.refused = error
    }
    return read
  }

  /// Slips of the templates in a folder, tried on the usual papers and on the terminal's own, of so
  /// many columns.
  public static func slips(
    in folder: String, language: SlipLanguage, columns: Int
  ) throws(ConfigurationFault) -> Slips {
    let files = try files(in: folder)
    // The tests have tried the built-in ones on these papers; no start needs to do it again.
    if files == Slips.builtInFiles, Slips.papers.contains(columns) {
      return Slips.builtIn(language)
    }
    do throws(TemplateFault) {
      return try Slips(files: files, language: language, columns: columns)
    } catch {
      throw fault(error, file: folder + "/" + error.place.name + ending)
    }
  }

  /// A template that stands alone, with what it includes out of its own folder or, where that has
  /// none of this name, out of the built-in ones.
  public static func template(file: String) throws(ConfigurationFault) -> ReceiptTemplate {
    let parts = file.split(separator: "/", omittingEmptySubsequences: false)
    let folder = parts.count > 1 ? parts.dropLast().joined(separator: "/") : "."
    let name = String(parts.last ?? "")
    var files = [TemplateFile(name: name, text: try read(file))]
    files += try self.files(in: folder.isEmpty ? "/" : folder).filter { $0.name != name }
    files += Slips.builtInFiles
    do throws(TemplateFault) {
      return try ReceiptTemplate(name, of: files)
    } catch {
      let isOwn = error.place.name == name
      throw fault(error, file: isOwn ? file : folder + "/" + error.place.name + ending)
    }
  }

  private static func files(in folder: String) throws(ConfigurationFault) -> [TemplateFile] {
    guard let names = FileSystem.names(in: folder, ending: ending) else {
      throw ConfigurationFault(
        place: FilePlace(file: folder, line: 1, column: 1), message: "cannot be read")
    }
    var files: [TemplateFile] = []
    for name in names {
      files.append(
        TemplateFile(
          name: String(name.dropLast(ending.count)), text: try read(folder + "/" + name)))
    }
    return files
  }

  private static func read(_ file: String) throws(ConfigurationFault) -> [UInt8] {
    guard let text = FileSystem.read(file, limit: limit) else {
      throw ConfigurationFault(
        place: FilePlace(file: file, line: 1, column: 1), message: "cannot be read, or is too long")
    }
    return text
  }

  /// The fault of a template in this file, as the other faults of the configuration are told.
  public static func fault(_ fault: TemplateFault, file: String) -> ConfigurationFault {
    var told = ConfigurationFault(
      place: FilePlace(file: file, line: fault.place.line, column: fault.place.column),
      message: fault.message)
    told.code = code(of: fault.kind)
    return told
  }

  private static func code(of kind: TemplateFault.Kind) -> String {
    switch kind {
    case .forbidden: "TPL-301"
    case .syntax: "TPL-302"
    case .tooLarge: "TPL-303"
    case .lacking: "TPL-304"
    case .missing: "TPL-305"
    }
  }
}
