//! The texts that are open in the editor, kept in step with it.
//!
//! Not here: what the texts mean. An analysis gets a copy of them (see [`crate::session`]).

use std::collections::HashMap;
use std::hash::{DefaultHasher, Hash, Hasher};
use std::path::{Path, PathBuf};

use heapmark_source::{Edit, Position};

use crate::from_proto;
use crate::types::{TextDocumentContentChangeEvent, Uri};

/// Bytes of edits that are kept of one text. Whoever changed more is at another text by now.
pub(crate) const MAX_KEPT_BYTES: usize = 4 << 20;

/// Changes that come together, times the bytes of their text: each is looked up in the text from its
/// beginning on, and so is each edit by those who follow it. Of more, only what they make together
/// counts.
const MAX_WORK: usize = 64 << 20;

/// About the bytes that edits take.
pub(crate) fn size_of(edits: &[Edit]) -> usize {
    edits.iter().map(|edit| std::mem::size_of::<Edit>() + edit.text.len()).sum()
}

/// One open text.
#[derive(Debug)]
pub(crate) struct Document {
    /// As the client spells it: what it gets back in diagnostics.
    pub(crate) uri: Uri,
    /// The text, unsaved changes and all.
    pub(crate) text: String,
    /// The text as it was when it was opened or last saved, and what was changed since then; none if
    /// that is too much to be kept.
    saved: Option<(Fingerprint, Vec<Edit>)>,
}

/// Tells whether two texts are the same, without keeping both.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Fingerprint(u64);

impl Fingerprint {
    fn of(text: &str) -> Self {
        let mut hasher = DefaultHasher::new();
        text.hash(&mut hasher);
        Self(hasher.finish())
    }
}

/// A copy of one open text for an analysis.
#[derive(Debug)]
pub(crate) struct Copy {
    /// The file.
    pub(crate) path: PathBuf,
    /// The text, unsaved changes and all.
    pub(crate) text: String,
    saved: Option<(Fingerprint, Vec<Edit>)>,
}

impl Copy {
    /// The edits that lead from the file on disk to this text, if the text came from there. What
    /// ran was on disk: an analysis does better to look there, and to follow the edits.
    pub(crate) fn edits_since(&self, on_disk: &str) -> Option<&[Edit]> {
        let (saved, unsaved) = self.saved.as_ref()?;
        (Fingerprint::of(on_disk) == *saved).then_some(unsaved)
    }
}

/// The open texts by their file. Texts without a file (untitled, from git) are not kept: no
/// snapshot speaks of them.
#[derive(Debug, Default)]
pub(crate) struct Documents {
    open: HashMap<PathBuf, Document>,
}

impl Documents {
    /// The text was opened. Returns its file, if it has one.
    pub(crate) fn open(&mut self, uri: Uri, text: String) -> Option<PathBuf> {
        let path = from_proto::file_path(&uri)?;
        self.open.insert(path.clone(), Document::opened(uri, text));
        Some(path)
    }

    /// The text was changed. Returns the file and the edits in the order in which they apply;
    /// `None` if no such text is open.
    pub(crate) fn change(
        &mut self,
        uri: &Uri,
        changes: Vec<TextDocumentContentChangeEvent>,
    ) -> Option<(PathBuf, Vec<Edit>)> {
        let path = from_proto::file_path(uri)?;
        let document = self.open.get_mut(&path)?;
        let before = (changes.len() > 1 && changes.len() * document.text.len() > MAX_WORK)
            .then(|| document.text.clone());
        let edits = changes.into_iter().filter_map(|change| document.apply(change));
        let mut edits: Vec<Edit> = edits.collect();
        if let Some(before) = before {
            edits = Edit::between(&before, &document.text).into_iter().collect();
        }
        if let Some((_, unsaved)) = &mut document.saved {
            unsaved.extend_from_slice(&edits);
        }
        document.saved.take_if(|(_, unsaved)| size_of(unsaved) > MAX_KEPT_BYTES);
        Some((path, edits))
    }

    /// The text was saved: the file on disk is the same. Returns the file, if such a text is open.
    pub(crate) fn save(&mut self, uri: &Uri) -> Option<PathBuf> {
        let path = from_proto::file_path(uri)?;
        let document = self.open.get_mut(&path)?;
        document.saved = Some((Fingerprint::of(&document.text), Vec::new()));
        Some(path)
    }

    /// The text was closed: the file on disk counts again.
    pub(crate) fn close(&mut self, uri: &Uri) -> Option<(PathBuf, Document)> {
        let path = from_proto::file_path(uri)?;
        self.open.remove_entry(&path)
    }

    /// The open text of a file.
    pub(crate) fn get(&self, path: &Path) -> Option<&Document> {
        self.open.get(path)
    }

    /// The open texts and their files.
    pub(crate) fn iter(&self) -> impl Iterator<Item = (&PathBuf, &Document)> {
        self.open.iter()
    }

    /// A copy of every open text.
    pub(crate) fn copies(&self) -> Vec<Copy> {
        let copy = |(path, document): (&PathBuf, &Document)| Copy {
            path: path.clone(),
            text: document.text.clone(),
            saved: document.saved.clone(),
        };
        self.open.iter().map(copy).collect()
    }
}

impl Document {
    /// A text as it was just opened.
    pub(crate) fn opened(uri: Uri, text: String) -> Self {
        let saved = Some((Fingerprint::of(&text), Vec::new()));
        Self { uri, text, saved }
    }

