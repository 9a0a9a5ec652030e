//! Forms as clients write them, and forms that are none.

use super::{Part, parse};

const KIND: &str = "multipart/form-data; boundary=\"line\"";

#[test]
fn a_form_is_read_field_by_field() {
    let body = "--line\r\nContent-Disposition: form-data; name=\"purpose\"\r\n\r\nbatch\r\n\
                --line\r\ncontent-disposition: form-data; name=\"file\"; filename=\"a.jsonl\"\r\n\
                Content-Type: application/jsonl\r\n\r\n{\"a\":1}\n\n--line is no boundary here\n\r\n--line--\r\n";
    let part = |name: &str, filename: Option<&str>, content: &str| Part {
        name: name.to_owned(),
        filename: filename.map(str::to_owned),
        content: content.to_owned(),
    };
    let expected = vec![
        part("purpose", None, "batch"),
        part(
            "file",
            Some("a.jsonl"),
            "{\"a\":1}\n\n--line is no boundary here\n",
        ),
    ];
    assert_eq!(parse(KIND, body.as_bytes()), Some(expected));
}

#[test]
fn what_is_no_whole_form_is_none() {
    let cut_off = "--line\r\nContent-Disposition: form-data; name=\"purpose\"\r\n\r\nbat";
    let nameless = "--line\r\nContent-Type: text/plain\r\n\r\nx\r\n--line--";
    for body in [cut_off, nameless, "", "{}"] {
        assert_eq!(parse(KIND, body.as_bytes()), None, "{body}");
    }
    assert_eq!(parse("multipart/form-data", b"--line--"), None);
    assert_eq!(parse(KIND, b"--line\r\n\xff\r\n--line--"), None);
    assert_eq!(parse(KIND, b"--line--\r\n"), Some(vec![]));
}
