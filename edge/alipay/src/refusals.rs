//! What each refusal of the engine is called at this edge (law 8): one table per method.
//!
//! Where a method meets a refusal that has no name in its own list, the nearest name of the list stands; what is the operator's
//! affair (no market pack, a quarantined command) is the method's "system error", which says: try again. A refusal that a
//! table does not have is `isp.unknow-error`, which says: ask before you repeat. The tests show that there is none.

use sycee_acquiring::refusal as acquiring;
use sycee_contract::{Refusal, RefusalCode, cell};
use sycee_interop::refusal as interop;
use sycee_ledger::LedgerRefusal;

use crate::codes::{SubCode, business, gateway};
use crate::wire::failure::Failure;

/// A refusal and its name here.
type Named = (RefusalCode, SubCode);

const fn of_ledger(refusal: LedgerRefusal) -> RefusalCode {
    cell::LEDGER_REFUSAL_BASE + refusal.number()
}

/// The operator's affair, for methods on trades.
const SYSTEM: &[Named] = &[
    (cell::NO_MARKET, business::SYSTEM_ERROR),
    (cell::QUARANTINED, business::SYSTEM_ERROR),
    (cell::BAD_BODY, business::INVALID_PARAMETER),
];

/// The operator's affair where money moves.
const MOVING: &[Named] = &[
    (cell::ACCOUNT_NOT_OPEN, business::SYSTEM_ERROR),
    (cell::AMOUNT_OUT_OF_RANGE, business::SYSTEM_ERROR),
    (of_ledger(LedgerRefusal::TotalOverflow), business::SYSTEM_ERROR),
    (of_ledger(LedgerRefusal::CreditLimit), business::SYSTEM_ERROR),
];

const ORDERING: &[Named] = &[
    (cell::AMOUNT_OUT_OF_RANGE, business::TOTAL_FEE_EXCEED),
    (acquiring::MERCHANT_NOT_FOUND, business::PARTNER_ERROR),
    (acquiring::STORE_NOT_FOUND, business::INVALID_PARAMETER),
    (acquiring::APP_NOT_FOUND, business::PARTNER_ERROR),
    (acquiring::TRADE_HAS_SUCCESS, business::TRADE_HAS_SUCCESS),
    (acquiring::TRADE_HAS_CLOSED, business::TRADE_HAS_CLOSE),
    (acquiring::CONTEXT_INCONSISTENT, business::CONTEXT_INCONSISTENT),
    (acquiring::EXPIRY_IN_PAST, business::NOW_TIME_AFTER_EXPIRE_TIME_ERROR),
    (acquiring::BUYER_SELLER_EQUAL, business::BUYER_SELLER_EQUAL),
    (acquiring::BUYER_NOT_MATCH, business::TRADE_BUYER_NOT_MATCH),
    (acquiring::BUYER_NOT_FOUND, business::INVALID_PARAMETER),
    (acquiring::CURRENCY_NOT_SUPPORTED, business::CURRENCY_NOT_SUPPORT),
];

const PAYING: &[Named] = &[
    (acquiring::AUTH_CODE_INVALID, business::PAYMENT_AUTH_CODE_INVALID),
    (acquiring::BUYER_BALANCE_NOT_ENOUGH, business::BUYER_BALANCE_NOT_ENOUGH),
    (acquiring::OFFLINE_LIMIT, business::TOTAL_FEE_EXCEED),
    (of_ledger(LedgerRefusal::DebitLimit), business::BUYER_BALANCE_NOT_ENOUGH),
    (sycee_party::PARTY_FROZEN, business::BUYER_ENABLE_STATUS_FORBID),
    (sycee_party::TRANSACTION_LIMIT, business::TOTAL_FEE_EXCEED),
    (sycee_party::DAY_LIMIT, business::BUYER_PAYMENT_AMOUNT_DAY_LIMIT_ERROR),
    (sycee_party::MONTH_LIMIT, business::BUYER_PAYMENT_AMOUNT_MONTH_LIMIT_ERROR),
    // The list has no name for longer spans.
    (sycee_party::YEAR_LIMIT, business::BUYER_PAYMENT_AMOUNT_MONTH_LIMIT_ERROR),
    (sycee_party::LIFETIME_LIMIT, business::BUYER_PAYMENT_AMOUNT_MONTH_LIMIT_ERROR),
    // Only a customer's balance is limited, and a customer is never paid here; a discount's giver could be one day.
    (sycee_party::BALANCE_LIMIT, business::PAYMENT_FAIL),
    (sycee_party::TIER_UNKNOWN, business::SYSTEM_ERROR),
    (sycee_party::PARTY_NOT_FOUND, business::SYSTEM_ERROR),
];

