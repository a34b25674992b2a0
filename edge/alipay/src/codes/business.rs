//! Sub codes of the business methods, all under gateway code 40004.
//!
//! Names from the error lists of the official generated client models; meanings in our own words. The methods of
//! trades prefix `ACQ.`; the methods of funds have no prefix, so the same word can stand here twice.

use crate::codes::{GatewayCode, SubCode};

macro_rules! business_sub_codes {
    ($($constant:ident = $name:literal $meaning:literal;)+) => {
        $(
            #[doc = concat!("`", $name, "`: ", $meaning, ".")]
            pub const $constant: SubCode = SubCode {
                gateway: GatewayCode::BusinessFailed,
                name: $name,
                meaning: $meaning,
            };
        )+

        /// Every sub code of the business methods.
        pub const ALL: &[SubCode] = &[$($constant),+];
    };
}

business_sub_codes! {
    SYSTEM_ERROR = "ACQ.SYSTEM_ERROR" "try again with the same parameters";
    INVALID_PARAMETER = "ACQ.INVALID_PARAMETER" "a parameter is not valid";
    ACCESS_FORBIDDEN = "ACQ.ACCESS_FORBIDDEN" "the merchant has not enabled this product";
    EXIST_FORBIDDEN_WORD = "ACQ.EXIST_FORBIDDEN_WORD" "a text of the order is not allowed";
    PARTNER_ERROR = "ACQ.PARTNER_ERROR" "the application and the merchant account do not belong together";
    TOTAL_FEE_EXCEED = "ACQ.TOTAL_FEE_EXCEED" "the amount of the order exceeds the limit";
    CONTEXT_INCONSISTENT = "ACQ.CONTEXT_INCONSISTENT" "this out_trade_no was used before with other contents";
    TRADE_HAS_SUCCESS = "ACQ.TRADE_HAS_SUCCESS" "the trade is already paid";
    TRADE_HAS_CLOSE = "ACQ.TRADE_HAS_CLOSE" "the trade is closed, use a new out_trade_no";
    BUYER_SELLER_EQUAL = "ACQ.BUYER_SELLER_EQUAL" "buyer and seller are the same";
    TRADE_BUYER_NOT_MATCH = "ACQ.TRADE_BUYER_NOT_MATCH" "the trade belongs to another buyer";
    BUYER_ENABLE_STATUS_FORBID = "ACQ.BUYER_ENABLE_STATUS_FORBID" "the buyer's account may not pay now";
    BUYER_NOT_EXIST = "ACQ.BUYER_NOT_EXIST" "there is no such buyer";
    BUYER_ERROR = "ACQ.BUYER_ERROR" "the buyer's account has a problem";
    SELLER_BEEN_BLOCKED = "ACQ.SELLER_BEEN_BLOCKED" "the seller's account is blocked";
    NOW_TIME_AFTER_EXPIRE_TIME_ERROR = "ACQ.NOW_TIME_AFTER_EXPIRE_TIME_ERROR" "the time to pay has already passed";
    BEYOND_PAY_RESTRICTION = "ACQ.BEYOND_PAY_RESTRICTION" "the merchant's receipts would exceed their limit";
    MERCHANT_PERM_RECEIPT_SUSPEND_LIMIT = "ACQ.MERCHANT_PERM_RECEIPT_SUSPEND_LIMIT" "the merchant may not receive payments now";
    MERCHANT_PERM_RECEIPT_SINGLE_LIMIT = "ACQ.MERCHANT_PERM_RECEIPT_SINGLE_LIMIT" "the amount exceeds the merchant's limit for one payment";
    MERCHANT_PERM_RECEIPT_DAY_LIMIT = "ACQ.MERCHANT_PERM_RECEIPT_DAY_LIMIT" "the merchant's limit for one day would be exceeded";
    PAYMENT_AUTH_CODE_INVALID = "ACQ.PAYMENT_AUTH_CODE_INVALID" "the payment code is unknown, used or expired; scan a new one";
    BUYER_BALANCE_NOT_ENOUGH = "ACQ.BUYER_BALANCE_NOT_ENOUGH" "the buyer's balance is not enough";
    BUYER_PAYMENT_AMOUNT_DAY_LIMIT_ERROR = "ACQ.BUYER_PAYMENT_AMOUNT_DAY_LIMIT_ERROR" "the buyer's limit for one day would be exceeded";
    BUYER_PAYMENT_AMOUNT_MONTH_LIMIT_ERROR = "ACQ.BUYER_PAYMENT_AMOUNT_MONTH_LIMIT_ERROR" "the buyer's limit for one month would be exceeded";
    BUYER_BANKCARD_BALANCE_NOT_ENOUGH = "ACQ.BUYER_BANKCARD_BALANCE_NOT_ENOUGH" "the balance behind the buyer's card is not enough";
    ERROR_BALANCE_PAYMENT_DISABLE = "ACQ.ERROR_BALANCE_PAYMENT_DISABLE" "the buyer has switched off paying from the balance";
    NO_PAYMENT_INSTRUMENTS_AVAILABLE = "ACQ.NO_PAYMENT_INSTRUMENTS_AVAILABLE" "the buyer has no means of payment that fits";
    PULL_MOBILE_CASHIER_FAIL = "ACQ.PULL_MOBILE_CASHIER_FAIL" "the buyer's wallet could not be asked to confirm";
    MOBILE_PAYMENT_SWITCH_OFF = "ACQ.MOBILE_PAYMENT_SWITCH_OFF" "the buyer has switched off paying by phone";
    PAYMENT_FAIL = "ACQ.PAYMENT_FAIL" "the payment failed";
    PAYMENT_REQUEST_HAS_RISK = "ACQ.PAYMENT_REQUEST_HAS_RISK" "the payment was refused for its risk";
    AUTH_NO_ERROR = "ACQ.AUTH_NO_ERROR" "the pre-authorization is not valid for this payment";
    AUTH_TOKEN_IS_NOT_EXIST = "ACQ.AUTH_TOKEN_IS_NOT_EXIST" "there is no such authorization";
    AUTH_AMOUNT_NOT_ENOUGH = "ACQ.AUTH_AMOUNT_NOT_ENOUGH" "the authorized amount is not enough";
    REQUEST_AMOUNT_EXCEED = "ACQ.REQUEST_AMOUNT_EXCEED" "the amount exceeds what was authorized";
    CURRENCY_NOT_SUPPORT = "ACQ.CURRENCY_NOT_SUPPORT" "the currency is not supported";
    AMOUNT_OR_CURRENCY_ERROR = "ACQ.AMOUNT_OR_CURRENCY_ERROR" "amount and currency do not fit";
    TRADE_NOT_EXIST = "ACQ.TRADE_NOT_EXIST" "there is no such trade";
    ENTERPRISE_PAY_BIZ_ERROR = "ACQ.ENTERPRISE_PAY_BIZ_ERROR" "the enterprise account refused the payment";
    SELLER_BALANCE_NOT_ENOUGH = "ACQ.SELLER_BALANCE_NOT_ENOUGH" "the seller's balance is not enough for the refund";
    REFUND_AMT_NOT_EQUAL_TOTAL = "ACQ.REFUND_AMT_NOT_EQUAL_TOTAL" "the refunds would exceed the payment, or a partial refund lacks its out_request_no";
    REASON_TRADE_REFUND_FEE_ERR = "ACQ.REASON_TRADE_REFUND_FEE_ERR" "the refund amount is not valid";
    REFUND_FEE_ERROR = "ACQ.REFUND_FEE_ERROR" "the refund amount is not valid for this trade";
    DISCORDANT_REPEAT_REQUEST = "ACQ.DISCORDANT_REPEAT_REQUEST" "this out_request_no was used before with another amount";
    TRADE_HAS_FINISHED = "ACQ.TRADE_HAS_FINISHED" "the trade is finished and cannot change any more";
    TRADE_STATUS_ERROR = "ACQ.TRADE_STATUS_ERROR" "the status of the trade does not allow this";
    REASON_TRADE_STATUS_INVALID = "ACQ.REASON_TRADE_STATUS_INVALID" "the trade is not in the status this needs";
    REASON_ILLEGAL_STATUS = "ACQ.REASON_ILLEGAL_STATUS" "the status of the trade is not legal here";
    REASON_TRADE_BEEN_FREEZEN = "ACQ.REASON_TRADE_BEEN_FREEZEN" "the trade is frozen";
    TRADE_NOT_ALLOW_REFUND = "ACQ.TRADE_NOT_ALLOW_REFUND" "this trade cannot be refunded";
    NOT_ALLOW_PARTIAL_REFUND = "ACQ.NOT_ALLOW_PARTIAL_REFUND" "this trade can only be refunded in full";
    REFUND_CHARGE_ERROR = "ACQ.REFUND_CHARGE_ERROR" "the fee of the trade could not be returned";
    TRADE_CANCEL_TIME_OUT = "ACQ.TRADE_CANCEL_TIME_OUT" "it is too late to cancel, refund instead";
    CANCEL_NOT_ALLOWED = "ACQ.CANCEL_NOT_ALLOWED" "this trade cannot be cancelled";
    CANCEL_SYSTEM_ERROR = "AQC.SYSTEM_ERROR" "try to cancel again with the same parameters";
    FUND_SYSTEM_ERROR = "SYSTEM_ERROR" "try again with the same parameters";
    FUND_INVALID_PARAMETER = "INVALID_PARAMETER" "a parameter is not valid";
    FUND_PAYEE_NOT_EXIST = "PAYEE_NOT_EXIST" "there is no such payee, or the name does not match";
    FUND_PAYEE_ACCOUNT_NOT_EXIST = "PAYEE_ACCOUNT_NOT_EXSIT" "the payee has no such account";
    FUND_PAYER_BALANCE_NOT_ENOUGH = "PAYER_BALANCE_NOT_ENOUGH" "the payer's balance is not enough";
    FUND_BALANCE_IS_NOT_ENOUGH = "BALANCE_IS_NOT_ENOUGH" "the balance is not enough";
    FUND_PAYMENT_INFO_INCONSISTENCY = "PAYMENT_INFO_INCONSISTENCY" "this out_biz_no was used before with other contents";
    FUND_EXCEED_LIMIT_SINGLE_AMOUNT = "EXCEED_LIMIT_SM_AMOUNT" "the amount exceeds the limit for one transfer";
    FUND_EXCEED_LIMIT_DAY_AMOUNT = "EXCEED_LIMIT_DM_AMOUNT" "the limit for one day would be exceeded";
    FUND_EXCEED_LIMIT_MONTH_AMOUNT = "EXCEED_LIMIT_MM_AMOUNT" "the limit for one month would be exceeded";
    FUND_EXCEED_LIMIT_SINGLE_MIN_AMOUNT = "EXCEED_LIMIT_SM_MIN_AMOUNT" "the amount is below the least transfer";
    FUND_PAYER_PAYEE_CANNOT_SAME = "PAYER_PAYEE_CANNOT_SAME" "payer and payee are the same";
    FUND_PERMIT_CHECK_PERM_LIMITED = "PERMIT_CHECK_PERM_LIMITED" "the payer's account may not transfer now";
    FUND_REMARK_HAS_SENSITIVE_WORD = "REMARK_HAS_SENSITIVE_WORD" "the remark is not allowed";
    FUND_REQUEST_PROCESSING = "REQUEST_PROCESSING" "the same transfer is being processed, query it";
    FUND_ORDER_NOT_EXIST = "ORDER_NOT_EXIST" "there is no such transfer";
    BILL_INVALID_ARGUMENTS = "INVAILID_ARGUMENTS" "a parameter is not valid";
    BILL_NOT_EXIST = "BILL_NOT_EXIST" "there is no bill of this day or month, or not yet";
    BILL_DATE_BEFORE_REGISTRATION = "BILL_DATE_BEFORE_REGISTRATION" "the merchant was not registered then";
    BILL_TYPE_NOT_SUPPORTED = "TYPE_NOT_SUPPORTED" "there are no bills of this type";
    FUND_ILLEGAL_ARGUMENT = "ILLEGAL_ARGUMENT" "a parameter is missing or not valid";
    FUND_ACCESS_FORBIDDEN = "ACCESS_FORBIDDEN" "this is not offered";
    FUND_UNIQUE_VIOLATION = "UNIQUE_VIOLATION" "this number was used before with other contents";
    FUND_PAYMENT_AUTH_CODE_INVALID = "PAYMENT_AUTH_CODE_INVALID" "the payment code is unknown, used or expired; scan a new one";
    FUND_MONEY_NOT_ENOUGH = "MONEY_NOT_ENOUGH" "the payer's balance is not enough";
    FUND_UNSUPPORT_ORDER_AMOUNT = "UNSUPPORT_ORDER_AMOUNT" "the amount is beyond what the payer may freeze";
    FUND_CURRENCY_VERIFICATION_FAIL = "CURRENCY_VERIFICATION_FAIL" "the currency is not supported";
    FUND_PAYER_PAYEE_EQUAL = "PAYER_PAYEE_EQUAL" "payer and payee are the same";
    FUND_PAYER_USER_STATUS_LIMIT = "PAYER_USER_STATUS_LIMIT" "the payer's account may not pay now";
    FUND_PAYEE_USER_STATUS_LIMIT = "PAYEE_USER_STATUS_LIMIT" "the payee's account is blocked";
    FUND_FREEZE_ALREADY_SUCCESS = "FREEZE_ALREADY_SUCCESS" "the money is frozen already";
    FUND_ORDER_ALREADY_CLOSED = "ORDER_ALREADY_CLOSED" "the authorization is closed, use a new out_order_no";
    FUND_ORDER_ALREADY_FINISH = "ORDER_ALREADY_FINISH" "the authorization is used up";
    FUND_REQUEST_AMOUNT_EXCEED = "REQUEST_AMOUNT_EXCEED" "the amount exceeds what is frozen";
    FUND_AUTH_ORDER_NOT_EXIST = "AUTH_ORDER_NOT_EXIST" "there is no such authorization";
    TRADE_SETTLE_ERROR = "ACQ.TRADE_SETTLE_ERROR" "the royalties of the trade are not as asked";
    TRADE_SETTLE_NOT_EXIST = "ACQ.TRADE_SETTLE_NOT_EXIST" "there is no such royalty";
    DUP_OUT_REQUEST_NO = "ACQ.DUP_OUT_REQUEST_NO" "this out_request_no was used before with other contents";
    ALLOC_AMOUNT_VALIDATE_ERROR = "ACQ.ALLOC_AMOUNT_VALIDATE_ERROR" "the royalties would exceed what may be passed on or taken back";
    ALLOC_REFUSE_AFTER_REFUND = "ACQ.ALLOC_REFUSE_AFTER_REFUND" "the trade was refunded, nothing of it can be passed on";
    ROYALTY_RECEIVER_INVALID = "ACQ.ROYALTY_RECEIVER_INVALID" "the receiver is not bound";
    ROYALTY_ACCOUNT_NOT_EXIST = "ACQ.ROYALTY_ACCOUNT_NOT_EXIST" "there is no such receiver, or the name does not match";
    ILLEGAL_SETTLE_STATE = "ACQ.ILLEGAL_SETTLE_STATE" "the status of the trade allows no royalty";
    TXN_RESULT_ACCOUNT_BALANCE_NOT_ENOUGH = "ACQ.TXN_RESULT_ACCOUNT_BALANCE_NOT_ENOUGH" "the seller's balance is not enough for the royalty";
    NOT_SUPPORT_ROYALTY = "ACQ.NOT_SUPPORT_ROYALTY" "this kind of royalty is not offered";
    RELATION_QUANTITY_LIMIT = "ACQ.RELATION_QUANTITY_LIMIT" "the merchant has as many receivers as it may have";
    USER_NOT_EXIST = "ACQ.USER_NOT_EXIST" "there is no such receiver, or the name does not match";
    RECEIVER_LIST_EMPTY = "ACQ.RECEIVER_LIST_EMPTY" "receiver_list is empty";
    INVALID_RECEIVER_TYPE = "ACQ.INVALID_RECEIVER_TYPE" "the type of the receiver is not supported";
    REFUNDALLOC_UNAUTH_LIMIT = "ACQ.REFUNDALLOC_UNAUTH_LIMIT" "the receiver does not give royalties back";
    IMAGE_INVALID_PARAM = "INVALID_PARAM" "a parameter is missing or not valid";
    FUND_AUTH_OPERATION_NOT_EXIST = "AUTH_OPERATION_NOT_EXIST" "there is no such operation of the authorization";
}

