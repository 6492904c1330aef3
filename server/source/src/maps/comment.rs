//! The comment at the end of a file that says where its source map is.

/// What the last `//# sourceMappingURL=` says, if nothing but comments and blanks stands behind it.
pub(super) fn source_map_url(text: &str) -> Option<&str> {
    const NAME: &str = "sourceMappingURL=";
    let start = text.rfind(NAME)?;
    let before = text[..start].trim_end_matches([' ', '\t']);
    let is_block = before.ends_with("/*#") || before.ends_with("/*@");
    if !is_block && !before.ends_with("//#") && !before.ends_with("//@") {
        return None;
    }
    let rest = &text[start + NAME.len()..];
    let end = rest.find(|c: char| c.is_whitespace() || matches!(c, '\'' | '"' | '`'));
    let (url, behind) = rest.split_at(end.unwrap_or(rest.len()));
    let (url, behind) = match url.split_once("*/").filter(|_| is_block) {
        Some((url, "")) => (url, behind),
        Some(_) => return None,
        None => (url, behind.trim_start().strip_prefix("*/").unwrap_or(behind)),
    };
    let is_last =
        behind.lines().all(|line| line.trim().is_empty() || line.trim().starts_with("//"));
    (is_last && !url.is_empty()).then_some(url)
}

#[cfg(test)]
mod tests {
    use super::source_map_url;

    #[test]
    fn the_last_comment_counts() {
        assert_eq!(source_map_url("a\n//# sourceMappingURL=a.js.map"), Some("a.js.map"));
        assert_eq!(source_map_url("a\n//@ sourceMappingURL=a.js.map\n\n"), Some("a.js.map"));
        assert_eq!(source_map_url("a /*# sourceMappingURL=a.js.map */\n"), Some("a.js.map"));
        assert_eq!(source_map_url("a /*# sourceMappingURL=a.js.map*/"), Some("a.js.map"));
        assert_eq!(
            source_map_url("//# sourceMappingURL=1.map\nb\n//# sourceMappingURL=2.map\n// x\n"),
            Some("2.map")
        );
    }

    #[test]
    fn text_that_only_looks_like_it_does_not() {
        for text in [
            "",
            "a",
            "//# sourceMappingURL=",
            "//# sourceMappingURL=a.map\nlet b;",
            "const comment = '//# sourceMappingURL=a.map';",
            "sourceMappingURL=a.map",
        ] {
            assert_eq!(source_map_url(text), None, "{text}");
        }
    }
}
