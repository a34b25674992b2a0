//! The operator's own books: accounts, opened and looked at. What moves them by hand needs two people (`proposals`).

use axum::response::Response;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use sycee_books::OPEN_ACCOUNTS;
use sycee_books::command::{AccountsOpened, NewAccount, OpenAccounts};
use sycee_contract::Role;
use sycee_money::Currency;
use sycee_party::StaffRole;

use super::Operation;
use super::proposals::BookAccountKind;
use crate::desk::{Asked, answer, blocking, ok};
use crate::problem::Problem;
use crate::wire::Digits;

const FINANCE: &[StaffRole] = &[StaffRole::Finance];

pub(super) const OPERATIONS: &[Operation] = &[
    Operation::post("open_book_accounts", "/books/accounts", |asked| Box::pin(open_accounts(asked)))
        .says("Opens accounts of the operator's own books; those that are open stay as they are.")
        .asks(OPEN_ACCOUNTS)
        .for_staff(FINANCE)
        .takes::<OpenBody>()
        .gives::<OpenedWire>(),
    Operation::get("list_book_accounts", "/books/accounts", |asked| Box::pin(list_accounts(asked)))
        .says("The accounts of the operator's own books, with what is in them.")
        .for_roles(&[Role::Operator])
        .for_staff(FINANCE)
        .gives::<BookAccounts>(),
];

/// How many accounts one request opens.
const ACCOUNTS_MAX: usize = 100;

/// An account to be opened.
#[derive(Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
struct NewBookAccount {
    kind: BookAccountKind,
    /// ISO 4217 code.
    currency: String,
    /// The number that tells it apart.
    sub: u32,
}

/// Accounts to be opened.
#[derive(Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
struct OpenBody {
    /// Which, 1 to 100.
    #[schemars(length(min = 1, max = 100))]
    accounts: Vec<NewBookAccount>,
}

/// What was opened.
#[derive(Serialize, JsonSchema)]
struct OpenedWire {
    /// How many of them were not open before.
    opened: u32,
}

async fn open_accounts(asked: Asked) -> Result<Response, Problem> {
    let OpenBody { accounts } = asked.body()?;
    if !(1..=ACCOUNTS_MAX).contains(&accounts.len()) {
        return Err(Problem::bad_field("accounts", "are 1 to 100"));
    }
    let account = |NewBookAccount { kind, currency, sub }| {
        let wrong = || Problem::bad_field("currency", "is an ISO 4217 code of three capitals, such as EUR");
        Ok(NewAccount {
            sub,
            kind: BookAccountKind::into(kind),
            currency: Currency::from_code(&currency).ok_or_else(wrong)?,
        })
    };
    let accounts = accounts.into_iter().map(account).collect::<Result<Vec<_>, Problem>>()?;
    let (AccountsOpened { opened }, replayed) = asked.reply(OPEN_ACCOUNTS, &OpenAccounts { accounts }).await?;
    answer(&OpenedWire { opened }, replayed)
}

/// An account of the books.
#[derive(Serialize, JsonSchema)]
struct BookAccountWire {
    kind: BookAccountKind,
    /// ISO 4217 code.
    currency: &'static str,
    /// The number that tells it apart.
    sub: u32,
    /// All that it gave, minor units as digits.
    debits_minor: Digits,
    /// All that it got, minor units as digits.
    credits_minor: Digits,
}

/// The accounts of the books.
#[derive(Serialize, JsonSchema)]
struct BookAccounts {
    accounts: Vec<BookAccountWire>,
}

/// As the trial balance, it reads all accounts of the cell.
async fn list_accounts(asked: Asked) -> Result<Response, Problem> {
    let point = asked.cell.port.begin_read();
    let accounts = blocking(move || point.all_accounts()).await??;
    let of_books = accounts.iter().filter_map(|(id, account)| {
        Some(BookAccountWire {
            kind: BookAccountKind::of(*id)?,
            currency: id.currency()?.code(),
            sub: id.sub(),
            debits_minor: Digits(account.debits_posted_minor),
            credits_minor: Digits(account.credits_posted_minor),
        })
    });
    ok(&BookAccounts { accounts: of_books.collect() })
}