const ORDERING: &[SubCode] = &[
    SYSTEM_ERROR,
    INVALID_PARAMETER,
    ACCESS_FORBIDDEN,
    EXIST_FORBIDDEN_WORD,
    PARTNER_ERROR,
    TOTAL_FEE_EXCEED,
    CONTEXT_INCONSISTENT,
    TRADE_HAS_SUCCESS,
    TRADE_HAS_CLOSE,
    BUYER_SELLER_EQUAL,
    TRADE_BUYER_NOT_MATCH,
    BUYER_ENABLE_STATUS_FORBID,
    SELLER_BEEN_BLOCKED,
    NOW_TIME_AFTER_EXPIRE_TIME_ERROR,
    BEYOND_PAY_RESTRICTION,
    MERCHANT_PERM_RECEIPT_SUSPEND_LIMIT,
    MERCHANT_PERM_RECEIPT_SINGLE_LIMIT,
    MERCHANT_PERM_RECEIPT_DAY_LIMIT,
];

const PAYING: &[SubCode] = &[
    PAYMENT_AUTH_CODE_INVALID,
    BUYER_BALANCE_NOT_ENOUGH,
    BUYER_PAYMENT_AMOUNT_DAY_LIMIT_ERROR,
    BUYER_PAYMENT_AMOUNT_MONTH_LIMIT_ERROR,
    BUYER_BANKCARD_BALANCE_NOT_ENOUGH,
    ERROR_BALANCE_PAYMENT_DISABLE,
    NO_PAYMENT_INSTRUMENTS_AVAILABLE,
    PULL_MOBILE_CASHIER_FAIL,
    MOBILE_PAYMENT_SWITCH_OFF,
    PAYMENT_FAIL,
    PAYMENT_REQUEST_HAS_RISK,
    AUTH_NO_ERROR,
    AUTH_TOKEN_IS_NOT_EXIST,
    AUTH_AMOUNT_NOT_ENOUGH,
    REQUEST_AMOUNT_EXCEED,
    CURRENCY_NOT_SUPPORT,
    AMOUNT_OR_CURRENCY_ERROR,
];

