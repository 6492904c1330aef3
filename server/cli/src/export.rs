//! `heapmark export`: the computed columns of a snapshot as a table for other tools.
//!
//! The columns, their order and their escaping are those that `tests/parity/devtools.mjs` writes for
//! Chrome DevTools' own engine, so that two files can be compared byte by byte. Nothing is judged and
//! nothing is computed here.

use std::borrow::Cow;
use std::fs::{self, File};
use std::io::{self, BufWriter, ErrorKind, IsTerminal, Write};
use std::path::{Path, PathBuf};
use std::process::ExitCode;

use anyhow::Context;
use clap::{Args, ValueEnum};
use heapmark_heap::{
    Aggregate, Analysis, Cancelled, IndexFolder, Limits, MemoryWatch, Monitor, OpenedSnapshot,
};
use heapmark_leaks::AnalyzeError;

use crate::attempt::without_what_hangs;
use crate::index::IndexArgs;
use crate::progress::Bar;
use crate::terminal::plain;

/// Class names in the nodes table are cut to this many UTF-16 units.
const MAX_NAME_UNITS: usize = 200;

/// Write the computed columns of a snapshot as a table
#[derive(Debug, Args)]
pub(crate) struct ExportArgs {
    /// The heap snapshot or timeline, plain, .gz or .zst
    file: PathBuf,
    /// Which table to write
    #[arg(long, value_enum)]
    table: Table,
    /// How to write it
    #[arg(long, value_enum, default_value_t = Format::Tsv)]
    format: Format,
    /// Where to write it; standard output if not given
    #[arg(long, value_name = "FILE")]
    output: Option<PathBuf>,

    #[command(flatten)]
    index: IndexArgs,
}

/// The tables that can be written.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
enum Table {
    /// Every node of the heap graph
    Nodes,
    /// One row a class, as in DevTools' Summary view
    Classes,
}

/// The formats that a table can be written in.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
enum Format {
    /// Tab-separated; backslash, tab and line breaks in names are escaped
    Tsv,
}

/// Runs `heapmark export`. A reader that has seen enough and closes the pipe is not an error.
pub(crate) fn run(args: ExportArgs) -> anyhow::Result<ExitCode> {
    let ExportArgs { file, table, format: Format::Tsv, output, index } = args;
    let indexes = index.folder()?;
    let contents = without_what_hangs(std::slice::from_ref(&file), {
        let (file, output) = (file.clone(), output.clone());
        move |bar| {
            refuse_itself(&file, output.as_deref())?;
            anyhow::Ok(load(&file, table, indexes.as_ref(), bar)?)
        }
    })?;

    if let Some(path) = output {
        write_file(&contents, &path).with_context(|| format!("cannot write {}", path.display()))?;
        return Ok(ExitCode::SUCCESS);
    }
    let stdout = io::stdout().lock();
    let names = if stdout.is_terminal() { Names::Harmless } else { Names::Exact };
    match write_table(&contents, stdout, names) {
        Err(error) if error.kind() == ErrorKind::BrokenPipe => {}
        written => written.context("cannot write to standard output")?,
    }
    Ok(ExitCode::SUCCESS)
}

fn refuse_itself(file: &Path, output: Option<&Path>) -> anyhow::Result<()> {
    if let Some(path) = output
        && let (Ok(input), Ok(output)) =
            (heapmark_files::canonicalize(file), heapmark_files::canonicalize(path))
    {
        let path = path.display();
        anyhow::ensure!(input != output, "{path} is the snapshot itself: name another file");
    }
    Ok(())
}

/// What is in a table.
enum Contents {
    Nodes(Box<Analysis>),
    Classes(Vec<Aggregate>),
}

fn load(
    file: &Path,
    table: Table,
    indexes: Option<&IndexFolder>,
    bar: &Bar,
) -> Result<Contents, AnalyzeError> {
    let limits = Limits::available();
    let memory = MemoryWatch::within(limits, bar);
    memory.enters(file);
    let contents = match OpenedSnapshot::open(file, limits, indexes, &memory) {
        Ok(snapshot) => contents(snapshot, table, &memory).map_err(AnalyzeError::from),
        Err(error) => Err(AnalyzeError::Load { file: file.to_owned(), error }),
    };
    match memory.excess() {
        Some((file, error)) => Err(AnalyzeError::Load { file, error }),
        None => contents,
    }
}

fn contents(
    snapshot: OpenedSnapshot<'_>,
    table: Table,
    monitor: &dyn Monitor,
) -> Result<Contents, Cancelled> {
    let analysis = snapshot.analyze(monitor)?;
    match table {
        Table::Nodes => Ok(Contents::Nodes(Box::new(analysis))),
        Table::Classes => {
            let mut classes = analysis.aggregates(monitor)?;
            classes.sort_by(largest_first);
            Ok(Contents::Classes(classes))
        }
    }
}

/// Writes beside the file until all of it is there, so that nobody takes a part for the whole.
fn write_file(contents: &Contents, path: &Path) -> io::Result<()> {
    // A pipe or a device is written to as it is.
    if fs::metadata(path).is_ok_and(|known| !known.is_file()) {
        return write_table(contents, File::create(path)?, Names::Exact);
    }
    let mut part = path.as_os_str().to_owned();
    part.push(".part");
    let written = File::create(&part)
        .and_then(|file| write_table(contents, file, Names::Exact))
        .and_then(|()| fs::rename(&part, path));
    if written.is_err() {
        // The error that counts has been met already.
        let _ = fs::remove_file(&part);
    }
    written
}

