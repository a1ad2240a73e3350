// SPDX-License-Identifier: Apache-2.0

/// The templates of `Config/receipts`, for where there are no files; a test holds them
/// against each other and writes this file.
enum BuiltInTemplates {
  static var files: [TemplateFile] {
    [
      TemplateFile(name: "commissioning", text: Array(commissioning.utf8)),
      TemplateFile(name: "declined", text: Array(declined.utf8)),
      TemplateFile(name: "facts", text: Array(facts.utf8)),
      TemplateFile(name: "head", text: Array(head.utf8)),
      TemplateFile(name: "holder", text: Array(holder.utf8)),
      TemplateFile(name: "marks", text: Array(marks.utf8)),
      TemplateFile(name: "payment", text: Array(payment.utf8)),
      TemplateFile(name: "refund", text: Array(refund.utf8)),
      TemplateFile(name: "reversal", text: Array(reversal.utf8)),
      TemplateFile(name: "sale", text: Array(sale.utf8)),
      TemplateFile(name: "settlement", text: Array(settlement.utf8)),
      TemplateFile(name: "void", text: Array(void.utf8)),
    ]
  }

  private static var commissioning: String {
    #"""
    {comment: SPDX-License-Identifier: Apache-2.0}
    {comment: What ends commissioning: every check with its result, and a place to sign.}
    {width: fit; text: words}
    "[[zh:安装验收单]]"
    "[[en:COMMISSIONING SHEET]]"
    [[each merchantNames]]
    [[merchantName]]
    [[end]]
    ---
    [[each facts]]
    [[if value]]
    [[fact]] | [[value]]
    [[end]]
    [[end]]
    ---
    [[each checks]]
    [[if passed]]
    [[check]] | [[zh:通过]] [[en:PASS]]
    [[else]]
    [[check]] | [[zh:失败]] [[en:FAIL]]
    [[end]]
    ~~[[detail]] |
    [[end]]
    ---
    [[if allPassed]]
    "[[zh:全部通过]] [[en:ALL PASSED]]"
    [[else]]
    "[[zh:未通过]] [[en:NOT PASSED:]] [[failedCount]]/[[checkCount]]"
    [[end]]
    [[zh:技术员签名]] [[en:TECHNICIAN]] |

    [[signatureLine]] |
    [[zh:商户签名]] [[en:MERCHANT]] |

    [[signatureLine]] |
    ---

    """#
  }

  private static var declined: String {
    #"""
    {comment: SPDX-License-Identifier: Apache-2.0}
    {comment: A payment that was not made.}
    {text: words}
    [[include facts]]
    "[[zh:交易未成功]] [[en:DECLINED]]"
    "[[response]]"
    [[zh:未扣款]] [[en:NO MONEY WAS TAKEN]]
    [[include holder]]

    """#
  }

  private static var facts: String {
    #"""
    {comment: SPDX-License-Identifier: Apache-2.0}
    {comment: What every slip of a payment begins with, up to its amount.}
    {width: fit; text: words}
    [[include head]]
    [[zh:商户号]] [[en:MID]] | [[merchantNumber]]
    [[zh:终端号]] [[en:TID]] | [[terminalNumber]]
    [[zh:交易类型]] [[en:TYPE]] | [[transactionType]]
    [[zh:卡号]] [[en:CARD]] | [[card]] [[entryLetter]]
    [[zh:批次号]] [[en:BATCH]] | [[batchNumber]]
    [[zh:凭证号]] [[en:TRACE]] | [[traceNumber]]
    [[zh:参考号]] [[en:RRN]] | [[referenceNumber]]
    [[zh:原交易]] [[en:ORIGINAL]] | [[originalReference]]
    [[zh:授权码]] [[en:AUTH]] | [[approvalCode]]
    [[zh:时间]] [[en:TIME]] | [[dateTime]]
    ---
    [[zh:金额]] [[en:AMOUNT]]
    ^^^[[amount]]^^^

    """#
  }

  private static var head: String {
    #"""
    {comment: SPDX-License-Identifier: Apache-2.0}
    {comment: Who the merchant is. Included by the slips of payments and of settlements.}
    {text: words}
    [[each merchantNames]]
    "[[merchantName]]"
    [[end]]
    ---

    """#
  }

  private static var holder: String {
    #"""
    {comment: SPDX-License-Identifier: Apache-2.0}
    {comment: Whose copy it is.}
    {text: words}
    [[if merchantCopy]]
    [[zh:商户存根]] [[en:MERCHANT COPY]]
    [[else]]
    [[zh:持卡人存根]] [[en:CUSTOMER COPY]]
    [[end]]
    ---

    """#
  }

  private static var marks: String {
    #"""
    {comment: SPDX-License-Identifier: Apache-2.0}
    {comment: What says at both ends of every slip that it is a test, or printed again.}
    {text: words}
    [[if test]]
    [[if columns 46]]
    "*** TEST 测试 – NO MONEY MOVED 非真实交易 ***"
    [[else]]
    "*** TEST 测试 ***"
    "NO MONEY MOVED"
    "非真实交易"
    [[end]]
    [[end]]
    [[if copy]]
    "*** COPY 副本 ***"
    [[end]]

    """#
  }

  private static var payment: String {
    #"""
    {comment: SPDX-License-Identifier: Apache-2.0}
    {comment: The slip of what was approved. Included by the slips of each kind of payment.}
    {width: fit; text: words}
    [[include facts]]
    "[[response]]"
    AID | [[applicationIdentifier]]
    APP | [[applicationLabel]]
    [[cryptogramKind]] | [[cryptogram]]
    TVR | [[verificationResults]]
    TSI | [[statusInformation]]
    ATC | [[transactionCounter]]
    [[if pin]]
    [[zh:密码已验证]] [[en:PIN VERIFIED]]
    [[end]]
    [[if signature]]
    [[if merchantCopy]]
    [[zh:持卡人签名]] [[en:SIGNATURE]] |

    [[signatureLine]] |
    [[else]]
    [[zh:凭签名]] [[en:BY SIGNATURE]]
    [[end]]
    [[end]]
    [[if noVerification]]
    [[zh:免密免签]] [[en:NO PIN, NO SIGNATURE]]
    [[end]]
    [[include holder]]

    """#
  }

  private static var refund: String {
    #"""
    {comment: SPDX-License-Identifier: Apache-2.0}
    {comment: Money that was given back.}
    [[include payment]]

    """#
  }

  private static var reversal: String {
    #"""
    {comment: SPDX-License-Identifier: Apache-2.0}
    {comment: A payment whose outcome is not known and that is being taken back.}
    {text: words}
    [[include facts]]
    "[[zh:结果未知]] [[en:OUTCOME UNKNOWN]]"
    [[response]]
    [[zh:本交易将自动冲正，请勿交付商品]]
    [[en:This payment will be reversed. Do not hand over the goods.]]
    [[zh:如已扣款将自动退回]]
    [[en:Money held on the card will be released.]]
    [[include holder]]

    """#
  }

  private static var sale: String {
    #"""
    {comment: SPDX-License-Identifier: Apache-2.0}
    {comment: A payment that was approved.}
    [[include payment]]

    """#
  }

  private static var settlement: String {
    #"""
    {comment: SPDX-License-Identifier: Apache-2.0}
    {comment: A closed batch. Sums stand below each other, so that a person can add them up.}
    {width: fit; text: words}
    [[include head]]
    "[[zh:结算单]] [[en:SETTLEMENT]]"
    [[zh:商户号]] [[en:MID]] | [[merchantNumber]]
    [[zh:终端号]] [[en:TID]] | [[terminalNumber]]
    [[zh:批次号]] [[en:BATCH]] | [[batchNumber]]
    [[zh:时间]] [[en:TIME]] | [[dateTime]]
    [[zh:货币]] [[en:CURRENCY]] | [[currency]]
    [[each groups]]
    ---
    [[group]] |
    {width: fit 5 13}
    [[each kinds]]
    [[label]] | [[count]] | [[sum]]
    [[end]]
    "[[debit]]" | "[[debitCount]]" | "[[debitSum]]"
    "[[credit]]" | "[[creditCount]]" | "[[creditSum]]"
    {width: fit}
    [[zh:对账]] [[en:CHECK]] | [[verdict]]
    [[end]]
    ---
    "[[zh:净额]] [[en:NET]]" | "[[net]]"
    {width: fit 5 13}
    [[each tests]]
    [[label]] | [[count]] | [[sum]]
    [[end]]
    {width: fit}
    "[[outcome]]"
    [[zh:逐笔上送]] [[en:UPLOADED]] | [[uploaded]]
    [[zh:其中被拒]] [[en:OF THESE REFUSED]] | [[refused]]
    {width: fit 5 13}
    [[if added]]
    ---
    "[[zh:批上送补入]] [[en:ADDED BY UPLOAD]]"
    [[each added]]
    [[label]] | [[count]] | [[sum]]
    [[end]]
    [[end]]
    [[if leftOut]]
    ---
    "[[zh:未计入本批]] [[en:NOT INCLUDED]]"
    [[each leftOut]]
    [[label]] | [[count]] | [[sum]]
    [[end]]
    [[end]]
    ---

    """#
  }

  private static var void: String {
    #"""
    {comment: SPDX-License-Identifier: Apache-2.0}
    {comment: A transaction that was taken back.}
    [[include payment]]

    """#
  }
}