const QUERYING: &[SubCode] = &[SYSTEM_ERROR, INVALID_PARAMETER, TRADE_NOT_EXIST, ENTERPRISE_PAY_BIZ_ERROR];

const REFUNDING: &[SubCode] = &[
    SYSTEM_ERROR,
    INVALID_PARAMETER,
    ACCESS_FORBIDDEN,
    SELLER_BALANCE_NOT_ENOUGH,
    REFUND_AMT_NOT_EQUAL_TOTAL,
    REASON_TRADE_REFUND_FEE_ERR,
    REFUND_FEE_ERROR,
    DISCORDANT_REPEAT_REQUEST,
    TRADE_NOT_EXIST,
    TRADE_HAS_FINISHED,
    TRADE_HAS_CLOSE,
    TRADE_STATUS_ERROR,
    REASON_TRADE_STATUS_INVALID,
    REASON_TRADE_BEEN_FREEZEN,
    TRADE_NOT_ALLOW_REFUND,
    NOT_ALLOW_PARTIAL_REFUND,
    BUYER_NOT_EXIST,
    BUYER_ERROR,
    BUYER_ENABLE_STATUS_FORBID,
    REFUND_CHARGE_ERROR,
    ALLOC_AMOUNT_VALIDATE_ERROR,
    REFUNDALLOC_UNAUTH_LIMIT,
    TRADE_SETTLE_ERROR,
];

