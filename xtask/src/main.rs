//! `cargo xtask`: everything that people and machines do with this repository, one command a file.

mod bench;
mod ci;
mod clients;
mod demo;
mod fuzz;
mod new_product;
mod run;
mod setup;
mod test;
mod tidy;
mod web;

use std::process::ExitCode;

/// What `cargo xtask NAME` runs.
struct Task {
    name: &'static str,
    arguments: &'static str,
    meaning: &'static str,
    run: fn(&[String]) -> run::Result,
}

const TASKS: &[Task] = &[
    Task {
        name: "demo",
        arguments: "[--once] [--days N] [--seed N]",
        meaning: "a whole world with weeks of history on 127.0.0.1:8080 and one payment across a border; stays up until Ctrl-C",
        run: demo::run,
    },
    Task {
        name: "test",
        arguments: "[--only rust|web|browser|conformance|fuzz]",
        meaning: "formats, lints, tests, conformance with the real SDKs, fuzzing; the browser only if it is named",
        run: test::run,
    },
    Task { name: "ci", arguments: "", meaning: "the same as test", run: ci::run },
    Task {
        name: "fuzz",
        arguments: "[--seconds N] [--only TARGET]",
        meaning: "every parser against inputs led by coverage, each for 60 s unless N is given",
        run: fuzz::command,
    },
    Task {
        name: "clients",
        arguments: "[--check]",
        meaning: "renews the typed clients of clients/ from docs/openapi.json, or says that they are stale",
        run: clients::run,
    },
    Task {
        name: "tidy",
        arguments: "",
        meaning: "the rules of the house alone: walls, pure rules, licences, lengths",
        run: tidy::run,
    },
    Task {
        name: "bench",
        arguments: "",
        meaning: "the benchmarks; writes bench/results/ and compares with the last committed result",
        run: bench::run,
    },
    Task { name: "web", arguments: "", meaning: "installs the web packages and builds the apps", run: web::run },
    Task {
        name: "dev",
        arguments: "",
        meaning: "a sandbox on 127.0.0.1:8080 and the web apps before it, renewed while they are written",
        run: web::dev,
    },
    Task {
        name: "new-product",
        arguments: "[--dir DIR] NAME",
        meaning: "makes products/NAME, working and tested, and registers it",
        run: new_product::run,
    },
];

fn main() -> ExitCode {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let Some((name, rest)) = arguments.split_first() else {
        print!("{}", help());
        return ExitCode::SUCCESS;
    };
    if matches!(name.as_str(), "help" | "--help" | "-h") {
        print!("{}", help());
        return ExitCode::SUCCESS;
    }
    let Some(task) = TASKS.iter().find(|task| task.name == name) else {
        eprintln!("xtask: there is no command {name:?}\n\n{}", help());
        return ExitCode::from(2);
    };
    match (task.run)(rest) {
        Ok(()) => ExitCode::SUCCESS,
        Err(failure) => {
            eprintln!("xtask {name}: {failure}");
            ExitCode::FAILURE
        }
    }
}

fn help() -> String {
    let mut text = String::from("cargo xtask COMMAND\n\n");
    for Task { name, arguments, meaning, .. } in TASKS {
        let call = format!("{name} {arguments}");
        text.push_str(&format!("  {call:<32} {meaning}\n"));
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn help_names_every_command() {
        let text = help();
        for task in TASKS {
            assert!(text.contains(&format!("\n  {}", task.name)), "{}", task.name);
        }
    }
}
