//! What is known of a script that ran, and whether a text is the one.

use sha2::{Digest, Sha256};

use crate::anchor::RanSite;
use crate::text::language::Language;

/// What is known of a script that ran, from the sidecar of a snapshot and the snapshot itself.
#[derive(Debug, Clone, Default)]
pub struct RanScript {
    /// V8's name or URL; empty for evaluated code.
    pub name: String,
    /// What its `//# sourceURL=` comment said.
    pub source_url: Option<String>,
    /// What its `//# sourceMappingURL=` comment said; a `data:` URL may be cut.
    pub source_map_url: Option<String>,
    /// How its text began, at most 1024 UTF-16 units.
    pub source_prefix: Option<String>,
    /// SHA-256 of its text, in hexadecimal.
    pub hash: Option<String>,
    /// Its text, if it was written down.
    pub source: Option<String>,
    /// Its located functions and instances; each place once is enough.
    pub sites: Vec<RanSite>,
}

impl RanScript {
    /// The name that a person would know it by.
    pub(crate) fn known_as(&self) -> &str {
        let is_nameless = self.name.is_empty() || self.name.starts_with("evalmachine.");
        self.source_url.as_deref().filter(|_| is_nameless).unwrap_or(&self.name)
    }

    /// Its whole text, if it is so short that a snapshot has it, and it is as a person wrote it in this
    /// language: of TypeScript, only Node.js itself leaves everything in its place.
    pub(crate) fn whole_source(&self, language: Language) -> Option<&str> {
        let prefix = self.source_prefix.as_deref()?;
        let is_stripped = || crate::text::prefix::origin_of(prefix).is_some();
        let is_written = language == Language::JavaScript || is_stripped();
        (is_written && crate::text::prefix::is_all(prefix)).then_some(prefix)
    }

    /// Whether a file's text is the one that ran.
    pub(crate) fn agreement(&self, file_text: &str, language: Language) -> Agreement {
        let is_hash_of = |text: &[u8]| {
            let hash = Sha256::digest(text);
            self.hash.as_ref().is_some_and(|expected| {
                let digits = expected.as_bytes().chunks(2).map(|pair| {
                    std::str::from_utf8(pair).ok().and_then(|it| u8::from_str_radix(it, 16).ok())
                });
                digits.eq(hash.iter().map(|&byte| Some(byte)))
            })
        };
        if let Some(source) = &self.source {
            let has_types = language == Language::TypeScript;
            let is_it = crate::text::prefix::is_source_of(file_text, source, has_types);
            return if is_it { Agreement::Same } else { Agreement::Other };
        }
        // Node hands the byte order mark on to V8, except of ECMAScript modules; Git and editors
        // change the ends of lines.
        let text = file_text.strip_prefix('\u{feff}').unwrap_or(file_text);
        let is_hash_of_any = || {
            let plain = text.replace("\r\n", "\n");
            let marked = plain.replace('\n', "\r\n");
            let ends = [text, &plain, &marked];
            ends.iter().any(|text| {
                is_hash_of(text.as_bytes()) || is_hash_of(format!("\u{feff}{text}").as_bytes())
            })
        };
        if self.hash.is_some() && is_hash_of_any() {
            return Agreement::Same;
        }
        let has_types = language == Language::TypeScript;
        let begins_alike = self
            .source_prefix
            .as_deref()
            .is_none_or(|prefix| crate::text::prefix::matches_prefix(text, prefix, has_types));
        // Of TypeScript it is another text that ran, without the types.
        let is_certain = self.hash.is_some() && language == Language::JavaScript;
        if begins_alike && !is_certain && (self.source_prefix.is_some() || self.hash.is_none()) {
            Agreement::Like
        } else {
            Agreement::Other
        }
    }
}

/// How a file's text compares with what ran.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Agreement {
    /// It is that text.
    Same,
    /// It begins alike, which is all that is known.
    Like,
    /// It is another text.
    Other,
}