const CANCELLING: &[SubCode] = &[
    SYSTEM_ERROR,
    CANCEL_SYSTEM_ERROR,
    INVALID_PARAMETER,
    SELLER_BALANCE_NOT_ENOUGH,
    REASON_TRADE_BEEN_FREEZEN,
    TRADE_HAS_FINISHED,
    TRADE_CANCEL_TIME_OUT,
    CANCEL_NOT_ALLOWED,
];

const CLOSING: &[SubCode] = &[
    SYSTEM_ERROR,
    INVALID_PARAMETER,
    TRADE_NOT_EXIST,
    TRADE_STATUS_ERROR,
    REASON_TRADE_STATUS_INVALID,
    REASON_ILLEGAL_STATUS,
];

const TRANSFERRING: &[SubCode] = &[
    FUND_SYSTEM_ERROR,
    FUND_INVALID_PARAMETER,
    FUND_PAYEE_NOT_EXIST,
    FUND_PAYEE_ACCOUNT_NOT_EXIST,
    FUND_PAYER_BALANCE_NOT_ENOUGH,
    FUND_BALANCE_IS_NOT_ENOUGH,
    FUND_PAYMENT_INFO_INCONSISTENCY,
    FUND_EXCEED_LIMIT_SINGLE_AMOUNT,
    FUND_EXCEED_LIMIT_DAY_AMOUNT,
    FUND_EXCEED_LIMIT_MONTH_AMOUNT,
    FUND_EXCEED_LIMIT_SINGLE_MIN_AMOUNT,
    FUND_PAYER_PAYEE_CANNOT_SAME,
    FUND_PERMIT_CHECK_PERM_LIMITED,
    FUND_REMARK_HAS_SENSITIVE_WORD,
    FUND_REQUEST_PROCESSING,
];

