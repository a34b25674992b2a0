//! The table of contents: commands, refusals, accounts, tables, invariants.

use sycee_contract::{
    CommandCode, CommandDescriptor, Descriptor, InvariantDescriptor, Nature, Role, Table, TableDescriptor,
};

use crate::refusal::REFUSALS;
use crate::{
    ADVANCE_FUNDS, ADVANCE_FUNDS_LENT, FEE_INCOME, FEE_RECEIVABLE, MERCHANT_BALANCE, MERCHANT_OWES, MERCHANT_RESERVE,
    NUMBER, PAYOUT_IN_TRANSIT, authorisation, payout, record, royalty, settlement,
};

type Fields = &'static [(u16, &'static str)];

const fn command(number: u8, name: &'static str, roles: &'static [Role], nature: Nature) -> CommandDescriptor {
    CommandDescriptor { number, name, roles, nature, fingerprint: &[], binding_refusals: &[] }
}

const fn keyed(number: u8, name: &'static str, roles: &'static [Role], fingerprint: Fields) -> CommandDescriptor {
    // No refusal binds a key: each of them can pass, and a repeat decides anew.
    CommandDescriptor { number, name, roles, nature: Nature::Request, fingerprint, binding_refusals: &[] }
}

/// A command's number within the product.
const fn of(code: CommandCode) -> u8 {
    let [_, number] = code.to_be_bytes();
    number
}

const COMMANDS: &[CommandDescriptor] = &{
    use Nature::{Obligation, Request};
    const OPERATOR: &[Role] = &[Role::Operator];
    const MERCHANT: &[Role] = &[Role::Merchant];
    const EITHER: &[Role] = &[Role::Operator, Role::Merchant];
    const CUSTOMER: &[Role] = &[Role::Customer];
    const SYSTEM: &[Role] = &[Role::System];
    [
        keyed(1, "onboard_merchant", OPERATOR, &[(0, "name"), (1, "mcc"), (2, "fee_bps")]),
        keyed(2, "add_store", EITHER, &[(0, "merchant")]),
        keyed(3, "add_terminal", EITHER, &[(0, "store")]),
        keyed(4, "register_app", EITHER, &[(0, "merchant"), (1, "public_key"), (2, "notify_url")]),
        command(5, "set_app_key", EITHER, Request),
        command(6, "precreate", MERCHANT, Request),
        command(7, "create", MERCHANT, Request),
        command(8, "page_pay", MERCHANT, Request),
        command(9, "pay_by_code", MERCHANT, Request),
        command(10, "scan_order", CUSTOMER, Request),
        command(11, "pay_order", CUSTOMER, Request),
        keyed(12, "pay_static", CUSTOMER, &[(0, "merchant"), (1, "store"), (2, "total"), (3, "reference")]),
        command(13, "cancel", MERCHANT, Obligation),
        command(14, "close", MERCHANT, Obligation),
        command(15, "refund", MERCHANT, Obligation),
        command(16, "expire_order", SYSTEM, Obligation),
        command(17, "issue_pay_code", CUSTOMER, Request),
        command(18, "drop_pay_code", SYSTEM, Obligation),
        command(19, "merchant_transfer", MERCHANT, Request),
        CommandDescriptor {
            nature: Obligation,
            ..keyed(20, "settle_fees", OPERATOR, &[(0, "merchant"), (1, "currency"), (2, "at_most")])
        },
        command(21, "issue_offline_codes", CUSTOMER, Request),
        command(22, "freeze_by_code", MERCHANT, Request),
        command(23, "issue_freeze_code", MERCHANT, Request),
        command(24, "confirm_freeze", CUSTOMER, Request),
        command(25, "release_freeze", MERCHANT, Obligation),
        command(26, "cancel_freeze", MERCHANT, Obligation),
        command(27, "expire_freeze", SYSTEM, Obligation),
        command(28, "pay_from_freeze", MERCHANT, Request),
        command(29, "app_pay", MERCHANT, Request),
        command(30, "bind_royalty_receivers", MERCHANT, Request),
        command(31, "unbind_royalty_receivers", MERCHANT, Request),
        command(32, "pay_royalty", MERCHANT, Request),
        command(33, "refund_with_royalties", MERCHANT, Obligation),
        keyed(
            of(settlement::SET_SETTLEMENT_TERMS),
            "set_settlement_terms",
            OPERATOR,
            &[
                (0, "merchant"),
                (1, "schedule"),
                (2, "weekday"),
                (3, "minimum_payout"),
                (4, "reserve_bps"),
                (5, "reserve_days"),
                (6, "negative_limit"),
                (7, "fee_bps"),
            ],
        ),
        keyed(of(settlement::SET_BANK_ACCOUNT), "set_bank_account", OPERATOR, &[(0, "merchant"), (1, "bank_account")]),
        command(of(settlement::SETTLE_MERCHANT), "settle_merchant", &[Role::System, Role::Operator], Obligation),
        command(of(settlement::SETTLEMENT_DUE), "settlement_due", SYSTEM, Obligation),
        keyed(
            of(settlement::MOVE_ADVANCE_FUNDS),
            "move_advance_funds",
            OPERATOR,
            &[(0, "money"), (1, "is_withdrawal"), (2, "bank_reference")],
        ),
        command(of(payout::PAYOUT_RESULT), "payout_result", SYSTEM, Obligation),
        command(of(payout::RESOLVE_PAYOUT), "resolve_payout", OPERATOR, Obligation),
    ]
};

