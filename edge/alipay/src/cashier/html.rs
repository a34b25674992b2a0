//! The pages of an order: what is paid, the code to scan, confirming on this device, and how it ended.

use std::fmt::Write as _;

use crate::pages::language::Language;
use crate::pages::sheet::{Sheet, escaped, filled, isolated, named, with_language};
use crate::pages::sign_in_form::row;

/// Seconds between two looks of the browser at an order that waits.
const REFRESH_SECONDS: u64 = 3;
/// Seconds for which a payment's end is shown before the browser goes back to the shop.
const PAID_SECONDS: u64 = 2;

/// What every page of an order says.
pub(super) struct Shown<'a> {
    /// In which language.
    pub language: &'a Language,
    /// Who is paid.
    pub merchant: String,
    /// What is bought.
    pub subject: &'a str,
    /// The price with its currency.
    pub amount: String,
    /// The merchant's number of the order.
    pub out_trade_no: &'a str,
    /// The address of the order's page, without a language.
    pub here: String,
}

/// Both amounts of a payment from another cell, part by part, written out.
pub(super) struct Explained {
    /// What the payer pays.
    pub total: String,
    /// How much one of the shop's currency costs at mid-market.
    pub rate: String,
    /// The price at mid-market.
    pub mid: String,
    /// The margin, in percent.
    pub margin_percent: String,
    /// The margin, as an amount.
    pub margin: String,
    /// What rounding left.
    pub rounding: String,
    /// The payer's fee.
    pub fee: String,
    /// For how many seconds it is good.
    pub seconds: u64,
}

/// What a customer is asked to confirm.
pub(super) struct Confirming<'a> {
    /// Who has signed in.
    pub name: &'a str,
    /// What the customer has, in the currency in which they pay; `None` if they have no account in it.
    pub balance: String,
    /// Whether that is enough.
    pub is_enough: bool,
    /// For a customer of another cell.
    pub explained: Option<Explained>,
    /// Where the form is sent, what seals it, and which quote it takes.
    pub action: &'a str,
    pub seal: &'a str,
    pub quote: Option<u64>,
    /// Something to be said first.
    pub notice: Option<&'a str>,
}

/// The page of an order that waits for its payment.
pub(super) fn waiting(shown: &Shown<'_>, code: &str, qr_svg: &str, is_scanned: bool) -> String {
    let language = shown.language;
    let text = |key| escaped(language.text(key));
    let status = text(if is_scanned { "scanned" } else { "waiting" });
    let main = format!(
        "{}<p>{}</p>{qr_svg}<p role=\"status\">{status}</p>\
         <p><a class=\"button\" href=\"{}\">{}</a></p><p class=\"hint\">{}</p>{}\
         <details><summary>{}</summary><code dir=\"ltr\">{}</code></details>",
        heading(shown),
        text("scan"),
        escaped(&with_language(&format!("{}/pay", shown.here), &language.tag)),
        text("pay_here"),
        text("pay_here_hint"),
        details(shown),
        text("code_text"),
        escaped(code)
    );
    let mut sheet = Sheet::new(language, language.filled("pay_title", &[("amount", &shown.amount)]), main);
    sheet.head = format!("<meta name=\"sycee:code\" content=\"{}\">", escaped(code));
    // Without a language: it is the browser's again, unless the visitor has chosen one.
    sheet.refresh = Some((REFRESH_SECONDS, shown.here.clone()));
    sheet.here = Some(shown.here.clone());
    sheet.html()
}

/// The same for a visitor who has chosen a language, which stays.
pub(super) fn waiting_in(shown: &Shown<'_>, code: &str, qr_svg: &str, is_scanned: bool) -> String {
    let address = with_language(&shown.here, &shown.language.tag);
    let plain = format!("content=\"{REFRESH_SECONDS};url={}\"", escaped(&shown.here));
    let chosen = format!("content=\"{REFRESH_SECONDS};url={}\"", escaped(&address));
    waiting(shown, code, qr_svg, is_scanned).replacen(&plain, &chosen, 1)
}

/// The page on which a customer signs in.
pub(super) fn signing_in(shown: &Shown<'_>, form: &str) -> String {
    let language = shown.language;
    let main = format!("{}<h2>{}</h2>{form}{}", heading(shown), escaped(language.text("sign_in_title")), back(shown));
    page_of_paying(shown, language.text("sign_in_title").to_owned(), main).html()
}

