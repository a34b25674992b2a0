//! Every refusal of every product has its place: a name in each method that can meet it, or a reason why none can.

use std::collections::BTreeSet;

use LedgerRefusal::*;

use super::*;

/// No method of this edge can meet these.
fn nowhere() -> Vec<RefusalCode> {
    let mut codes = vec![
        // The edge asks with commands that exist, as the merchant, without keys; it installs nothing.
        cell::UNKNOWN_COMMAND,
        cell::ROLE_FORBIDDEN,
        cell::BAD_COMMAND_ID,
        cell::KEY_REUSED,
        cell::EFFECT_NOT_OPEN,
        cell::BAD_MARKET,
        // What cells say to each other, and what operators do about it.
        cell::ALREADY_RECEIVED,
        cell::OUT_OF_ORDER,
        cell::MESSAGE_NOT_PARKED,
        cell::STILL_PARKED,
        // What people of the operator's staff agree on.
        cell::TWO_PEOPLE_NEEDED,
        cell::NOT_A_PERSON,
        cell::SAME_PERSON,
        cell::PROPOSAL_UNKNOWN,
        cell::PROPOSAL_ENDED,
        interop::PAYMENT_UNKNOWN,
        interop::PAYMENT_NOT_WAITING,
        interop::WINDOW_UNKNOWN,
        interop::NOTHING_DUE,
        interop::BAD_RATES,
        // Customers ask what a payment to another cell would cost; merchants do not.
        interop::ENQUIRY_UNKNOWN,
        interop::ENQUIRY_NOT_ANSWERED,
        interop::NOT_ABROAD,
        // Programs sign as the merchant itself; its people use the API of our own.
        sycee_party::MEMBER_MAY_NOT,
        sycee_party::MEMBERS_EXHAUSTED,
        sycee_party::LAST_OWNER,
        // Parties are opened and changed by the operator.
        sycee_party::CONTACT_TAKEN,
        sycee_party::PARTIES_EXHAUSTED,
        sycee_party::WRONG_PARTY_KIND,
        sycee_party::STAFF_ROLE_UNFIT,
        sycee_party::STAFF_MAY_NOT,
        // Payment codes are issued to customers, apps by the operator; other merchants' things are not found at all.
        acquiring::PAY_CODE_TAKEN,
        acquiring::OFFLINE_CODES_REFUSED,
        acquiring::APPS_EXHAUSTED,
        acquiring::NOT_YOURS,
        // A customer of another cell who scans a merchant's code meets it.
        acquiring::FREEZE_NOT_ABROAD,
        // Settlement and payouts are the operator's and its bank's.
        acquiring::SETTLEMENT_NOT_OFFERED,
        acquiring::SETTLEMENT_NOT_AGREED,
        acquiring::PAYOUT_NOT_FOUND,
        acquiring::PAYOUT_NOT_UNKNOWN,
        acquiring::ADVANCE_FUNDS_NOT_ENOUGH,
    ];
    // The rules check these themselves before the ledger does: no zero, no pair of equal or differing accounts, no hold.
    let checked_before = [
        AmountZero,
        SameAccount,
        CurrencyMismatch,
        HoldNotFound,
        HoldNotPending,
        PostExceedsHold,
        HoldTimeOver,
        HoldTimeNotOver,
        LinkedSetRefused,
        LinkedSetOpen,
    ];
    codes.extend(checked_before.map(of_ledger));
    codes
}

/// Products whose own commands this edge never asks.
const UNASKED_PRODUCTS: &[&str] = &["wallet", "books"];

/// Refusals of an order being placed.
const OF_PLACING: &[RefusalCode] = &[
    acquiring::STORE_NOT_FOUND,
    acquiring::APP_NOT_FOUND,
    acquiring::TRADE_HAS_SUCCESS,
    acquiring::CONTEXT_INCONSISTENT,
    acquiring::EXPIRY_IN_PAST,
    acquiring::BUYER_SELLER_EQUAL,
    acquiring::BUYER_NOT_MATCH,
    acquiring::BUYER_NOT_FOUND,
];
/// Refusals of a customer's code and purse.
const OF_PAYING: &[RefusalCode] =
    &[acquiring::AUTH_CODE_INVALID, acquiring::BUYER_BALANCE_NOT_ENOUGH, acquiring::OFFLINE_LIMIT];
