//! How the apps look and what they are called: one file of the operator's, no build of its own.

use std::path::Path;

use serde::Deserialize;
use serde_json::json;
use sycee_money::Currency;

/// The look of the binary itself.
const OWN: &str = include_str!("../../brand/brand.toml");

/// Its picture.
const OWN_LOGO: &[u8] = include_bytes!("../../brand/logo.svg");

/// What the accent must be readable on: the apps' page and card colours, as in `web/src/kit/tokens.css`.
const LIGHT_SURFACES: [&str; 2] = ["#f4f6f4", "#ffffff"];
const DARK_SURFACES: [&str; 2] = ["#0e1211", "#191f1d"];

/// The least contrast of text (WCAG 2.2, 1.4.3).
const CONTRAST_MIN: f64 = 4.5;

/// The longest name, characters: it stands in one line of a phone.
const NAME_CHARACTERS_MAX: usize = 24;

/// The largest picture.
const LOGO_BYTES_MAX: usize = 64 * 1024;

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct BrandFile {
    name: String,
    logo: Option<String>,
    accent: Accent,
}

#[derive(Deserialize, Clone)]
#[serde(deny_unknown_fields)]
struct Accent {
    light: String,
    dark: String,
}

/// A look that has been checked.
#[derive(Clone)]
pub struct Brand {
    name: String,
    logo: Vec<u8>,
    light: Colour,
    dark: Colour,
}

/// Red, green and blue of sRGB.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
struct Colour([u8; 3]);

impl Brand {
    /// The operator's, or Sycee's own if there is no file.
    ///
    /// # Errors
    /// One line that says what is wrong with the file.
    pub fn load(file: Option<&Path>) -> Result<Self, String> {
        let Some(file) = file else { return Self::read(OWN, |_| Ok(OWN_LOGO.to_vec())) };
        let wrong = |why: String| format!("brand {}: {why}", file.display());
        let text = std::fs::read_to_string(file).map_err(|error| wrong(error.to_string()))?;
        Self::read(&text, |logo| {
            let path = file.with_file_name(logo);
            std::fs::read(&path).map_err(|error| format!("logo {}: {error}", path.display()))
        })
        .map_err(wrong)
    }

    fn read(text: &str, picture: impl Fn(&str) -> Result<Vec<u8>, String>) -> Result<Self, String> {
        let file: BrandFile = toml::from_str(text).map_err(|error| error.message().to_owned())?;
        let length = file.name.chars().count();
        if file.name.trim().is_empty() || length > NAME_CHARACTERS_MAX || file.name.chars().any(char::is_control) {
            return Err(format!(
                "name has {length} characters; it must have 1 to {NAME_CHARACTERS_MAX}, none a control"
            ));
        }
        let logo = file.logo.map_or_else(|| Ok(OWN_LOGO.to_vec()), |logo| picture(&logo))?;
        if logo.len() > LOGO_BYTES_MAX || !String::from_utf8_lossy(&logo).contains("<svg") {
            return Err(format!("logo is no SVG of at most {LOGO_BYTES_MAX} bytes"));
        }
        let light = Colour::readable("accent.light", &file.accent.light, &LIGHT_SURFACES)?;
        let dark = Colour::readable("accent.dark", &file.accent.dark, &DARK_SURFACES)?;
        Ok(Self { name: file.name, logo, light, dark })
    }

    /// Custom properties for both schemes; `web/src/kit/tokens.css` builds on them.
    pub(super) fn stylesheet(&self) -> String {
        let properties =
            |colour: Colour| format!("--accent:{};--on-accent:{}", colour.text(), colour.text_upon().text());
        let (light, dark) = (properties(self.light), properties(self.dark));
        format!(":root{{{light}}}\n@media (prefers-color-scheme:dark){{:root{{{dark}}}}}\n")
    }

    /// The picture, an SVG.
    pub(super) fn logo(&self) -> &[u8] {
        &self.logo
    }

    /// What pages must know before anybody has signed in: names, the test mode, and how many digits a currency has.
    pub(super) fn site(&self, is_sandbox: bool) -> String {
        let currencies: serde_json::Map<String, serde_json::Value> =
            Currency::all().map(|currency| (currency.code().to_owned(), currency.minor_digits().into())).collect();
        json!({"name": self.name, "sandbox": is_sandbox, "currencies": currencies}).to_string()
    }

    /// The web app manifest of `app`.
    pub(super) fn manifest(&self, app: &str) -> String {
        json!({
            "name": self.name,
            "short_name": self.name,
            "start_url": format!("/{app}/"),
            "scope": format!("/{app}/"),
            "display": "standalone",
            "background_color": LIGHT_SURFACES[0],
            "theme_color": LIGHT_SURFACES[0],
            "icons": [{"src": "/logo.svg", "sizes": "any", "type": "image/svg+xml"}],
        })
        .to_string()
    }
}

impl Colour {
    const BLACK: Self = Self([0; 3]);
    const WHITE: Self = Self([255; 3]);

