//! The generated file of a script: what ran, or what was built anew since.

use std::path::PathBuf;
use std::sync::OnceLock;

use super::SourceMap;
use super::belonging::Belonging;
use crate::anchor::{Anchored, Anchors, Ran};
use crate::file::SourceFile;
use crate::ran::Refusal;
use crate::ran::fit::Fit;
use crate::ran::ran_script::Agreement;
use crate::text::Text;
use crate::text::limits::has_long_lines;
use crate::text::position::Position;

/// Largest generated file that is parsed, in bytes: takes some four seconds. Of larger ones places
/// are found, but not under which name a variable was written.
pub const MAX_BUILT_FILE: u64 = 16 << 20;

/// What ran, or its file as it is now.
pub(crate) struct GeneratedFile {
    pub(super) path: PathBuf,
    pub(super) text: Text,
    agreement: Agreement,
    parsed: OnceLock<Result<(SourceFile, Anchors), Refusal>>,
}

impl GeneratedFile {
    pub(crate) fn new(path: PathBuf, text: String, agreement: Agreement) -> Self {
        Self { path, text: Text::new(text), agreement, parsed: OnceLock::new() }
    }

    /// How a map fits this text.
    pub(crate) fn belonging(&self, map: &SourceMap) -> Belonging {
        Belonging::of(map, &self.text)
    }

    /// Whether it was built anew since the script ran, and nobody knows what ran.
    pub(crate) fn is_changed(&self) -> bool {
        self.agreement == Agreement::Other
    }

    /// Where V8's position is in it.
    pub(super) fn now(&self, ran: &Ran, v8: Position) -> Option<(Position, Fit)> {
        let here = Some((v8, Fit::Exact));
        if self.agreement == Agreement::Same {
            return here;
        }
        let like = here.filter(|_| self.agreement == Agreement::Like);
        // Of a file that is not parsed, its beginning has to do.
        let Ok((parsed, anchors)) = self.parsed(ran) else { return like };
        // Of a function whose closures are gone, only the place is known.
        let is_known = || ran.sites().any(|(site, _)| site == v8);
        certain(parsed.anchored_at(anchors, v8))
            .or_else(|| like.filter(|_| anchors.is_whole() && !is_known()))
    }

    /// The file, parsed, and where the functions that ran are in it.
    pub(super) fn parsed(&self, ran: &Ran) -> Result<&(SourceFile, Anchors), Refusal> {
        let parse = || {
            let text = self.text.as_str();
            let bytes = text.len() as u64;
            if bytes > MAX_BUILT_FILE {
                return Err(Refusal::TooLarge(bytes));
            }
            let parsed = SourceFile::parse(&self.path, text.to_owned());
            let parsed = parsed.map_err(|_| Refusal::TooComplex)?;
            let anchors = match self.agreement {
                Agreement::Same => Anchors::default(),
                Agreement::Like => parsed.find_again(ran),
                // A name of a minifier means another thing in every build.
                Agreement::Other if ran.is_minified() || has_long_lines(self.text.as_str()) => {
                    Anchors::default()
                }
                Agreement::Other => parsed.find_by_name(ran),
            };
            Ok((parsed, anchors))
        };
        self.parsed.get_or_init(parse).as_ref().map_err(|refusal| *refusal)
    }

    /// Why it was not parsed, if that was needed.
    pub(super) fn refused(&self) -> Option<Refusal> {
        self.parsed.get()?.as_ref().err().copied()
    }
}

/// The place where something is now, if there is one.
pub(crate) fn certain(anchored: Anchored<'_>) -> Option<(Position, Fit)> {
    match anchored {
        Anchored::Exact(found) => Some((found.anchor(), Fit::Exact)),
        Anchored::Moved(found) => Some((found.anchor(), Fit::Moved)),
        Anchored::Stale => None,
    }
}