/// A payment code of another cell's wallet. Nothing is paid, and the number is free again: what will be better in a while is the
/// list's "try again".
const COLLECTING: &[Named] = &[
    (cell::LINK_NOT_OPEN, business::SYSTEM_ERROR),
    (cell::LINK_BACKLOG, business::SYSTEM_ERROR),
    (interop::NOT_A_NETWORK, business::SYSTEM_ERROR),
    (interop::CELL_UNKNOWN, business::PAYMENT_AUTH_CODE_INVALID),
    (interop::CELL_SUSPENDED, business::PAYMENT_FAIL),
    (interop::RATE_UNKNOWN, business::SYSTEM_ERROR),
    (interop::RATE_STALE, business::SYSTEM_ERROR),
    (interop::QUOTE_UNKNOWN, business::SYSTEM_ERROR),
    (interop::QUOTE_EXPIRED, business::SYSTEM_ERROR),
    (interop::QUOTE_MISMATCH, business::SYSTEM_ERROR),
    (interop::PAYMENT_CANCELLED, business::PAYMENT_FAIL),
    (interop::PARTICIPANT_CAP, business::SYSTEM_ERROR),
    (interop::AMOUNT_TOO_SMALL, business::AMOUNT_OR_CURRENCY_ERROR),
];

/// A payment out of money that was frozen.
const DRAWING: &[Named] = &[
    (acquiring::AUTHORISATION_NOT_FOUND, business::AUTH_NO_ERROR),
    (acquiring::AUTHORISATION_CLOSED, business::AUTH_NO_ERROR),
    (acquiring::AUTHORISATION_FINISHED, business::AUTH_NO_ERROR),
    (acquiring::AUTHORISATION_NOT_FROZEN, business::AUTH_NO_ERROR),
    (acquiring::AUTHORISATION_AMOUNT_EXCEEDS, business::AUTH_AMOUNT_NOT_ENOUGH),
];

const REFUNDING: &[Named] = &[
    (acquiring::TRADE_NOT_EXIST, business::TRADE_NOT_EXIST),
    (acquiring::TRADE_HAS_CLOSED, business::TRADE_HAS_CLOSE),
    (acquiring::TRADE_HAS_FINISHED, business::TRADE_HAS_FINISHED),
    (acquiring::TRADE_STATUS_ERROR, business::TRADE_STATUS_ERROR),
    (acquiring::SELLER_BALANCE_NOT_ENOUGH, business::SELLER_BALANCE_NOT_ENOUGH),
    (of_ledger(LedgerRefusal::DebitLimit), business::SELLER_BALANCE_NOT_ENOUGH),
    (acquiring::REFUND_AMOUNT_EXCEEDS, business::REASON_TRADE_REFUND_FEE_ERR),
    (acquiring::REFUND_NEEDS_REQUEST_NO, business::REFUND_AMT_NOT_EQUAL_TOTAL),
    (acquiring::DISCORDANT_REPEAT, business::DISCORDANT_REPEAT_REQUEST),
    (acquiring::CURRENCY_NOT_SUPPORTED, business::INVALID_PARAMETER),
];

