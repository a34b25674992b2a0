//! What merchants ask beside orders: transfers to customers, stores, terminals, the code that hangs in the shop.

use std::borrow::Cow;

use axum::response::Response;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use sycee_acquiring::command::{ADD_STORE, ADD_TERMINAL, AddStore, AddTerminal, MERCHANT_TRANSFER, TransferToCustomer};
use sycee_acquiring::record::{Merchant, MerchantTransfer, Store, TransferState};
use sycee_acquiring::reply::{StoreReply, TerminalReply, TransferReply};
use sycee_acquiring::transfer_no;
use sycee_codes::own::{Label, OwnCode};
use sycee_contract::Role;
use sycee_engine::vault::Handle;
use sycee_interop::command::SEND_MONEY;
use sycee_party::{MemberRole, Party};

use super::Operation;
use crate::abroad;
use crate::desk::{Asked, answer, ok};
use crate::problem::Problem;
use crate::wire::{Digits, Instant, MoneyWire, party_number};

const MERCHANT: &[Role] = &[Role::Merchant];

pub(super) const OPERATIONS: &[Operation] = &[
    Operation::post("transfer_to_customer", "/merchant-transfers", |asked| Box::pin(transfer(asked)))
        .says("Sends money from the merchant's balance to a customer, of another cell too: then at the rate of the moment.")
        .asks(MERCHANT_TRANSFER)
        .also_asks(&[SEND_MONEY])
        .takes::<TransferBody>()
        .gives::<TransferWire<'_>>(),
    Operation::get("show_transfer", "/merchant-transfers/{out_biz_no}", |asked| Box::pin(show_transfer(asked)))
        .says("A transfer by the merchant's own number.")
        .for_roles(MERCHANT)
        .for_members(MemberRole::Manager)
        .gives::<TransferWire<'_>>(),
    Operation::post("add_store", "/stores", |asked| Box::pin(add_store(asked)))
        .says("Adds a store to the merchant.")
        .asks(ADD_STORE)
        .for_roles(MERCHANT)
        .gives::<StoreWire>(),
    Operation::post("add_terminal", "/terminals", |asked| Box::pin(add_terminal(asked)))
        .says("Adds a terminal to a store of the merchant's.")
        .asks(ADD_TERMINAL)
        .for_roles(MERCHANT)
        .takes::<TerminalBody>()
        .gives::<TerminalWire>(),
    Operation::get("show_shop_code", "/shop-code", |asked| Box::pin(show_shop_code(asked)))
        .says("The code that hangs in a store of the merchant's: customers read it and say the amount themselves.")
        .for_roles(MERCHANT)
        .queries::<CodeQuery>()
        .for_members(MemberRole::Cashier)
        .gives::<ShopCode>(),
];

/// A transfer that is wanted.
#[derive(Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
struct TransferBody {
    /// The merchant's number of it, 1 to 64 printable ASCII characters; unique for the merchant.
    out_biz_no: String,
    /// The customer's party number.
    payee: String,
    money: MoneyWire,
    /// What it is for, up to 256 characters.
    title: Option<String>,
}

/// How a transfer stands.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub(super) enum TransferStateWire {
    /// The money is in the payee's wallet.
    Done,
    /// The money is held; it is on its way to a wallet of another cell.
    UnderWay,
    /// The other cell refused; the money is in the merchant's balance.
    Failed,
}

impl TransferStateWire {
    /// As the wire writes it.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Done => "done",
            Self::UnderWay => "under_way",
            Self::Failed => "failed",
        }
    }
}

/// A transfer that was made.
#[derive(Serialize, JsonSchema)]
pub(super) struct TransferWire<'a> {
    /// Our number of it: 28 digits.
    pub transfer_no: String,
    pub out_biz_no: Cow<'a, str>,
    pub payee: Digits,
    /// What left the merchant's balance, or was to leave it. To another cell, what the payee gets is that at the rate of the moment.
    pub money: MoneyWire,
    pub state: TransferStateWire,
    pub at: Instant,
    /// Why the other cell refused: the code of the problem. Only in the answer to the transfer itself and to asking for one.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub refusal: Option<&'static str>,
    /// Whether it was made before; nothing was changed now.
    pub repeated: bool,
}

/// A transfer as the wire has it.
pub(super) fn transfer_of(
    cell: u16,
    transfer: MerchantTransfer,
    repeated: bool,
    refusal: Option<&'static str>,
) -> TransferWire<'static> {
    TransferWire {
        transfer_no: transfer_no(&transfer, cell),
        payee: Digits(transfer.payee),
        money: MoneyWire(transfer.money),
        state: match transfer.state {
            TransferState::Done => TransferStateWire::Done,
            TransferState::UnderWay => TransferStateWire::UnderWay,
            TransferState::Failed => TransferStateWire::Failed,
        },
        at: Instant(transfer.at_ns),
        out_biz_no: Cow::Owned(transfer.out_biz_no),
        refusal,
        repeated,
    }
}

