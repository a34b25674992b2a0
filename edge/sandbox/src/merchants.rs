//! Merchants, and the code that hangs in their shop.

use std::sync::Arc;

use axum::extract::{Path, State};
use axum::response::Response;
use serde::{Deserialize, Serialize};
use sycee_acquiring::command::{ONBOARD_MERCHANT, OnboardMerchant, REGISTER_APP, RegisterApp};
use sycee_acquiring::record::Merchant;
use sycee_acquiring::reply::{AppReply, MerchantReply};
use sycee_codes::own::{Label, OwnCode};
use sycee_contract::{Caller, Command, MarketRole};
use sycee_engine::CellHandle;
use sycee_engine::vault::{Handle, Person};
use sycee_party::PartyKind;

use crate::credentials::{CONTENT_KEY_BYTES, Certificates, content_key};
use crate::desk::{Desk, blocking, fresh_key, no_party};
use crate::json::{self, Body};
use crate::problem::Problem;
use crate::public_key;

/// The most addresses that an app may have customers sent back to.
const RETURN_ADDRESSES_MAX: usize = 20;
/// The longest of them, bytes.
const RETURN_ADDRESS_MAX_BYTES: usize = 256;
/// The category of a shop that says none: miscellaneous and specialty retail (ISO 18245).
const MCC_DEFAULT: &str = "5999";

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct OpenBody {
    cell: String,
    name: String,
    mcc: Option<String>,
    app_public_key: Option<String>,
    fee_bps: Option<u32>,
    encrypt_key: Option<String>,
    certificates: Option<bool>,
    /// Where the app may have customers sent back to after they have let it know who they are.
    redirect_uris: Option<Vec<String>>,
}

#[derive(Serialize)]
struct Opened<'a> {
    merchant_id: String,
    store_id: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    app_id: Option<String>,
    gateway_public_key: &'a str,
    /// The bearer token for `/api/v1`.
    token: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    certificates: Option<Certificates>,
}

/// `POST /merchants`.
pub(crate) async fn open(State(desk): State<Arc<Desk>>, Body(body): Body<OpenBody>) -> Result<Response, Problem> {
    let wanted = Wanted::new(&desk, &body)?;
    let name = json::name("name", &body.name)?;
    let mcc = body.mcc.unwrap_or_else(|| MCC_DEFAULT.to_owned());
    if mcc.len() != 4 || !mcc.bytes().all(|byte| byte.is_ascii_digit()) {
        return Err(Problem::bad_field("mcc", "has four digits (ISO 18245)"));
    }
    let fee_bps = body.fee_bps.unwrap_or(0);
    if fee_bps > 10_000 {
        return Err(Problem::bad_field("fee_bps", "is 0 to 10000"));
    }
    let key = body.app_public_key.as_deref().map(public_key::spki).transpose()?;
    let (cell, _) = desk.cell_as(&body.cell, MarketRole::Acquirer)?;

    let (person, home) = (Person::named(name), Arc::clone(cell));
    let Handle(name) = blocking(move || home.vault.put_person(&person)).await??;
    let onboard = OnboardMerchant { name, mcc, fee_bps: Some(fee_bps) };
    let command = Command::new(ONBOARD_MERCHANT, Caller::OPERATOR, &onboard).with_id(&fresh_key()?);
    let MerchantReply { merchant, store } = desk.reply(cell, command).await?;
    let mut certificates = None;
    let app_id = match key {
        None => None,
        Some(public_key) => {
            let register = RegisterApp { merchant, public_key: public_key.clone(), notify_url: None };
            let command = Command::new(REGISTER_APP, Caller::OPERATOR, &register).with_id(&fresh_key()?);
            let AppReply { app_id } = desk.reply(cell, command).await?;
            certificates = wanted.equip(&desk, cell, app_id, public_key).await?;
            Some(app_id.to_string())
        }
    };
    let token = desk.token(cell, merchant).await?;
    let opened = Opened {
        merchant_id: json::party(merchant),
        store_id: store.to_string(),
        app_id,
        gateway_public_key: &desk.sandbox.gateway_public_key,
        token,
        certificates,
    };
    Ok(json::ok(&opened))
}

