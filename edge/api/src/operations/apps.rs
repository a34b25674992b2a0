//! The merchant's apps: with their keys its systems sign at the Alipay edge.

use std::sync::Arc;

use axum::response::Response;
use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use sycee_acquiring::command::{REGISTER_APP, RegisterApp, SET_APP_KEY, SetAppKey};
use sycee_acquiring::record::{App, MerchantApps};
use sycee_acquiring::reply::AppReply;
use sycee_contract::Role;
use sycee_engine::certificates::AppCertificates;

use super::Operation;
use crate::desk::{Asked, answer, blocking, ok};
use crate::problem::Problem;
use crate::wire::{Digits, Instant, digits};

const MERCHANT: &[Role] = &[Role::Merchant];

pub(super) const OPERATIONS: &[Operation] = &[
    Operation::get("list_apps", "/apps", |asked| Box::pin(list(asked)))
        .says("The merchant's apps with their public keys, and where and with which key the Alipay edge answers them.")
        .for_roles(MERCHANT)
        .gives::<Apps>(),
    Operation::post("make_app", "/apps", |asked| Box::pin(make(asked)))
        .says("Registers an app of the merchant's: a public key with which its systems sign.")
        .asks(REGISTER_APP)
        .for_roles(MERCHANT)
        .takes::<AppBody>()
        .gives::<AppWire>(),
    Operation::post("set_app_key", "/apps/{app}/key", |asked| Box::pin(set_app_key(asked)))
        .says("Gives an app of the merchant's a new public key.")
        .asks(SET_APP_KEY)
        .for_roles(MERCHANT)
        .takes::<AppKeyBody>()
        .gives::<AppWire>(),
    Operation::post("certify_app", "/apps/{app}/certificate", |asked| Box::pin(certify(asked)))
        .says("Certificates for an app's public key: with them the Alipay edge is asked in certificate mode. The same for the same key.")
        .for_roles(MERCHANT)
        .gives::<CertificatesWire>(),
];

/// What the merchant's systems need to know.
#[derive(Serialize, JsonSchema)]
struct Apps {
    /// The oldest first; at most 100.
    apps: Vec<KnownApp>,
    /// Null if this server has no Alipay edge.
    gateway: Option<Gateway>,
}

/// An app with its keys.
#[derive(Serialize, JsonSchema)]
struct KnownApp {
    app: Digits,
    /// The RSA public key: base64 of SPKI DER (RFC 5280, section 4.1).
    public_key: String,
    /// Until when the key before is still taken; null if it is not, or there was none.
    previous_key_valid_until: Option<Instant>,
    /// Where the app's orders notify unless they say so themselves.
    notify_url: Option<String>,
    opened_at: Instant,
}

/// The Alipay edge of this server.
#[derive(Serialize, JsonSchema)]
struct Gateway {
    /// The address of version 2 (`gateway.do`).
    url: String,
    /// The RSA public key by which its answers and notifications are verified: base64 of SPKI DER.
    public_key: String,
}

async fn list(asked: Asked) -> Result<Response, Problem> {
    let port = &asked.cell.port;
    let listed: MerchantApps = port.get(&MerchantApps::key(asked.caller.party))?.unwrap_or_default();
    let now_ns = asked.desk.world.clock.now_ns();
    let mut apps = Vec::with_capacity(listed.app_ids.len());
    for app_id in listed.app_ids {
        let Some(app) = port.get::<App>(&App::key(app_id))? else { continue };
        let valid_until_ns = app.public_key_previous.map(|previous| previous.valid_until_ns);
        apps.push(KnownApp {
            app: Digits(app.app_id),
            public_key: STANDARD.encode(&app.public_key),
            previous_key_valid_until: valid_until_ns.filter(|until_ns| now_ns < *until_ns).map(Instant),
            notify_url: app.notify_url,
            opened_at: Instant(app.opened_at_ns),
        });
    }
    let url = format!("{}/gateway.do", asked.desk.world.base_url.trim_end_matches('/'));
    let gateway = asked.desk.alipay_public_key.clone().map(|public_key| Gateway { url, public_key });
    ok(&Apps { apps, gateway })
}

