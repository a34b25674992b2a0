//! Everything that a pack says, one line a figure, with its source and grade: what `check` prints and `diff` compares.

use toml::Spanned;
use toml::de::{DeTable, DeValue};

use super::document::Document;
use super::file::Confidence;

/// Something that a pack says.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Entry {
    /// Where, such as `kyc_tiers[full].day_minor`.
    pub path: String,
    /// What, as it is written.
    pub value: String,
    /// Where it comes from; `None` for what is nobody's claim, such as a cell's name.
    pub source: Option<String>,
    /// How sure somebody is of it; `None` as above.
    pub confidence: Option<Confidence>,
    /// Its line.
    pub line: usize,
}

/// What a table says of everything in it that has no source of its own.
#[derive(Clone, Default)]
struct Grade {
    source: Option<String>,
    confidence: Option<Confidence>,
}

/// Keys that grade others and are nothing by themselves.
const GRADING: [&str; 2] = ["source", "confidence"];

/// Keys that name a row or repeat what another pack says: no claim that could be sure or unsure.
const NAMES: [&str; 7] = ["tier", "rank", "name", "cell", "cell_number", "currency", "code_patterns"];

/// The keys by which a row of a list is known, the first that it has.
const NAMING: [&str; 4] = ["tier", "date", "cell", "name"];

/// All that a pack says, in the order of the file.
#[must_use]
pub fn entries(document: &Document<'_>) -> Vec<Entry> {
    let mut entries = Vec::new();
    walk(document, document.root(), "", &Grade::default(), &mut entries);
    entries.sort_by_key(|entry| entry.line);
    entries
}

fn walk(document: &Document<'_>, table: &DeTable<'_>, path: &str, around: &Grade, entries: &mut Vec<Entry>) {
    let grade = grade(document, table).unwrap_or_else(|| around.clone());
    for (key, value) in table {
        let name: &str = key.get_ref();
        if GRADING.contains(&name) {
            continue;
        }
        let path = if path.is_empty() { name.to_owned() } else { format!("{path}.{name}") };
        match value.get_ref() {
            DeValue::Table(inner) => match inner.get("value") {
                Some(figure) => {
                    let grade = self::grade(document, inner).unwrap_or_default();
                    push(document, path, figure, document.line_at(key.span()), &grade, entries);
                }
                None => walk(document, inner, &path, &grade, entries),
            },
            DeValue::Array(items) if items.iter().any(|item| matches!(item.get_ref(), DeValue::Table(_))) => {
                for item in items {
                    if let DeValue::Table(row) = item.get_ref() {
                        walk(document, row, &format!("{path}[{}]", row_name(document, row)), &grade, entries);
                    }
                }
            }
            _ => {
                let grade = if NAMES.contains(&name) { &Grade::default() } else { &grade };
                push(document, path, value, document.line_at(key.span()), grade, entries);
            }
        }
    }
}

fn push(
    document: &Document<'_>,
    path: String,
    value: &Spanned<DeValue<'_>>,
    line: usize,
    grade: &Grade,
    entries: &mut Vec<Entry>,
) {
    let Grade { source, confidence } = grade.clone();
    entries.push(Entry { path, value: document.show(value), source, confidence, line });
}

fn grade(document: &Document<'_>, table: &DeTable<'_>) -> Option<Grade> {
    let text = |key: &str| table.get(key).map(|value| document.show(value));
    let source = text("source")?;
    Some(Grade { source: Some(source), confidence: text("confidence").as_deref().and_then(Confidence::named) })
}

fn row_name(document: &Document<'_>, row: &DeTable<'_>) -> String {
    let name = NAMING.iter().find_map(|key| row.get(*key)).map_or_else(String::new, |value| document.show(value));
    // A scheme may have several templates.
    match row.get("template") {
        Some(template) => format!("{name}, {}", document.show(template)),
        None => name,
    }
}