    fn apply(&mut self, change: TextDocumentContentChangeEvent) -> Option<Edit> {
        let Some(range) = change.range.map(from_proto::range) else {
            let edit = Edit::between(&self.text, &change.text);
            self.text = change.text;
            return edit;
        };
        let (start, end) = (offset(&self.text, range.start), offset(&self.text, range.end));
        self.text.replace_range(start..end.max(start), &change.text);
        Some(Edit::replace(range, change.text))
    }
}

/// The byte at which a position stands. Behind the end of a line it is the end of that line, and
/// behind the last line the end of the text, as the specification wants it; within a surrogate
/// pair it is the start of the character.
fn offset(text: &str, position: Position) -> usize {
    let Some(start) = line_start(text, position.line) else { return text.len() };
    let mut units = 0;
    for (index, character) in text[start..].char_indices() {
        let width = character.len_utf16() as u32;
        if units + width > position.column || matches!(character, '\n' | '\r') {
            return start + index;
        }
        units += width;
    }
    text.len()
}

/// The byte at which a 0-based line starts.
pub(crate) fn line_start(text: &str, line: u32) -> Option<usize> {
    let bytes = text.as_bytes();
    let mut start = 0;
    for _ in 0..line {
        let length = bytes[start..].iter().position(|byte| matches!(byte, b'\n' | b'\r'))?;
        start += length + 1;
        if bytes[start - 1] == b'\r' && bytes.get(start) == Some(&b'\n') {
            start += 1;
        }
    }
    Some(start)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::types;

    fn change(from: (u32, u32), to: (u32, u32), text: &str) -> TextDocumentContentChangeEvent {
        TextDocumentContentChangeEvent {
            range: Some(types::Range::new(
                types::Position::new(from.0, from.1),
                types::Position::new(to.0, to.1),
            )),
            range_length: None,
            text: text.to_owned(),
        }
    }

    #[track_caller]
    fn check(before: &str, changes: Vec<TextDocumentContentChangeEvent>, after: &str) {
        let uri: Uri = "file:///app/a.js".parse().unwrap();
        let mut documents = Documents::default();
        documents.open(uri.clone(), before.to_owned());
        documents.change(&uri, changes).expect("the text is open");
        assert_eq!(documents.get(Path::new("/app/a.js")).unwrap().text, after);
    }

    #[test]
    fn changes_apply_one_after_the_other() {
        check(
            "let a;\nlet b;\n",
            vec![change((1, 4), (1, 5), "c"), change((0, 0), (0, 0), "\n")],
            "\nlet a;\nlet c;\n",
        );
    }

    #[test]
    fn columns_count_utf16_units() {
        check("'😀', x", vec![change((0, 6), (0, 7), "y")], "'😀', y");
        check("'é', x", vec![change((0, 5), (0, 6), "y")], "'é', y");
    }

    #[test]
    fn all_three_line_breaks_count() {
        check(
            "a\rb\r\nc\nd",
            vec![change((3, 0), (3, 1), "D"), change((1, 0), (1, 1), "B")],
            "a\rB\r\nc\nD",
        );
    }

    #[test]
    fn a_position_behind_the_end_is_the_end() {
        check("a\nb", vec![change((0, 99), (0, 99), "!")], "a!\nb");
        check("a\nb", vec![change((9, 9), (99, 0), "!")], "a\nb!");
    }

    #[test]
    fn a_change_without_a_range_is_the_whole_text() {
        let whole = TextDocumentContentChangeEvent {
            range: None,
            range_length: None,
            text: "new".to_owned(),
        };
        check("old", vec![whole], "new");
    }

    #[test]
    fn texts_without_a_file_are_not_kept() {
        let mut documents = Documents::default();
        documents.open("untitled:Untitled-1".parse().unwrap(), "let a;".to_owned());
        assert!(documents.copies().is_empty());
    }

    #[test]
    fn the_way_from_the_file_on_disk_is_known_as_long_as_it_is_the_file_that_was_opened() {
        let uri: Uri = "file:///app/a.js".parse().unwrap();
        let mut documents = Documents::default();
        documents.open(uri.clone(), "let a;".to_owned());
        documents.change(&uri, vec![change((0, 0), (0, 0), "\n")]);
        let edits = |documents: &Documents, on_disk: &str| {
            documents.copies()[0].edits_since(on_disk).map(<[Edit]>::len)
        };
        assert_eq!(edits(&documents, "let a;"), Some(1));
        assert_eq!(edits(&documents, "changed by git"), None);
        documents.save(&uri);
        assert_eq!(edits(&documents, "\nlet a;"), Some(0));
        assert_eq!(edits(&documents, "let a;"), None);
        documents.change(&uri, vec![change((0, 0), (0, 0), &"x".repeat(MAX_KEPT_BYTES))]);
        assert_eq!(edits(&documents, "\nlet a;"), None, "too much");
        documents.save(&uri);
        documents.change(&uri, vec![change((0, 0), (0, 0), "y")]);
        let now = documents.copies().remove(0).text;
        assert_eq!(edits(&documents, &now[1..]), Some(1));
    }

    #[test]
    fn of_many_changes_of_a_long_text_only_what_they_make_together_counts() {
        let uri: Uri = "file:///app/a.js".parse().unwrap();
        let mut documents = Documents::default();
        documents.open(uri.clone(), "let a;\n".repeat(100_000));
        let changes = (0..200).map(|line| change((line, 4), (line, 5), "b")).collect();
        let (_, edits) = documents.change(&uri, changes).expect("the text is open");
        let [edit] = &edits[..] else { panic!("one edit: {}", edits.len()) };
        assert_eq!((edit.range.start.line, edit.range.end.line), (0, 199));
        let expected = "let b;\n".repeat(200) + &"let a;\n".repeat(99_800);
        assert_eq!(documents.get(Path::new("/app/a.js")).unwrap().text, expected);
    }
}