async fn transfer(asked: Asked) -> Result<Response, Problem> {
    let TransferBody { out_biz_no, payee, money, title } = asked.body()?;
    let payee = party_number(&payee).ok_or_else(|| Problem::bad_field("payee", "has 16 digits, 2088 first"))?;
    let body = TransferToCustomer { out_biz_no, payee, money: money.0, title };
    let is_abroad = sycee_party::cell_of(payee) != Some(asked.cell.number);
    let code = if is_abroad { SEND_MONEY } else { MERCHANT_TRANSFER };
    let (TransferReply { mut transfer, repeated }, _) = asked.reply(code, &body).await?;
    if transfer.state == TransferState::UnderWay {
        let key = MerchantTransfer::key(asked.caller.party, &transfer.out_biz_no);
        let has_ended = |row: Option<MerchantTransfer>| row.filter(|row| row.state != TransferState::UnderWay);
        if let Some(ended) = asked.wait(&key, has_ended).await? {
            transfer = ended;
        }
    }
    let refusal = refusal_of(&asked, &transfer)?;
    ok(&transfer_of(asked.cell.number, transfer, repeated, refusal))
}

/// Why a transfer to another cell has failed.
fn refusal_of(asked: &Asked, transfer: &MerchantTransfer) -> Result<Option<&'static str>, Problem> {
    if transfer.state != TransferState::Failed {
        return Ok(None);
    }
    let payment = abroad::payment_of_transfer(&asked.cell, transfer)?;
    Ok(payment.and_then(|payment| abroad::refusal_name(&asked.desk.world.products, &payment)))
}

async fn show_transfer(asked: Asked) -> Result<Response, Problem> {
    let number = asked.path("out_biz_no");
    let key = (number.len() <= 64).then(|| MerchantTransfer::key(asked.caller.party, number));
    let transfer: Option<MerchantTransfer> = key.map(|key| asked.cell.port.get(&key)).transpose()?.flatten();
    let transfer = transfer.ok_or_else(|| Problem::not_found("the merchant has no transfer of this number"))?;
    let refusal = refusal_of(&asked, &transfer)?;
    ok(&transfer_of(asked.cell.number, transfer, true, refusal))
}

/// A store.
#[derive(Serialize, JsonSchema)]
struct StoreWire {
    store: Digits,
}

async fn add_store(asked: Asked) -> Result<Response, Problem> {
    let body = AddStore { merchant: asked.caller.party };
    let (StoreReply { store }, replayed) = asked.reply(ADD_STORE, &body).await?;
    answer(&StoreWire { store: Digits(store) }, replayed)
}

/// A terminal that is wanted.
#[derive(Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
struct TerminalBody {
    /// Where it stands: a store of the merchant's.
    store: Digits,
}

/// A terminal.
#[derive(Serialize, JsonSchema)]
struct TerminalWire {
    terminal: Digits,
}

async fn add_terminal(asked: Asked) -> Result<Response, Problem> {
    let TerminalBody { store: Digits(store) } = asked.body()?;
    let (TerminalReply { terminal }, replayed) = asked.reply(ADD_TERMINAL, &AddTerminal { store }).await?;
    answer(&TerminalWire { terminal: Digits(terminal) }, replayed)
}

/// Whose code.
#[derive(Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
struct CodeQuery {
    /// A store of the merchant's; the first one if none is named.
    store: Option<Digits>,
}

/// A code to be printed.
#[derive(Serialize, JsonSchema)]
struct ShopCode {
    store: Digits,
    /// The text of the QR code: EMVCo merchant-presented.
    code: String,
}

async fn show_shop_code(asked: Asked) -> Result<Response, Problem> {
    let CodeQuery { store } = asked.query()?;
    let none = || Problem::not_found("the merchant has no such store");
    let merchant: Merchant = asked.cell.port.get(&Merchant::key(asked.caller.party))?.ok_or_else(none)?;
    let store = store.map_or(merchant.default_store, |Digits(store)| store);
    let row: Option<Store> = asked.cell.port.get(&Store::key(store))?;
    row.filter(|row| row.merchant == merchant.party).ok_or_else(none)?;
    let (market, person) = (asked.cell.market()?, asked.cell.port.get::<Party>(&Party::key(merchant.party))?);
    let person = person.map(|party| asked.cell.vault.person(Handle(party.person))).transpose()?.flatten();
    let label = Label {
        template: u8::try_from(market.mpm_template).unwrap_or(u8::MAX),
        guid: &market.mpm_guid,
        merchant_category_code: &merchant.mcc,
        currency_numeric: &format!("{:03}", market.currency.numeric()),
        amount: None,
        country: &market.market,
        name: &person.map_or_else(String::new, |person| person.name),
        city: &asked.cell.name,
    };
    let own = OwnCode::Merchant { merchant: merchant.party, store: Some(store) };
    let code = own.encode(&label).map_err(|error| Problem::internal("the market's codes cannot be written", &error))?;
    ok(&ShopCode { store: Digits(store), code })
}
