//! Who visits a page: first anybody, then a customer who has signed in for one purpose.
//!
//! The browser has one cookie, `HttpOnly`, `SameSite=Strict` and good below one path only. Before signing in it is a number by
//! chance, afterwards the token of a session of a quarter of an hour that is good for this order, or this authorisation, alone.
//! Every form carries a seal over the cookie and what the form does: a page of another site knows neither.

use std::sync::Arc;

use axum::http::header::{COOKIE, HOST, ORIGIN};
use axum::http::{HeaderMap, HeaderValue};
use sycee_contract::MarketRole;
use sycee_engine::CellHandle;
use sycee_engine::vault::{Applicant, Handle, NewToken, TokenKind, Verdict, judge, random};
use sycee_party::{ContactOwner, Party, PartyKind, cell_of};

use super::form::Form;
use crate::methods::phone_bytes;
use crate::state::{Alipay, sixteen_digits, unreadable};
use crate::wire::failure::Failure;

const COOKIE_NAME: &str = "sycee_page";
/// How long a page's session lasts, seconds: long enough to find the phone, short enough for a browser that is shared.
const SESSION_SECONDS: u64 = 900;
/// The longest cookie that is read, bytes.
const COOKIE_MAX_BYTES: usize = 128;
/// Bytes of a seal.
const SEAL_BYTES: usize = 16;

/// A browser, by its cookie.
#[derive(Clone, PartialEq, Eq, Debug)]
pub(crate) struct Browser(String);

impl Browser {
    /// The browser of a request; `None` if it has no cookie, or two.
    pub fn of(headers: &HeaderMap) -> Option<Self> {
        let texts = headers.get_all(COOKIE).iter().filter_map(|value| value.to_str().ok());
        let pairs = texts.flat_map(|text| text.split(';')).filter_map(|pair| pair.trim().split_once('='));
        let mut own = pairs.filter(|(name, _)| *name == COOKIE_NAME).map(|(_, value)| value);
        let found = own.next().filter(|value| (1..=COOKIE_MAX_BYTES).contains(&value.len()))?;
        own.next().is_none().then(|| Self(found.to_owned()))
    }

    /// A browser that has no cookie yet.
    ///
    /// # Errors
    /// When there is no randomness.
    pub fn new() -> Result<Self, Failure> {
        let bytes: [u8; 16] = random().map_err(unreadable)?;
        Ok(Self(format!("n{:032x}", u128::from_be_bytes(bytes))))
    }

    /// The header that gives the browser its cookie, good below `path`.
    pub fn cookie(&self, path: &str, base_url: &str) -> Option<HeaderValue> {
        let secure = if base_url.starts_with("https://") { "; Secure" } else { "" };
        let text = &self.0;
        let line =
            format!("{COOKIE_NAME}={text}; Path={path}; Max-Age={SESSION_SECONDS}; HttpOnly; SameSite=Strict{secure}");
        HeaderValue::from_str(&line).ok()
    }

    /// What a form of this browser carries that does `purpose`; `cell` is any cell, the same for making and checking.
    pub fn seal(&self, cell: &CellHandle, purpose: &str) -> String {
        let digest = cell.vault.digest("page-form", format!("{}\n{purpose}", self.0).as_bytes());
        digest.iter().take(SEAL_BYTES).map(|byte| format!("{byte:02x}")).collect()
    }

    /// Whether a form is of this browser and does `purpose`.
    pub fn has_sealed(&self, cell: &CellHandle, purpose: &str, form: &Form) -> bool {
        // Compared as whole digests: the time it takes says nothing about the seal itself.
        let whole = |text: &str| cell.vault.digest("compare", text.as_bytes());
        form.get("seal").is_some_and(|seal| whole(seal) == whole(&self.seal(cell, purpose)))
    }
}