const TRANSFER_QUERYING: &[SubCode] = &[FUND_SYSTEM_ERROR, FUND_INVALID_PARAMETER, FUND_ORDER_NOT_EXIST];

const BILLING: &[SubCode] =
    &[BILL_INVALID_ARGUMENTS, BILL_NOT_EXIST, BILL_DATE_BEFORE_REGISTRATION, BILL_TYPE_NOT_SUPPORTED];
const FREEZING: &[SubCode] = &[
    FUND_SYSTEM_ERROR,
    FUND_ILLEGAL_ARGUMENT,
    FUND_ACCESS_FORBIDDEN,
    FUND_UNIQUE_VIOLATION,
    FUND_PAYMENT_AUTH_CODE_INVALID,
    FUND_MONEY_NOT_ENOUGH,
    FUND_UNSUPPORT_ORDER_AMOUNT,
    FUND_CURRENCY_VERIFICATION_FAIL,
    FUND_PAYER_PAYEE_EQUAL,
    FUND_PAYER_USER_STATUS_LIMIT,
    FUND_PAYEE_USER_STATUS_LIMIT,
    FUND_PAYEE_NOT_EXIST,
    FUND_FREEZE_ALREADY_SUCCESS,
    FUND_ORDER_ALREADY_CLOSED,
    FUND_ORDER_ALREADY_FINISH,
];

