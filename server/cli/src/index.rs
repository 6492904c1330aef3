//! Where `heapmark analyze` and `heapmark export` keep what they computed.

use std::path::PathBuf;

use clap::Args;
use heapmark_heap::{IndexFolder, RelativeFolder};

#[derive(Debug, Args)]
pub(crate) struct IndexArgs {
    /// Neither use nor keep what was computed of large snapshots
    #[arg(long, conflicts_with_all = ["index_dir", "index_size"])]
    no_index: bool,

    /// Where it is kept, readable by you alone. Without it, the folder of the variable
    /// `HEAPMARK_INDEX` (an absolute path, or `off` for none), or else `heapmark` in the user's folder for caches
    #[arg(long, value_name = "DIR")]
    index_dir: Option<PathBuf>,

    /// How many megabytes it may take: what was not used for the longest time goes first [default:
    /// 4096]
    #[arg(long, value_name = "MB")]
    index_size: Option<u64>,
}

impl IndexArgs {
    pub(crate) fn folder(&self) -> Result<Option<IndexFolder>, RelativeFolder> {
        let folder = match &self.index_dir {
            _ if self.no_index => None,
            Some(folder) => Some(IndexFolder::in_folder(folder)),
            None => IndexFolder::of_user()?,
        };
        Ok(folder.map(|folder| match self.index_size {
            Some(megabytes) => folder.of_at_most(megabytes.saturating_mul(1_000_000)),
            None => folder,
        }))
    }
}
