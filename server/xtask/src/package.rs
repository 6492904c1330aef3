//! `cargo xtask package`: the extension with the optimised build of the server inside.

use xshell::{Shell, cmd};

pub(crate) fn run(shell: &Shell) -> anyhow::Result<()> {
    crate::require(shell, "node", "the extension is bundled with Node.js 20 or later")?;
    cmd!(shell, "cargo build --profile dist --package heapmark").run()?;
    let name = format!("heapmark{}", std::env::consts::EXE_SUFFIX);
    let binary = crate::repository().join("target/dist").join(&name);
    let _extension = shell.push_dir("vscode-extension");
    shell.create_dir("server")?;
    shell.copy_file(binary, format!("server/{name}"))?;
    cmd!(shell, "npm ci --no-audit --no-fund").run()?;
    cmd!(shell, "npm run package").run()?;
    Ok(())
}
