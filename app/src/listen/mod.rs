//! `sycee listen`: posts what happens to a port of the developer's machine, as a webhook would.

mod sse;

use std::time::{Duration, Instant, SystemTime, UNIX_EPOCH};

use lexopt::prelude::{Long, ValueExt as _};
use sycee_api::WebhookSecret;
use sycee_courier::{Bytes, Courier, HeaderName, HeaderValue, Reach};

use sse::{Message, Reader};

/// The variable of the environment that has the token: what stands on a command line others can see.
const TOKEN_VARIABLE: &str = "SYCEE_TOKEN";
/// Where a server listens when nothing else is said.
const SERVER: &str = "http://127.0.0.1:8080";
/// How long it waits before it comes back to a stream that was cut off.
const COME_BACK_AFTER: Duration = Duration::from_secs(1);
/// How much of the receiver's answer is read: only its status is shown.
const ANSWER_MAX_BYTES: usize = 64 * 1024;

/// How it is called.
pub const USAGE: &str =
    "sycee listen [--server URL] [--token TOKEN] --forward http://127.0.0.1:PORT/PATH [--after CURSOR] [--type T,T]";

/// What it was asked.
struct Request {
    server: String,
    token: String,
    forward: String,
    after: Option<String>,
    types: Option<String>,
}

/// Runs the command until it is stopped.
///
/// # Errors
/// One line.
pub fn run(arguments: &mut lexopt::Parser) -> Result<(), String> {
    let request = read(arguments)?;
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()
        .map_err(|error| format!("no runtime: {error}"))?;
    runtime.block_on(listen(&request))
}

fn read(arguments: &mut lexopt::Parser) -> Result<Request, String> {
    let (mut server, mut token, mut forward, mut after, mut types) = (None, None, None, None, None);
    while let Some(argument) = arguments.next().map_err(|error| error.to_string())? {
        let place = match argument {
            Long("server") => &mut server,
            Long("token") => &mut token,
            Long("forward") => &mut forward,
            Long("after") => &mut after,
            Long("type") => &mut types,
            other => return Err(other.unexpected().to_string()),
        };
        let value = arguments.value().and_then(|value| value.string()).map_err(|error| error.to_string())?;
        *place = Some(value);
    }
    let token = token.or_else(|| std::env::var(TOKEN_VARIABLE).ok()).filter(|token| !token.is_empty());
    let token = token.ok_or_else(|| format!("--token is missing, and so is {TOKEN_VARIABLE} in the environment"))?;
    let forward = forward.ok_or_else(|| format!("usage: {USAGE}"))?;
    if sycee_courier::is_address(&forward).is_none() {
        return Err(format!("--forward is an address such as http://127.0.0.1:9000/hook, not {forward:?}"));
    }
    for (flag, text) in [("--after", &after), ("--type", &types)] {
        let is_plain = |byte: u8| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'_' | b'.' | b',');
        if text.as_ref().is_some_and(|text| !text.bytes().all(is_plain)) {
            return Err(format!("{flag} has letters, digits, full stops, commas, hyphens and underscores only"));
        }
    }
    let server = server.unwrap_or_else(|| SERVER.to_owned());
    Ok(Request { server: server.trim_end_matches('/').to_owned(), token, forward, after, types })
}

async fn listen(request: &Request) -> Result<(), String> {
    let courier = Courier::new(Reach::Everywhere);
    let secret = WebhookSecret::generate().map_err(|error| error.to_string())?;
    println!("secret {}", secret.to_text());
    let mut reader = Reader::default();
    let mut is_first = true;
    loop {
        let cut_off = match follow(&courier, request, &secret, &mut reader, is_first).await {
            Followed::Refused(why) => return Err(why),
            Followed::NotReached(why) if is_first => return Err(why),
            Followed::NotReached(why) => why,
            Followed::CutOff => "the stream was cut off".to_owned(),
        };
        is_first = false;
        eprintln!("{cut_off}; coming back");
        reader.cut_off();
        tokio::time::sleep(COME_BACK_AFTER).await;
    }
}

/// How following the stream ended.
enum Followed {
    /// The server does not give the stream; asking again would not help.
    Refused(String),
    /// The server was not reached.
    NotReached(String),
    CutOff,
}

/// Follows the stream once, from where the reader stands.
async fn follow(
    courier: &Courier,
    request: &Request,
    secret: &WebhookSecret,
    reader: &mut Reader,
    is_first: bool,
) -> Followed {
    let mut url = format!("{}/api/v1/events/stream", request.server);
    let query = [("after", &request.after), ("type", &request.types)];
    for (separator, (name, value)) in ["?", "&"].iter().zip(query.iter().filter(|(_, value)| value.is_some())) {
        url.push_str(&format!("{separator}{name}={}", value.as_deref().unwrap_or_default()));
    }
    let mut headers = Vec::new();
    let lines =
        [("authorization", format!("Bearer {}", request.token)), ("last-event-id", reader.last_id().to_owned())];
    for (name, value) in lines {
        match HeaderValue::from_str(&value) {
            Ok(value) if !value.is_empty() => headers.push((HeaderName::from_static(name), value)),
            Ok(_) => {}
            Err(_) => {
                return Followed::Refused(format!("the {name} cannot be sent: it has characters that no header has"));
            }
        }
    }
    let mut reading = match courier.get(&url, &headers).await {
        Ok(reading) => reading,
        Err(why) => return Followed::NotReached(format!("{url}: {why}")),
    };
    if reading.status != 200 {
        let said = reading.piece().await.unwrap_or_default();
        let said = String::from_utf8_lossy(&said).into_owned();
        let why = format!("{url}: {} {said}", reading.status);
        return if (400..500).contains(&reading.status) && reading.status != 429 {
            Followed::Refused(why)
        } else {
            Followed::NotReached(why)
        };
    }
    if is_first {
        println!("listening to {} for {}", request.server, request.forward);
    }
    while let Some(bytes) = reading.piece().await {
        match reader.take(&bytes) {
            Ok(messages) => {
                for message in messages {
                    println!("{}", forward(courier, &request.forward, secret, &message).await);
                }
            }
            Err(why) => return Followed::Refused(why),
        }
    }
    Followed::CutOff
}

/// Posts one event as a webhook would be; what is to be said of it.
async fn forward(courier: &Courier, url: &str, secret: &WebhookSecret, message: &Message) -> String {
    let event: serde_json::Value = serde_json::from_str(&message.data).unwrap_or_default();
    let name = event["type"].as_str().unwrap_or("?");
    let timestamp = SystemTime::now().duration_since(UNIX_EPOCH).map_or(0, |since| since.as_secs());
    let headers = secret.headers(&message.id, timestamp, &message.data);
    let body = Bytes::copy_from_slice(message.data.as_bytes());
    let since = Instant::now();
    let outcome = match courier.post(url, &headers, body, ANSWER_MAX_BYTES).await {
        Ok(answer) => answer.status.to_string(),
        Err(why) => format!("not posted: {why}"),
    };
    let at = event["timestamp"].as_str().unwrap_or("?");
    format!("{at} {name} {} -> {outcome} in {} ms", message.id, since.elapsed().as_millis())
}
