//! Letting an app know who one is: the authorisation page and the tokens behind it.
//!
//! The merchant's site sends the customer to `/oauth2/publicAppAuthorize.htm`. The customer signs in, reads what the app will
//! learn, and says yes or no; the browser goes back to the app's address with a code, and the app exchanges it for tokens
//! (`alipay.system.oauth.token`). Codes, tokens and consents are in the vault of the customer's own cell, as digests and under
//! seal; the first two digits of a code or token name that cell.
//!
//! Source: Alipay Open Platform, "user information authorisation"; RFC 6749 and RFC 9700 where that says nothing.

pub(crate) mod grants;
mod pages;
pub(crate) mod redirects;

use axum::http::HeaderMap;
use sycee_acquiring::record::App;
use sycee_engine::CellHandle;
use sycee_engine::vault::Scope;

use crate::codes::gateway;
use crate::pages::form::Form;
use crate::state::{Alipay, Application, unreadable};
use crate::wire::callback_url::CallbackUrl;
use crate::wire::failure::Failure;

pub(crate) use pages::{authorize, take_answer, take_sign_in};

/// The longest `state` that is given back, in characters: the platform documents 100, some clients send more.
const STATE_MAX_CHARACTERS: usize = 512;

/// What an app asks of a customer.
pub(crate) struct Wanted {
    application: Application,
    /// What it wants to know.
    scope: Scope,
    /// The same as it came.
    scope_text: String,
    /// Where the customer goes back to.
    redirect: CallbackUrl,
    /// Given back as it came.
    state: Option<String>,
}

impl Wanted {
    /// Reads what a link, or a form made of it, asks.
    ///
    /// # Errors
    /// `isv.invalid-app-id` and `isv.invalid-parameter`. Nobody is sent to an address that is not known to be the app's.
    fn read(alipay: &Alipay, form: &Form) -> Result<Self, Failure> {
        let invalid = |detail: &str| Failure::with_detail(gateway::INVALID_PARAMETER, detail);
        let application = alipay.application(form.get("app_id").unwrap_or_default())?;
        let redirect = form.get("redirect_uri").and_then(CallbackUrl::parse);
        let redirect = redirect.ok_or_else(|| invalid("redirect_uri is no http or https address"))?;
        let known = application.cell.vault.return_addresses(application.app.app_id).map_err(unreadable)?;
        if !redirects::is_registered(&known, redirect.as_str(), alipay.world.sandbox) {
            return Err(invalid("redirect_uri is not one of the app's return addresses"));
        }
        let scope_text = form.get("scope").unwrap_or_default().to_owned();
        let scope = scope_of(&scope_text).ok_or_else(|| invalid("scope is auth_base or auth_user"))?;
        let state = form.get("state").map(str::to_owned);
        if state.as_ref().is_some_and(|state| state.chars().nth(STATE_MAX_CHARACTERS).is_some()) {
            return Err(invalid("state has more than 512 characters"));
        }
        Ok(Self { application, scope, scope_text, redirect, state })
    }

    fn cell(&self) -> &CellHandle {
        &self.application.cell
    }

    fn app(&self) -> &App {
        &self.application.app
    }

    /// The fields again, for forms and links.
    fn fields(&self) -> Vec<(&str, String)> {
        let mut fields = vec![
            ("app_id", self.app().app_id.to_string()),
            ("scope", self.scope_text.clone()),
            ("redirect_uri", self.redirect.as_str().to_owned()),
        ];
        fields.extend(self.state.clone().map(|state| ("state", state)));
        fields
    }

    /// What a session and its forms are for: this request and no other.
    fn purpose(&self) -> String {
        let digest = self.cell().vault.digest("authorisation", format!("{:?}", self.fields()).as_bytes());
        let digits: String = digest.iter().take(16).map(|byte| format!("{byte:02x}")).collect();
        format!("authorisation {digits}")
    }
}

/// What a list of scopes comes to; `None` if one is not known here.
fn scope_of(text: &str) -> Option<Scope> {
    let scopes = text.split(',').map(|scope| match scope.trim() {
        "auth_base" => Some(Scope::Number),
        "auth_user" => Some(Scope::Profile),
        _ => None,
    });
    scopes.collect::<Option<Vec<_>>>()?.into_iter().max()
}

fn language_of(form: &Form, headers: &HeaderMap) -> &'static crate::pages::language::Language {
    crate::pages::language::Language::chosen(form.get("lang"), headers)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn scopes_are_two() {
        for (text, expected) in [
            ("auth_base", Some(Scope::Number)),
            ("auth_user", Some(Scope::Profile)),
            ("auth_user,auth_base", Some(Scope::Profile)),
            ("auth_user,auth_ecard", None),
            ("", None),
        ] {
            assert_eq!(scope_of(text), expected, "{text}");
        }
    }
}