/// Refusals of a refund.
const OF_REFUNDING: &[RefusalCode] = &[
    acquiring::TRADE_HAS_FINISHED,
    acquiring::REFUND_AMOUNT_EXCEEDS,
    acquiring::REFUND_NEEDS_REQUEST_NO,
    acquiring::DISCORDANT_REPEAT,
];
/// Refusals of an order that is there already and is to be changed.
const OF_CHANGING: &[RefusalCode] = &[acquiring::TRADE_NOT_EXIST, acquiring::TRADE_STATUS_ERROR];
/// Refusals of a merchant's transfer.
const OF_TRANSFERS: &[RefusalCode] = &[acquiring::PAYEE_NOT_FOUND, acquiring::TRANSFER_INCONSISTENT];
const OF_CANCELLING: &[RefusalCode] = &[acquiring::CANCEL_TIME_OUT];
/// Refusals of a request to freeze money, by its numbers.
const OF_FREEZING: &[RefusalCode] = &[acquiring::AUTHORISATION_INCONSISTENT];
/// The customer has confirmed a code before.
const OF_FREEZE_CODES: &[RefusalCode] = &[acquiring::FREEZE_HAS_SUCCESS];
const CLOSED_FREEZE: &[RefusalCode] = &[acquiring::AUTHORISATION_CLOSED];
/// Refusals of what is done with frozen money.
const OF_FROZEN_MONEY: &[RefusalCode] = &[
    acquiring::AUTHORISATION_NOT_FOUND,
    acquiring::AUTHORISATION_FINISHED,
    acquiring::AUTHORISATION_NOT_FROZEN,
    acquiring::AUTHORISATION_AMOUNT_EXCEEDS,
];
/// Refusals of whom money is passed on to.
const OF_RECEIVERS: &[RefusalCode] = &[acquiring::ROYALTY_RECEIVER_NOT_FOUND];
const OF_BINDING: &[RefusalCode] = &[acquiring::ROYALTY_RECEIVERS_TOO_MANY];
/// Refusals of passing on a part of a trade.
const OF_ROYALTIES: &[RefusalCode] = &[
    acquiring::ROYALTY_RECEIVER_NOT_BOUND,
    acquiring::ROYALTY_EXCEEDS,
    acquiring::ROYALTY_INCONSISTENT,
    acquiring::ROYALTY_FINISHED,
];
/// Refusals of taking it back with a refund.
const OF_TAKING_BACK: &[RefusalCode] =
    &[acquiring::ROYALTY_RETURN_EXCEEDS, acquiring::ROYALTY_NOT_RETURNABLE, acquiring::ROYALTY_RETURN_NOT_ENOUGH];
/// Refusals of an order that say that it is there, or what it names is not.
const OF_ORDERS: &[RefusalCode] = &[
    acquiring::STORE_NOT_FOUND,
    acquiring::TRADE_HAS_SUCCESS,
    acquiring::CONTEXT_INCONSISTENT,
    acquiring::EXPIRY_IN_PAST,
    acquiring::BUYER_NOT_MATCH,
    acquiring::BUYER_NOT_FOUND,
];
/// The merchant's balance is too small.
const OF_THE_SELLER: &[RefusalCode] = &[acquiring::SELLER_BALANCE_NOT_ENOUGH];
const MERCHANT: &[RefusalCode] = &[acquiring::MERCHANT_NOT_FOUND];
const CLOSED: &[RefusalCode] = &[acquiring::TRADE_HAS_CLOSED];
const CURRENCY: &[RefusalCode] = &[acquiring::CURRENCY_NOT_SUPPORTED];
/// Guards stand before new movements only; obligations (refund, cancel, close) pass them.
const OF_GUARDS: &[RefusalCode] = &[
    sycee_party::PARTY_FROZEN,
    sycee_party::TRANSACTION_LIMIT,
    sycee_party::DAY_LIMIT,
    sycee_party::MONTH_LIMIT,
    sycee_party::YEAR_LIMIT,
    sycee_party::LIFETIME_LIMIT,
    sycee_party::BALANCE_LIMIT,
    sycee_party::TIER_UNKNOWN,
    sycee_party::PARTY_NOT_FOUND,
];
/// Refusals of whatever goes to another cell.
const OF_CROSSING: &[RefusalCode] = &[
    cell::LINK_NOT_OPEN,
    cell::LINK_BACKLOG,
    interop::NOT_A_NETWORK,
    interop::CELL_UNKNOWN,
    interop::CELL_SUSPENDED,
    interop::RATE_UNKNOWN,
    interop::RATE_STALE,
    interop::PARTICIPANT_CAP,
    interop::AMOUNT_TOO_SMALL,
];
/// Refusals of a quote; money that is sent has none before it goes.
const OF_QUOTES: &[RefusalCode] =
    &[interop::QUOTE_UNKNOWN, interop::QUOTE_EXPIRED, interop::QUOTE_MISMATCH, interop::PAYMENT_CANCELLED];