/// This method's list has a "system error" with a spelling of its own.
const CANCELLING: &[Named] = &[
    (cell::NO_MARKET, business::CANCEL_SYSTEM_ERROR),
    (cell::QUARANTINED, business::CANCEL_SYSTEM_ERROR),
    (cell::BAD_BODY, business::INVALID_PARAMETER),
    (cell::ACCOUNT_NOT_OPEN, business::CANCEL_SYSTEM_ERROR),
    (cell::AMOUNT_OUT_OF_RANGE, business::CANCEL_SYSTEM_ERROR),
    (of_ledger(LedgerRefusal::TotalOverflow), business::CANCEL_SYSTEM_ERROR),
    (of_ledger(LedgerRefusal::CreditLimit), business::CANCEL_SYSTEM_ERROR),
    (of_ledger(LedgerRefusal::DebitLimit), business::SELLER_BALANCE_NOT_ENOUGH),
    (acquiring::SELLER_BALANCE_NOT_ENOUGH, business::SELLER_BALANCE_NOT_ENOUGH),
    (acquiring::CANCEL_TIME_OUT, business::TRADE_CANCEL_TIME_OUT),
];

const CLOSING: &[Named] = &[
    (acquiring::TRADE_NOT_EXIST, business::TRADE_NOT_EXIST),
    (acquiring::TRADE_STATUS_ERROR, business::TRADE_STATUS_ERROR),
];

const TRANSFERRING: &[Named] = &[
    (cell::NO_MARKET, business::FUND_SYSTEM_ERROR),
    (cell::QUARANTINED, business::FUND_SYSTEM_ERROR),
    (cell::BAD_BODY, business::FUND_INVALID_PARAMETER),
    (cell::ACCOUNT_NOT_OPEN, business::FUND_SYSTEM_ERROR),
    (cell::AMOUNT_OUT_OF_RANGE, business::FUND_SYSTEM_ERROR),
    (of_ledger(LedgerRefusal::TotalOverflow), business::FUND_SYSTEM_ERROR),
    (of_ledger(LedgerRefusal::CreditLimit), business::FUND_PERMIT_CHECK_PERM_LIMITED),
    (of_ledger(LedgerRefusal::DebitLimit), business::FUND_PAYER_BALANCE_NOT_ENOUGH),
    (acquiring::MERCHANT_NOT_FOUND, business::FUND_PERMIT_CHECK_PERM_LIMITED),
    (acquiring::SELLER_BALANCE_NOT_ENOUGH, business::FUND_PAYER_BALANCE_NOT_ENOUGH),
    (acquiring::CURRENCY_NOT_SUPPORTED, business::FUND_INVALID_PARAMETER),
    (acquiring::PAYEE_NOT_FOUND, business::FUND_PAYEE_NOT_EXIST),
    (acquiring::TRANSFER_INCONSISTENT, business::FUND_PAYMENT_INFO_INCONSISTENCY),
    // The payee's too: the list has no name for a payee who may not take it, and the detail says which of the two it is.
    (sycee_party::PARTY_FROZEN, business::FUND_PERMIT_CHECK_PERM_LIMITED),
    (sycee_party::BALANCE_LIMIT, business::FUND_PERMIT_CHECK_PERM_LIMITED),
    // Limits on what leaves are a customer's; a merchant has none yet.
    (sycee_party::TRANSACTION_LIMIT, business::FUND_EXCEED_LIMIT_SINGLE_AMOUNT),
    (sycee_party::DAY_LIMIT, business::FUND_EXCEED_LIMIT_DAY_AMOUNT),
    (sycee_party::MONTH_LIMIT, business::FUND_EXCEED_LIMIT_MONTH_AMOUNT),
    (sycee_party::YEAR_LIMIT, business::FUND_EXCEED_LIMIT_MONTH_AMOUNT),
    (sycee_party::LIFETIME_LIMIT, business::FUND_EXCEED_LIMIT_MONTH_AMOUNT),
    (sycee_party::TIER_UNKNOWN, business::FUND_SYSTEM_ERROR),
    (sycee_party::PARTY_NOT_FOUND, business::FUND_PAYEE_NOT_EXIST),
];

