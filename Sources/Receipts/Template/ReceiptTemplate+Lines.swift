// SPDX-License-Identifier: Apache-2.0

public import Devices

extension ReceiptTemplate {
  /// Reads the template of this name, and what it includes.
  public init(_ name: String, of files: [TemplateFile]) throws(TemplateFault) {
    self = try TemplateParser.parse(name, of: files)
  }

  /// The template with these values, without the marks of tests and copies.
  public func lines(
    _ values: SlipValues, in language: SlipLanguage, columns: Int
  ) -> [PrintLine] {
    var layout = Layout(paper: columns)
    lay(values, in: language, on: &layout)
    return layout.lines
  }

  /// Lays the template out with these values.
  func lay(_ values: SlipValues, in language: SlipLanguage, on layout: inout Layout) {
    var run = TemplateRun(steps: steps, language: language, scopes: [values])
    run.go(from: 0, to: steps.count, &layout)
  }
}