/// The page on which a customer confirms.
pub(super) fn confirming(shown: &Shown<'_>, asked: &Confirming<'_>) -> String {
    let language = shown.language;
    let total = asked.explained.as_ref().map_or(shown.amount.as_str(), |explained| explained.total.as_str());
    let mut main = heading(shown);
    // Writing into a string cannot fail.
    if let Some(notice) = asked.notice {
        let _written = write!(main, "<p role=\"alert\">{}</p>", escaped(notice));
    }
    let _written = write!(
        main,
        "<h2>{}</h2><p>{}</p><table><tbody>",
        escaped(language.text("confirm_title")),
        filled(language, "signed_in_as", &[("name", &named(asked.name))])
    );
    if let Some(explained) = &asked.explained {
        let margin = language.filled("margin", &[("percent", &explained.margin_percent)]);
        main.push_str(&row(language.text("shop_gets"), &shown.amount, ""));
        main.push_str(&row(language.text("rate"), &explained.rate, ""));
        main.push_str(&row(language.text("at_mid"), &explained.mid, ""));
        main.push_str(&row(&margin, &explained.margin, ""));
        main.push_str(&row(language.text("rounding"), &explained.rounding, ""));
        main.push_str(&row(language.text("fee"), &explained.fee, ""));
    }
    main.push_str(&row(language.text("you_pay"), total, "total"));
    let _written = write!(
        main,
        "</tbody></table><p>{}: {}</p>",
        escaped(language.text("from_balance")),
        filled(language, "balance", &[("amount", &isolated(&asked.balance))])
    );
    if let Some(explained) = &asked.explained {
        let left = filled(language, "quote_left", &[("seconds", &isolated(&explained.seconds.to_string()))]);
        let _written = write!(main, "<p>{left}</p>");
    }
    if asked.is_enough {
        let quote = asked.quote.map(|quote| format!("<input type=\"hidden\" name=\"quote\" value=\"{quote}\">"));
        let _written = write!(
            main,
            "<form method=\"post\" action=\"{}\"><input type=\"hidden\" name=\"seal\" value=\"{}\">\
             <input type=\"hidden\" name=\"lang\" value=\"{}\">{}<button>{}</button></form>",
            escaped(asked.action),
            escaped(asked.seal),
            escaped(&language.tag),
            quote.unwrap_or_default(),
            filled(language, "pay_button", &[("amount", &isolated(total))])
        );
    } else {
        let _written = write!(main, "<p role=\"alert\">{}</p>", escaped(language.text("not_enough")));
    }
    let _written = write!(
        main,
        "<a class=\"button second\" href=\"{}\">{}</a>{}",
        escaped(&with_language(&shown.here, &language.tag)),
        escaped(language.text("cancel")),
        details(shown)
    );
    // It does not change under the reader's eyes (WCAG 2.2, 2.2.1): whoever agrees to an old price is shown the new one.
    page_of_paying(shown, language.text("confirm_title").to_owned(), main).html()
}

/// The page of a payment whose end is not known yet, or that has arrived: the browser goes on by itself.
pub(super) fn going_on(shown: &Shown<'_>, is_paid: bool, next: &str) -> String {
    let (title, what) = if is_paid { ("paid_title", "paid") } else { ("confirm_title", "under_way") };
    let language = shown.language;
    let mut main = heading(shown);
    let _written = write!(main, "<p role=\"status\"><strong>{}</strong></p>", escaped(language.text(what)));
    if is_paid {
        let _written = write!(
            main,
            "<a class=\"button\" href=\"{}\">{}</a>",
            escaped(next),
            escaped(language.text("back_to_shop"))
        );
    }
    main.push_str(&details(shown));
    let mut sheet = Sheet::new(language, language.text(title).to_owned(), main);
    sheet.refresh = Some((if is_paid { PAID_SECONDS } else { REFRESH_SECONDS }, next.to_owned()));
    sheet.html()
}

/// The page of a payment that was refused, or of which it is not known whether it was made.
pub(super) fn not_paid(shown: &Shown<'_>, what: &str, code: &str) -> String {
    let language = shown.language;
    let main = format!(
        "{}<p role=\"alert\">{}</p><p><code dir=\"ltr\">{}</code></p>{}{}",
        heading(shown),
        escaped(language.text(what)),
        escaped(code),
        back(shown),
        details(shown)
    );
    page_of_paying(shown, language.text("failed_title").to_owned(), main).html()
}