const fn table(table: Table, name: &'static str, meaning: &'static str) -> TableDescriptor {
    TableDescriptor { table, name, meaning }
}

const TABLES: &[TableDescriptor] = &[
    table(record::MERCHANT, "merchant", "a merchant; key: party number"),
    table(record::STORE, "store", "a store; key: its id"),
    table(record::TERMINAL, "terminal", "a terminal; key: its id"),
    table(record::APP, "app", "an app and its public keys; key: app id"),
    table(record::APP_COUNTER, "app_counter", "how many apps there are; one row"),
    table(record::PAY_CODE, "pay_code", "a living payment code; key: keyed digest of its digits"),
    table(record::ORDER, "order", "an order with its payment; key: its id"),
    table(record::ORDER_INDEX, "order_index", "an order's id; key: merchant, the merchant's number"),
    table(record::REFUND, "refund", "a refund; key: order, the merchant's number"),
    table(record::MERCHANT_TRANSFER, "merchant_transfer", "a transfer; key: merchant, the merchant's number"),
    table(record::MERCHANT_TRANSFER_INDEX, "merchant_transfer_index", "a transfer's key; key: its id"),
    table(record::FEE_SETTLEMENT, "fee_settlement", "fees settled so far; key: merchant, currency"),
    table(
        record::CANCELLED_NUMBER,
        "cancelled_number",
        "a number cancelled before its order; key: merchant, the merchant's number",
    ),
    table(record::OFFLINE_BATCH, "offline_batch", "codes that a customer may show offline; key: party number"),
    table(authorisation::AUTHORISATION, "authorisation", "money frozen for a merchant; key: its id"),
    table(
        authorisation::AUTHORISATION_INDEX,
        "authorisation_index",
        "an authorisation's id; key: merchant, the merchant's number",
    ),
    table(
        authorisation::AUTHORISATION_OPERATION,
        "authorisation_operation",
        "a freeze or release that a merchant asked for; key: its id",
    ),
    table(
        authorisation::AUTHORISATION_OPERATION_INDEX,
        "authorisation_operation_index",
        "such an operation's id; key: merchant, the merchant's number",
    ),
    table(record::MERCHANT_ENTRY, "merchant_entry", "what moved a merchant's money; key: merchant, market's day, id"),
    table(royalty::ROYALTY_RECEIVERS, "royalty_receivers", "whom a merchant may pass money on to; key: merchant"),
    table(royalty::ROYALTY, "royalty", "money passed on of a trade; key: merchant, the merchant's number"),
    table(royalty::ROYALTY_INDEX, "royalty_index", "a royalty's key; key: its id"),
    table(royalty::ROYALTY_TOTAL, "royalty_total", "what was passed on of a trade, by receiver; key: order"),
    table(royalty::ROYALTY_RETURN, "royalty_return", "what a refund took back; key: order, the refund's number"),
    table(settlement::SETTLEMENT, "settlement", "a merchant's business date; key: merchant, currency, date"),
    table(
        settlement::SETTLEMENT_ACCOUNT,
        "settlement_account",
        "what settlements have come to; key: merchant, currency",
    ),
    table(settlement::SETTLEMENT_ROSTER, "settlement_roster", "who is settled; key: place in the list"),
    table(settlement::SETTLEMENT_CLOCK, "settlement_clock", "when settlements are made next; one row"),
    table(settlement::MERCHANT_TERMS, "merchant_terms", "what was agreed with a merchant; key: party number"),
    table(settlement::MERCHANT_RESERVE, "merchant_reserve", "what is held back; key: merchant, currency"),
    table(payout::PAYOUT, "payout", "money on its way to a merchant's bank; key: its id"),
    table(record::MERCHANT_APPS, "merchant_apps", "the ids of a merchant's apps; key: party number"),
];

