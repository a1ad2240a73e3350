// SPDX-License-Identifier: Apache-2.0

/// What the simulated terminal's messages consist of: as in the acquirers' files, which a test
/// compares with it.
enum DialectLines {
  static let generic: [(name: String, text: String)] = [
    (
      "card",
      """
      2={pan} 4={amount} 7={moment} 11={stan} 12={time} 13={date} 14={expiry} 22={entry-mode} \
      35={track} 41={terminal} 42={merchant} 49={currency} 52={pin-block} 60={batch} \
      62={pin-serial} 64=mac
      """
    ),
    (
      "follows",
      """
      37={original-retrieval} 38={original-approval} \
      90={original-type}{original-stan}{original-moment}0000000000000000000000
      """
    ),
    (
      "sale",
      """
      0200 @card 3=000000 25=00
      """
    ),
    (
      "void",
      """
      0200 @card @follows 3=020000 25=00
      """
    ),
    (
      "refund",
      """
      0220 @card @follows -38 3=200000 25=00
      """
    ),
    (
      "balance",
      """
      0100 @card -4 3=310000 25=00
      """
    ),
    (
      "pre-authorisation",
      """
      0100 @card 3=300000 25=06
      """
    ),
    (
      "pre-authorisation-void",
      """
      0100 @card @follows 3=020000 25=06
      """
    ),
    (
      "completion",
      """
      0200 @card @follows -37 3=000000 25=06
      """
    ),
    (
      "completion-advice",
      """
      0220 @card @follows -37 3=000000 25=06
      """
    ),
    (
      "completion-void",
      """
      0200 @card @follows 3=020000 25=06
      """
    ),
    (
      "offline-sale",
      """
      0220 @card 3=000000 25=00
      """
    ),
    (
      "tip",
      """
      0220 @card @follows -37 -38 3=220000 25=00 54={tip}
      """
    ),
    (
      "reversal",
      """
      0400 -35 -37 -52 -62 38={approval} 39={reason} 64=mac
      """
    ),
    (
      "upload-one",
      """
      0320 -35 -37 -38 -52 -62 37={retrieval} 38={approval}
      """
    ),
    (
      "upload-end",
      """
      0500 3=960000 11={stan} 12={time} 13={date} 41={terminal} 42={merchant} 49={currency} \
      60={batch} 63={debit-amount}{debit-count:6}{credit-amount}{credit-count:6}
      """
    ),
    (
      "settlement",
      """
      0500 3=920000 11={stan} 12={time} 13={date} 41={terminal} 42={merchant} 49={currency} \
      60={batch} 63={debit-amount}{debit-count:6}{credit-amount}{credit-count:6}
      """
    ),
    (
      "echo",
      """
      0800 7={moment} 11={stan} 41={terminal} 70=301
      """
    ),
  ]

  /// With the code of a sign-in, which asks for a layout of keys.
  static func unionPay(signIn code: String) -> [(name: String, text: String)] {
    let signIn =
      "0800 11={stan} 41={terminal} 42={merchant} 60=00{batch}" + code + " 63={operator}"
    return unionPayLines + [("sign-in", signIn)]
  }