/// A transfer to another cell's wallet.
const SENDING: &[Named] = &[
    (cell::LINK_NOT_OPEN, business::FUND_SYSTEM_ERROR),
    (cell::LINK_BACKLOG, business::FUND_SYSTEM_ERROR),
    (interop::NOT_A_NETWORK, business::FUND_SYSTEM_ERROR),
    (interop::CELL_UNKNOWN, business::FUND_PAYEE_NOT_EXIST),
    (interop::CELL_SUSPENDED, business::FUND_PERMIT_CHECK_PERM_LIMITED),
    (interop::RATE_UNKNOWN, business::FUND_SYSTEM_ERROR),
    (interop::RATE_STALE, business::FUND_SYSTEM_ERROR),
    (interop::PARTICIPANT_CAP, business::FUND_SYSTEM_ERROR),
    (interop::AMOUNT_TOO_SMALL, business::FUND_EXCEED_LIMIT_SINGLE_MIN_AMOUNT),
];

/// A refund that takes back what was passed on.
const TAKING_BACK: &[Named] = &[
    (acquiring::ROYALTY_RETURN_EXCEEDS, business::ALLOC_AMOUNT_VALIDATE_ERROR),
    (acquiring::ROYALTY_NOT_RETURNABLE, business::REFUNDALLOC_UNAUTH_LIMIT),
    (acquiring::ROYALTY_RETURN_NOT_ENOUGH, business::TRADE_SETTLE_ERROR),
];

const PASSING_ON: &[Named] = &[
    (acquiring::MERCHANT_NOT_FOUND, business::TRADE_SETTLE_ERROR),
    (acquiring::TRADE_NOT_EXIST, business::TRADE_NOT_EXIST),
    (acquiring::TRADE_STATUS_ERROR, business::ILLEGAL_SETTLE_STATE),
    (acquiring::TRADE_HAS_CLOSED, business::ALLOC_REFUSE_AFTER_REFUND),
    (acquiring::TRADE_HAS_FINISHED, business::ILLEGAL_SETTLE_STATE),
    (acquiring::SELLER_BALANCE_NOT_ENOUGH, business::TXN_RESULT_ACCOUNT_BALANCE_NOT_ENOUGH),
    (of_ledger(LedgerRefusal::DebitLimit), business::TXN_RESULT_ACCOUNT_BALANCE_NOT_ENOUGH),
    (acquiring::ROYALTY_RECEIVER_NOT_FOUND, business::ROYALTY_ACCOUNT_NOT_EXIST),
    (acquiring::ROYALTY_RECEIVER_NOT_BOUND, business::ROYALTY_RECEIVER_INVALID),
    (acquiring::ROYALTY_EXCEEDS, business::ALLOC_AMOUNT_VALIDATE_ERROR),
    (acquiring::ROYALTY_INCONSISTENT, business::DUP_OUT_REQUEST_NO),
    (acquiring::ROYALTY_FINISHED, business::ILLEGAL_SETTLE_STATE),
    // The receiver's or the seller's: the list has no names for those who may not take or give.
    (sycee_party::PARTY_FROZEN, business::TRADE_SETTLE_ERROR),
    (sycee_party::BALANCE_LIMIT, business::TRADE_SETTLE_ERROR),
    (sycee_party::TRANSACTION_LIMIT, business::TRADE_SETTLE_ERROR),
    (sycee_party::DAY_LIMIT, business::TRADE_SETTLE_ERROR),
    (sycee_party::MONTH_LIMIT, business::TRADE_SETTLE_ERROR),
    (sycee_party::YEAR_LIMIT, business::TRADE_SETTLE_ERROR),
    (sycee_party::LIFETIME_LIMIT, business::TRADE_SETTLE_ERROR),
    (sycee_party::TIER_UNKNOWN, business::SYSTEM_ERROR),
    (sycee_party::PARTY_NOT_FOUND, business::ROYALTY_ACCOUNT_NOT_EXIST),
];

const RELATING: &[Named] = &[
    (acquiring::MERCHANT_NOT_FOUND, business::SYSTEM_ERROR),
    (acquiring::ROYALTY_RECEIVER_NOT_FOUND, business::USER_NOT_EXIST),
    (acquiring::ROYALTY_RECEIVERS_TOO_MANY, business::RELATION_QUANTITY_LIMIT),
];

const UNRELATING: &[Named] = &[(acquiring::MERCHANT_NOT_FOUND, business::SYSTEM_ERROR)];

