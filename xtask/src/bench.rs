//! `cargo xtask bench`: the benchmarks, kept with the machine's facts, and compared with the last committed result.

mod facts;
mod plot;

use std::path::Path;

use serde_json::{Map, Value};

use crate::run::{Failure, Result, Run, fail, root};
use crate::test;

/// What `sycee bench` can run, in this order: the result's name, and the arguments.
const BENCHES: &[(&str, &[&str])] = &[
    ("ledger", &["ledger"]),
    ("ledger_hot", &["ledger", "--hot"]),
    ("payments", &["payments"]),
    ("payments_abroad", &["payments", "--abroad", "--connections", "256"]),
    ("api_hmac", &["api", "--signature", "hmac"]),
    ("api_ed25519", &["api", "--signature", "ed25519"]),
    ("alipay_rsa2", &["alipay"]),
    ("notices", &["notices"]),
    ("reopen", &["reopen"]),
];

/// Builds in release mode, runs every benchmark, writes `bench/results/DATE-COMMIT.json` and `.svg`, prints figures and
/// ratios against the last committed result.
pub fn run(arguments: &[String]) -> Result {
    if !arguments.is_empty() {
        return fail("bench takes no arguments");
    }
    let root = root()?;
    let before = last_committed(&root)?;
    Run::new("cargo", &["build", "--release", "--bin", "sycee"]).dir(&root).run()?;
    let binary = test::target(&root).join("release/sycee");
    let binary = binary.to_str().ok_or_else(|| Failure("the target folder's name is not UTF-8".into()))?;
    let mut results = Map::new();
    for (bench, arguments) in BENCHES {
        let arguments = [&["bench"], *arguments].concat();
        println!("$ sycee {}", arguments.join(" "));
        let output = Run::new(binary, &arguments).dir(&root).output()?;
        results.insert((*bench).into(), figures(bench, &output)?);
    }
    let facts = facts::read(&root)?;
    let name = format!("{}-{}", facts.date, facts.commit);
    let result = serde_json::json!({ "name": name, "machine": facts.machine(), "benches": results });
    let folder = root.join("bench/results");
    std::fs::create_dir_all(&folder)?;
    std::fs::write(folder.join(format!("{name}.json")), format!("{result:#}\n"))?;
    std::fs::write(folder.join(format!("{name}.svg")), plot::svg(&result, before.as_ref()))?;
    print!("{}", table(&result, before.as_ref()));
    if let Some(ratio) = hot_ratio(&result) {
        println!("one hot account in half of the transfers: {ratio:.2}× the uniform load");
    }
    println!("written: bench/results/{name}.json and .svg");
    Ok(())
}

/// How the ledger does with one hot account, against the uniform load of the same run.
fn hot_ratio(result: &Value) -> Option<f64> {
    let per_second = |bench: &str| result["benches"][bench]["per_second"].as_f64();
    Some(per_second("ledger_hot")? / per_second("ledger").filter(|uniform| *uniform > 0.0)?)
}

/// The JSON object that a benchmark prints as its last line.
fn figures(bench: &str, output: &str) -> Result<Value> {
    let line = output.lines().rfind(|line| !line.trim().is_empty()).unwrap_or_default();
    match serde_json::from_str(line) {
        Ok(Value::Object(figures)) => Ok(Value::Object(figures)),
        _ => fail(format!("`sycee bench {bench}` printed no JSON object as its last line: {line:?}")),
    }
}

/// The newest result that is committed, as it was committed.
fn last_committed(root: &Path) -> Result<Option<Value>> {
    let log = ["log", "-1", "--format=", "--name-only", "--diff-filter=AM", "--", "bench/results/*.json"];
    let listing = Run::new("git", &log).dir(root).output()?;
    let Some(path) = listing.lines().filter(|line| !line.is_empty()).max() else { return Ok(None) };
    let text = Run::new("git", &["show", &format!("HEAD:{path}")]).dir(root).output()?;
    let result = serde_json::from_str(&text).map_err(|error| Failure(format!("{path} is not JSON: {error}")))?;
    Ok(Some(result))
}

/// Every figure of every benchmark, with its ratio to the one before.
fn table(result: &Value, before: Option<&Value>) -> String {
    let mut text = match before.and_then(|before| before["name"].as_str()) {
        Some(name) => format!("\nratios are against {name}\n"),
        None => "\nno result is committed yet, so there are no ratios\n".into(),
    };
    for (bench, name, now, then) in rows(result, before) {
        let ratio = then.filter(|then| *then != 0.0).map_or_else(String::new, |then| format!("{:>8.2}×", now / then));
        text.push_str(&format!("{bench:<16} {name:<24} {now:>16.1} {ratio}\n"));
    }
    text
}

/// All numbers: benchmark, figure, now, before.
fn rows<'r>(result: &'r Value, before: Option<&'r Value>) -> Vec<(&'r str, &'r str, f64, Option<f64>)> {
    let benches = result["benches"].as_object();
    let figures = benches.into_iter().flatten().filter_map(|(bench, figures)| Some((bench, figures.as_object()?)));
    figures
        .flat_map(|(bench, figures)| figures.iter().map(move |(name, value)| (bench, name, value)))
        .filter_map(|(bench, name, value)| {
            let then = before.and_then(|before| before["benches"][bench][name].as_f64());
            Some((bench.as_str(), name.as_str(), value.as_f64()?, then))
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn result(name: &str, per_second: f64) -> Value {
        serde_json::json!({"name": name, "benches": {"ledger": {"per_second": per_second, "p99_us": 80.0, "note": "x"}}})
    }

    #[test]
    fn ratios_are_now_over_then() {
        let text = table(&result("now", 300.0), Some(&result("then", 200.0)));
        assert!(text.contains("against then") && text.contains("300.0") && text.contains("1.50×"), "{text}");
        assert!(text.contains("1.00×") && !text.contains("note"), "{text}");
        assert!(!table(&result("now", 300.0), None).contains('×'));
    }

    #[test]
    fn the_last_line_is_the_result() {
        assert_eq!(figures("ledger", "warming up\n{\"seconds\": 1}\n\n"), Ok(serde_json::json!({"seconds": 1})));
        assert!(figures("ledger", "").is_err());
        assert!(figures("ledger", "{}\ndone").is_err());
    }
}
