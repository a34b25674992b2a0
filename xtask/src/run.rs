//! Running other programs: the command line is printed first, and a failure names it.

use std::fmt;
use std::io::Write;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

/// Why a task failed, as one sentence for people.
#[derive(Debug, PartialEq, Eq)]
pub struct Failure(pub String);

impl fmt::Display for Failure {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(&self.0)
    }
}

impl From<std::io::Error> for Failure {
    fn from(error: std::io::Error) -> Self {
        Self(error.to_string())
    }
}

/// What a task comes to.
pub type Result<T = ()> = std::result::Result<T, Failure>;

/// A failure of this sentence.
pub fn fail<T>(sentence: impl Into<String>) -> Result<T> {
    Err(Failure(sentence.into()))
}

/// The folder of the workspace: the nearest one above the current directory that holds `xtask/`.
pub fn root() -> Result<PathBuf> {
    let here = std::env::current_dir()?;
    let found = here.ancestors().find(|folder| folder.join("xtask/Cargo.toml").is_file());
    found.map(Path::to_path_buf).ok_or_else(|| Failure("run this inside the repository".into()))
}

/// The cargo that runs us.
pub fn cargo() -> String {
    std::env::var("CARGO").unwrap_or_else(|_| "cargo".into())
}

/// One command line.
pub struct Run {
    command: Command,
    shown: String,
}

impl Run {
    /// `program` with its arguments; `cargo` is the one that runs us.
    pub fn new(program: &str, arguments: &[&str]) -> Self {
        let real = if program == "cargo" { cargo() } else { program.into() };
        let mut command = Command::new(real);
        command.args(arguments);
        let shown = std::iter::once(program).chain(arguments.iter().copied()).collect::<Vec<_>>().join(" ");
        Self { command, shown }
    }

    /// The folder to run in.
    pub fn dir(mut self, folder: &Path) -> Self {
        self.command.current_dir(folder);
        self
    }

    /// A variable of its environment.
    pub fn variable(mut self, name: &str, value: &Path) -> Self {
        self.command.env(name, value);
        self.shown = format!("{name}={} {}", value.display(), self.shown);
        self
    }

    /// Runs it with our own output.
    ///
    /// # Errors
    /// The command line, if it cannot be started or fails.
    pub fn run(mut self) -> Result {
        self.print();
        let status = self.command.status().map_err(|error| self.cannot_start(&error))?;
        if status.success() { Ok(()) } else { fail(format!("`{}` failed: {status}", self.shown)) }
    }

    /// Runs it quietly and gives what it wrote to its standard output; what it wrote to the other is shown.
    ///
    /// # Errors
    /// As [`Run::run`].
    pub fn output(mut self) -> Result<String> {
        let output = self.command.stderr(Stdio::inherit()).output().map_err(|error| self.cannot_start(&error))?;
        if !output.status.success() {
            return fail(format!("`{}` failed: {}", self.shown, output.status));
        }
        String::from_utf8(output.stdout).map_err(|_| Failure(format!("`{}` wrote no UTF-8", self.shown)))
    }

    /// Runs it quietly: whether it succeeded, and what it wrote to its standard output.
    pub fn probe(mut self) -> (bool, String) {
        match self.command.stdin(Stdio::null()).stderr(Stdio::null()).output() {
            Ok(output) => (output.status.success(), String::from_utf8_lossy(&output.stdout).trim().to_owned()),
            Err(_) => (false, String::new()),
        }
    }

    /// Becomes it: signals that are sent to us reach it.
    ///
    /// # Errors
    /// If it cannot be started; otherwise this does not return.
    pub fn become_it(mut self) -> Result {
        use std::os::unix::process::CommandExt;
        self.print();
        let error = self.command.exec();
        Err(self.cannot_start(&error))
    }

    fn print(&self) {
        println!("$ {}", self.shown);
        // Nothing depends on the line being seen.
        let _ = std::io::stdout().flush();
    }

    fn cannot_start(&self, error: &std::io::Error) -> Failure {
        Failure(format!("`{}` cannot be started: {error}", self.shown))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_failure_names_the_command_line() {
        assert_eq!(Run::new("true", &[]).run(), Ok(()));
        let failure = Run::new("false", &["--why"]).run().unwrap_err();
        assert!(failure.0.contains("`false --why` failed"), "{failure}");
        let failure = Run::new("no-such-program-here", &[]).run().unwrap_err();
        assert!(failure.0.contains("`no-such-program-here` cannot be started"), "{failure}");
    }

    #[test]
    fn output_and_probe_give_what_was_written() {
        assert_eq!(Run::new("echo", &["one", "two"]).output(), Ok("one two\n".into()));
        assert_eq!(Run::new("echo", &["one"]).probe(), (true, "one".into()));
        assert_eq!(Run::new("no-such-program-here", &[]).probe(), (false, String::new()));
    }
}
