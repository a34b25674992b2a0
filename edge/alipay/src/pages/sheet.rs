//! The frame around every page: its head, its style, the switch of languages.

use std::fmt::Write as _;
use std::sync::LazyLock;

use aws_lc_rs::digest::{SHA256, digest};
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;

use super::language::Language;

/// Contrast is 4.5 to 1 or more for all text, 3 to 1 for the edges of fields (WCAG 2.2, 1.4.3 and 1.4.11); what is pressed is at
/// least 44 pixels high. Logical properties, so that languages from right to left need nothing of their own.
const STYLE: &str = "body{font:1.125rem/1.5 system-ui,sans-serif;color:#1a1a1a;background:#fff;margin:0}\
main{max-width:28rem;margin:0 auto;padding:1.5rem;text-align:center}\
h1{font-size:1.25rem;margin:0 0 .5rem;overflow-wrap:anywhere}.amount{font-size:2.25rem;font-weight:700;margin:.5rem 0}\
svg{width:min(80vw,18rem);height:auto;border:1px solid #767676}dl{text-align:start}dt{color:#595959}\
dd{margin:0 0 .75rem;overflow-wrap:anywhere}code{overflow-wrap:anywhere;font-size:.8rem}bdi{unicode-bidi:isolate}\
form{text-align:start}label{display:block;font-weight:600;margin-top:1rem}.hint{color:#595959;font-size:.9rem;margin:0}\
input,select{font:inherit;box-sizing:border-box;width:100%;min-height:2.75rem;padding:.25rem .5rem;color:#1a1a1a;\
background:#fff;border:1px solid #767676;border-radius:.25rem}\
button,.button{font:inherit;font-weight:600;display:block;box-sizing:border-box;width:100%;min-height:2.75rem;\
padding:.5rem;margin-top:1.25rem;border:1px solid #0b5cad;border-radius:.25rem;background:#0b5cad;color:#fff;\
text-align:center;text-decoration:none}button.second,.button.second{background:#fff;color:#0b5cad}\
:focus-visible{outline:3px solid #1a1a1a;outline-offset:2px}\
[role=alert]{border-inline-start:.25rem solid #b00020;padding:.5rem .75rem;text-align:start;background:#fdecee}\
ul{text-align:start}nav{max-width:28rem;margin:0 auto;padding:0 1.5rem 1.5rem}\
nav a,nav strong{display:inline-block;min-height:2.75rem;line-height:2.75rem;padding:0 .5rem;color:#0b5cad}\
nav strong{color:#1a1a1a}table{width:100%;border-collapse:collapse}th{text-align:start;font-weight:400;color:#595959}\
td{text-align:end;font-variant-numeric:tabular-nums}.total th,.total td{font-weight:700;color:#1a1a1a;font-size:1.25rem}";

/// What the security policy says of the style: its digest, so that no other style counts (CSP Level 3).
pub(crate) static STYLE_SOURCE: LazyLock<String> =
    LazyLock::new(|| format!("'sha256-{}'", STANDARD.encode(digest(&SHA256, STYLE.as_bytes()))));

/// A page that is to be framed.
pub(crate) struct Sheet<'a> {
    /// In which language.
    pub language: &'a Language,
    /// What the browser calls it.
    pub title: String,
    /// After how many seconds the browser goes where.
    pub refresh: Option<(u64, String)>,
    /// More of the head, as HTML.
    pub head: String,
    /// The page itself, as HTML.
    pub main: String,
    /// The page's own address, to which `lang=…` is added for each language; no switch without one.
    pub here: Option<String>,
}

impl<'a> Sheet<'a> {
    /// A page that stays as it is.
    pub fn new(language: &'a Language, title: String, main: String) -> Self {
        Self { language, title, refresh: None, head: String::new(), main, here: None }
    }

