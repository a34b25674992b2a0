//! The authorisation page: signing in, and saying yes or no.

use std::fmt::Write as _;
use std::sync::Arc;

use axum::extract::{RawQuery, Request, State};
use axum::http::{HeaderMap, header};
use axum::response::Response;
use form_urlencoded::Serializer;
use sycee_engine::vault::Scope;

use super::{Wanted, language_of, redirects};
use crate::cashier::merchant_name;
use crate::gateway::{html_response, html_response_towards, redirect_response, see_other};
use crate::oauth::grants;
use crate::pages::form::Form;
use crate::pages::language::Language;
use crate::pages::sheet::{Sheet, escaped, filled, isolated, named, with_language};
use crate::pages::sign_in_form::{SignInForm, notice};
use crate::pages::visitor::{Browser, SignedIn, Visitor, is_from_elsewhere, sign_in};
use crate::state::Alipay;
use crate::wire::failure::Failure;

/// Below which path the browser's cookie is good.
const PATH: &str = "/oauth2";
/// The page's own address.
const PAGE: &str = "/oauth2/publicAppAuthorize.htm";

/// `GET /oauth2/publicAppAuthorize.htm`.
pub(crate) async fn authorize(
    State(alipay): State<Arc<Alipay>>,
    RawQuery(query): RawQuery,
    headers: HeaderMap,
) -> Response {
    let form = Form::parse(query.unwrap_or_default().as_bytes());
    let language = language_of(&form, &headers);
    let answer = Wanted::read(&alipay, &form).and_then(|wanted| {
        let page = Page { alipay: &alipay, wanted: &wanted, language };
        let visitor = match Browser::of(&headers) {
            Some(browser) => Visitor::of(&alipay, &browser, &wanted.purpose())?.map(|visitor| (browser, visitor)),
            None => None,
        };
        match visitor {
            Some((browser, visitor)) => Ok(page.consent(&browser, &visitor)),
            None => page.sign_in(&headers, None, None),
        }
    });
    answered(language, answer)
}

/// `POST /oauth2/sign-in`.
pub(crate) async fn take_sign_in(State(alipay): State<Arc<Alipay>>, request: Request) -> Response {
    let (parts, body) = request.into_parts();
    let form = Form::of_body(body).await;
    let language = language_of(&form, &parts.headers);
    let answer = async {
        let wanted = Wanted::read(&alipay, &form)?;
        let page = Page { alipay: &alipay, wanted: &wanted, language };
        let purpose = wanted.purpose();
        let browser = Browser::of(&parts.headers).filter(|browser| {
            !is_from_elsewhere(&parts.headers, &alipay.world.base_url)
                && browser.has_sealed(wanted.cell(), &purpose, &form)
        });
        if browser.is_none() {
            return page.sign_in(&parts.headers, form.get("login"), Some(language.text("session_over").to_owned()));
        }
        let became = sign_in(&alipay, &form, &purpose).await?;
        if let SignedIn::As(browser) = &became {
            let mut response = see_other(&page.address());
            give(&alipay, &mut response, browser);
            return Ok(response);
        }
        page.sign_in(&parts.headers, form.get("login"), notice(language, &became))
    };
    answered(language, answer.await)
}

/// `POST /oauth2/consent`.
pub(crate) async fn take_answer(State(alipay): State<Arc<Alipay>>, request: Request) -> Response {
    let (parts, body) = request.into_parts();
    let form = Form::of_body(body).await;
    let language = language_of(&form, &parts.headers);
    let answer = async {
        let wanted = Wanted::read(&alipay, &form)?;
        let page = Page { alipay: &alipay, wanted: &wanted, language };
        let browser = Browser::of(&parts.headers).filter(|browser| {
            !is_from_elsewhere(&parts.headers, &alipay.world.base_url)
                && browser.has_sealed(wanted.cell(), &format!("consent {}", wanted.purpose()), &form)
        });
        let visitor = match &browser {
            Some(browser) => Visitor::of(&alipay, browser, &wanted.purpose())?.map(|visitor| (browser, visitor)),
            None => None,
        };
        let Some((browser, visitor)) = visitor else {
            return page.sign_in(&parts.headers, None, Some(language.text("session_over").to_owned()));
        };
        let mut fields = vec![("app_id", wanted.app().app_id.to_string())];
        if form.get("answer") == Some("allow") {
            let now_ns = alipay.world.clock.now_ns();
            let (cell, app) = (Arc::clone(&visitor.cell), wanted.app().app_id);
            let code = grants::consent(cell, visitor.customer, app, wanted.scope, now_ns).await?;
            // As the platform's own redirect has them.
            fields.push(("source", "alipay_wallet".to_owned()));
            fields.push(("scope", wanted.scope_text.clone()));
            fields.push(("auth_code", code));
        } else {
            // The platform's page has no way back for a no; this is the one of RFC 6749, section 4.1.2.1.
            fields.push(("error", "access_denied".to_owned()));
        }
        fields.extend(wanted.state.clone().map(|state| ("state", state)));
        visitor.leave(browser);
        let query = Serializer::new(String::new()).extend_pairs(fields).finish();
        Ok(redirect_response(&redirects::with_query(wanted.redirect.as_str(), &query)))
    };
    answered(language, answer.await)
}

