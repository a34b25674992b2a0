//! The layouts, as data.
//!
//! Sources: the schemes' own specifications where they are public, else open-source readers and writers and public
//! samples, as named with each vector in `tests/vectors/qr_mpm.json`. How sure they are says the scheme's
//! [`Confidence`](super::Confidence). Where nobody has published what a field means, it has no row.

use core::ops::RangeInclusive;

use super::check;
use super::form::Form;
use super::layout::{Item, Layout};
use Form::{
    Alphanumeric, Amount, AsSpecified, AtSign, Bic, Date, Digits, Hex, Iban, LinkWithoutScheme, MobileWithHyphen,
    OneOf, Text, ThaiMobile, ThaiNumber, Utf16Hex,
};

const fn must(path: &'static str, name: &'static str, form: Form) -> Item {
    Item { path, name, form, required: true }
}

const fn may(path: &'static str, name: &'static str, form: Form) -> Item {
    Item { path, name, form, required: false }
}

const fn layout(scheme: &'static str, templates: RangeInclusive<u8>, account: &'static [Item]) -> Layout {
    Layout { scheme, templates, account, beside: &[], one_of: &[], check: None }
}

/// What any scheme's code may say outside its accounts (EMVCo MPM 1.1).
#[rustfmt::skip]
pub const COMMON: &[Item] = &[
    may("01", "initiation", AsSpecified),
    may("02", "visa_02", AsSpecified),
    may("03", "visa_03", AsSpecified),
    may("04", "mastercard_04", AsSpecified),
    may("05", "mastercard_05", AsSpecified),
    may("09", "discover_09", AsSpecified),
    may("10", "discover_10", AsSpecified),
    may("11", "american_express_11", AsSpecified),
    may("12", "american_express_12", AsSpecified),
    may("13", "jcb_13", AsSpecified),
    may("14", "jcb_14", AsSpecified),
    may("15", "unionpay_15", AsSpecified),
    may("16", "unionpay_16", AsSpecified),
    may("52", "merchant_category_code", AsSpecified),
    may("53", "currency", AsSpecified),
    may("54", "amount", AsSpecified),
    may("55", "tip_mode", AsSpecified),
    may("56", "tip_amount", AsSpecified),
    may("57", "tip_percentage", AsSpecified),
    may("58", "country", AsSpecified),
    may("59", "merchant_name", AsSpecified),
    may("60", "merchant_city", AsSpecified),
    may("61", "postal_code", AsSpecified),
    may("62.01", "bill_number", AsSpecified),
    may("62.02", "mobile_number", AsSpecified),
    may("62.03", "store_label", AsSpecified),
    may("62.04", "loyalty_number", AsSpecified),
    may("62.05", "reference_label", AsSpecified),
    may("62.06", "customer_label", AsSpecified),
    may("62.07", "terminal_label", AsSpecified),
    may("62.08", "purpose", AsSpecified),
    may("62.09", "consumer_data_request", AsSpecified),
    may("64.00", "language", AsSpecified),
    may("64.01", "merchant_name_in_language", AsSpecified),
    may("64.02", "merchant_city_in_language", AsSpecified),
];

const DUITNOW_BESIDE: &[Item] = &[may("62.90", "recipient_reference", Text(25)), may("82", "digest", Text(64))];

const KHQR_BESIDE: &[Item] =
    &[may("99.00", "created_at_ms", Digits(13, 13)), may("99.01", "expires_at_ms", Digits(13, 13))];

const QRIS_CRITERIA: Form = OneOf(&["UMI", "UKE", "UME", "UBE", "URE"]);