const UNFREEZING: &[SubCode] = &[
    FUND_SYSTEM_ERROR,
    FUND_ILLEGAL_ARGUMENT,
    FUND_UNIQUE_VIOLATION,
    FUND_CURRENCY_VERIFICATION_FAIL,
    FUND_ORDER_ALREADY_CLOSED,
    FUND_ORDER_ALREADY_FINISH,
    FUND_REQUEST_AMOUNT_EXCEED,
    FUND_AUTH_ORDER_NOT_EXIST,
];

const AUTHORISATION_QUERYING: &[SubCode] =
    &[FUND_SYSTEM_ERROR, FUND_ILLEGAL_ARGUMENT, FUND_AUTH_ORDER_NOT_EXIST, FUND_AUTH_OPERATION_NOT_EXIST];

const AUTHORISATION_CANCELLING: &[SubCode] = &[FUND_ORDER_ALREADY_FINISH];

const SETTLING: &[SubCode] = &[
    SYSTEM_ERROR,
    INVALID_PARAMETER,
    TRADE_NOT_EXIST,
    TRADE_SETTLE_ERROR,
    DUP_OUT_REQUEST_NO,
    ALLOC_AMOUNT_VALIDATE_ERROR,
    ALLOC_REFUSE_AFTER_REFUND,
    ROYALTY_RECEIVER_INVALID,
    ROYALTY_ACCOUNT_NOT_EXIST,
    ILLEGAL_SETTLE_STATE,
    TXN_RESULT_ACCOUNT_BALANCE_NOT_ENOUGH,
    NOT_SUPPORT_ROYALTY,
];

const SETTLE_QUERYING: &[SubCode] = &[SYSTEM_ERROR, INVALID_PARAMETER, TRADE_SETTLE_NOT_EXIST];

const RELATING: &[SubCode] = &[
    SYSTEM_ERROR,
    INVALID_PARAMETER,
    RELATION_QUANTITY_LIMIT,
    USER_NOT_EXIST,
    RECEIVER_LIST_EMPTY,
    INVALID_RECEIVER_TYPE,
];

const RELATION_QUERYING: &[SubCode] = &[SYSTEM_ERROR, INVALID_PARAMETER];