/// The page of an order that has ended, when there is nowhere to go.
pub(super) fn ended(shown: &Shown<'_>, title: &str, what: &str) -> String {
    let language = shown.language;
    let status = escaped(language.text(what));
    let main = format!("{}<p role=\"status\"><strong>{status}</strong></p>{}", heading(shown), details(shown));
    Sheet { here: Some(shown.here.clone()), ..Sheet::new(language, language.text(title).to_owned(), main) }.html()
}

/// The page of a request that was refused. The message is the developer's, and in English.
pub(super) fn failed(language: &Language, message: &str, sub_code: &str, nothing_taken: bool) -> String {
    let title = language.text("failed_title");
    let where_the_money_is = language.text(if nothing_taken { "failed" } else { "unsure" });
    let main = format!(
        "<h1>{}</h1><p role=\"alert\">{}</p><p lang=\"en\" dir=\"ltr\">{}</p><p><code dir=\"ltr\">{}</code></p>",
        escaped(title),
        escaped(where_the_money_is),
        escaped(message),
        escaped(sub_code)
    );
    Sheet::new(language, title.to_owned(), main).html()
}

fn page_of_paying<'a>(shown: &Shown<'a>, title: String, main: String) -> Sheet<'a> {
    Sheet { here: Some(format!("{}/pay", shown.here)), ..Sheet::new(shown.language, title, main) }
}

fn heading(shown: &Shown<'_>) -> String {
    format!("<h1>{}</h1><p class=\"amount\">{}</p>", named(&shown.merchant), isolated(&shown.amount))
}

fn back(shown: &Shown<'_>) -> String {
    let language = shown.language;
    let address = escaped(&with_language(&shown.here, &language.tag));
    format!("<a class=\"button second\" href=\"{address}\">{}</a>", escaped(language.text("back_to_code")))
}

fn details(shown: &Shown<'_>) -> String {
    format!(
        "<dl><dt>{}</dt><dd>{}</dd><dt>{}</dt><dd>{}</dd></dl>",
        escaped(shown.language.text("for")),
        named(shown.subject),
        escaped(shown.language.text("order")),
        isolated(shown.out_trade_no)
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    fn shown(subject: &str) -> Shown<'_> {
        Shown {
            language: Language::english(),
            merchant: "Tea & \"Co\"".into(),
            subject,
            amount: "12.50 EUR".into(),
            out_trade_no: "o'1",
            here: "/cashier/1/2".into(),
        }
    }

    #[test]
    fn markup_in_texts_is_shown_and_not_obeyed() {
        let html = waiting(&shown("<script>alert(1)</script>"), "0002\"><b>", "<svg></svg>", false);
        assert!(!html.contains("<script") && !html.contains("\"><b>"));
        assert!(html.contains("&lt;script&gt;alert(1)&lt;/script&gt;"));
        assert!(html.contains("<meta name=\"sycee:code\" content=\"0002&quot;&gt;&lt;b&gt;\">"));
        assert!(html.contains("content=\"3;url=/cashier/1/2\""));
        assert!(html.contains("Tea &amp; &quot;Co&quot;") && html.contains("o&#39;1"));
    }

    #[test]
    fn only_a_page_that_waits_has_a_code_and_asks_again() {
        let english = Language::english();
        for html in [ended(&shown("Tea"), "paid_title", "paid"), failed(english, "<no>", "ACQ.X", true)] {
            assert!(!html.contains("sycee:code") && !html.contains("refresh") && !html.contains("<no>"), "{html}");
            assert!(html.starts_with("<!DOCTYPE html><html lang=\"en\" dir=\"ltr\">"));
        }
    }

    #[test]
    fn a_chosen_language_stays_and_a_scan_is_told() {
        let html = waiting_in(&shown("Tea"), "1", "", true);
        assert!(html.contains("content=\"3;url=/cashier/1/2?lang=en\"") && html.contains("Confirm on your phone"));
        assert!(!waiting(&shown("Tea"), "1", "", false).contains("Confirm on your phone"));
    }

    #[test]
    fn a_failure_says_where_the_money_is_only_when_that_is_sure() {
        let english = Language::english();
        assert!(failed(english, "no", "ACQ.X", true).contains("Nothing was taken"));
        let unsure = failed(english, "no", "ACQ.X", false);
        assert!(!unsure.contains("Nothing was taken") && unsure.contains("before you pay again"));
    }
}