/// Whether a browser that says where a form comes from says that it is from here. What it does not say is left to the seal:
/// `Origin` is `null` because these pages send no referrer (Fetch Standard, section 3.1).
pub(crate) fn is_from_elsewhere(headers: &HeaderMap, base_url: &str) -> bool {
    let text = |name: &str| headers.get(name).and_then(|value| value.to_str().ok());
    if text("sec-fetch-site").is_some_and(|site| site != "same-origin") {
        return true;
    }
    let Some(origin) = text(ORIGIN.as_str()).filter(|origin| *origin != "null") else { return false };
    let authority = origin.split_once("://").map(|(_, authority)| authority);
    origin != base_url.trim_end_matches('/') && (authority.is_none() || authority != text(HOST.as_str()))
}

/// A customer who has signed in.
pub(crate) struct Visitor {
    /// The customer's own cell.
    pub cell: Arc<CellHandle>,
    /// The customer's number.
    pub customer: u64,
    /// The customer's name; the number if the vault has none.
    pub name: String,
}

/// What became of signing in.
pub(crate) enum SignedIn {
    /// The browser with its new cookie.
    As(Browser),
    /// Number and PIN do not belong together.
    Wrong,
    /// The next attempt is judged after so many seconds.
    Wait(u64),
}

impl Visitor {
    /// The customer who has signed in for this purpose in this browser.
    ///
    /// # Errors
    /// When a cell cannot be read.
    pub fn of(alipay: &Alipay, browser: &Browser, purpose: &str) -> Result<Option<Self>, Failure> {
        let number = browser.0.strip_prefix('t').and_then(|rest| rest.get(..2)?.parse().ok());
        let Some(cell) = number.and_then(|number| alipay.world.numbered(number)) else { return Ok(None) };
        let token = cell.vault.token(&browser.0, alipay.world.clock.now_ns()).map_err(unreadable)?;
        let token = token.filter(|token| token.kind == TokenKind::Page && token.label.as_deref() == Some(purpose));
        let Some(token) = token else { return Ok(None) };
        let Some(party) = cell.port.get::<Party>(&Party::key(token.party)).map_err(unreadable)? else {
            return Ok(None);
        };
        let person = cell.vault.person(Handle(party.person)).map_err(unreadable)?;
        let name = person.map_or_else(|| party.number.to_string(), |person| person.name);
        Ok(Some(Self { cell: Arc::clone(cell), customer: party.number, name }))
    }

    /// Ends the session.
    pub fn leave(&self, browser: &Browser) {
        if let Err(error) = self.cell.vault.take_token(&browser.0, u64::MAX) {
            tracing::error!("a page's session is not ended and goes on until its time is over: {error}");
        }
    }
}

/// Signs in for one purpose with what a form says: `login`, `pin`, and in `wallet` the name of the cell.
///
/// # Errors
/// When a cell cannot be read.
pub(crate) async fn sign_in(alipay: &Alipay, form: &Form, purpose: &str) -> Result<SignedIn, Failure> {
    let (login, pin) = (form.get("login").unwrap_or_default().trim(), form.get("pin").unwrap_or_default());
    let Some((cell, party)) = customer(alipay, login, form.get("wallet"))? else { return Ok(SignedIn::Wrong) };
    let applicant = match &party {
        Some(party) => Applicant::Party { party: party.number, person: Handle(party.person) },
        None => Applicant::Stranger(cell.vault.digest("sign-in", &phone_bytes(login))),
    };
    let now_ns = alipay.world.clock.now_ns();
    let verdict = judge(&cell.vault, applicant, pin.to_owned(), now_ns).await.map_err(unreadable)?;
    let number = match (verdict, party) {
        (Verdict::Right, Some(party)) => party.number,
        (Verdict::Right | Verdict::Wrong, _) => return Ok(SignedIn::Wrong),
        (Verdict::Wait { seconds }, _) => return Ok(SignedIn::Wait(seconds)),
        (Verdict::Busy, _) => return Ok(SignedIn::Wait(1)),
    };
    let purpose = purpose.to_owned();
    let issued = tokio::task::spawn_blocking(move || {
        let prefix = cell.token_prefix();
        let wanted = NewToken::new(&prefix, number, TokenKind::Page);
        let (now_ns, lifetime_seconds) = (Some(now_ns), Some(SESSION_SECONDS));
        cell.vault.issue(NewToken { now_ns, lifetime_seconds, label: Some(purpose), ..wanted })
    });
    let (text, _) = issued.await.map_err(unreadable)?.map_err(unreadable)?;
    Ok(SignedIn::As(Browser(text)))
}