/// Where money moves.
fn of_moving() -> Vec<RefusalCode> {
    let mut codes = vec![cell::ACCOUNT_NOT_OPEN];
    codes.extend([TotalOverflow, DebitLimit, CreditLimit].map(of_ledger));
    codes
}
const OUT_OF_RANGE: &[RefusalCode] = &[cell::AMOUNT_OUT_OF_RANGE];

/// What methods that freeze money cannot meet, beside [`nowhere`]; of others nothing.
fn not_met_freezing(method: &str) -> Vec<RefusalCode> {
    let moving = of_moving();
    let ledger = [TotalOverflow, DebitLimit, CreditLimit].map(of_ledger);
    let groups: &[&[RefusalCode]] = match method {
        "alipay.fund.auth.order.freeze" => &[
            OF_ORDERS,
            OF_REFUNDING,
            OF_CHANGING,
            OF_TRANSFERS,
            OF_CANCELLING,
            OF_THE_SELLER,
            CLOSED,
            OF_FROZEN_MONEY,
            OF_FREEZE_CODES,
        ],
        "alipay.fund.auth.order.voucher.create" | "alipay.fund.auth.order.app.freeze" => &[
            OF_ORDERS,
            &[acquiring::BUYER_SELLER_EQUAL],
            OF_PAYING,
            OF_REFUNDING,
            OF_CHANGING,
            OF_TRANSFERS,
            OF_CANCELLING,
            OF_THE_SELLER,
            OF_GUARDS,
            CLOSED,
            OF_FROZEN_MONEY,
            &moving,
            OUT_OF_RANGE,
        ],
        "alipay.fund.auth.order.unfreeze" => &[
            OF_PLACING,
            OF_PAYING,
            OF_REFUNDING,
            OF_CHANGING,
            OF_TRANSFERS,
            OF_CANCELLING,
            OF_THE_SELLER,
            OF_GUARDS,
            MERCHANT,
            CLOSED,
            OF_FREEZE_CODES,
        ],
        "alipay.fund.auth.operation.cancel" => &[
            OF_PLACING,
            OF_PAYING,
            OF_REFUNDING,
            OF_CHANGING,
            OF_TRANSFERS,
            OF_CANCELLING,
            OF_THE_SELLER,
            OF_GUARDS,
            MERCHANT,
            CLOSED,
            CURRENCY,
            OF_FREEZE_CODES,
            OF_FREEZING,
            CLOSED_FREEZE,
            &[acquiring::AUTHORISATION_NOT_FROZEN, acquiring::AUTHORISATION_AMOUNT_EXCEEDS],
            &ledger,
        ],
        _ => &[],
    };
    groups.iter().copied().flatten().copied().collect()
}

