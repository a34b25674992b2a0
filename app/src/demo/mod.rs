//! `sycee demo history`: weeks of life in the sandbox world of a running server, made by asking it as everybody else does.
//!
//! The plan follows from a seed and the day on which the server's clock stands: the same people, amounts and order of requests
//! every time. The server's answers are its own: ids, and instants to the millisecond, differ from run to run.

pub mod gateway;
mod history;
pub mod people;
pub mod plan;

use std::path::PathBuf;

/// The seed of the demo's world.
const SEED_DEFAULT: u64 = 20_261_123;
/// The longest history, days.
const DAYS_MAX: u64 = 366;

/// What the history is made with.
pub struct Options {
    /// The server's address, `host:port`.
    pub address: String,
    /// The seed.
    pub seed: u64,
    /// How many days; all whole ones between the server's clock and now if `None`.
    pub days: Option<u64>,
    /// Where to write who can sign in.
    pub sign_ins: Option<PathBuf>,
}

const USE: &str = "use: sycee demo history --url http://ADDR [--seed N] [--days N] [--sign-ins FILE]";

/// Runs the command.
///
/// # Errors
/// One line.
pub fn run(arguments: &mut lexopt::Parser) -> Result<(), String> {
    let options = options(arguments)?;
    let runtime =
        tokio::runtime::Builder::new_current_thread().enable_all().build().map_err(|error| error.to_string())?;
    runtime.block_on(history::make(&options))
}

fn options(arguments: &mut lexopt::Parser) -> Result<Options, String> {
    let failed = |error: lexopt::Error| error.to_string();
    match arguments.next().map_err(failed)? {
        Some(lexopt::Arg::Value(verb)) if verb == "history" => {}
        _ => return Err(USE.into()),
    }
    let (mut address, mut seed, mut days, mut sign_ins) = (None, SEED_DEFAULT, None, None);
    while let Some(argument) = arguments.next().map_err(failed)? {
        let lexopt::Arg::Long(flag) = argument else { return Err(USE.into()) };
        let flag = flag.to_owned();
        let value = arguments.value().map_err(failed)?;
        let text = value.to_str().ok_or_else(|| format!("--{flag}: not a text"))?;
        let number = || text.parse::<u64>().map_err(|_| format!("--{flag} takes a number"));
        match flag.as_str() {
            "url" => address = Some(host_and_port(text)?),
            "seed" => seed = number()?,
            "days" => days = Some(number()?),
            "sign-ins" => sign_ins = Some(PathBuf::from(text)),
            _ => return Err(format!("invalid option '--{flag}'; {USE}")),
        }
    }
    if days.is_some_and(|days| days > DAYS_MAX) {
        return Err(format!("--days is at most {DAYS_MAX}"));
    }
    Ok(Options { address: address.ok_or(USE)?, seed, days, sign_ins })
}

fn host_and_port(url: &str) -> Result<String, String> {
    let address = url.strip_prefix("http://").map(|rest| rest.trim_end_matches('/'));
    let address = address.filter(|address| address.contains(':') && !address.contains('/'));
    address.map(str::to_owned).ok_or_else(|| format!("--url {url:?} is not like http://127.0.0.1:8080"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn arguments() {
        for (text, expected) in [
            ("history --url http://127.0.0.1:8080", Some(("127.0.0.1:8080", SEED_DEFAULT, None))),
            ("history --url http://127.0.0.1:1/ --seed 7 --days 5", Some(("127.0.0.1:1", 7, Some(5)))),
            ("history --url http://127.0.0.1:1 --days 367", None),
            ("history --url 127.0.0.1:1", None),
            ("history --url http://127.0.0.1:1/x", None),
            ("history --url http://localhost", None),
            ("history --seed 7", None),
            ("history --url http://127.0.0.1:1 --colour red", None),
            ("history --url http://127.0.0.1:1 --seed", None),
            ("history now", None),
            ("future", None),
            ("", None),
        ] {
            let options = options(&mut lexopt::Parser::from_args(text.split_whitespace())).ok();
            let read = options.as_ref().map(|options| (options.address.as_str(), options.seed, options.days));
            assert_eq!(read, expected, "{text}");
        }
    }
}