    /// The page as HTML.
    pub fn html(&self) -> String {
        let mut head = self.head.clone();
        if let Some((seconds, address)) = &self.refresh {
            // Writing into a string cannot fail.
            let _written = write!(head, "<meta http-equiv=\"refresh\" content=\"{seconds};url={}\">", escaped(address));
        }
        format!(
            "<!DOCTYPE html><html lang=\"{}\" dir=\"{}\"><head><meta charset=\"utf-8\">\
             <meta name=\"viewport\" content=\"width=device-width, initial-scale=1\"><meta name=\"robots\" content=\"noindex\">\
             <title>{}</title>{head}<style>{STYLE}</style></head><body><main>{}</main>{}</body></html>",
            self.language.tag,
            self.language.direction,
            escaped(&self.title),
            self.main,
            self.here.as_deref().map(|here| self.switch(here)).unwrap_or_default(),
        )
    }

    fn switch(&self, here: &str) -> String {
        let mut links = String::new();
        for Language { tag, name, direction, .. } in Language::all() {
            let _written = if *tag == self.language.tag {
                write!(links, "<strong>{}</strong> ", escaped(name))
            } else {
                let address = escaped(&with_language(here, tag));
                write!(
                    links,
                    "<a href=\"{address}\" hreflang=\"{tag}\" lang=\"{tag}\" dir=\"{direction}\">{}</a> ",
                    escaped(name)
                )
            };
        }
        format!("<nav aria-label=\"{}\">{links}</nav>", escaped(self.language.text("language")))
    }
}

/// An address with the language that the visitor has chosen.
pub(crate) fn with_language(address: &str, tag: &str) -> String {
    let separator = if address.contains('?') { '&' } else { '?' };
    format!("{address}{separator}lang={tag}")
}

/// An amount or a number, which reads from left to right in every language.
pub(crate) fn isolated(text: &str) -> String {
    format!("<bdi dir=\"ltr\">{}</bdi>", escaped(text))
}

/// A name as somebody wrote it, whichever way it reads.
pub(crate) fn named(text: &str) -> String {
    format!("<bdi>{}</bdi>", escaped(text))
}

/// A text of ours whose places are filled with HTML.
pub(crate) fn filled(language: &Language, key: &str, values: &[(&str, &str)]) -> String {
    let mut text = escaped(language.text(key));
    for (name, value) in values {
        text = text.replace(&format!("{{{name}}}"), value);
    }
    text
}

/// Text as HTML shows it, in content and in quoted attributes.
pub(crate) fn escaped(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for character in text.chars() {
        match character {
            '&' => out.push_str("&amp;"),
            '<' => out.push_str("&lt;"),
            '>' => out.push_str("&gt;"),
            '"' => out.push_str("&quot;"),
            '\'' => out.push_str("&#39;"),
            _ => out.push(character),
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use axum::http::HeaderMap;

    use super::*;

    #[test]
    fn a_page_says_its_language_and_direction_and_offers_the_others() {
        let urdu = Language::chosen(Some("ur"), &HeaderMap::new());
        let sheet = Sheet { here: Some("/cashier/1/2?a=b".into()), ..Sheet::new(urdu, "<x>".into(), "<p>".into()) };
        let html = sheet.html();
        assert!(html.starts_with("<!DOCTYPE html><html lang=\"ur\" dir=\"rtl\">"), "{html}");
        assert!(html.contains("<title>&lt;x&gt;</title>") && !html.contains("refresh"));
        assert!(html.contains("<a href=\"/cashier/1/2?a=b&amp;lang=zh\" hreflang=\"zh\" lang=\"zh\" dir=\"ltr\">"));
        assert!(html.contains("<strong>اردو</strong>"));
    }

    #[test]
    fn what_fills_a_place_is_html_and_the_text_is_not() {
        let html = filled(Language::english(), "signed_in_as", &[("name", &named("<b>"))]);
        assert_eq!(html, "Signed in as <bdi>&lt;b&gt;</bdi>");
        assert!(STYLE_SOURCE.starts_with("'sha256-") && STYLE_SOURCE.len() == 53);
    }
}
