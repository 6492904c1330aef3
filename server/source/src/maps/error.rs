//! Why a source map cannot be used.

/// Why a source map cannot be used; sentences with the map as their subject.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, thiserror::Error)]
#[non_exhaustive]
pub enum MapError {
    /// More bytes than are read.
    #[error(
        "has more than the {} MB that are read of a source map: build without `sourcesContent`, or \
         with one map a file", limit >> 20
    )]
    TooLarge {
        /// The most bytes that are read.
        limit: u64,
    },
    /// More of something than is decoded.
    #[error("has more than {limit} {what}: no build has so many")]
    TooMany {
        /// Mappings, sections, sources, names.
        what: &'static str,
        /// How many are decoded.
        limit: usize,
    },
    /// Sections within sections within sections.
    #[error("has sections inside sections, more than {limit} deep")]
    TooDeep {
        /// How deep sections are followed.
        limit: usize,
    },
    /// The bytes are no JSON object of the right form.
    #[error("is no source map: {0}")]
    NotAMap(String),
    /// A version that nobody has defined.
    #[error("has version {0}; only version 3 is known")]
    Version(String),
    /// What stands in `mappings` cannot be decoded.
    #[error("is damaged: {0}. Build again")]
    Damaged(&'static str),
    /// It maps nothing.
    #[error("is empty: it maps no line")]
    Empty,
    /// It does not say what its sources are called.
    #[error("names none of its sources: build again, with their names")]
    Nameless,
    /// Its mappings begin where nothing of the script does.
    #[error("is of another build than the script: build again")]
    OtherBuild,
    /// It says that its sections are in other files.
    #[error("has sections in other files (`url`), which are not followed")]
    SectionElsewhere,
    /// A `data:` URL that cannot be decoded.
    #[error("is a data: URL that cannot be decoded")]
    DataUrl,
    /// It is named by a URL of the network, which is never used.
    #[error("is at {0}, and Heapmark never uses the network: put the map beside the file")]
    Remote(String),
    /// The file is not in the workspace or cannot be read.
    #[error("cannot be read: {0}")]
    Unreadable(String),
}

/// A source map that is not used.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, thiserror::Error)]
#[error("The source map of {script}, {map}, {error}")]
pub struct MapProblem {
    /// The script that names it, as reports show it.
    pub script: String,
    /// Where it is.
    pub map: String,
    /// Why.
    pub error: MapError,
}
