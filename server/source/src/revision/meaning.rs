//! Whether a statement that was found again still means the same variable.
//!
//! ```text
//! then    const journal = [];                   now    const journal = [];
//!         function write(line) {                       function write(line) {
//!           journal.push(line);                          const journal = open(line);
//!         }                                              journal.push(line);
//! ```
//!
//! What stands there is written as it was, and adds to another thing.

use crate::file::SourceFile;
use crate::revision::Revision;
use crate::syntax::scope::{DeclarationIndex, ScopeIndex};
use crate::text::Span;
use crate::text::position::Range;

/// What may stand in an expression before the variable that it begins with.
const BEFORE: [&str; 3] = ["new", "delete", "await"];

impl Revision {
    /// Whether what begins with a variable's name at a range of either text means the same one. True of
    /// everything else.
    pub(crate) fn means_the_same(
        &self,
        (then, range): (&SourceFile, Range),
        (now, found): (&SourceFile, Range),
    ) -> bool {
        let (Some(before), Some(after)) = (then.first_mention(range), now.first_mention(found))
        else {
            return true;
        };
        match (then.meaning(before), now.meaning(after)) {
            // Nothing declares it now: what it means is gone, or not written yet.
            (_, None) => true,
            // It is the declaration.
            (Some(old), _) if then.index.scopes.variable(old).name == before => true,
            (Some(old), Some(new)) => {
                let (old_name, new_name) = (then.name_range(old), now.name_range(new));
                match self.carry(old_name) {
                    Some(carried) => carried == new_name,
                    // An import, say: of the outermost names there is one each. Where the syntax is
                    // broken, scopes are none.
                    None => {
                        then.is_outermost(old) && now.is_outermost(new)
                            || !now.index.opaque.is_empty()
                    }
                }
            }
            (None, Some(_)) => false,
        }
    }
}

impl SourceFile {
    /// The name that an expression begins with.
    fn first_mention(&self, range: Range) -> Option<Span> {
        let (start, end) = (self.text.offset(range.start)?, self.text.offset(range.end)?);
        let mentions = &self.index.mentions;
        let next = mentions.partition_point(|mention| mention.0 < start);
        let mention = *mentions.get(next).filter(|mention| mention.1 <= end)?;
        let words = self.text.slice((start, mention.0)).split(['(', ' ', '\t', '\r', '\n']);
        let mut words = words.filter(|word| !word.is_empty());
        words.all(|word| BEFORE.contains(&word)).then_some(mention)
    }

    fn meaning(&self, mention: Span) -> Option<DeclarationIndex> {
        let scope = self.index.scopes.at(mention.0)?;
        self.index.scopes.resolve(self.text.slice(mention), scope)
    }

    fn is_outermost(&self, variable: DeclarationIndex) -> bool {
        self.index.scopes.variable(variable).scope == ScopeIndex(0)
    }
}