/// The wallets in which people here can sign in: the cells with customers.
pub(crate) fn wallets(alipay: &Alipay) -> Vec<&Arc<CellHandle>> {
    let has_customers =
        |cell: &&Arc<CellHandle>| cell.market().is_ok_and(|market| market.roles.contains(&MarketRole::Wallet));
    alipay.world.cells.iter().filter(has_customers).collect()
}

type Found = Option<(Arc<CellHandle>, Option<Party>)>;

/// The cell in which a customer of this number or phone number would be, and the customer, if there is one.
fn customer(alipay: &Alipay, login: &str, wallet: Option<&str>) -> Result<Found, Failure> {
    let named = wallet.and_then(|name| alipay.world.named(name));
    let number = sixteen_digits(login).filter(|number| cell_of(*number).is_some());
    let home = number.and_then(cell_of).and_then(|cell| alipay.world.numbered(cell)).or(named);
    let Some(cell) = home else { return Ok(None) };
    let number = match number {
        Some(number) => Some(number),
        None => {
            let digest = cell.vault.digest("phone", &phone_bytes(login));
            let owner = cell.port.get::<ContactOwner>(&ContactOwner::key(digest)).map_err(unreadable)?;
            owner.map(|owner| owner.party)
        }
    };
    let party = number.map(|number| cell.port.get::<Party>(&Party::key(number))).transpose().map_err(unreadable)?;
    let party = party.flatten().filter(|party| party.kind == PartyKind::Customer);
    Ok(Some((Arc::clone(cell), party)))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn headers(lines: &[(&'static str, &str)]) -> HeaderMap {
        let mut headers = HeaderMap::new();
        for (name, value) in lines {
            headers.append(*name, value.parse().unwrap());
        }
        headers
    }

    #[test]
    fn a_browser_is_known_by_one_cookie() {
        for (lines, expected) in [
            (&[("cookie", "a=b; sycee_page=n1")][..], Some("n1")),
            (&[("cookie", "sycee_page=n1; sycee_page=n2")], None),
            (&[("cookie", "sycee_page=n1"), ("cookie", "sycee_page=n1")], None),
            (&[("cookie", "sycee_page=")], None),
            (&[("cookie", "xsycee_page=n1")], None),
            (&[], None),
        ] {
            assert_eq!(Browser::of(&headers(lines)).map(|browser| browser.0).as_deref(), expected, "{lines:?}");
        }
        let cookie = Browser("n1".into()).cookie("/cashier/1/2", "https://pay.example").unwrap();
        assert_eq!(cookie, "sycee_page=n1; Path=/cashier/1/2; Max-Age=900; HttpOnly; SameSite=Strict; Secure");
    }

    #[test]
    fn a_form_of_another_site_is_known_where_the_browser_says_so() {
        const OURS: &str = "https://pay.example";
        for (lines, elsewhere) in [
            (&[][..], false),
            (&[("origin", "null")], false),
            (&[("origin", OURS)], false),
            (&[("origin", "http://localhost:1"), ("host", "localhost:1")], false),
            (&[("origin", "https://evil.example"), ("host", "pay.example")], true),
            (&[("origin", "null"), ("sec-fetch-site", "cross-site")], true),
            (&[("origin", OURS), ("sec-fetch-site", "same-site")], true),
            (&[("origin", "null"), ("sec-fetch-site", "same-origin")], false),
        ] {
            assert_eq!(is_from_elsewhere(&headers(lines), OURS), elsewhere, "{lines:?}");
        }
    }
}
