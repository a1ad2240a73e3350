// SPDX-License-Identifier: Apache-2.0

import LinuxHost
import Management

/// What posctl meets by itself, without posd or before it is asked. The words are the catalogue's,
/// which lies with posd's configuration and may be on another machine: a test compares them.
struct OwnProblem {
  /// Nobody is there.
  static let silent = known("CTL-001")
  /// It is of another version.
  static let otherVersion = known("CTL-002")

  let code: String
  let cause: String
  let causeChinese: String
  let remedy: String
  let remedyChinese: String
  let who: String

  /// The words of a code; nil for a code that only posd meets.
  static func words(_ code: String) -> OwnProblem? { all.first { $0.code == code } }

  /// As the control interface has a problem.
  func problem(_ evidence: String) -> JSON {
    .object([
      JSONMember("code", .text(code)), JSONMember("cause", .text(cause)),
      JSONMember("causeChinese", .text(causeChinese)), JSONMember("evidence", .text(evidence)),
      JSONMember("remedy", .text(remedy)), JSONMember("remedyChinese", .text(remedyChinese)),
      JSONMember("who", .text(who)),
    ])
  }

  private static func known(_ code: String) -> OwnProblem {
    guard let words = words(code) else { preconditionFailure("this code stands below") }
    return words
  }

  private static let all = [
    OwnProblem(
      code: "CTL-001",
      cause: "posd does not answer.",
      causeChinese: "posd 没有响应。",
      remedy: "See whether it runs (systemctl status posd) and whether you may use its socket.",
      remedyChinese: "请检查 posd 是否运行以及是否有权使用其套接字。",
      who: "technician"),
    OwnProblem(
      code: "CTL-002",
      cause: "posd does not understand the question: it is of another version.",
      causeChinese: "posd 无法识别该请求：版本不一致。",
      remedy: "Use the posctl that came with this posd.",
      remedyChinese: "请使用与该 posd 配套的 posctl。",
      who: "technician"),
    OwnProblem(
      code: "CFG-001",
      cause: "A configuration file is wrong at the place that is named.",
      causeChinese: "配置文件在所示位置有误。",
      remedy: "Correct that line; the nearest valid key is named where there is one.",
      remedyChinese: "请更正该行；提示中给出最接近的有效键名。",
      who: "technician"),
    OwnProblem(
      code: "TPL-301",
      cause: "A receipt template asks for what no slip may have or this printer does not do.",
      causeChinese: "凭条模板使用了不允许或不支持的内容。",
      remedy: "Take out what stands at the place that is named.",
      remedyChinese: "请删除所示位置的内容。",
      who: "operator"),
    OwnProblem(
      code: "TPL-302",
      cause: "A receipt template is not well formed.",
      causeChinese: "凭条模板格式有误。",
      remedy: "Correct the line that is named; posctl receipt render --template shows the "
        + "result.",
      remedyChinese: "请更正所示的行；可用 posctl receipt render --template 查看效果。",
      who: "operator"),
    OwnProblem(
      code: "TPL-303",
      cause: "A receipt template is too large or too deep, or makes a slip that is too long.",
      causeChinese: "凭条模板过大或嵌套过深，或打印结果过长。",
      remedy: "Make it smaller: at most 64 KB, 400 lines, 16 columns, 4 blocks inside each "
        + "other; a slip of at most 360 rows and 1350 mm.",
      remedyChinese: "请缩小模板：最多 64 KB、400 行、16 列、嵌套 4 层；凭条最多 360 行、1350 毫米。",
      who: "operator"),
    OwnProblem(
      code: "TPL-304",
      cause: "A receipt template leaves out what the slip must show.",
      causeChinese: "凭条模板缺少必须打印的内容。",
      remedy: "Put the field that is named on a line of its own, wide enough for it.",
      remedyChinese: "请将所示字段加入模板，并留足宽度。",
      who: "operator"),
    OwnProblem(
      code: "TPL-305",
      cause: "A receipt template is not there.",
      causeChinese: "缺少凭条模板。",
      remedy: "Put the file that is named into the folder of the templates.",
      remedyChinese: "请将所示文件放入模板目录。",
      who: "operator"),
    OwnProblem(
      code: "PIC-001",
      cause: "The fonts for a picture of a receipt are not there.",
      causeChinese: "缺少绘制凭条图片所需的字体。",
      remedy: "Install Debian's xfonts-base, or name their folder with --fonts.",
      remedyChinese: "请安装 Debian 软件包 xfonts-base，或用 --fonts 指定字体目录。",
      who: "technician"),
    OwnProblem(
      code: "PIC-002",
      cause: "The picture of a receipt cannot be written.",
      causeChinese: "无法写入凭条图片。",
      remedy: "Name a file in a folder that you may write to, on a disk with room.",
      remedyChinese: "请指定有写权限且有空间的目录中的文件。",
      who: "technician"),
  ]
}