const IMAGE_UPLOADING: &[SubCode] = &[FUND_SYSTEM_ERROR, IMAGE_INVALID_PARAM];

/// The methods that have a list, each with the lists that make it up.
const BY_METHOD: &[(&str, &[&[SubCode]])] = &[
    ("alipay.trade.precreate", &[ORDERING]),
    ("alipay.trade.create", &[ORDERING]),
    ("alipay.trade.pay", &[ORDERING, PAYING]),
    ("alipay.trade.page.pay", &[ORDERING]),
    ("alipay.trade.wap.pay", &[ORDERING]),
    ("alipay.trade.app.pay", &[ORDERING]),
    ("alipay.trade.query", &[QUERYING]),
    ("alipay.trade.fastpay.refund.query", &[QUERYING]),
    ("alipay.trade.refund", &[REFUNDING]),
    ("alipay.trade.cancel", &[CANCELLING]),
    ("alipay.trade.close", &[CLOSING]),
    ("alipay.fund.trans.uni.transfer", &[TRANSFERRING]),
    ("alipay.fund.trans.common.query", &[TRANSFER_QUERYING]),
    ("alipay.data.dataservice.bill.downloadurl.query", &[BILLING]),
    ("alipay.fund.auth.order.freeze", &[FREEZING]),
    ("alipay.fund.auth.order.voucher.create", &[FREEZING]),
    ("alipay.fund.auth.order.app.freeze", &[FREEZING]),
    ("alipay.fund.auth.order.unfreeze", &[UNFREEZING]),
    ("alipay.fund.auth.operation.detail.query", &[AUTHORISATION_QUERYING]),
    ("alipay.fund.auth.operation.cancel", &[AUTHORISATION_QUERYING, AUTHORISATION_CANCELLING]),
    ("alipay.offline.material.image.upload", &[IMAGE_UPLOADING]),
    ("alipay.trade.order.settle", &[SETTLING]),
    ("alipay.trade.order.settle.query", &[SETTLE_QUERYING]),
    ("alipay.trade.royalty.relation.bind", &[RELATING]),
    ("alipay.trade.royalty.relation.unbind", &[RELATING]),
    ("alipay.trade.royalty.relation.batchquery", &[RELATION_QUERYING]),
    ("alipay.trade.royalty.rate.query", &[RELATION_QUERYING]),
];

/// The business sub codes that clients of a method know; empty for a method without a list.
pub fn known_to(method: &str) -> impl Iterator<Item = SubCode> {
    BY_METHOD
        .iter()
        .filter(move |(name, _)| *name == method)
        .flat_map(|(_, lists)| lists.iter().copied().flatten().copied())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_differ_everywhere() {
        for (at, entry) in ALL.iter().enumerate() {
            assert!(ALL[..at].iter().all(|earlier| earlier.name != entry.name), "{}", entry.name);
        }
    }

    #[test]
    fn every_code_is_known_to_some_method_and_no_method_lists_one_twice() {
        for entry in ALL {
            assert!(
                BY_METHOD.iter().any(|(method, _)| known_to(method).any(|known| known.name == entry.name)),
                "{}",
                entry.name
            );
        }
        for (method, _) in BY_METHOD {
            let names: Vec<_> = known_to(method).map(|entry| entry.name).collect();
            assert!(!names.is_empty());
            for (at, name) in names.iter().enumerate() {
                assert!(!names[..at].contains(name), "{method} {name}");
            }
        }
    }

    #[test]
    fn trades_prefix_and_funds_do_not() {
        for (method, _) in BY_METHOD {
            for entry in known_to(method) {
                let prefixed = entry.name.starts_with("ACQ.") || entry.name == "AQC.SYSTEM_ERROR";
                assert_eq!(prefixed, method.starts_with("alipay.trade."), "{method} {}", entry.name);
            }
        }
    }

    #[test]
    fn an_unknown_method_has_no_list() {
        assert_eq!(known_to("alipay.trade.unheard.of").count(), 0);
        assert!(known_to("alipay.trade.pay").any(|entry| entry == PAYMENT_AUTH_CODE_INVALID));
        assert!(!known_to("alipay.trade.precreate").any(|entry| entry == PAYMENT_AUTH_CODE_INVALID));
    }
}
