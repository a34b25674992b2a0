//! The languages of the pages: one file each in `languages/pages/`, beside those of the apps; chosen by the visitor's switch or by what the browser prefers.

use std::collections::BTreeMap;
use std::sync::LazyLock;

use axum::http::{HeaderMap, header};
use serde_json::Value;

/// How much of `Accept-Language` is read: browsers send a handful.
const PREFERENCES_MAX: usize = 16;

/// Which languages there are, what they call themselves, and which way they are read: the apps have the same table.
const TABLE: &str = include_str!("../../../../languages/languages.json");

/// Tags and texts, English first.
const FILES: [(&str, &str); 7] = [
    ("en", include_str!("../../../../languages/pages/en.json")),
    ("zh", include_str!("../../../../languages/pages/zh.json")),
    ("fr", include_str!("../../../../languages/pages/fr.json")),
    ("it", include_str!("../../../../languages/pages/it.json")),
    ("ko", include_str!("../../../../languages/pages/ko.json")),
    ("th", include_str!("../../../../languages/pages/th.json")),
    ("ur", include_str!("../../../../languages/pages/ur.json")),
];

static ALL: LazyLock<Vec<Language>> = LazyLock::new(|| {
    let table: Value = serde_json::from_str(TABLE).unwrap_or_default();
    FILES.iter().filter_map(|(tag, file)| Language::read(tag, table.get(tag)?, file)).collect()
});

/// A language of the pages.
#[derive(Debug)]
pub struct Language {
    /// Its BCP 47 tag.
    pub tag: String,
    /// What it calls itself.
    pub name: String,
    /// `ltr` or `rtl`.
    pub direction: String,
    texts: BTreeMap<String, String>,
}

impl Language {
    fn read(tag: &str, known: &Value, file: &str) -> Option<Self> {
        let known = |name: &str| known.get(name)?.as_str().map(str::to_owned);
        let texts = serde_json::from_str(file).ok()?;
        Some(Self { tag: tag.to_owned(), name: known("name")?, direction: known("direction")?, texts })
    }

    /// All of them.
    pub(crate) fn all() -> &'static [Self] {
        &ALL
    }

    /// English, which every visitor is taken to read some of.
    #[must_use]
    pub fn english() -> &'static Self {
        static NONE: LazyLock<Language> = LazyLock::new(|| Language {
            tag: "en".into(),
            name: "English".into(),
            direction: "ltr".into(),
            texts: BTreeMap::new(),
        });
        ALL.first().unwrap_or(&NONE)
    }

    /// The language that is chosen by name, or the one of ours that the browser likes best; English if there is none.
    pub(crate) fn chosen(named: Option<&str>, headers: &HeaderMap) -> &'static Self {
        let by_tag = |tag: &str| {
            let primary = tag.split('-').next().unwrap_or_default();
            ALL.iter().find(|language| language.tag.eq_ignore_ascii_case(primary))
        };
        if let Some(language) = named.and_then(by_tag) {
            return language;
        }
        let accepted = headers.get(header::ACCEPT_LANGUAGE).and_then(|value| value.to_str().ok()).unwrap_or_default();
        let mut wanted: Vec<(u32, &str)> = accepted.split(',').take(PREFERENCES_MAX).filter_map(preference).collect();
        // A stable sort: of equal weight, the first named wins.
        wanted.sort_by_key(|(weight, _)| std::cmp::Reverse(*weight));
        wanted.into_iter().find_map(|(_, tag)| by_tag(tag)).unwrap_or(Self::english())
    }

    /// A text; that of English if this language has none.
    pub(crate) fn text<'a>(&'a self, key: &'a str) -> &'a str {
        let own = self.texts.get(key).or_else(|| Self::english().texts.get(key));
        own.map_or(key, String::as_str)
    }

    /// A text with values in its places.
    pub(crate) fn filled(&self, key: &str, values: &[(&str, &str)]) -> String {
        let mut text = self.text(key).to_owned();
        for (name, value) in values {
            text = text.replace(&format!("{{{name}}}"), value);
        }
        text
    }
}

/// A language with its weight in thousandths: `fr-CH;q=0.9` (RFC 9110, section 12.5.4). `None` of what is refused or unreadable.
fn preference(text: &str) -> Option<(u32, &str)> {
    let mut parts = text.split(';').map(str::trim);
    let tag = parts.next().filter(|tag| !tag.is_empty())?;
    let Some(quality) = parts.find_map(|part| part.strip_prefix("q=")) else { return Some((1_000, tag)) };
    let (whole, decimals) = quality.split_once('.').unwrap_or((quality, ""));
    let digits: u32 = format!("{decimals:0<3}").get(..3)?.parse().ok()?;
    let weight = whole.parse::<u32>().ok()?.checked_mul(1_000)?.checked_add(digits)?;
    (weight > 0 && weight <= 1_000).then_some((weight, tag))
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;

    fn places(text: &str) -> BTreeSet<&str> {
        text.split('{').skip(1).filter_map(|rest| rest.split_once('}')).map(|(name, _)| name).collect()
    }

    #[test]
    fn every_language_has_every_text_with_the_same_places() {
        assert_eq!(Language::all().len(), FILES.len());
        let english = Language::english();
        assert_eq!(english.tag, "en");
        for language in Language::all() {
            assert_eq!(language.direction, if language.tag == "ur" { "rtl" } else { "ltr" });
            assert!(language.texts.keys().eq(english.texts.keys()), "{}", language.tag);
            for (key, text) in &language.texts {
                assert_eq!(places(text), places(&english.texts[key]), "{} {key}", language.tag);
                assert!(!text.trim().is_empty(), "{} {key}", language.tag);
            }
        }
    }

    #[test]
    fn the_switch_wins_over_the_browser_and_the_browser_over_english() {
        for (named, accepted, expected) in [
            (None, "", "en"),
            (None, "de, fr-CH;q=0.9, zh;q=0.95", "zh"),
            (None, "zh-Hant-HK,zh;q=0.8", "zh"),
            (None, "ur;q=0, en", "en"),
            (None, "sd,UR-pk;q=0.1", "ur"),
            (None, "q=,;;,;q=x, th;q=0.5", "th"),
            (Some("ko"), "fr", "ko"),
            (Some("xx"), "fr", "fr"),
        ] {
            let mut headers = HeaderMap::new();
            headers.insert(header::ACCEPT_LANGUAGE, accepted.parse().unwrap());
            assert_eq!(Language::chosen(named, &headers).tag, expected, "{named:?} {accepted}");
        }
    }

    #[test]
    fn places_are_filled() {
        assert_eq!(Language::english().filled("pay_title", &[("amount", "1.00 EUR")]), "Pay 1.00 EUR");
        assert_eq!(Language::english().text("no such text"), "no such text");
    }
}