/// An app to be registered.
#[derive(Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct AppBody {
    /// The RSA public key: base64 of SPKI DER (RFC 5280, section 4.1).
    pub public_key: String,
    /// Where the app's orders notify unless they say so themselves.
    pub notify_url: Option<String>,
}

async fn make(asked: Asked) -> Result<Response, Problem> {
    let merchant = asked.caller.party;
    register(asked, merchant).await
}

/// Registers an app of a merchant.
pub(super) async fn register(asked: Asked, merchant: u64) -> Result<Response, Problem> {
    let AppBody { public_key, notify_url } = asked.body()?;
    let body = RegisterApp { merchant, public_key: rsa_spki("public_key", &public_key)?, notify_url };
    let (AppReply { app_id }, replayed) = asked.reply(REGISTER_APP, &body).await?;
    answer(&AppWire { app: Digits(app_id) }, replayed)
}

/// A new key of an app.
#[derive(Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
struct AppKeyBody {
    /// The RSA public key: base64 of SPKI DER (RFC 5280, section 4.1).
    public_key: String,
    /// For how long the key before stays valid.
    #[serde(default)]
    previous_valid_seconds: u64,
}

/// An app.
#[derive(Serialize, JsonSchema)]
pub(super) struct AppWire {
    pub app: Digits,
}

/// An RSA public key of 2048 to 8192 bits as SPKI DER, from its base64.
fn rsa_spki(field: &'static str, text: &str) -> Result<Vec<u8>, Problem> {
    use aws_lc_rs::encoding::{AsDer, PublicKeyX509Der};
    let wrong = || Problem::bad_field(field, "is base64 of an RSA public key as SPKI DER");
    let der = STANDARD.decode(text).map_err(|_| wrong())?;
    let key = aws_lc_rs::rsa::PublicKey::from_der(&der).map_err(|_| wrong())?;
    let spki: PublicKeyX509Der<'_> = key.as_der().map_err(|_| wrong())?;
    // What the library writes is what was sent: nothing stands behind the key, and it is SPKI.
    if spki.as_ref() == der { Ok(der) } else { Err(wrong()) }
}

/// What a program that asks in certificate mode is configured with, each in PEM (RFC 7468).
#[derive(Serialize, JsonSchema)]
#[schemars(rename = "AppCertificates")]
struct CertificatesWire {
    /// The app's certificate.
    app_cert: String,
    /// The platform's certificate with that of its issuer behind it.
    alipay_cert: String,
    /// The root's certificate.
    root_cert: String,
}

async fn certify(asked: Asked) -> Result<Response, Problem> {
    let certifier = asked.desk.certificates.clone();
    let certifier = certifier.ok_or_else(|| Problem::not_found("this server makes no certificates for apps"))?;
    let no_app = || Problem::not_found("the merchant has no app of this number");
    let app: Option<App> = asked.cell.port.get(&App::key(digits(asked.path("app")).ok_or_else(no_app)?))?;
    let app = app.filter(|app| app.merchant == asked.caller.party).ok_or_else(no_app)?;
    let cell = Arc::clone(&asked.cell);
    let made = blocking(move || certifier.certify(&cell, app.app_id, &app.public_key)).await?;
    let AppCertificates { app_cert, platform_cert, root_cert } =
        made.map_err(|error| Problem::internal("an app gets no certificate", &error))?;
    ok(&CertificatesWire { app_cert, alipay_cert: platform_cert, root_cert })
}

async fn set_app_key(asked: Asked) -> Result<Response, Problem> {
    let AppKeyBody { public_key, previous_valid_seconds } = asked.body()?;
    let app_id = digits(asked.path("app")).ok_or_else(|| Problem::not_found("an app is named by 16 digits"))?;
    let body = SetAppKey { app_id, public_key: rsa_spki("public_key", &public_key)?, previous_valid_seconds };
    let (AppReply { app_id }, _) = asked.reply(SET_APP_KEY, &body).await?;
    ok(&AppWire { app: Digits(app_id) })
}
