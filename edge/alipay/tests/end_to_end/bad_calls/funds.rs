//! Methods on transfers and frozen money. Their codes have no prefix.

use super::Method;

const INVALID: &str = "INVALID_PARAMETER";
const ILLEGAL: &str = "ILLEGAL_ARGUMENT";
const NO_PAYEE: &str = "PAYEE_NOT_EXIST";

/// What all methods that freeze money have in common.
macro_rules! freeze_rows {
    ($($more:expr),* $(,)?) => {
        &[
            ("out_order_no", "", ILLEGAL),
            ("out_order_no", r#""$x65""#, ILLEGAL),
            ("out_order_no", r#""a b""#, ILLEGAL),
            ("out_order_no", "{}", ILLEGAL),
            ("out_order_no", r#""frozen""#, "UNIQUE_VIOLATION"),
            ("out_request_no", "", ILLEGAL),
            ("out_request_no", "[]", ILLEGAL),
            ("out_request_no", r#""freeze""#, "UNIQUE_VIOLATION"),
            ("order_title", "", ILLEGAL),
            ("order_title", r#""$x257""#, ILLEGAL),
            ("order_title", "{}", ILLEGAL),
            ("order_title", r#""a\u0007b""#, ILLEGAL),
            ("amount", "", ILLEGAL),
            ("trans_currency", r#""XXX""#, "CURRENCY_VERIFICATION_FAIL"),
            ("trans_currency", r#""USD""#, "CURRENCY_VERIFICATION_FAIL"),
            ("payee_user_id", r#""2088070000199999""#, ILLEGAL),
            ("product_code", r#""FAST""#, ILLEGAL),
            $($more,)*
        ]
    };
}

/// What all methods that name a freeze and an operation have in common.
macro_rules! operation_rows {
    ($($more:expr),* $(,)?) => {
        &[
            ("", "{}", ILLEGAL),
            ("auth_no", "{}", ILLEGAL),
            ("auth_no", r#""$x65""#, ILLEGAL),
            ("auth_no", r#""1""#, "AUTH_ORDER_NOT_EXIST"),
            ("auth_no", r#""2026112307000010000000000001""#, "AUTH_ORDER_NOT_EXIST"),
            ("out_request_no", "", ILLEGAL),
            ("out_request_no", "[]", ILLEGAL),
            ("out_request_no", r#""unknown""#, "AUTH_OPERATION_NOT_EXIST"),
            ("operation_id", r#""1""#, "AUTH_OPERATION_NOT_EXIST"),
            $($more,)*
        ]
    };
}

pub const METHODS: &[Method] = &[
    Method {
        name: "alipay.fund.trans.uni.transfer",
        good: r#"{"out_biz_no":"t1","trans_amount":"1.00","product_code":"TRANS_ACCOUNT_NO_PWD","biz_scene":"DIRECT_TRANSFER","payee_info":{"identity":"$customer","identity_type":"ALIPAY_USER_ID"}}"#,
        code: "10000",
        invalid: INVALID,
        amounts: &["trans_amount"],
        rows: &[
            ("out_biz_no", "", INVALID),
            ("out_biz_no", r#""$x65""#, INVALID),
            ("out_biz_no", r#""a b""#, INVALID),
            ("out_biz_no", "{}", INVALID),
            ("trans_amount", "", INVALID),
            ("trans_amount", r#""0.09""#, "EXCEED_LIMIT_SM_MIN_AMOUNT"),
            ("trans_amount", r#""100000000""#, "PAYER_BALANCE_NOT_ENOUGH"),
            ("product_code", r#""STD_RED_PACKET""#, INVALID),
            ("biz_scene", r#""PERSONAL_PAY""#, INVALID),
            ("order_title", r#""$x257""#, INVALID),
            ("order_title", r#""a\u0007b""#, INVALID),
            ("payee_info", "", INVALID),
            ("payee_info", r#""x""#, INVALID),
            ("payee_info", "[]", INVALID),
            ("payee_info.identity", "", INVALID),
            ("payee_info.identity", "{}", INVALID),
            ("payee_info.identity", r#""2088""#, NO_PAYEE),
            ("payee_info.identity", r#""2088070000199999""#, NO_PAYEE),
            ("payee_info.identity", r#""$shop""#, "PAYER_PAYEE_CANNOT_SAME"),
            ("payee_info.identity", r#""$partner""#, NO_PAYEE),
            ("payee_info.identity_type", "", INVALID),
            ("payee_info.identity_type", r#""BANK_CARD""#, INVALID),
            ("payee_info.identity_type", r#""ALIPAY_LOGON_ID""#, INVALID),
            ("payee_info.name", r#""Somebody""#, NO_PAYEE),
        ],
    },
    Method {
        name: "alipay.fund.trans.common.query",
        good: r#"{"out_biz_no":"t1","product_code":"TRANS_ACCOUNT_NO_PWD","biz_scene":"DIRECT_TRANSFER"}"#,
        code: "10000",
        invalid: INVALID,
        amounts: &[],
        rows: &[
            ("out_biz_no", "", INVALID),
            ("out_biz_no", "{}", INVALID),
            ("out_biz_no", r#""$x65""#, INVALID),
            ("out_biz_no", r#""unknown""#, "ORDER_NOT_EXIST"),
            ("order_id", r#""1""#, "ORDER_NOT_EXIST"),
            ("order_id", "[]", INVALID),
        ],
    },
    Method {
        name: "alipay.fund.auth.order.freeze",
        good: r#"{"out_order_no":"f1","out_request_no":"fr1","order_title":"x","amount":"2.00","auth_code":"$code","auth_code_type":"bar_code"}"#,
        code: "10000",
        invalid: ILLEGAL,
        amounts: &["amount"],
        rows: freeze_rows![
            ("auth_code", "", ILLEGAL),
            ("auth_code", "{}", ILLEGAL),
            ("auth_code", r#""281""#, "PAYMENT_AUTH_CODE_INVALID"),
            ("auth_code", r#""280700000000009999""#, "PAYMENT_AUTH_CODE_INVALID"),
            ("auth_code_type", r#""magic""#, ILLEGAL),
            ("amount", r#""100000000""#, "MONEY_NOT_ENOUGH"),
        ],
    },
    Method {
        name: "alipay.fund.auth.order.voucher.create",
        good: r#"{"out_order_no":"f2","out_request_no":"fr2","order_title":"x","amount":"2.00"}"#,
        code: "10000",
        invalid: ILLEGAL,
        amounts: &["amount"],
        rows: freeze_rows![
            ("pay_timeout", r#""x""#, ILLEGAL),
            ("pay_timeout", "{}", ILLEGAL),
            ("pay_timeout", r#""99d""#, ILLEGAL)
        ],
    },
    Method {
        name: "alipay.fund.auth.order.app.freeze",
        good: r#"{"out_order_no":"f3","out_request_no":"fr3","order_title":"x","amount":"2.00","product_code":"PRE_AUTH_ONLINE"}"#,
        code: "10000",
        invalid: ILLEGAL,
        amounts: &["amount"],
        rows: freeze_rows![
            ("pay_timeout", r#""x""#, ILLEGAL),
            ("timeout_express", r#""99d""#, ILLEGAL),
            ("payee_logon_id", r#""shop@example""#, ILLEGAL),
        ],
    },
    Method {
        name: "alipay.fund.auth.order.unfreeze",
        good: r#"{"auth_no":"$auth_no","out_request_no":"u1","amount":"1.00","remark":"x"}"#,
        code: "10000",
        invalid: ILLEGAL,
        amounts: &["amount"],
        rows: &[
            ("auth_no", "", ILLEGAL),
            ("auth_no", "{}", ILLEGAL),
            ("auth_no", r#""1""#, "AUTH_ORDER_NOT_EXIST"),
            ("out_request_no", "", ILLEGAL),
            ("out_request_no", r#""$x65""#, ILLEGAL),
            ("out_request_no", r#""freeze""#, "UNIQUE_VIOLATION"),
            ("amount", "", ILLEGAL),
            ("amount", r#""10.01""#, "REQUEST_AMOUNT_EXCEED"),
            ("amount", r#""100000000""#, "REQUEST_AMOUNT_EXCEED"),
            ("remark", r#""$x257""#, ILLEGAL),
            ("remark", "{}", ILLEGAL),
        ],
    },
    Method {
        name: "alipay.fund.auth.operation.detail.query",
        good: r#"{"auth_no":"$auth_no","out_request_no":"freeze"}"#,
        code: "10000",
        invalid: ILLEGAL,
        amounts: &[],
        rows: operation_rows![],
    },
    Method {
        name: "alipay.fund.auth.operation.cancel",
        good: r#"{"auth_no":"$auth_no","out_request_no":"freeze"}"#,
        code: "10000",
        invalid: ILLEGAL,
        amounts: &[],
        rows: operation_rows![],
    },
];
