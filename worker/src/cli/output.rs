//! Printing: tables for people, JSON for machines, on standard output.

use std::{
    fmt,
    io::{ErrorKind, Write},
    process,
};

use serde::Serialize;

use super::context::Context;
use crate::table;

/// Prints one line, as `println!` does, but ends quietly when nobody reads any more (`coflow team list | head -1`).
macro_rules! say {
    ($($text:tt)*) => { $crate::cli::output::write_line(format_args!($($text)*)) };
}
pub(super) use say;

/// The same on standard error, for what goes on while JSON for machines is on standard output.
pub(super) fn say_aside(line: &str) {
    write(std::io::stderr().lock(), format_args!("{line}"));
}

pub(super) fn write_line(line: fmt::Arguments<'_>) {
    write(std::io::stdout().lock(), line);
}

fn write(mut out: impl Write, line: fmt::Arguments<'_>) {
    match out.write_fmt(line).and_then(|()| out.write_all(b"\n")) {
        Err(error) if error.kind() == ErrorKind::BrokenPipe => process::exit(0),
        // Nothing can be said about it where nothing can be said.
        Ok(()) | Err(_) => {}
    }
}

/// Prints one JSON document.
pub(super) fn print_json(value: &impl Serialize) -> anyhow::Result<()> {
    say!("{}", serde_json::to_string_pretty(value)?);
    Ok(())
}

/// What a command was about.
#[derive(Debug, Serialize)]
#[serde(rename_all = "snake_case")]
pub(super) enum Subject<'a> {
    /// The team of this key.
    Team(&'a str),
    /// The schedule of this id.
    Schedule(&'a str),
}

#[derive(Serialize)]
struct Outcome<'a> {
    #[serde(flatten)]
    subject: Subject<'a>,
    result: &'a str,
}

/// Prints what a command came to: a sentence for people, or for machines one JSON object with a word that stays the same.
pub(super) fn print_outcome(
    context: &Context,
    subject: Subject<'_>,
    result: &str,
    sentence: impl fmt::Display,
) -> anyhow::Result<()> {
    if context.json {
        return print_json(&Outcome { subject, result });
    }
    say!("{sentence}");
    Ok(())
}

/// Prints a table.
pub(super) fn print_table<const N: usize>(
    header: [&str; N],
    rows: impl IntoIterator<Item = [String; N]>,
) {
    say!("{}", table::render(header, rows));
}

/// The text, or a dash where there is none.
pub(super) fn or_dash<T: ToString>(value: Option<T>) -> String {
    value.map_or_else(|| "-".to_owned(), |value| value.to_string())
}