fn write_table(contents: &Contents, output: impl Write, names: Names) -> io::Result<()> {
    let mut output = BufWriter::with_capacity(1 << 16, output);
    match contents {
        Contents::Nodes(analysis) => write_nodes(analysis, &mut output, names)?,
        Contents::Classes(classes) => write_classes(classes, &mut output, names)?,
    }
    output.flush()
}

fn write_nodes(analysis: &Analysis, output: &mut impl Write, names: Names) -> io::Result<()> {
    output.write_all(
        b"ordinal\tid\ttype\tclassName\trawSelf\tself\tretained\tdistance\tdomId\tflags\tdetachedness\n",
    )?;
    for node in analysis.nodes() {
        let class_name = analysis.class_name(node);
        writeln!(
            output,
            "{}\t{}\t{}\t{}\t{}\t{}\t{}\t{}\t{}\t{}\t{}",
            node.index(),
            analysis.node_id(node).0,
            analysis.node_type(node).as_str(),
            names.cell(&first_units(&class_name, MAX_NAME_UNITS)),
            analysis.raw_self_size(node),
            analysis.self_size(node),
            analysis.retained_size(node),
            analysis.distance(node),
            analysis.node_id(analysis.dominator(node)).0,
            analysis.node_flags(node),
            analysis.detachedness(node),
        )?;
    }
    Ok(())
}

fn write_classes(classes: &[Aggregate], output: &mut impl Write, names: Names) -> io::Result<()> {
    output.write_all(b"classKey\tname\tcount\tdistance\tselfSum\tmaxRet\n")?;
    for class in classes {
        writeln!(
            output,
            "{}\t{}\t{}\t{}\t{}\t{}",
            names.cell(&class.key),
            names.cell(&class.name),
            class.count,
            class.distance,
            class.self_size,
            class.max_retained,
        )?;
    }
    Ok(())
}

/// By retained size, then by key as JavaScript compares strings: by UTF-16 units.
fn largest_first(a: &Aggregate, b: &Aggregate) -> std::cmp::Ordering {
    b.max_retained.cmp(&a.max_retained).then_with(|| a.key.encode_utf16().cmp(b.key.encode_utf16()))
}

/// The first `units` UTF-16 units of `text`. Half of a pair at the end becomes U+FFFD, as when
/// JavaScript writes such a string.
fn first_units(text: &str, units: usize) -> Cow<'_, str> {
    if text.len() <= units {
        return Cow::Borrowed(text); // a character has no fewer bytes than units
    }
    let mut left = units;
    for (offset, character) in text.char_indices() {
        match left.checked_sub(character.len_utf16()) {
            Some(rest) => left = rest,
            None if left == 0 => return Cow::Borrowed(&text[..offset]),
            None => return Cow::Owned(format!("{}\u{fffd}", &text[..offset])),
        }
    }
    Cow::Borrowed(text)
}

/// How names are written.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Names {
    /// What would break the table is escaped, and nothing else: for files and pipes.
    Exact,
    /// Harmless too: a name from a heap must not steer a terminal.
    Harmless,
}

impl Names {
    fn cell(self, text: &str) -> Cow<'_, str> {
        let escaped = escaped(text);
        match self {
            Names::Exact => escaped,
            Names::Harmless => Cow::Owned(plain(&escaped)),
        }
    }
}

/// Backslash, tab and line breaks as JavaScript writes them in a string literal.
fn escaped(text: &str) -> Cow<'_, str> {
    if !text.contains(['\\', '\t', '\n', '\r']) {
        return Cow::Borrowed(text);
    }
    let mut escaped = String::with_capacity(text.len() + 8);
    for character in text.chars() {
        match character {
            '\\' => escaped.push_str("\\\\"),
            '\t' => escaped.push_str("\\t"),
            '\n' => escaped.push_str("\\n"),
            '\r' => escaped.push_str("\\r"),
            other => escaped.push(other),
        }
    }
    Cow::Owned(escaped)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_would_break_the_table_is_escaped() {
        assert_eq!(Names::Exact.cell("a\tb\\c\r\nd"), "a\\tb\\\\c\\r\\nd");
        assert_eq!(Names::Exact.cell("\u{1b}[31mred"), "\u{1b}[31mred");
    }

    #[test]
    fn a_terminal_sees_no_control_characters() {
        assert_eq!(Names::Harmless.cell("\u{1b}[31mred\n"), "\\u{1b}[31mred\\n");
    }

    #[test]
    fn names_are_cut_by_utf16_units() {
        assert_eq!(first_units("kurz", 4), "kurz");
        assert_eq!(first_units("länger", 3), "län");
        assert_eq!(first_units("日本語", 3), "日本語");
        assert_eq!(first_units("a\u{1f600}b", 3), "a\u{1f600}");
        assert_eq!(first_units("a\u{1f600}b", 2), "a\u{fffd}");
    }
}
