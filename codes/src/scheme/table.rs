//! The schemes, as data.
//!
//! Sources: the schemes' own specifications where they are public, else open-source readers and writers and public
//! samples, as named with each vector in `tests/vectors/qr_mpm.json`.

use core::ops::RangeInclusive;

use super::{Confidence, Pattern, Scheme};
use Confidence::{High, Low, Medium};
use Pattern::{AccountAtBank, Any, BeginsWith, Digits, Is, OneOf, Uuid};

/// Which network the account fields 02 to 25 belong to (EMVCo MPM 1.1). 06-08 and 17-25 are EMVCo's own reserve.
pub const CARD_ACCOUNTS: &[(RangeInclusive<u8>, &str)] = &[
    (2..=3, "visa"),
    (4..=5, "mastercard"),
    (9..=10, "discover"),
    (11..=12, "american_express"),
    (13..=14, "jcb"),
    (15..=16, "unionpay"),
];

const ANYWHERE: RangeInclusive<u8> = 26..=51;

/// Most domestic transfer codes leave out who and where the payee is.
const NO_MERCHANT: &[(&str, &str)] = &[("52", "missing"), ("59", "missing"), ("60", "missing")];

/// Beside the payee, PromptPay's leave out that a message is plain text.
const NO_MERCHANT_MESSAGE: &[(&str, &str)] =
    &[("52", "missing"), ("59", "missing"), ("60", "missing"), ("81", "not_a_template")];

/// Who owns the additional data says field 00 in them.
const ADDITIONAL_DATA_OWNER: &[(&str, &str)] = &[("62.00", "reserved_id")];

/// Malaysia's codes begin with 000202 in the operator's own samples, and have plain text where templates may stand.
const FORMAT_INDICATOR_02: &[(&str, &str)] =
    &[("00", "unexpected_value"), ("62.90", "not_a_template"), ("82", "not_a_template")];

const fn scheme(
    name: &'static str,
    country: &'static str,
    templates: RangeInclusive<u8>,
    globally_unique_id: Pattern,
    confidence: Confidence,
) -> Scheme {
    Scheme { name, country, templates, globally_unique_id, within: &[], beside: &[], tolerated: &[], confidence }
}

/// All known schemes. Where a payload carries several, the row that stands first names it: labels that unite schemes
/// before the schemes, and what is told by its shape only comes last.
pub const SCHEMES: &[Scheme] = &[
    scheme("sgqr", "SG", 51..=51, Is("SG.SGQR"), High),
    scheme("qris", "ID", 51..=51, Is("ID.CO.QRIS.WWW"), High),
    // The acquirer's own account beside the national one; each acquirer has its own id.
    Scheme {
        within: &[("01", BeginsWith("9360"))],
        beside: &[("51.00", Is("ID.CO.QRIS.WWW"))],
        ..scheme("qris_acquirer", "ID", 26..=45, Any, High)
    },
    // Transfer, withdrawal and deposit; each institution has its own id.
    Scheme {
        within: &[("01", BeginsWith("9360"))],
        beside: &[("58", Is("ID")), ("62.08", OneOf(&["DMCT", "CWDL", "CDPT"]))],
        ..scheme("qris_transfer", "ID", 40..=40, Any, Medium)
    },
    Scheme {
        tolerated: NO_MERCHANT_MESSAGE,
        ..scheme(
            "promptpay_credit_transfer",
            "TH",
            29..=29,
            // …114 is the customer-presented or over-the-air form.
            OneOf(&["A000000677010111", "A000000677010114"]),
            High,
        )
    },
    Scheme { tolerated: NO_MERCHANT, ..scheme("promptpay_bill_payment", "TH", 30..=30, Is("A000000677010112"), High) },
    scheme("promptpay_api", "TH", 31..=31, Is("A000000677010113"), High),
    scheme("paynow", "SG", ANYWHERE, Is("SG.PAYNOW"), High),
    Scheme {
        within: &[("01", Is("898989"))],
        tolerated: FORMAT_INDICATOR_02,
        ..scheme("duitnow_jompay", "MY", ANYWHERE, Is("A0000006150001"), Medium)
    },
    Scheme { tolerated: FORMAT_INDICATOR_02, ..scheme("duitnow", "MY", ANYWHERE, Is("A0000006150001"), Medium) },
    Scheme { tolerated: NO_MERCHANT, ..scheme("vietqr", "VN", 38..=38, Is("A000000727"), High) },
    scheme("vnpayqr", "VN", 26..=26, Is("A000000775"), High),
    scheme("laoqr", "LA", 38..=38, Is("A005266284662577"), Medium),
    scheme("qrph_p2p", "PH", ANYWHERE, Is("com.p2pqrpay"), Medium),
    Scheme { tolerated: ADDITIONAL_DATA_OWNER, ..scheme("qrph_p2m", "PH", ANYWHERE, Is("ph.ppmi.p2m"), Medium) },
    scheme("bharatqr", "IN", ANYWHERE, Is("A000000524"), High),
    scheme("fps", "HK", ANYWHERE, Is("hk.com.hkicl"), High),
    scheme("jpqr", "JP", ANYWHERE, Is("jp.or.paymentsjapan"), High),
    scheme("kr_emv_bc", "KR", ANYWHERE, Is("D4100000014010"), Low),
    scheme("pix", "BR", ANYWHERE, Is("br.gov.bcb.pix"), High),
    scheme("nepalpay", "NP", ANYWHERE, BeginsWith("NCHL"), Medium),
    scheme("fonepay", "NP", ANYWHERE, Is("fonepay.com"), Medium),
    scheme("pk_legacy", "PK", ANYWHERE, Is("A000000736"), Low),
    scheme("nets", "SG", ANYWHERE, Is("SG.COM.NETS"), High),
    scheme("alipay_plus", "", ANYWHERE, Is("com.alipay"), High),
    // The Chinese application ids of the worked example in EMVCo MPM 1.1, annex B.
    scheme("emvco", "CN", ANYWHERE, BeginsWith("D15600000"), High),
    Scheme { beside: &[("58", Is("KH"))], ..scheme("khqr_individual", "KH", 29..=29, AccountAtBank, High) },
    Scheme { beside: &[("58", Is("KH"))], ..scheme("khqr_merchant", "KH", 30..=30, AccountAtBank, High) },
    // No official text is public; the id is each bank's own.
    Scheme {
        within: &[("02", BeginsWith("PK"))],
        beside: &[("58", Is("PK"))],
        ..scheme("raast_p2m", "PK", 28..=28, Uuid, Low)
    },
    Scheme {
        beside: &[("58", Is("LK"))],
        tolerated: ADDITIONAL_DATA_OWNER,
        ..scheme("lankaqr", "LK", 26..=26, Digits(28), Medium)
    },
    // Each institution has its own id; the national standard is the only one in the country.
    Scheme { beside: &[("58", Is("BD")), ("53", Is("050"))], ..scheme("bangla_qr", "BD", ANYWHERE, Any, Low) },
];
