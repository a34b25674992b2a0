//! How long a cell takes to open after it was killed with a million payments behind it.

use std::io::{BufRead, BufReader};
use std::path::Path;
use std::process::{Command as Process, Stdio};
use std::time::Instant;

use sycee_acquiring::command::{PAY_STATIC, PayStatic};
use sycee_contract::{Caller, Command};

use super::{Measured, Options, stage};

const FILLED: &str = "filled";

pub fn run(options: &Options) -> Result<String, String> {
    let count = options.count.unwrap_or(1_000_000);
    if let Some(folder) = &options.fill {
        return fill(folder, count);
    }
    let folder = stage::Folder::new()?;
    let program = std::env::current_exe().map_err(|error| error.to_string())?;
    let mut child = Process::new(program)
        .args(["bench", "reopen", "--count", &count.to_string(), "--fill"])
        .arg(&folder.0)
        .stdout(Stdio::piped())
        .spawn()
        .map_err(|error| error.to_string())?;
    let output = child.stdout.take().ok_or("no output of the child")?;
    let filled = BufReader::new(output).lines().any(|line| line.is_ok_and(|line| line == FILLED));
    child.kill().map_err(|error| error.to_string())?;
    child.wait().map_err(|error| error.to_string())?;
    if !filled {
        return Err("the child ended before it had filled the cell".into());
    }
    let began = Instant::now();
    let hosted = stage::open(&folder.0)?;
    let elapsed = began.elapsed();
    let operation = hosted.recovery.operation;
    if operation < count {
        return Err(format!("only {operation} operations are left of {count} acknowledged payments"));
    }
    let latency = u64::try_from(elapsed.as_micros()).unwrap_or(u64::MAX);
    let measured = Measured {
        name: format!("reopen after SIGKILL ({count} payments, {} operations replayed)", hosted.recovery.replayed),
        operations: 1,
        elapsed,
        latencies_us: vec![latency],
        journal_bytes: 0,
        cpu_seconds: super::threads::CpuTimes::new(),
        more: serde_json::Map::new(),
    };
    hosted.stop()?;
    Ok(measured.to_json())
}

/// Pays `count` times, says so, and waits to be killed.
fn fill(folder: &Path, count: u64) -> Result<String, String> {
    const IN_FLIGHT: u64 = 4_000;
    let hosted = stage::open(folder)?;
    let people = stage::people(&hosted.port, 2_000, 100_000_000)?;
    let mut paid = 0;
    while paid < count {
        let batch = (count - paid).min(IN_FLIGHT);
        let mut waiting = Vec::new();
        for index in paid..paid + batch {
            let at = usize::try_from(index).map_err(|error| error.to_string())? % people.customers.len();
            let customer = people.customers[at];
            let body =
                PayStatic { merchant: people.merchant, store: None, total: stage::euros(1)?, reference: String::new() };
            let command = Command::new(PAY_STATIC, Caller::customer(customer), &body).with_id(&format!("p{index}"));
            waiting.push(hosted.port.submit(command).map_err(|error| error.to_string())?);
        }
        for receiver in waiting {
            stage::accepted(receiver.blocking_recv().map_err(|error| error.to_string())?)?;
        }
        paid += batch;
    }
    println!("{FILLED}");
    // The parent kills this process; it must not stop cleanly.
    loop {
        std::thread::park();
    }
}