/// What each method cannot meet, beside [`nowhere`].
fn not_met(method: &str) -> Vec<RefusalCode> {
    let (moving, not_met_freezing) = (of_moving(), not_met_freezing(method));
    let groups: &[&[RefusalCode]] = match method {
        "alipay.trade.precreate"
        | "alipay.trade.create"
        | "alipay.trade.page.pay"
        | "alipay.trade.wap.pay"
        | "alipay.trade.app.pay" => {
            &[OF_PAYING, OF_REFUNDING, OF_CHANGING, OF_TRANSFERS, OF_CANCELLING, OF_THE_SELLER, OF_GUARDS, &moving]
        }
        "alipay.trade.pay" => &[OF_REFUNDING, OF_CHANGING, OF_TRANSFERS, OF_CANCELLING, OF_THE_SELLER],
        "alipay.trade.refund" => &[OF_PLACING, OF_PAYING, OF_TRANSFERS, OF_CANCELLING, OF_GUARDS, MERCHANT],
        "alipay.trade.cancel" => {
            &[OF_PLACING, OF_PAYING, OF_REFUNDING, OF_CHANGING, OF_TRANSFERS, OF_GUARDS, MERCHANT, CLOSED, CURRENCY]
        }
        "alipay.trade.close" => &[
            OF_PLACING,
            OF_PAYING,
            OF_REFUNDING,
            OF_TRANSFERS,
            OF_CANCELLING,
            OF_THE_SELLER,
            OF_GUARDS,
            MERCHANT,
            CLOSED,
            CURRENCY,
            &moving,
            OUT_OF_RANGE,
        ],
        "alipay.fund.trans.uni.transfer" => {
            &[OF_PLACING, OF_PAYING, OF_REFUNDING, OF_CHANGING, OF_CANCELLING, OF_QUOTES, CLOSED]
        }
        freezing if freezing.starts_with("alipay.fund.auth.") => &[&not_met_freezing],
        "alipay.trade.order.settle" => &[
            OF_PLACING,
            OF_PAYING,
            OF_TRANSFERS,
            OF_CANCELLING,
            CURRENCY,
            &[acquiring::REFUND_AMOUNT_EXCEEDS, acquiring::REFUND_NEEDS_REQUEST_NO, acquiring::DISCORDANT_REPEAT],
        ],
        "alipay.trade.royalty.relation.bind" | "alipay.trade.royalty.relation.unbind" => &[
            OF_PLACING,
            OF_PAYING,
            OF_REFUNDING,
            OF_CHANGING,
            OF_TRANSFERS,
            OF_CANCELLING,
            OF_THE_SELLER,
            OF_GUARDS,
            CLOSED,
            CURRENCY,
            &moving,
            OUT_OF_RANGE,
        ],
        other => panic!("{other} has no list"),
    };
    // Refunds of what came from another cell are passed on by the cell, and orders are made here.
    let crosses = matches!(method, "alipay.trade.pay" | "alipay.fund.trans.uni.transfer");
    let more: &[&[RefusalCode]] = if crosses { &[] } else { &[OF_CROSSING, OF_QUOTES] };
    let freezes: &[&[RefusalCode]] = match method {
        "alipay.trade.pay" => &[OF_FREEZING, OF_FREEZE_CODES],
        other if other.starts_with("alipay.fund.auth.") => &[],
        _ => &[OF_FREEZING, OF_FREEZE_CODES, CLOSED_FREEZE, OF_FROZEN_MONEY],
    };
    let royalties: &[&[RefusalCode]] = match method {
        "alipay.trade.refund" => &[OF_RECEIVERS, OF_BINDING, OF_ROYALTIES],
        "alipay.trade.order.settle" => &[OF_BINDING, OF_TAKING_BACK],
        "alipay.trade.royalty.relation.bind" => &[OF_ROYALTIES, OF_TAKING_BACK],
        _ => &[OF_RECEIVERS, OF_BINDING, OF_ROYALTIES, OF_TAKING_BACK],
    };
    groups.iter().chain(more).chain(freezes).chain(royalties).copied().flatten().copied().collect()
}

#[test]
fn every_refusal_is_named_by_each_method_that_can_meet_it() {
    let products = sycee_registry::products();
    let mut all = BTreeSet::new();
    for product in products.iter().map(|product| product.descriptor()) {
        if !UNASKED_PRODUCTS.contains(&product.name) {
            all.extend(product.refusals.iter().map(|refusal| refusal.code));
        }
    }
    assert!(all.len() > 40, "the registry lists {} refusals", all.len());
    let nowhere = nowhere();
    for (method, tables) in BY_METHOD {
        let not_met = not_met(method);
        for code in &all {
            let name = products.refusal(*code).unwrap().name;
            let excluded = nowhere.contains(code) || not_met.contains(code);
            assert_eq!(named(method, *code).is_some(), !excluded, "{method} {name}");
        }
        for (code, _) in tables.iter().copied().flatten() {
            assert!(products.refusal(*code).is_some(), "{method} names refusal {code}, which nobody gives");
        }
    }
}

#[test]
fn names_come_from_the_methods_own_list() {
    for (method, tables) in BY_METHOD {
        for (code, name) in tables.iter().copied().flatten() {
            // The platform's orders know one currency, so the lists of its orders have no name for another.
            let is_known = business::known_to(method).any(|known| known == *name);
            assert!(is_known || *name == business::CURRENCY_NOT_SUPPORT, "{method} {code} {}", name.name);
        }
    }
}