/// The operator's affair, for methods on frozen money.
const AUTHORISING: &[Named] = &[
    (cell::NO_MARKET, business::FUND_SYSTEM_ERROR),
    (cell::QUARANTINED, business::FUND_SYSTEM_ERROR),
    (cell::BAD_BODY, business::FUND_ILLEGAL_ARGUMENT),
];

const FREEZING: &[Named] = &[
    (acquiring::MERCHANT_NOT_FOUND, business::FUND_PAYEE_NOT_EXIST),
    (acquiring::APP_NOT_FOUND, business::FUND_ACCESS_FORBIDDEN),
    (acquiring::CURRENCY_NOT_SUPPORTED, business::FUND_CURRENCY_VERIFICATION_FAIL),
    (acquiring::AUTHORISATION_INCONSISTENT, business::FUND_UNIQUE_VIOLATION),
    (acquiring::AUTHORISATION_CLOSED, business::FUND_ORDER_ALREADY_CLOSED),
];

const FREEZING_BY_CODE: &[Named] = &[
    (cell::ACCOUNT_NOT_OPEN, business::FUND_SYSTEM_ERROR),
    (cell::AMOUNT_OUT_OF_RANGE, business::FUND_SYSTEM_ERROR),
    (of_ledger(LedgerRefusal::TotalOverflow), business::FUND_SYSTEM_ERROR),
    (of_ledger(LedgerRefusal::CreditLimit), business::FUND_SYSTEM_ERROR),
    (of_ledger(LedgerRefusal::DebitLimit), business::FUND_MONEY_NOT_ENOUGH),
    (acquiring::AUTH_CODE_INVALID, business::FUND_PAYMENT_AUTH_CODE_INVALID),
    (acquiring::OFFLINE_LIMIT, business::FUND_UNSUPPORT_ORDER_AMOUNT),
    (acquiring::BUYER_BALANCE_NOT_ENOUGH, business::FUND_MONEY_NOT_ENOUGH),
    (acquiring::BUYER_SELLER_EQUAL, business::FUND_PAYER_PAYEE_EQUAL),
    (sycee_party::PARTY_FROZEN, business::FUND_PAYER_USER_STATUS_LIMIT),
    (sycee_party::TRANSACTION_LIMIT, business::FUND_UNSUPPORT_ORDER_AMOUNT),
    (sycee_party::DAY_LIMIT, business::FUND_UNSUPPORT_ORDER_AMOUNT),
    (sycee_party::MONTH_LIMIT, business::FUND_UNSUPPORT_ORDER_AMOUNT),
    (sycee_party::YEAR_LIMIT, business::FUND_UNSUPPORT_ORDER_AMOUNT),
    (sycee_party::LIFETIME_LIMIT, business::FUND_UNSUPPORT_ORDER_AMOUNT),
    (sycee_party::BALANCE_LIMIT, business::FUND_UNSUPPORT_ORDER_AMOUNT),
    (sycee_party::TIER_UNKNOWN, business::FUND_SYSTEM_ERROR),
    (sycee_party::PARTY_NOT_FOUND, business::FUND_SYSTEM_ERROR),
];

const ISSUING_FREEZE_CODES: &[Named] = &[(acquiring::FREEZE_HAS_SUCCESS, business::FUND_FREEZE_ALREADY_SUCCESS)];

const UNFREEZING: &[Named] = &[
    (cell::ACCOUNT_NOT_OPEN, business::FUND_SYSTEM_ERROR),
    (cell::AMOUNT_OUT_OF_RANGE, business::FUND_SYSTEM_ERROR),
    (of_ledger(LedgerRefusal::TotalOverflow), business::FUND_SYSTEM_ERROR),
    (of_ledger(LedgerRefusal::CreditLimit), business::FUND_SYSTEM_ERROR),
    (of_ledger(LedgerRefusal::DebitLimit), business::FUND_SYSTEM_ERROR),
    (acquiring::AUTHORISATION_NOT_FOUND, business::FUND_AUTH_ORDER_NOT_EXIST),
    (acquiring::AUTHORISATION_CLOSED, business::FUND_ORDER_ALREADY_CLOSED),
    (acquiring::AUTHORISATION_FINISHED, business::FUND_ORDER_ALREADY_FINISH),
    (acquiring::AUTHORISATION_NOT_FROZEN, business::FUND_AUTH_ORDER_NOT_EXIST),
    (acquiring::AUTHORISATION_AMOUNT_EXCEEDS, business::FUND_REQUEST_AMOUNT_EXCEED),
    (acquiring::AUTHORISATION_INCONSISTENT, business::FUND_UNIQUE_VIOLATION),
    (acquiring::CURRENCY_NOT_SUPPORTED, business::FUND_CURRENCY_VERIFICATION_FAIL),
];