fn answered(language: &Language, answer: Result<Response, Failure>) -> Response {
    answer.unwrap_or_else(|failure| {
        let title = language.text("authorise_failed_title");
        let main = format!(
            "<h1>{}</h1><p role=\"alert\">{}</p><p lang=\"en\" dir=\"ltr\">{}</p><p><code dir=\"ltr\">{}</code></p>",
            escaped(title),
            escaped(language.text("authorise_failed")),
            escaped(&failure.message),
            escaped(failure.sub_code.name)
        );
        html_response(Sheet::new(language, title.to_owned(), main).html())
    })
}

fn give(alipay: &Alipay, response: &mut Response, browser: &Browser) {
    if let Some(cookie) = browser.cookie(PATH, &alipay.world.base_url) {
        response.headers_mut().insert(header::SET_COOKIE, cookie);
    }
}

struct Page<'a> {
    alipay: &'a Alipay,
    wanted: &'a Wanted,
    language: &'static Language,
}

impl Page<'_> {
    /// The page's address without a language.
    fn here(&self) -> String {
        let mut query = Serializer::new(String::new());
        query.extend_pairs(self.wanted.fields());
        format!("{PAGE}?{}", query.finish())
    }

    fn address(&self) -> String {
        with_language(&self.here(), &self.language.tag)
    }

    fn merchant(&self) -> String {
        merchant_name(self.wanted.cell(), self.wanted.app().merchant)
    }

    fn sheet(&self, title: String, main: String) -> String {
        Sheet { here: Some(self.here()), ..Sheet::new(self.language, title, main) }.html()
    }

    fn sign_in(&self, headers: &HeaderMap, login: Option<&str>, notice: Option<String>) -> Result<Response, Failure> {
        let (language, merchant) = (self.language, self.merchant());
        let known = Browser::of(headers);
        let browser = known.clone().map_or_else(Browser::new, Ok)?;
        let fields = self.wanted.fields();
        let hidden: Vec<(&str, &str)> = fields.iter().map(|(name, value)| (*name, value.as_str())).collect();
        let form = SignInForm {
            alipay: self.alipay,
            language,
            action: "/oauth2/sign-in",
            seal: &browser.seal(self.wanted.cell(), &self.wanted.purpose()),
            home: self.wanted.cell(),
            hidden: &hidden,
            login,
            notice,
        };
        let heading = filled(language, "consent_sign_in", &[("merchant", &named(&merchant))]);
        let title = language.filled("consent_sign_in", &[("merchant", &merchant)]);
        let mut response = html_response(self.sheet(title, format!("<h1>{heading}</h1>{}", form.html())));
        if known.is_none() {
            give(self.alipay, &mut response, &browser);
        }
        Ok(response)
    }

    fn consent(&self, browser: &Browser, visitor: &Visitor) -> Response {
        let (language, merchant) = (self.language, self.merchant());
        let text = |key| escaped(language.text(key));
        let (wanted, site) = (self.wanted, redirects::site_of(self.wanted.redirect.as_str()));
        let seal = browser.seal(wanted.cell(), &format!("consent {}", wanted.purpose()));
        let mut main = format!(
            "<h1>{}</h1><p>{}</p><p>{}</p><ul><li>{}</li>",
            filled(language, "consent_title", &[("merchant", &named(&merchant))]),
            filled(language, "signed_in_as", &[("name", &named(&visitor.name))]),
            filled(language, "consent_learns", &[("merchant", &named(&merchant))]),
            text("consent_number")
        );
        // Writing into a string cannot fail.
        if wanted.scope == Scope::Profile {
            let _written = write!(main, "<li>{} ({})</li>", text("consent_name"), named(&visitor.name));
        }
        let _written = write!(
            main,
            "</ul><p>{}</p><form method=\"post\" action=\"/oauth2/consent\">\
             <input type=\"hidden\" name=\"seal\" value=\"{seal}\"><input type=\"hidden\" name=\"lang\" value=\"{}\">",
            text("consent_limits"),
            language.tag
        );
        for (name, value) in wanted.fields() {
            let _written = write!(main, "<input type=\"hidden\" name=\"{name}\" value=\"{}\">", escaped(&value));
        }
        let _written = write!(
            main,
            "<button name=\"answer\" value=\"allow\">{}</button>\
             <button class=\"second\" name=\"answer\" value=\"deny\">{}</button></form><p class=\"hint\">{}</p>",
            text("allow"),
            text("deny"),
            filled(language, "you_leave", &[("address", &isolated(site))])
        );
        let title = language.filled("consent_title", &[("merchant", &merchant)]);
        html_response_towards(self.sheet(title, main), site)
    }
}
