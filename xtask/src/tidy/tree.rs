//! The files of the repository: tracked ones, and new ones that are not ignored.

use std::path::Path;

use crate::run::{Result, Run};

/// One file.
pub struct File {
    /// Its path below the root, with `/`.
    pub path: String,
    /// Its length.
    pub length_bytes: u64,
    /// Its content, if it is UTF-8.
    pub text: Option<String>,
}

/// All of them, in order of paths.
pub struct Tree {
    pub files: Vec<File>,
}

impl Tree {
    /// What git lists below `root`.
    pub fn read(root: &Path) -> Result<Self> {
        let files = paths(root)?
            .into_iter()
            .filter_map(|path| {
                // A tracked file that was deleted, a link that leads nowhere, a colleague's file that just went away.
                let bytes = std::fs::read(root.join(&path)).ok()?;
                let length_bytes = u64::try_from(bytes.len()).unwrap_or(u64::MAX);
                Some(File { path, length_bytes, text: String::from_utf8(bytes).ok() })
            })
            .collect();
        Ok(Self { files })
    }

    /// Files of text with one of these extensions.
    pub fn texts<'t>(&'t self, extensions: &'t [&str]) -> impl Iterator<Item = (&'t str, &'t str)> {
        self.files.iter().filter_map(|file| {
            let (_, extension) = file.path.rsplit_once('.')?;
            let text = file.text.as_deref()?;
            extensions.contains(&extension).then_some((file.path.as_str(), text))
        })
    }

    /// The text of the file at `path`.
    pub fn text(&self, path: &str) -> Option<&str> {
        self.files.iter().find(|file| file.path == path)?.text.as_deref()
    }

    /// A tree for a test.
    #[cfg(test)]
    pub fn of(files: &[(&str, &str)]) -> Self {
        let file = |(path, text): &(&str, &str)| File {
            path: (*path).into(),
            length_bytes: u64::try_from(text.len()).unwrap(),
            text: Some((*text).into()),
        };
        Self { files: files.iter().map(file).collect() }
    }
}

/// Tracked paths, and new ones that are not ignored, sorted.
pub fn paths(root: &Path) -> Result<Vec<String>> {
    let listing =
        Run::new("git", &["ls-files", "-z", "--cached", "--others", "--exclude-standard"]).dir(root).output()?;
    let mut paths: Vec<String> = listing.split('\0').filter(|path| !path.is_empty()).map(String::from).collect();
    paths.sort();
    paths.dedup();
    Ok(paths)
}