/// What an app is to have besides its id.
struct Wanted {
    content_key: Option<[u8; CONTENT_KEY_BYTES]>,
    certificates: bool,
    return_addresses: Vec<String>,
}

impl Wanted {
    fn new(desk: &Desk, body: &OpenBody) -> Result<Self, Problem> {
        let content_key = body.encrypt_key.as_deref().map(content_key).transpose()?;
        let certificates = body.certificates == Some(true);
        if content_key.is_some() || certificates {
            if desk.sandbox.credentials.is_none() {
                return Err(Problem::not_yet("this server has no AES keys and certificates for apps"));
            }
            if body.app_public_key.is_none() {
                return Err(Problem::bad_field("app_public_key", "is needed for encrypt_key and certificates"));
            }
        }
        let return_addresses = body.redirect_uris.clone().unwrap_or_default();
        if !return_addresses.is_empty() && body.app_public_key.is_none() {
            return Err(Problem::bad_field("app_public_key", "is needed for redirect_uris"));
        }
        let is_address = |text: &String| {
            let is_web = text.starts_with("https://") || text.starts_with("http://");
            is_web && text.len() <= RETURN_ADDRESS_MAX_BYTES && text.bytes().all(|byte| byte.is_ascii_graphic())
        };
        if return_addresses.len() > RETURN_ADDRESSES_MAX || !return_addresses.iter().all(is_address) {
            return Err(Problem::bad_field(
                "redirect_uris",
                "has at most 20 http or https addresses, of at most 256 bytes",
            ));
        }
        Ok(Self { content_key, certificates, return_addresses })
    }

    async fn equip(
        self,
        desk: &Desk,
        cell: &Arc<CellHandle>,
        app_id: u64,
        spki: Vec<u8>,
    ) -> Result<Option<Certificates>, Problem> {
        let (home, addresses) = (Arc::clone(cell), self.return_addresses.clone());
        blocking(move || home.vault.put_return_addresses(app_id, addresses)).await??;
        let Some(credentials) = desk.sandbox.credentials.clone() else { return Ok(None) };
        let cell = Arc::clone(cell);
        let equipped = blocking(move || {
            if let Some(key) = self.content_key {
                credentials.keep_content_key(&cell, app_id, key)?;
            }
            let certified = self.certificates.then(|| credentials.certify(&cell, app_id, &spki)).transpose();
            certified.map(|certificates| certificates.map(Certificates::from))
        });
        equipped.await?.map_err(|error: String| Problem::internal("the app is not equipped", &error))
    }
}

/// `POST /partners`.
pub(crate) async fn open_partner() -> Problem {
    Problem::not_yet("partners come with the global API")
}

#[derive(Serialize)]
struct StaticCode {
    code: String,
}

/// `POST /merchants/{id}/static-code`.
pub(crate) async fn static_code(State(desk): State<Arc<Desk>>, Path(id): Path<String>) -> Result<Response, Problem> {
    let (cell, party) = desk.existing(&id, PartyKind::Merchant)?;
    let market = cell.market()?;
    let merchant: Merchant =
        cell.port.get(&Merchant::key(party.number))?.ok_or_else(|| no_party(PartyKind::Merchant))?;
    let name = cell.vault.person(Handle(party.person))?.map_or_else(String::new, |person| person.name);
    let label = Label {
        template: u8::try_from(market.mpm_template).unwrap_or(u8::MAX),
        guid: &market.mpm_guid,
        merchant_category_code: &merchant.mcc,
        currency_numeric: &format!("{:03}", market.currency.numeric()),
        amount: None,
        country: &market.market,
        name: &name,
        city: &cell.name,
    };
    let own = OwnCode::Merchant { merchant: party.number, store: Some(merchant.default_store) };
    let code = own.encode(&label).map_err(|error| Problem::internal("the market's codes cannot be written", &error))?;
    Ok(json::ok(&StaticCode { code }))
}
