//! The form with which a customer signs in on a page.

use std::fmt::Write as _;

use sycee_engine::CellHandle;

use super::language::Language;
use super::sheet::{escaped, isolated};
use super::visitor::{SignedIn, wallets};
use crate::state::Alipay;

/// What a sign-in form needs to know.
pub(crate) struct SignInForm<'a> {
    pub alipay: &'a Alipay,
    pub language: &'a Language,
    /// Where it is sent.
    pub action: &'a str,
    /// The browser's seal.
    pub seal: &'a str,
    /// Which wallet is chosen at first.
    pub home: &'a CellHandle,
    /// More hidden fields.
    pub hidden: &'a [(&'a str, &'a str)],
    /// What was typed before, if somebody has tried.
    pub login: Option<&'a str>,
    /// What became of it.
    pub notice: Option<String>,
}

impl SignInForm<'_> {
    /// The form as HTML.
    pub fn html(&self) -> String {
        let text = |key| escaped(self.language.text(key));
        let mut html = String::new();
        // Writing into a string cannot fail.
        if let Some(notice) = &self.notice {
            let _written = write!(html, "<p role=\"alert\" id=\"notice\">{}</p>", escaped(notice));
        }
        let _written = write!(
            html,
            "<form method=\"post\" action=\"{}\"><input type=\"hidden\" name=\"seal\" value=\"{}\">",
            escaped(self.action),
            escaped(self.seal)
        );
        for (name, value) in self.hidden.iter().chain(&[("lang", self.language.tag.as_str())]) {
            let _written =
                write!(html, "<input type=\"hidden\" name=\"{}\" value=\"{}\">", escaped(name), escaped(value));
        }
        let _written = write!(
            html,
            "<label for=\"login\">{}</label><p class=\"hint\" id=\"login-hint\">{}</p>\
             <input id=\"login\" name=\"login\" dir=\"ltr\" inputmode=\"tel\" autocomplete=\"username\" required \
             maxlength=\"32\" aria-describedby=\"login-hint\" value=\"{}\">",
            text("login_label"),
            text("login_hint"),
            escaped(self.login.unwrap_or_default())
        );
        self.choice(&mut html);
        let _written = write!(
            html,
            "<label for=\"pin\">{}</label><input id=\"pin\" name=\"pin\" type=\"password\" dir=\"ltr\" \
             inputmode=\"numeric\" autocomplete=\"current-password\" required maxlength=\"32\">\
             <button>{}</button></form>",
            text("pin_label"),
            text("sign_in")
        );
        html
    }

    /// In which wallet a phone number is looked for; not asked where there is one only.
    fn choice(&self, html: &mut String) {
        let wallets = wallets(self.alipay);
        if let [only] = wallets.as_slice() {
            let _written = write!(html, "<input type=\"hidden\" name=\"wallet\" value=\"{}\">", escaped(&only.name));
            return;
        }
        let label = escaped(self.language.text("wallet_label"));
        let _written = write!(html, "<label for=\"wallet\">{label}</label><select id=\"wallet\" name=\"wallet\">");
        for wallet in wallets {
            let market = wallet.market().map(|market| market.market).unwrap_or_default();
            let chosen = if wallet.number == self.home.number { " selected" } else { "" };
            let _written = write!(
                html,
                "<option value=\"{}\"{chosen}>{} ({})</option>",
                escaped(&wallet.name),
                escaped(&market),
                wallet.currency.code()
            );
        }
        html.push_str("</select>");
    }
}

/// What is said of a sign-in that came to nothing.
pub(crate) fn notice(language: &Language, became: &SignedIn) -> Option<String> {
    match became {
        SignedIn::As(_) => None,
        SignedIn::Wrong => Some(language.text("sign_in_failed").to_owned()),
        SignedIn::Wait(seconds) => Some(language.filled("sign_in_later", &[("seconds", &seconds.to_string())])),
    }
}

/// A row of a table of amounts.
pub(crate) fn row(label: &str, amount: &str, class: &str) -> String {
    format!("<tr class=\"{class}\"><th scope=\"row\">{}</th><td>{}</td></tr>", escaped(label), isolated(amount))
}
