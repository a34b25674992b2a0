//! `sycee notify replay`: has a sandbox's server send a notice again.

use crate::bench::client::Client;

/// What is to be sent again.
pub enum Which<'a> {
    /// A notice that the server remembers, as it was.
    Notice(&'a str),
    /// A trade, as it stands now, in a new notice.
    Trade(&'a str),
}

/// Asks the server at `url`, and prints what came of it as JSON. Gives back whether the receiver has it.
///
/// # Errors
/// One line: the address is none, nobody is there, or the server does not send it.
pub fn replay(url: &str, merchant: &str, which: &Which<'_>) -> Result<bool, String> {
    let address = url.strip_prefix("http://").unwrap_or(url).trim_end_matches('/');
    let path = match which {
        Which::Notice(number) => format!("deliveries/{}/replay", digits("--notify-id", number)?),
        Which::Trade(number) => format!("trades/{}/notify", digits("--trade-no", number)?),
    };
    let path = format!("/sandbox/v1/merchants/{}/{path}", digits("--merchant", merchant)?);
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()
        .map_err(|error| format!("no runtime: {error}"))?;
    let reply = runtime.block_on(async {
        let mut client = Client::connect(address).await.map_err(|error| format!("{address}: {error}"))?;
        client.post(&path, "{}").await
    })?;
    println!("{reply:#}");
    let last = reply["attempts"].as_array().and_then(|attempts| attempts.last());
    Ok(last.is_some_and(|attempt| attempt["failure"].is_null()))
}

/// Numbers go into a path as they are.
fn digits<'a>(flag: &str, text: &'a str) -> Result<&'a str, String> {
    let is_number = !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit());
    if is_number { Ok(text) } else { Err(format!("{flag} is a number, not {text:?}")) }
}
