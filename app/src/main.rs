//! The binary `sycee`.

use std::ffi::OsString;
use std::path::PathBuf;
use std::process::ExitCode;

use lexopt::prelude::{Long, Short, Value, ValueExt as _};
use sycee::config::{Flags, Settings};
use sycee::{admin, bench, demo, link, market, notify, operations, server, settlement, tools};

/// The records of a plan are many small allocations that one thread makes and another frees; measured, this allocator doubles
/// what a cell decides in a second (docs/decisions).
#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

const USAGE: &str = "\
sycee: wallet and payments platform

  sycee serve [--config FILE] [--listen ADDR] [--data DIR] [--cells a,b] [--sandbox]
              [--clock-start INSTANT]
  sycee audit --data DIR
  sycee replay --data DIR
  sycee code decode TEXT | encode JSON
  sycee settlement --data DIR --cell NAME [--window N] [--peer CELL] [--entries]
  sycee reconcile OURS THEIRS         two sides' entries, as settlement prints them
  sycee admin create --data DIR --cell CELL --name NAME [--config FILE] [--sandbox]
  sycee link key --data DIR --cell NAME
  sycee market check FILE... [--trust PUBLIC_KEY] | diff OLD NEW | dry-run FILE --data DIR
  sycee market keygen NAME | sign FILE --key KEYFILE
  sycee bench ledger|payments|api|alipay|notices|reopen [--count N] ...
  sycee demo history --url http://ADDR [--seed N] [--days N] [--sign-ins FILE]
  sycee notify replay --url http://ADDR --merchant ID (--notify-id N | --trade-no N)
  sycee registry                      what every product asks, answers, keeps and promises
";

/// The exit status for a bad flag, configuration or pack.
const BAD_USE: u8 = 2;

/// The exit status of a program that SIGPIPE ends: 128 and the signal's number, as shells show it.
const READER_GONE: i32 = 141;

/// Whoever reads what a command prints may stop reading, as `head` does: then the command ends without a word, and does not
/// panic.
fn end_quietly_when_nobody_reads() {
    let panicked = std::panic::take_hook();
    std::panic::set_hook(Box::new(move |panic| {
        let said = panic.payload().downcast_ref::<String>();
        if said.is_some_and(|said| said.starts_with("failed printing to stdout") && said.contains("Broken pipe")) {
            std::process::exit(READER_GONE);
        }
        panicked(panic);
    }));
}

fn main() -> ExitCode {
    end_quietly_when_nobody_reads();
    let mut arguments = lexopt::Parser::from_env();
    match run(&mut arguments) {
        Ok(code) => code,
        Err(message) => {
            eprintln!("sycee: {message}");
            ExitCode::from(BAD_USE)
        }
    }
}

fn run(arguments: &mut lexopt::Parser) -> Result<ExitCode, String> {
    let verb = match next(arguments)? {
        Some(Value(verb)) => verb,
        Some(Long("help") | Short('h')) | None => {
            print!("{USAGE}");
            return Ok(ExitCode::SUCCESS);
        }
        Some(Long("version") | Short('V')) => {
            println!("sycee {}", env!("CARGO_PKG_VERSION"));
            return Ok(ExitCode::SUCCESS);
        }
        Some(other) => return Err(other.unexpected().to_string()),
    };
    match verb.to_str() {
        Some("serve") => serve(arguments),
        Some("audit") => {
            let data = data_flag(arguments)?;
            tools::run_audit(&data, &sycee_registry::products()).map(exit)
        }
        Some("replay") => {
            let data = data_flag(arguments)?;
            tools::run_replay(&data, &sycee_registry::products()).map(exit)
        }
        Some("code") => code(arguments),
        Some("market") => market::command::run(arguments).map(exit),
        Some("settlement") => settlement_windows(arguments),
        Some("reconcile") => reconcile(arguments),
        Some("admin") => create_admin(arguments),
        Some("link") => link_key(arguments),
        Some("bench") => bench::run(arguments).map(|()| ExitCode::SUCCESS),
        Some("demo") => demo::run(arguments).map(|()| ExitCode::SUCCESS),
        Some("notify") => notify_replay(arguments),
        Some("registry") => {
            operations::print_registry(&sycee_registry::products());
            Ok(ExitCode::SUCCESS)
        }
        _ => Err(format!("no such command: {}; try sycee --help", verb.display())),
    }
}