const CANCELLING_FREEZES: &[Named] = &[
    (cell::ACCOUNT_NOT_OPEN, business::FUND_SYSTEM_ERROR),
    (cell::AMOUNT_OUT_OF_RANGE, business::FUND_SYSTEM_ERROR),
    (acquiring::AUTHORISATION_NOT_FOUND, business::FUND_AUTH_ORDER_NOT_EXIST),
    (acquiring::AUTHORISATION_FINISHED, business::FUND_ORDER_ALREADY_FINISH),
];

/// The methods that ask the engine; the queries read durable state and meet no refusal.
const BY_METHOD: &[(&str, &[&[Named]])] = &[
    ("alipay.trade.precreate", &[SYSTEM, ORDERING]),
    ("alipay.trade.create", &[SYSTEM, ORDERING]),
    ("alipay.trade.page.pay", &[SYSTEM, ORDERING]),
    ("alipay.trade.wap.pay", &[SYSTEM, ORDERING]),
    ("alipay.trade.app.pay", &[SYSTEM, ORDERING]),
    ("alipay.trade.pay", &[SYSTEM, ORDERING, PAYING, MOVING, COLLECTING, DRAWING]),
    ("alipay.trade.refund", &[SYSTEM, REFUNDING, TAKING_BACK, MOVING]),
    ("alipay.trade.order.settle", &[SYSTEM, PASSING_ON, MOVING]),
    ("alipay.trade.royalty.relation.bind", &[SYSTEM, RELATING]),
    ("alipay.trade.royalty.relation.unbind", &[SYSTEM, UNRELATING]),
    ("alipay.trade.cancel", &[CANCELLING]),
    ("alipay.trade.close", &[SYSTEM, CLOSING]),
    ("alipay.fund.trans.uni.transfer", &[TRANSFERRING, SENDING]),
    ("alipay.fund.auth.order.freeze", &[AUTHORISING, FREEZING, FREEZING_BY_CODE]),
    ("alipay.fund.auth.order.voucher.create", &[AUTHORISING, FREEZING, ISSUING_FREEZE_CODES]),
    ("alipay.fund.auth.order.app.freeze", &[AUTHORISING, FREEZING, ISSUING_FREEZE_CODES]),
    ("alipay.fund.auth.order.unfreeze", &[AUTHORISING, UNFREEZING]),
    ("alipay.fund.auth.operation.cancel", &[AUTHORISING, CANCELLING_FREEZES]),
];

/// Products whose refusals have details that are not for merchants.
const CONFIDENTIAL: [u8; 2] = [sycee_party::NUMBER, sycee_interop::NUMBER];

/// The name of a refusal in the list of a method; the first table that has it decides.
#[must_use]
pub fn named(method: &str, code: RefusalCode) -> Option<SubCode> {
    let (_, tables) = BY_METHOD.iter().find(|(name, _)| *name == method)?;
    tables.iter().copied().flatten().find(|(refusal, _)| *refusal == code).map(|(_, name)| *name)
}

/// The failure for a refusal, with what exactly was wrong; but what a person's limits are, how much of them is used and who is
/// frozen is no merchant's business, and neither is what operators owe the network.
#[must_use]
pub fn failure(method: &str, refusal: &Refusal) -> Failure {
    match named(method, refusal.code) {
        Some(name) if CONFIDENTIAL.contains(&refusal.code.to_be_bytes()[0]) => Failure::new(name),
        Some(name) => Failure::with_detail(name, &refusal.detail),
        None => Failure::new(gateway::UNKNOWN_ERROR),
    }
}

#[cfg(test)]
#[path = "refusals_tests.rs"]
mod tests;
