//! What a fresh Debian machine lacks: installed with apt-get, and said.

use crate::run::{Result, Run, fail};

/// Something that a command needs on the machine.
pub struct Tool {
    name: &'static str,
    packages: &'static [&'static str],
    is_there: fn() -> bool,
}

/// Node 20.11 or later (`import.meta.dirname`), with npm.
pub const NODE: Tool = Tool {
    name: "Node 20 with npm",
    packages: &["nodejs", "npm"],
    is_there: || {
        let (found, version) = Run::new("node", &["--version"]).probe();
        found && is_node_new_enough(&version) && Run::new("npm", &["--version"]).probe().0
    },
};

/// Python 3 that can make virtual environments.
pub const PYTHON: Tool = Tool {
    name: "Python 3 with venv",
    packages: &["python3", "python3-venv"],
    is_there: || Run::new("python3", &["-c", "import venv, ensurepip"]).probe().0,
};

/// What the tutorials of the book use beside bash.
pub const CURL: Tool = Tool {
    name: "curl and openssl",
    packages: &["curl", "openssl"],
    is_there: || Run::new("curl", &["--version"]).probe().0 && Run::new("openssl", &["version"]).probe().0,
};

/// A browser, for the pages on which people pay and the tests of the web apps. `SYCEE_CHROMIUM` names another.
pub const CHROMIUM: Tool = Tool {
    name: "the browser Chromium",
    packages: &["chromium"],
    is_there: || {
        std::env::var_os("SYCEE_CHROMIUM").is_some() || Run::new("/usr/bin/chromium", &["--version"]).probe().0
    },
};

/// A C++ compiler, for the fuzzer.
pub const CXX: Tool =
    Tool { name: "a C++ compiler", packages: &["g++"], is_there: || Run::new("c++", &["--version"]).probe().0 };

/// A validator of XML schemas, for the files of banks.
pub const XMLLINT: Tool =
    Tool { name: "xmllint", packages: &["libxml2-utils"], is_there: || Run::new("xmllint", &["--version"]).probe().0 };

/// Installs those of `tools` that are missing.
///
/// # Errors
/// What to install by hand, if apt-get cannot.
pub fn need(tools: &[Tool]) -> Result {
    let missing: Vec<&Tool> = tools.iter().filter(|tool| !(tool.is_there)()).collect();
    if missing.is_empty() {
        return Ok(());
    }
    let names = missing.iter().map(|tool| tool.name).collect::<Vec<_>>().join(", ");
    let packages: Vec<&str> = missing.iter().flat_map(|tool| tool.packages).copied().collect();
    println!("xtask: not on this machine: {names}; installing the Debian packages {}", packages.join(" "));
    let by_hand = format!("install {names} yourself, then run this again");
    if !Run::new("apt-get", &["--version"]).probe().0 {
        return fail(format!("there is no apt-get here: {by_hand}"));
    }
    apt_get(&["update", "--quiet"])?;
    apt_get(&[&["install", "--yes", "--quiet", "--no-install-recommends"], packages.as_slice()].concat())?;
    match missing.iter().find(|tool| !(tool.is_there)()) {
        None => Ok(()),
        Some(tool) => fail(format!("{} is still missing after apt-get: {by_hand}", tool.name)),
    }
}

fn apt_get(arguments: &[&str]) -> Result {
    let is_root = Run::new("id", &["--user"]).probe().1 == "0";
    if is_root {
        Run::new("apt-get", arguments).run()
    } else {
        Run::new("sudo", &[&["apt-get"], arguments].concat()).run()
    }
}

/// `version` as `node --version` prints it: `v20.20.2`.
fn is_node_new_enough(version: &str) -> bool {
    let mut parts = version.trim_start_matches('v').split('.').map(|part| part.parse::<u32>().unwrap_or(0));
    let (major, minor) = (parts.next().unwrap_or(0), parts.next().unwrap_or(0));
    (major, minor) >= (20, 11)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn node_versions() {
        for (version, enough) in [
            ("v20.20.2", true),
            ("v20.11.0", true),
            ("v22.1.0", true),
            ("v20.10.9", false),
            ("v18.19.0", false),
            ("", false),
        ] {
            assert_eq!(is_node_new_enough(version), enough, "{version:?}");
        }
    }
}