fn exit(holds: bool) -> ExitCode {
    if holds { ExitCode::SUCCESS } else { ExitCode::FAILURE }
}

fn next<'a>(arguments: &'a mut lexopt::Parser) -> Result<Option<lexopt::Arg<'a>>, String> {
    arguments.next().map_err(|error| error.to_string())
}

fn value(arguments: &mut lexopt::Parser) -> Result<OsString, String> {
    arguments.value().map_err(|error| error.to_string())
}

fn text(arguments: &mut lexopt::Parser) -> Result<String, String> {
    value(arguments)?.string().map_err(|error| error.to_string())
}

fn serve(arguments: &mut lexopt::Parser) -> Result<ExitCode, String> {
    let mut flags = Flags::default();
    loop {
        let flag = match next(arguments)? {
            None => break,
            Some(Long(flag)) => flag.to_owned(),
            Some(other) => return Err(other.unexpected().to_string()),
        };
        match flag.as_str() {
            "config" => flags.config = Some(value(arguments)?.into()),
            "listen" => flags.listen = Some(text(arguments)?),
            "data" => flags.data = Some(value(arguments)?.into()),
            "cells" => flags.cells = Some(text(arguments)?.split(',').map(|name| name.trim().to_owned()).collect()),
            "sandbox" => flags.sandbox = true,
            "clock-start" => flags.clock_start = Some(text(arguments)?),
            "store" => return Err("--store: PostgreSQL-wire stores are not built yet; use --data DIR".into()),
            other => return Err(format!("invalid option '--{other}'")),
        }
    }
    let settings = Settings::load(flags)?;
    let filter = tracing_subscriber::EnvFilter::try_new(&settings.log_level)
        .map_err(|error| format!("log.level {:?}: {error}", settings.log_level))?;
    let log = tracing_subscriber::fmt().with_writer(std::io::stderr).with_env_filter(filter);
    if settings.log_json {
        log.json().init();
    } else {
        log.with_ansi(false).init();
    }
    server::serve(&settings).map(|()| ExitCode::SUCCESS)
}

fn notify_replay(arguments: &mut lexopt::Parser) -> Result<ExitCode, String> {
    const USE: &str = "sycee notify replay --url http://ADDR --merchant ID (--notify-id N | --trade-no N)";
    match next(arguments)? {
        Some(Value(verb)) if verb == "replay" => {}
        _ => return Err(format!("usage: {USE}")),
    }
    let (mut url, mut merchant, mut notice, mut trade) = (None, None, None, None);
    while let Some(argument) = next(arguments)? {
        let place = match argument {
            Long("url") => &mut url,
            Long("merchant") => &mut merchant,
            Long("notify-id") => &mut notice,
            Long("trade-no") => &mut trade,
            other => return Err(other.unexpected().to_string()),
        };
        *place = Some(text(arguments)?);
    }
    let which = match (&notice, &trade) {
        (Some(number), None) => notify::Which::Notice(number),
        (None, Some(number)) => notify::Which::Trade(number),
        _ => return Err(format!("one of the two: {USE}")),
    };
    let (Some(url), Some(merchant)) = (url, merchant) else { return Err(format!("usage: {USE}")) };
    notify::replay(&url, &merchant, &which).map(exit)
}

fn data_flag(arguments: &mut lexopt::Parser) -> Result<PathBuf, String> {
    let mut data = None;
    while let Some(argument) = next(arguments)? {
        match argument {
            Long("data") => data = Some(PathBuf::from(value(arguments)?)),
            Long("store") => return Err("--store: PostgreSQL-wire stores are not built yet; use --data DIR".into()),
            other => return Err(other.unexpected().to_string()),
        }
    }
    data.ok_or_else(|| "--data DIR is missing".into())
}

