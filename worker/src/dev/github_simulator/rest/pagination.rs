//! Pages by number, with the `Link` header that leads through them.

use super::{Answer, Scope};

/// One page of a list.
pub(crate) struct Page<'a, T> {
    pub(crate) items: &'a [T],
    link: Option<String>,
}

impl<T> Page<'_, T> {
    /// Adds the header when there is more than one page.
    pub(crate) fn link(self, answer: Answer) -> Answer {
        match self.link {
            Some(link) => answer.with("link", link),
            None => answer,
        }
    }
}

/// The page that `per_page` and `page` ask for. More than 100 a page is cut to 100, as GitHub
/// does it; nonsense counts as absent.
pub(crate) fn page<'a, T>(scope: &Scope<'_>, items: &'a [T], default_size: usize) -> Page<'a, T> {
    let number = |name: &str| {
        scope
            .call
            .parameter(name)?
            .parse::<usize>()
            .ok()
            .filter(|n| *n > 0)
    };
    let size = number("per_page").unwrap_or(default_size).min(100);
    let current = number("page").unwrap_or(1);
    let last = items.len().div_ceil(size).max(1);
    let start = (current - 1).saturating_mul(size).min(items.len());
    let end = (start + size).min(items.len());
    let url = format!(
        "{}{}?per_page={size}&page=",
        scope.base_url(),
        scope.call.path
    );
    let mut links = Vec::new();
    let mut add = |page: usize, rel: &str| links.push(format!("<{url}{page}>; rel=\"{rel}\""));
    if current > 1 {
        add((current - 1).min(last), "prev");
    }
    if current < last {
        add(current + 1, "next");
        add(last, "last");
    }
    if current > 1 {
        add(1, "first");
    }
    let link = (!links.is_empty()).then(|| links.join(", "));
    Page {
        items: &items[start..end],
        link,
    }
}