  private static let unionPayLines: [(name: String, text: String)] = [
    (
      "card",
      """
      2?!track={pan} 2?chip={pan} 4={amount} 11={stan} 14?!track={expiry} 14?chip={expiry} \
      22={entry-mode} 23={sequence} 26?pin=12 35={track} 41={terminal} 42={merchant} \
      49={currency} 52={pin-block} 53={security} 55={chip-data} 64=mac
      """
    ),
    (
      "sale",
      """
      0200 @card 3=000000 25=00 59?scanned=A3[3:{code}] 60=22{batch}000{reader}{chip-condition}0
      """
    ),
    (
      "void",
      """
      0200 @card 3=200000 25=00 \
      37=000000000000 37={original-retrieval} 38={original-approval} \
      60=23{batch}000{reader}{chip-condition}0 61={original-batch}{original-stan}
      """
    ),
    (
      "refund",
      """
      0220 @card -26 3=200000 25=00 \
      37=000000000000 37={original-retrieval} 60=25{batch}000{reader}{chip-condition}0 \
      61=000000000000{original-date} 63={organisation}
      """
    ),
    (
      "balance",
      """
      0200 @card -4 3=310000 25=00 60=01{batch}000{reader}{chip-condition}1
      """
    ),
    (
      "pre-authorisation",
      """
      0100 @card 3=030000 25=06 60=10{batch}000{reader}{chip-condition}0
      """
    ),
    (
      "pre-authorisation-void",
      """
      0100 @card 3=200000 25=06 38={original-approval} 60=11{batch}000{reader}{chip-condition}0 \
      61=000000000000{original-date}
      """
    ),
    (
      "completion",
      """
      0200 @card 3=000000 25=06 38={original-approval} 60=20{batch}000{reader}{chip-condition}0 \
      61=000000000000{original-date}
      """
    ),
    (
      "completion-advice",
      """
      0220 @card -26 3=000000 25=06 38={original-approval} 60=24{batch}000{reader}{chip-condition} \
      61=000000000000{original-date}
      """
    ),
    (
      "completion-void",
      """
      0200 @card 3=200000 25=06 \
      37=000000000000 37={original-retrieval} 38={original-approval} \
      60=21{batch}000{reader}{chip-condition}0 61={original-batch}{original-stan}{original-date}
      """
    ),
    (
      "offline-sale",
      """
      0220 @card -26 3=000000 25=00 60=30{batch}000{reader}{chip-condition} \
      61={batch}{stan}000000 63={organisation}
      """
    ),
    (
      "tip",
      """
      0220 @card -26 3=000000 25=00 48={tip} 60=34{batch}000{reader}{chip-condition} \
      61={original-batch}{original-stan}{original-date}00 63={organisation}
      """
    ),
    (
      "reversal",
      """
      0400 -2?swiped -14?swiped -26 -35 -36 -37 -52 -53 -62 38={approval} 39={reason} \
      61?void={batch}{stan} 61?completion={batch}{stan}{answer-date} \
      61?completion-void={batch}{stan}{answer-date} \
      61?pre-authorisation-void={batch}{stan}{answer-date} 64=mac
      """
    ),
    (
      "script-notice",
      """
      0620 2={pan} 3={original-processing} 4={original-amount} 11={stan} 22={entry-mode} \
      23={sequence} 32={original-acquirer} 37={original-retrieval} 38={original-approval} \
      41={terminal} 42={merchant} 49={currency} 55={chip-data} \
      60=00{batch}951{reader}{chip-condition} \
      61={original-batch}{original-stan}{original-date} 64=mac
      """
    ),
    (
      "upload-record",
      """
      48={kind-of-card}{stan}{account:20}{amount}
      """
    ),
    (
      "upload",
      """
      0320 11={stan} 41={terminal} 42={merchant} 48={upload-count:2}{uploads} 60=00{batch}201
      """
    ),
    (
      "upload-one",
      """
      0320 -26 -35 -36 -52 -53
      """
    ),
    (
      "upload-end",
      """
      0320 11={stan} 41={terminal} 42={merchant} 48={upload-count:4} 60?agreed=00{batch}207 \
      60?!agreed=00{batch}202
      """
    ),
    (
      "settlement",
      """
      0500 11={stan} 41={terminal} 42={merchant} \
      48={domestic-debit-amount}{domestic-debit-count:3}{domestic-credit-amount}\
      {domestic-credit-count:3}0{foreign-debit-amount}{foreign-debit-count:3}\
      {foreign-credit-amount}{foreign-credit-count:3}0 \
      49={currency} 60=00{batch}201 63={operator}
      """
    ),
    (
      "sign-off",
      """
      0820 11={stan} 41={terminal} 42={merchant} 60=00{batch}002
      """
    ),
    (
      "echo",
      """
      0820 41={terminal} 42={merchant} 60=00{batch}301
      """
    ),
    (
      "parameters",
      """
      0800 41={terminal} 42={merchant} 60=00{batch}360
      """
    ),
    (
      "key-query",
      """
      0820 41={terminal} 42={merchant} 60=00{batch}372 62={asked}
      """
    ),
    (
      "key-download",
      """
      0800 41={terminal} 42={merchant} 60=00{batch}370 62={asked}
      """
    ),
    (
      "key-end",
      """
      0800 41={terminal} 42={merchant} 60=00{batch}371
      """
    ),
    (
      "application-query",
      """
      0820 41={terminal} 42={merchant} 60=00{batch}382 62={asked}
      """
    ),
    (
      "application-download",
      """
      0800 41={terminal} 42={merchant} 60=00{batch}380 62={asked}
      """
    ),
    (
      "application-end",
      """
      0800 41={terminal} 42={merchant} 60=00{batch}381
      """
    ),
    (
      "black-list",
      """
      0800 41={terminal} 42={merchant} 60=00{batch}390 62={asked}
      """
    ),
    (
      "black-list-end",
      """
      0800 41={terminal} 42={merchant} 60=00{batch}391
      """
    ),
    (
      "contactless",
      """
      0800 41={terminal} 42={merchant} 60=00{batch}394
      """
    ),
    (
      "contactless-end",
      """
      0800 41={terminal} 42={merchant} 60=00{batch}395
      """
    ),
  ]
}