fn settlement_windows(arguments: &mut lexopt::Parser) -> Result<ExitCode, String> {
    let number = |text: String, flag: &str| text.parse().map_err(|_| format!("--{flag} takes a number"));
    let (mut data, mut cell, mut window, mut peer, mut entries) = (None, None, None, None, false);
    while let Some(argument) = next(arguments)? {
        match argument {
            Long("data") => data = Some(PathBuf::from(value(arguments)?)),
            Long("cell") => cell = Some(text(arguments)?),
            Long("window") => window = Some(number(text(arguments)?, "window")?),
            Long("peer") => {
                let peer_number: u64 = number(text(arguments)?, "peer")?;
                peer = Some(u16::try_from(peer_number).map_err(|_| "--peer takes a cell's number")?);
            }
            Long("entries") => entries = true,
            other => return Err(other.unexpected().to_string()),
        }
    }
    let (Some(data), Some(cell)) = (data, cell) else {
        return Err("use: sycee settlement --data DIR --cell NAME [--window N] [--peer CELL] [--entries]".into());
    };
    let request = settlement::Request { data: &data, cell: &cell, window, peer, entries };
    settlement::run(&request).map(|()| ExitCode::SUCCESS)
}

fn reconcile(arguments: &mut lexopt::Parser) -> Result<ExitCode, String> {
    let mut file = || match next(arguments)? {
        Some(Value(file)) => Ok(PathBuf::from(file)),
        _ => Err(String::from(
            "use: sycee reconcile OURS THEIRS, two lists that `sycee settlement --entries` has printed",
        )),
    };
    let (ours, theirs) = (file()?, file()?);
    settlement::run_reconcile(&ours, &theirs).map(exit)
}

fn create_admin(arguments: &mut lexopt::Parser) -> Result<ExitCode, String> {
    const USE: &str = "use: sycee admin create --data DIR --cell CELL --name NAME [--config FILE] [--sandbox]";
    if !matches!(next(arguments)?, Some(Value(verb)) if verb == "create") {
        return Err(USE.into());
    }
    let (mut flags, mut name) = (Flags::default(), None);
    while let Some(argument) = next(arguments)? {
        match argument {
            Long("config") => flags.config = Some(value(arguments)?.into()),
            Long("data") => flags.data = Some(value(arguments)?.into()),
            Long("cell") => flags.cells = Some(vec![text(arguments)?]),
            Long("name") => name = Some(text(arguments)?),
            Long("sandbox") => flags.sandbox = true,
            other => return Err(other.unexpected().to_string()),
        }
    }
    let (Some(name), true, true) = (name, flags.cells.is_some(), flags.data.is_some() || flags.config.is_some()) else {
        return Err(USE.into());
    };
    let made = admin::create(&Settings::load(flags)?, &name)?;
    println!("{}", made.token);
    eprintln!(
        "This is the bearer token of {:016}, told once and good for seven days. Set a password with it: POST \
         /api/v1/parties/{:016}/pin.",
        made.number, made.number
    );
    Ok(ExitCode::SUCCESS)
}

fn link_key(arguments: &mut lexopt::Parser) -> Result<ExitCode, String> {
    const USE: &str = "use: sycee link key --data DIR --cell NAME";
    if !matches!(next(arguments)?, Some(Value(verb)) if verb == "key") {
        return Err(USE.into());
    }
    let (mut data, mut cell) = (None, None);
    while let Some(argument) = next(arguments)? {
        match argument {
            Long("data") => data = Some(PathBuf::from(value(arguments)?)),
            Long("cell") => cell = Some(text(arguments)?),
            other => return Err(other.unexpected().to_string()),
        }
    }
    let (Some(data), Some(cell)) = (data, cell) else { return Err(USE.into()) };
    println!("{}", link::public_key(&data, &cell)?);
    Ok(ExitCode::SUCCESS)
}

fn code(arguments: &mut lexopt::Parser) -> Result<ExitCode, String> {
    let verb = match next(arguments)? {
        Some(Value(verb)) if verb == "decode" || verb == "encode" => verb,
        _ => return Err("use: sycee code decode TEXT, or sycee code encode JSON".into()),
    };
    let text = text(arguments)?;
    if verb == "encode" {
        println!("{}", sycee::code::encode(&text)?);
        return Ok(ExitCode::SUCCESS);
    }
    let decoded = sycee_codes::decode(&text);
    println!("{}", decoded.to_json());
    Ok(exit(decoded.valid))
}
