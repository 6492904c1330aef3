//! What a script's positions are read by: its file, the files it was made from, or nothing.
//!
//! Found out when a script is first asked about, and kept. Not here: the answers.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use crate::anchor::{Anchors, Ran};
use crate::file::SourceFile;
use crate::maps::{self, GeneratedFile, Located, MapError, MapProblem, Mapped};
use crate::ran::ran_script::{Agreement, RanScript};
use crate::ran::{AsItRan, is_same_text, parse};
use crate::revision::Revision;
use crate::text::language::Language;
use crate::text::limits::has_long_lines;
use crate::workspace::script_name::ScriptName;
use crate::workspace::{Resolution, Workspace};

/// Largest script whose text is read, in bytes.
const LARGEST_SCRIPT: u64 = 64 << 20;

/// How the script's positions are read.
pub(super) enum View {
    /// Nothing of it is in the workspace.
    Nowhere,
    /// Its own file; without anchors it has the text that ran.
    File { file: Arc<SourceFile>, anchors: Option<Anchors> },
    /// The files that it was made from.
    Mapped(Box<Mapped>),
}

/// A script by what is known of it before anything is read.
pub(super) struct Named {
    pub(super) ran: RanScript,
    pub(super) sites: Ran,
    pub(super) resolution: Resolution,
}

impl Named {
    /// V8's name, or the one that evaluated code gave itself.
    pub(super) fn name(&self) -> &str {
        self.ran.known_as()
    }

    /// Evaluated code that is called as the file that a loader made it from.
    pub(super) fn is_by_a_loader(&self) -> bool {
        self.ran.known_as() != self.ran.name || self.ran.name.starts_with("webpack-internal:")
    }

    /// Reads what is there. With a source map that is not used, says why.
    pub(super) fn open(&self, past: &AsItRan<'_>) -> (View, Option<MapProblem>) {
        let workspace = past.workspace();
        let path = match &self.resolution {
            Resolution::File(path) => Some(path),
            _ if self.ran.source_map_url.is_some() => None,
            _ => return (View::Nowhere, None),
        };
        let read = path.map(|path| workspace.read(path, LARGEST_SCRIPT)).transpose();
        let (disk, unread) = match read {
            Ok(disk) => (disk, None),
            Err(error) => (None, Some(error)),
        };
        let disk = disk.map(|bytes| String::from_utf8_lossy(&bytes).into_owned());
        let agreement = path
            .zip(disk.as_ref())
            .map_or(Agreement::Other, |(path, disk)| self.ran.agreement(disk, Language::of(path)));
        // Of minified code, that it begins alike and has functions at the same places proves little.
        let is_lost = |path: &Path, disk: &str| {
            let is_minified = self.sites.is_minified() || has_long_lines(disk);
            agreement == Agreement::Like && is_minified && past.is_later(path)
        };
        let is_lost = path.zip(disk.as_ref()).is_some_and(|(path, disk)| is_lost(path, disk));
        let agreement = if is_lost { Agreement::Other } else { agreement };
        let is_own = path.is_none_or(|path| !Workspace::is_dependency(path));
        let folder = match path.and_then(|path| path.parent()) {
            Some(folder) => folder.to_string_lossy().replace('\\', "/"),
            None => ScriptName::folder(self.name()).unwrap_or_else(|| ".".to_owned()),
        };
        let text = self.ran.source.as_ref().or(disk.as_ref());
        let wanted = maps::WantedMap {
            folder: &folder,
            url: self.ran.source_map_url.as_deref(),
            file: path.map(PathBuf::as_path).zip(text.map(String::as_str)),
        };
        let located = is_own.then(|| maps::locate(past, &wanted)).flatten();
        let problem = match located {
            None => None,
            // Of a script that is nowhere here no place is shown anyway.
            Some(Err(_)) if path.is_none() => None,
            Some(Err(unusable)) => {
                Some(self.map_is(workspace, path, unusable.place, unusable.error))
            }
            Some(Ok(located)) => {
                let map = located.file.clone();
                if let Some(mapped) = self.mapped(past, located, path, disk.as_ref(), agreement) {
                    return (View::Mapped(Box::new(mapped)), None);
                }
                let place = map.map_or_else(
                    || "the map in the script".to_owned(),
                    |map| workspace.relative(&map),
                );
                Some(self.map_is(workspace, path, place, MapError::OtherBuild))
            }
        };
        if let Some((path, error)) = path.zip(unread) {
            past.refuse(path, error);
        }
        let view = path
            .zip(disk.as_deref())
            .and_then(|(path, disk)| self.own_file(past, path, disk, agreement));
        (view.unwrap_or(View::Nowhere), problem)
    }

