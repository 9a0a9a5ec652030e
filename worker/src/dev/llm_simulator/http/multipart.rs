//! Forms with files, as far as uploads of text need them. A body that is not UTF-8 is refused: batches are JSON.

/// One field of a form.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Part {
    pub(crate) name: String,
    pub(crate) filename: Option<String>,
    pub(crate) content: String,
}

/// The fields of a form; `None` when it does not begin and end as its boundary says.
pub(crate) fn parse(content_type: &str, body: &[u8]) -> Option<Vec<Part>> {
    let boundary = parameter(content_type, "boundary")?;
    let opening = format!("--{boundary}");
    let rest = std::str::from_utf8(body).ok()?.strip_prefix(&opening)?;
    let mut parts = vec![];
    for piece in rest.split(&format!("\r\n{opening}")) {
        if piece.starts_with("--") {
            return Some(parts);
        }
        parts.push(read_part(piece.strip_prefix("\r\n")?)?);
    }
    None
}

fn read_part(text: &str) -> Option<Part> {
    let (headers, content) = text.split_once("\r\n\r\n")?;
    let disposition = headers.lines().find(|line| {
        line.to_ascii_lowercase()
            .starts_with("content-disposition:")
    })?;
    Some(Part {
        name: parameter(disposition, "name")?,
        filename: parameter(disposition, "filename"),
        content: content.to_owned(),
    })
}

/// `name=value` or `name="value"` behind a semicolon.
fn parameter(header: &str, name: &str) -> Option<String> {
    header.split(';').skip(1).find_map(|each| {
        let (key, value) = each.trim().split_once('=')?;
        key.eq_ignore_ascii_case(name)
            .then(|| value.trim_matches('"').to_owned())
    })
}

#[cfg(test)]
#[path = "multipart_tests.rs"]
mod tests;