/// All layouts. A scheme that lays out its templates differently has several rows; the first says what stands beside.
#[rustfmt::skip]
pub const LAYOUTS: &[Layout] = &[
    // Thailand: Bank of Thailand's PromptPay.
    Layout {
        beside: &[may("81", "message_utf16_hex", Utf16Hex)],
        one_of: &["mobile_number", "national_or_tax_number", "e_wallet_id", "bank_account"],
        ..layout("promptpay_credit_transfer", 29..=29, &[
            may("01", "mobile_number", ThaiMobile),
            may("02", "national_or_tax_number", ThaiNumber),
            may("03", "e_wallet_id", Digits(15, 15)),
            may("04", "bank_account", Digits(4, 43)),
            may("05", "over_the_air", Text(10)),
        ])
    },
    layout("promptpay_bill_payment", 30..=30, &[
        must("01", "biller_id", Digits(15, 15)),
        must("02", "reference_1", Alphanumeric(20)),
        may("03", "reference_2", Alphanumeric(20)),
    ]),
    // Singapore.
    layout("sgqr", 51..=51, &[
        must("01", "sgqr_id", Alphanumeric(12)),
        must("02", "version", Text(7)),
        must("03", "postal_code", Digits(6, 6)),
        must("04", "level", Text(3)),
        must("05", "unit_number", Text(5)),
        must("06", "miscellaneous", Text(10)),
        must("07", "version_date", Date),
    ]),
    Layout {
        check: Some(check::paynow_proxy),
        ..layout("paynow", 26..=51, &[
            must("01", "proxy_type", OneOf(&["0", "2"])),
            must("02", "proxy_value", Text(25)),
            must("03", "amount_editable", OneOf(&["0", "1"])),
            may("04", "expires_on", Date),
        ])
    },
    layout("nets", 26..=51, &[
        must("01", "qr_metadata", Text(23)),
        must("02", "merchant_id", Text(15)),
        may("03", "terminal_id", Text(8)),
        may("09", "amount_modifier", Text(1)),
        may("99", "signature", Text(64)),
    ]),
    layout("alipay_plus", 26..=51, &[may("01", "code_value", Text(99))]),
    // Indonesia: the national repository's account, and the acquirer's beside it.
    Layout {
        check: Some(check::postal_code),
        ..layout("qris", 51..=51, &[
            must("02", "national_merchant_id", Alphanumeric(15)),
            must("03", "merchant_criteria", QRIS_CRITERIA),
        ])
    },
    layout("qris_acquirer", 26..=45, &[
        must("00", "acquirer_domain", Text(32)),
        // The check digit (Luhn) is not kept in use.
        must("01", "merchant_pan", Digits(16, 19)),
        must("02", "merchant_id", Text(15)),
        must("03", "merchant_criteria", QRIS_CRITERIA),
    ]),
    Layout {
        beside: &[
            must("62.08", "transfer_purpose", OneOf(&["DMCT", "CWDL", "CDPT"])),
            may("62.99.00", "transfer_identifier", Text(32)),
            may("62.99.01", "transfer_reference", Text(25)),
        ],
        ..layout("qris_transfer", 40..=40, &[
            must("00", "issuer_domain", Text(32)),
            must("01", "customer_pan", Digits(16, 19)),
            may("02", "beneficiary_account", Text(30)),
        ])
    },
    // Malaysia. What 82 covers is not public, so that a real code can only be had from the operator.
    Layout {
        beside: DUITNOW_BESIDE,
        ..layout("duitnow_jompay", 26..=51, &[
            must("01", "acquirer_id", Digits(6, 6)),
            must("02", "biller_code", Text(20)),
        ])
    },
    Layout {
        beside: DUITNOW_BESIDE,
        ..layout("duitnow", 26..=51, &[
            must("01", "acquirer_id", Digits(6, 6)),
            must("02", "qr_id", Text(20)),
        ])
    },
    // Cambodia: Bakong.
    Layout {
        beside: KHQR_BESIDE,
        check: Some(check::khqr),
        ..layout("khqr_individual", 29..=29, &[
            must("00", "bakong_account", AtSign),
            may("01", "account_information", Text(32)),
            may("02", "acquiring_bank", Text(32)),
        ])
    },
    Layout {
        beside: KHQR_BESIDE,
        check: Some(check::khqr),
        ..layout("khqr_merchant", 30..=30, &[
            must("00", "bakong_account", AtSign),
            must("01", "merchant_id", Text(32)),
            must("02", "acquiring_bank", Text(32)),
        ])
    },
    // Viet Nam: NAPAS, VNPAY.
    layout("vietqr", 38..=38, &[
        must("01.00", "bank_identification_number", Digits(6, 6)),
        must("01.01", "account_or_card", Alphanumeric(19)),
        may("02", "service", OneOf(&["QRIBFTTA", "QRIBFTTC", "QRCASH", "QRPUSH"])),
    ]),
    layout("vnpayqr", 26..=26, &[must("01", "merchant_id", Text(25))]),
    // Laos.
    layout("laoqr", 38..=38, &[
        must("01", "institution_id", Digits(8, 8)),
        must("02", "account_kind", Digits(3, 3)),
        must("03", "merchant_id", Text(25)),
    ]),
    // Philippines: between people (InstaPay), and merchants.
    layout("qrph_p2p", 27..=27, &[
        must("01", "bic", Bic),
        must("02", "payment_type", OneOf(&["99964403"])),
        may("03", "reference", Text(25)),
        must("04", "account", Text(34)),
        may("05", "mobile_number", MobileWithHyphen),
    ]),
    Layout {
        beside: &[
            may("62.00", "additional_data_owner", OneOf(&["ph.ppmi.qrph"])),
            may("66", "alipay_link", Text(99)),
            may("88.00", "acquirer_information_owner", Text(32)),
            may("88.01", "acquirer_information", Text(25)),
        ],
        ..layout("qrph_p2m", 28..=28, &[
            must("01", "bic", Bic),
            must("03", "merchant_id", Text(25)),
            may("04", "account", Text(34)),
            may("05", "proxy_or_flag", Text(25)),
        ])
    },
    // India: payment by virtual address, and its reference.
    Layout {
        beside: &[may("06", "rupay_06", AsSpecified), may("08", "ifsc_and_account", Alphanumeric(37))],
        ..layout("bharatqr", 26..=26, &[
            must("01", "virtual_payment_address", AtSign),
            may("02", "minimum_amount", Amount),
        ])
    },
    layout("bharatqr", 27..=27, &[
        must("01", "transaction_reference", Text(35)),
        may("02", "reference_url", Text(99)),
    ]),
    // Hong Kong.
    Layout {
        one_of: &["fps_id", "mobile_number", "email"],
        ..layout("fps", 26..=26, &[
            may("01", "clearing_code", Digits(3, 3)),
            may("02", "fps_id", Digits(7, 9)),
            may("03", "mobile_number", MobileWithHyphen),
            may("04", "email", AtSign),
            may("05", "timeout", Digits(14, 14)),
        ])
    },
    // Japan.
    layout("jpqr", 26..=26, &[
        must("01", "level_1_id", Digits(13, 13)),
        must("02", "level_2_id", Digits(4, 4)),
        must("03", "level_3_id", Digits(6, 6)),
        must("04", "level_4_id", Digits(6, 6)),
    ]),
    // Korea: BC Card.
    layout("kr_emv_bc", 26..=26, &[must("05", "merchant_number", Digits(9, 9))]),
    // Brazil: BR Code of the central bank.
    Layout {
        beside: &[
            must("62.05", "transaction_id", Text(25)),
            may("80.00", "recurrence_owner", OneOf(&["br.gov.bcb.pix"])),
            may("80.25", "recurrence_url", LinkWithoutScheme),
        ],
        one_of: &["key", "url"],
        ..layout("pix", 26..=26, &[
            may("01", "key", Text(77)),
            may("02", "description", Text(72)),
            may("03", "withdrawal_facilitator", Digits(8, 8)),
            may("25", "url", LinkWithoutScheme),
        ])
    },
    // Sri Lanka: bank, merchant and terminal in one number.
    Layout {
        beside: &[may("62.00", "additional_data_owner", Hex(32))],
        ..layout("lankaqr", 26..=26, &[must("00", "merchant_identification", Digits(28, 28))])
    },
    // Nepal. Fonepay's published samples have the number in 01, its codes in use in 07.
    Layout {
        one_of: &["merchant_number", "merchant_number_07"],
        ..layout("fonepay", 26..=26, &[
            may("01", "merchant_number", Digits(1, 20)),
            may("07", "merchant_number_07", Digits(1, 20)),
        ])
    },
    layout("nepalpay", 26..=51, &[must("00", "merchant_identification", Text(32)), may("01", "merchant_code", Text(25))]),
    // Pakistan: Raast, and what was before. No official text is public.
    Layout {
        beside: &[may("80.00", "merchant_group", Text(25))],
        ..layout("raast_p2m", 28..=28, &[
            must("00", "bank_uuid", Hex(32)),
            must("01", "bic", Bic),
            must("02", "iban", Iban),
        ])
    },
    layout("pk_legacy", 27..=27, &[must("01", "iban", Text(24))]),
    // Bangladesh: each institution numbers for itself; three public samples agree on these four.
    layout("bangla_qr", 26..=51, &[
        must("00", "institution_domain", Text(32)),
        may("01", "unverified_01", Text(99)),
        may("02", "unverified_02", Text(99)),
        may("03", "unverified_03", Text(99)),
        may("04", "unverified_04", Text(99)),
    ]),
];
