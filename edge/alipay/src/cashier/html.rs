//! The pages themselves: headings, labels and colours that everyone can read, no scripts, nothing loaded from elsewhere.

/// Seconds between two looks of the browser at an order that waits.
const REFRESH_SECONDS: u32 = 3;

const STYLE: &str = "body{font:1.125rem/1.5 system-ui,sans-serif;color:#1a1a1a;background:#fff;margin:0}\
main{max-width:28rem;margin:0 auto;padding:1.5rem;text-align:center}\
h1{font-size:1.25rem;margin:0 0 .5rem}.amount{font-size:2.25rem;font-weight:700;margin:.5rem 0}\
svg{width:min(80vw,18rem);height:auto;border:1px solid #767676}dl{text-align:left}dt{color:#595959}dd{margin:0 0 .75rem;overflow-wrap:anywhere}\
code{overflow-wrap:anywhere;font-size:.8rem}";

/// What every page of an order says.
pub(super) struct Shown<'a> {
    /// Who is paid.
    pub merchant: String,
    /// What is bought.
    pub subject: &'a str,
    /// The price with its currency.
    pub amount: String,
    /// The merchant's number of the order.
    pub out_trade_no: &'a str,
}

/// The page of an order that waits for its payment. `again` is where it looks next.
pub(super) fn waiting(shown: &Shown<'_>, code: &str, qr_svg: &str, again: &str) -> String {
    let head = format!(
        "<meta name=\"sycee:code\" content=\"{}\"><meta http-equiv=\"refresh\" content=\"{REFRESH_SECONDS};url={}\">",
        escaped(code),
        escaped(again)
    );
    let main = format!(
        "{}<p>Scan this code with your wallet.</p>{qr_svg}\
         <p role=\"status\">Waiting for your payment. This page goes on by itself.</p>{}\
         <details><summary>The code as text</summary><code>{}</code></details>",
        heading(shown),
        details(shown),
        escaped(code)
    );
    page(&format!("Pay {}", shown.amount), &head, &main)
}

/// The page of an order that has ended, when there is nowhere to go.
pub(super) fn ended(shown: &Shown<'_>, title: &str, what: &str) -> String {
    let main = format!("{}<p role=\"status\"><strong>{}</strong></p>{}", heading(shown), escaped(what), details(shown));
    page(title, "", &main)
}

/// The page of a request that was refused.
pub(super) fn failed(message: &str, sub_code: &str, nothing_taken: bool) -> String {
    let where_the_money_is = if nothing_taken {
        "Nothing was taken from you. Please go back to the shop and try again."
    } else {
        "Whether this was paid cannot be said here. Look in your wallet before you pay again."
    };
    let main = format!(
        "<h1>This payment cannot be made</h1><p role=\"alert\">{}</p>\
         <p>{where_the_money_is}</p><p><code>{}</code></p>",
        escaped(message),
        escaped(sub_code)
    );
    page("This payment cannot be made", "", &main)
}

fn heading(shown: &Shown<'_>) -> String {
    format!("<h1>{}</h1><p class=\"amount\">{}</p>", escaped(&shown.merchant), escaped(&shown.amount))
}

fn details(shown: &Shown<'_>) -> String {
    format!(
        "<dl><dt>For</dt><dd>{}</dd><dt>Order</dt><dd>{}</dd></dl>",
        escaped(shown.subject),
        escaped(shown.out_trade_no)
    )
}

fn page(title: &str, head: &str, main: &str) -> String {
    format!(
        "<!DOCTYPE html><html lang=\"en\"><head><meta charset=\"utf-8\">\
         <meta name=\"viewport\" content=\"width=device-width, initial-scale=1\"><meta name=\"robots\" content=\"noindex\">\
         <title>{}</title>{head}<style>{STYLE}</style></head><body><main>{main}</main></body></html>",
        escaped(title)
    )
}

/// Text as HTML shows it, in content and in quoted attributes.
fn escaped(text: &str) -> String {
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
    use super::*;

    fn shown(subject: &str) -> Shown<'_> {
        Shown { merchant: "Tea & \"Co\"".into(), subject, amount: "12.50 EUR".into(), out_trade_no: "o'1" }
    }

    #[test]
    fn markup_in_texts_is_shown_and_not_obeyed() {
        let html = waiting(&shown("<script>alert(1)</script>"), "0002\"><b>", "<svg></svg>", "/cashier/1/2");
        assert!(!html.contains("<script") && !html.contains("\"><b>"));
        assert!(html.contains("&lt;script&gt;alert(1)&lt;/script&gt;"));
        assert!(html.contains("<meta name=\"sycee:code\" content=\"0002&quot;&gt;&lt;b&gt;\">"));
        assert!(html.contains("content=\"3;url=/cashier/1/2\""));
        assert!(html.contains("Tea &amp; &quot;Co&quot;") && html.contains("o&#39;1"));
    }

    #[test]
    fn only_a_page_that_waits_has_a_code_and_asks_again() {
        for html in [ended(&shown("Tea"), "Paid", "It has arrived."), failed("<no>", "ACQ.X", true)] {
            assert!(!html.contains("sycee:code") && !html.contains("refresh") && !html.contains("<no>"), "{html}");
            assert!(html.starts_with("<!DOCTYPE html><html lang=\"en\">"));
        }
    }

    #[test]
    fn a_failure_says_where_the_money_is_only_when_that_is_sure() {
        assert!(failed("no", "ACQ.X", true).contains("Nothing was taken"));
        let unsure = failed("no", "ACQ.X", false);
        assert!(!unsure.contains("Nothing was taken") && unsure.contains("before you pay again"));
    }
}