#[test]
fn refusals_read_as_documented() {
    let table = [
        ("alipay.trade.pay", acquiring::AUTH_CODE_INVALID, "ACQ.PAYMENT_AUTH_CODE_INVALID"),
        ("alipay.trade.pay", acquiring::BUYER_BALANCE_NOT_ENOUGH, "ACQ.BUYER_BALANCE_NOT_ENOUGH"),
        ("alipay.trade.pay", interop::RATE_STALE, "ACQ.SYSTEM_ERROR"),
        ("alipay.trade.pay", interop::CELL_SUSPENDED, "ACQ.PAYMENT_FAIL"),
        ("alipay.trade.pay", sycee_party::YEAR_LIMIT, "ACQ.BUYER_PAYMENT_AMOUNT_MONTH_LIMIT_ERROR"),
        ("alipay.fund.trans.uni.transfer", interop::CELL_UNKNOWN, "PAYEE_NOT_EXIST"),
        ("alipay.trade.pay", acquiring::CONTEXT_INCONSISTENT, "ACQ.CONTEXT_INCONSISTENT"),
        ("alipay.trade.create", acquiring::TRADE_HAS_CLOSED, "ACQ.TRADE_HAS_CLOSE"),
        ("alipay.trade.precreate", acquiring::TRADE_HAS_SUCCESS, "ACQ.TRADE_HAS_SUCCESS"),
        ("alipay.trade.precreate", cell::AMOUNT_OUT_OF_RANGE, "ACQ.TOTAL_FEE_EXCEED"),
        ("alipay.trade.refund", acquiring::DISCORDANT_REPEAT, "ACQ.DISCORDANT_REPEAT_REQUEST"),
        ("alipay.trade.refund", acquiring::REFUND_AMOUNT_EXCEEDS, "ACQ.REASON_TRADE_REFUND_FEE_ERR"),
        ("alipay.trade.cancel", cell::QUARANTINED, "AQC.SYSTEM_ERROR"),
        ("alipay.trade.cancel", acquiring::CANCEL_TIME_OUT, "ACQ.TRADE_CANCEL_TIME_OUT"),
        ("alipay.trade.close", acquiring::TRADE_STATUS_ERROR, "ACQ.TRADE_STATUS_ERROR"),
        ("alipay.trade.order.settle", acquiring::ROYALTY_RECEIVER_NOT_BOUND, "ACQ.ROYALTY_RECEIVER_INVALID"),
        ("alipay.trade.order.settle", acquiring::ROYALTY_EXCEEDS, "ACQ.ALLOC_AMOUNT_VALIDATE_ERROR"),
        ("alipay.trade.refund", acquiring::ROYALTY_NOT_RETURNABLE, "ACQ.REFUNDALLOC_UNAUTH_LIMIT"),
        ("alipay.trade.royalty.relation.bind", acquiring::ROYALTY_RECEIVER_NOT_FOUND, "ACQ.USER_NOT_EXIST"),
        ("alipay.fund.trans.uni.transfer", acquiring::SELLER_BALANCE_NOT_ENOUGH, "PAYER_BALANCE_NOT_ENOUGH"),
        ("alipay.fund.trans.uni.transfer", acquiring::TRANSFER_INCONSISTENT, "PAYMENT_INFO_INCONSISTENCY"),
        ("alipay.trade.pay", acquiring::AUTHORISATION_AMOUNT_EXCEEDS, "ACQ.AUTH_AMOUNT_NOT_ENOUGH"),
        ("alipay.trade.pay", acquiring::AUTHORISATION_CLOSED, "ACQ.AUTH_NO_ERROR"),
        ("alipay.fund.auth.order.freeze", acquiring::AUTHORISATION_INCONSISTENT, "UNIQUE_VIOLATION"),
        ("alipay.fund.auth.order.freeze", acquiring::BUYER_BALANCE_NOT_ENOUGH, "MONEY_NOT_ENOUGH"),
        ("alipay.fund.auth.order.voucher.create", acquiring::FREEZE_HAS_SUCCESS, "FREEZE_ALREADY_SUCCESS"),
        ("alipay.fund.auth.order.unfreeze", acquiring::AUTHORISATION_AMOUNT_EXCEEDS, "REQUEST_AMOUNT_EXCEED"),
        ("alipay.fund.auth.operation.cancel", acquiring::AUTHORISATION_FINISHED, "ORDER_ALREADY_FINISH"),
        ("alipay.trade.query", acquiring::TRADE_NOT_EXIST, "isp.unknow-error"),
        ("alipay.trade.pay", 0xffff, "isp.unknow-error"),
    ];
    for (method, code, expected) in table {
        assert_eq!(failure(method, &Refusal::new(code, "why")).sub_code.name, expected, "{method} {code}");
    }
    let failure = failure("alipay.trade.refund", &Refusal::new(acquiring::REFUND_AMOUNT_EXCEEDS, "5.00 EUR is left"));
    assert!(failure.message.ends_with(": 5.00 EUR is left"), "{}", failure.message);
}

#[test]
fn a_merchant_does_not_learn_a_customers_limits_or_an_operators_debts() {
    for code in [
        sycee_party::DAY_LIMIT,
        sycee_party::MONTH_LIMIT,
        sycee_party::TRANSACTION_LIMIT,
        sycee_party::PARTY_FROZEN,
        interop::PARTICIPANT_CAP,
    ] {
        let refusal = Refusal::new(code, "limit 15.00 EUR a day, 10.00 EUR used, party 2088070000000001");
        let told = failure("alipay.trade.pay", &refusal).message;
        assert!(!told.contains(char::is_numeric), "{code}: {told}");
    }
}