const fn invariant(name: &'static str, meaning: &'static str) -> InvariantDescriptor {
    InvariantDescriptor { name, meaning }
}

pub(crate) static DESCRIPTOR: Descriptor = Descriptor {
    number: NUMBER,
    name: "acquiring",
    commands: COMMANDS,
    refusals: REFUSALS,
    accounts: &[
        MERCHANT_BALANCE,
        FEE_RECEIVABLE,
        FEE_INCOME,
        MERCHANT_RESERVE,
        PAYOUT_IN_TRANSIT,
        MERCHANT_OWES,
        ADVANCE_FUNDS,
        ADVANCE_FUNDS_LENT,
    ],
    tables: TABLES,
    invariants: &[
        invariant(
            "merchant_balance_matches_orders",
            "a balance is what orders, royalties and advances brought, less refunds, transfers, royalties, fees, payouts, reserve",
        ),
        invariant(
            "fee_receivable_matches_orders",
            "a merchant's accrued fees are the fees of its orders, less those returned and taken",
        ),
        invariant(
            "order_amounts_add_up",
            "payer amount and discounts are the price; refunds and returned fees never exceed what there was",
        ),
        invariant("refunds_match_orders", "the refunds of each order are what the order says was refunded"),
        invariant("order_index_matches", "each number names its order, and each order but generated ones is named"),
        invariant("open_orders_have_timers", "each open order has a timer that will close it, and no other has one"),
        invariant("pay_codes_have_timers", "each living payment code has a timer that will drop it"),
        invariant(
            "merchant_apps_match",
            "each app is in the list of its merchant, once, and each that is listed is there",
        ),
        invariant("transfer_index_matches", "each transfer is found by its id, and each id leads to a transfer"),
        invariant(
            "merchant_entries_match",
            "each payment, refund, finished transfer and fee settlement has an entry that says the same, and balances follow",
        ),
        invariant(
            "royalties_add_up",
            "what each receiver got of a trade and gave back is what the merchant's requests and refunds say",
        ),
        invariant("royalty_index_matches", "each royalty is found by its id, and each id leads to a royalty"),
        invariant(
            "authorisations_match_holds",
            "what an authorisation says is held is its pending hold, and nothing else is held for merchants",
        ),
        invariant(
            "authorisation_amounts_add_up",
            "what was frozen is what was paid, released and is held; the payments are those of its orders",
        ),
        invariant("authorisation_index_matches", "each number names its authorisation or operation, and each is named"),
        invariant("open_authorisations_have_timers", "each open authorisation has a timer that will end it"),
        invariant(
            "settlements_add_up",
            "a settlement's entries are what it says, each begins where the one before ended, and the last ends at the balance",
        ),
        invariant(
            "payouts_match_transit",
            "what is in transit is the open payouts, and each settlement has its payout",
        ),
        invariant("reserves_match_tranches", "what is held back is what its parts say, and the next release is known"),
        invariant(
            "advances_match_advance_funds",
            "what a merchant owes is what was advanced and not paid back, and all of that is the operator's money lent",
        ),
        invariant(
            "settlement_list_is_whole",
            "each settled merchant has a place in the list, and the next cut-off a timer",
        ),
    ],
};
