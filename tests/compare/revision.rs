//! Building another revision, beside this one.

use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::{Context, Result};
use heapmark_tests::output_of;

/// The binary of a revision, and the revision's full name.
pub(crate) struct Built {
    pub(crate) commit: String,
    pub(crate) binary: PathBuf,
}

/// Builds the binary of `revision`, unless it was before.
pub(crate) fn build(repository: &Path, revision: &str, store: &Path) -> Result<Built> {
    let git = |arguments: &[&str]| {
        let mut git = Command::new("git");
        git.args(arguments).current_dir(repository);
        git
    };
    let name = format!("{revision}^{{commit}}");
    let commit = output_of(&mut git(&["rev-parse", "--verify", &name]))
        .with_context(|| format!("git knows no revision {revision}"))?;
    let commit = commit.trim().to_owned();
    let folder = store.join("revisions").join(&commit[..12]);
    let binary = folder.join(format!("heapmark{}", std::env::consts::EXE_SUFFIX));
    if !binary.exists() {
        println!("building {revision}");
        std::fs::create_dir_all(&folder)?;
        let tree = store.join("worktree");
        let tree_name = tree.to_string_lossy().into_owned();
        // One that an earlier run was stopped in.
        let _ = git(&["worktree", "remove", "--force", &tree_name]).output();
        output_of(&mut git(&["worktree", "add", "--detach", &tree_name, &commit]))?;
        let target = store.join("revisions/target");
        let target = target.to_str().context("the path of the store is no text")?;
        let built = heapmark_tests::build(&tree, &["--release", "--target-dir", target])?;
        std::fs::copy(built, &binary)?;
        output_of(&mut git(&["worktree", "remove", "--force", &tree_name]))?;
    }
    Ok(Built { commit, binary })
}
