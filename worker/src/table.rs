//! Tables for people: as wide as the terminal, and readable when pasted into an issue.

use comfy_table::{ContentArrangement, Table, presets::ASCII_MARKDOWN};

/// Renders a table.
pub fn render<const N: usize>(
    header: [&str; N],
    rows: impl IntoIterator<Item = [String; N]>,
) -> String {
    let mut table = Table::new();
    table
        .load_style(ASCII_MARKDOWN)
        .set_content_arrangement(ContentArrangement::Dynamic);
    table.set_header(header);
    table.add_rows(rows);
    table.to_string()
}