    /// The script with its map; `None` if that is of another build.
    fn mapped(
        &self,
        past: &AsItRan<'_>,
        located: Located,
        path: Option<&PathBuf>,
        disk: Option<&String>,
        agreement: Agreement,
    ) -> Option<Mapped> {
        let place = path.map_or_else(|| PathBuf::from(self.name()), Clone::clone);
        let source = self.ran.source.as_ref();
        let is_of_run = located
            .file
            .as_ref()
            .is_none_or(|map| past.is_known(map) || source.is_some() && Some(map) == path);
        let generated = match (source, disk) {
            (Some(source), _) if is_of_run || agreement != Agreement::Other => {
                Some((source, Agreement::Same))
            }
            (_, disk) => disk.map(|disk| (disk, agreement)),
        };
        let file = |(text, agreement): (&String, _)| {
            GeneratedFile::new(place.clone(), text.clone(), agreement)
        };
        // The map of the very run says nothing about a file that differs.
        let generated = generated.map(file).filter(|file| !file.is_changed() || !is_of_run);
        let Some(generated) = generated else {
            return Some(Mapped::new(located, place, None, is_of_run));
        };
        let fitting = |file: GeneratedFile| {
            let belonging = file.belonging(&located.map);
            belonging.is_whole().then_some((file, belonging))
        };
        if let Some(generated) = fitting(generated) {
            return Some(Mapped::new(located, place, Some(generated), is_of_run));
        }
        // Perhaps the script was built anew, and not its map.
        let ran = source.filter(|_| agreement == Agreement::Other).map(|it| (it, Agreement::Same));
        let ran = ran.map(file).and_then(fitting)?;
        Some(Mapped::new(located, place, Some(ran), true))
    }

    /// The script's own file. One that cannot be read has no places; the names from the heap still
    /// stand.
    fn own_file(
        &self,
        past: &AsItRan<'_>,
        path: &Path,
        disk: &str,
        agreement: Agreement,
    ) -> Option<View> {
        let ran = match (&self.ran.source, agreement) {
            (_, Agreement::Same) => Some(disk),
            (None, Agreement::Other) => self.whole_source(path),
            (source, _) => source.as_deref(),
        };
        let is_made = agreement == Agreement::Other && self.is_by_a_loader();
        if let Some(ran) = ran.filter(|_| !is_made) {
            if past.learn(path, ran) {
                return Some(View::File { file: past.file(path).ok()?, anchors: None });
            }
            // Another script of the name ran with another text, which stands for the file.
            let own = parse(path, ran).ok()?;
            let file = past.file(path).ok()?;
            let revision = Revision::between(path, own.text(), file.text()).ok()?;
            let anchors = file.find_carried(&self.sites, &own, |range| revision.carry(range));
            return Some(View::File { file, anchors: Some(anchors) });
        }
        if agreement == Agreement::Like {
            let file = past.workspace().file(path).ok();
            let file = file.filter(|file| is_same_text(file.text(), disk));
            let file = file.or_else(|| past.parse(path, disk).ok().map(Arc::new))?;
            let anchors = file.find_again(&self.sites);
            if anchors.is_whole() {
                let is_it = past.learn(path, disk);
                return is_it
                    .then_some(View::File { file: past.file(path).ok()?, anchors: Some(anchors) });
            }
        }
        let now = past.parse(path, disk).ok()?;
        let anchors = match agreement {
            Agreement::Other => now.find_by_name(&self.sites),
            Agreement::Same | Agreement::Like => now.find_again(&self.sites),
        };
        // A name of a minifier means another thing in every build.
        let is_told = !is_made && !self.sites.is_minified() && !has_long_lines(disk);
        let kept = if is_told { now.kept_stretches(&self.sites, &anchors) } else { Vec::new() };
        past.distrust(path, &kept);
        Some(View::File { file: past.file(path).ok()?, anchors: Some(anchors) })
    }

    /// The text that ran, if it is so short that the snapshot has all of it, as far as the places of its
    /// functions tell: V8 damages rare characters. What a loader made of a file is none of its texts.
    fn whole_source(&self, path: &Path) -> Option<&str> {
        let source = self.ran.whole_source(Language::of(path))?;
        parse(path, source).ok()?.find_again(&self.sites).is_whole().then_some(source)
    }

    /// Why the map is not used.
    fn map_is(
        &self,
        workspace: &Workspace,
        path: Option<&PathBuf>,
        map: String,
        error: MapError,
    ) -> MapProblem {
        let script = path.map_or_else(|| self.name().to_owned(), |path| workspace.relative(path));
        MapProblem { script, map, error }
    }
}