    /// `#rrggbb` that can be read on each of `surfaces`.
    fn readable(field: &str, text: &str, surfaces: &[&str]) -> Result<Self, String> {
        let colour = Self::parse(text).ok_or_else(|| format!("{field} {text:?} is not a colour like #0d5c4b"))?;
        for surface in surfaces {
            let contrast = Self::parse(surface).map_or(0.0, |surface| colour.contrast(surface));
            if contrast < CONTRAST_MIN {
                return Err(format!(
                    "{field} {text} has a contrast of {contrast:.2} on {surface}; it needs at least {CONTRAST_MIN}"
                ));
            }
        }
        Ok(colour)
    }

    fn parse(text: &str) -> Option<Self> {
        let digits = text.strip_prefix('#').filter(|digits| digits.len() == 6 && digits.is_ascii())?;
        let part = |from: usize| u8::from_str_radix(digits.get(from..from + 2)?, 16).ok();
        Some(Self([part(0)?, part(2)?, part(4)?]))
    }

    fn text(self) -> String {
        let Self([red, green, blue]) = self;
        format!("#{red:02x}{green:02x}{blue:02x}")
    }

    /// White or black, whichever is read better on this; one of them always has 4.5 to 1.
    fn text_upon(self) -> Self {
        if self.contrast(Self::WHITE) >= self.contrast(Self::BLACK) { Self::WHITE } else { Self::BLACK }
    }

    /// Contrast ratio, WCAG 2.2.
    fn contrast(self, other: Self) -> f64 {
        let (one, two) = (self.luminance(), other.luminance());
        (one.max(two) + 0.05) / (one.min(two) + 0.05)
    }

    /// Relative luminance, WCAG 2.2.
    fn luminance(self) -> f64 {
        let [red, green, blue] = self.0.map(|value| {
            let value = f64::from(value) / 255.0;
            if value <= 0.04045 { value / 12.92 } else { ((value + 0.055) / 1.055).powf(2.4) }
        });
        0.2126 * red + 0.7152 * green + 0.0722 * blue
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(text: &str) -> Result<Brand, String> {
        Brand::read(
            text,
            |name| if name == "a.svg" { Ok(b"<svg/>".to_vec()) } else { Err(format!("logo {name}: none")) },
        )
    }

    #[test]
    fn contrast_is_that_of_the_recommendation() {
        // 21 to 1 by definition; 4.54 for #767676 on white is the usual example of what just passes.
        assert!((Colour::BLACK.contrast(Colour::WHITE) - 21.0).abs() < 1e-9);
        let grey = Colour::parse("#767676").unwrap();
        assert!((grey.contrast(Colour::WHITE) - 4.54).abs() < 0.005);
        assert_eq!(grey.text_upon(), Colour::BLACK);
    }

    #[test]
    fn the_own_brand_is_readable_in_both_schemes() {
        let brand = Brand::load(None).unwrap();
        let css = brand.stylesheet();
        assert!(css.contains("--accent:#0d5c4b;--on-accent:#ffffff"), "{css}");
        assert!(css.contains("dark){:root{--accent:#6fd3b6;--on-accent:#000000"), "{css}");
    }

    #[test]
    fn the_surfaces_are_those_of_the_apps() {
        let tokens = concat!(env!("CARGO_MANIFEST_DIR"), "/../web/src/kit/tokens.css");
        let tokens = std::fs::read_to_string(tokens).unwrap();
        for [page, card] in [LIGHT_SURFACES, DARK_SURFACES] {
            assert!(tokens.contains(&format!("--page: {page};")), "{page}");
            assert!(tokens.contains(&format!("--card: {card};")), "{card}");
        }
    }

    #[test]
    fn a_brand_that_cannot_be_read_or_shown_is_refused_with_the_reason() {
        let of = |name: &str, logo: &str, light: &str, dark: &str| {
            read(&format!("name = '{name}'\n{logo}\n[accent]\nlight = '{light}'\ndark = '{dark}'"))
                .map_or_else(|why| why, |_| String::new())
        };
        assert_eq!(of("Anna Pay", "logo = 'a.svg'", "#003366", "#99ccff"), "");
        for (why, said) in [
            (of("", "", "#003366", "#99ccff"), "name has 0 characters"),
            (of(&"x".repeat(25), "", "#003366", "#99ccff"), "name has 25 characters"),
            (of("A", "logo = 'b.svg'", "#003366", "#99ccff"), "logo b.svg: none"),
            (of("A", "", "#ffcc00", "#99ccff"), "accent.light #ffcc00 has a contrast of 1."),
            (of("A", "", "#003366", "#003366"), "accent.dark #003366 has a contrast of 1."),
            (of("A", "", "blue", "#99ccff"), "accent.light \"blue\" is not a colour"),
            (of("A", "", "#00336é", "#99ccff"), "accent.light \"#00336é\" is not a colour"),
            (of("A", "font = 'x'", "#003366", "#99ccff"), "unknown field `font`"),
        ] {
            assert!(why.starts_with(said), "{why:?} does not begin with {said:?}");
        }
    }
}
