//! What is said to somebody whose command line cannot be understood: one line, as after every other failure.

use std::process::ExitCode;

use clap::error::ErrorKind;

/// The exit code that shells use for wrong usage.
const WRONG_USAGE: u8 = 2;

/// Prints help and version as they are, and anything else as one line. Returns the exit code.
pub(super) fn explain(error: &clap::Error) -> ExitCode {
    match error.kind() {
        ErrorKind::DisplayHelp
        | ErrorKind::DisplayVersion
        | ErrorKind::DisplayHelpOnMissingArgumentOrSubcommand => error.exit(),
        _ => {
            eprintln!("coflow: {}", one_line(&error.to_string()));
            ExitCode::from(WRONG_USAGE)
        }
    }
}

/// Joins what is wrong and the parser's advice. The usage is left to `--help`.
fn one_line(message: &str) -> String {
    let parts: Vec<&str> = message
        .lines()
        .map(|line| line.trim().trim_start_matches("error: "))
        .filter(|line| !line.is_empty())
        .take_while(|line| !line.starts_with("Usage:") && !line.starts_with("For more"))
        .collect();
    format!("{}; see --help", parts.join(" "))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_advice_is_kept_and_the_usage_left_out() {
        let message = "error: unrecognized subcommand 'ad'\n\n  tip: some similar subcommands exist: 'add'\n\n\
            Usage: coflow team [OPTIONS] <COMMAND>\n\nFor more information, try '--help'.\n";
        assert_eq!(
            one_line(message),
            "unrecognized subcommand 'ad' tip: some similar subcommands exist: 'add'; see --help"
        );
    }
}
