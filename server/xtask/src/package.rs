//! `cargo xtask package`: the extension with the optimised build of the server inside.

use xshell::{Shell, cmd};

pub(crate) fn run(shell: &Shell) -> anyhow::Result<()> {
    crate::require(shell, "node", "install Node.js 20 or later, the extension is bundled with it")?;
    crate::require(shell, "npm", "install it with Node.js, the extension's tools come from there")?;
    let binary = crate::cargo::build(shell, &["--profile", "dist", "--package", "heapmark"])?;
    let name = format!("heapmark{}", std::env::consts::EXE_SUFFIX);
    let _extension = shell.push_dir("vscode-extension");
    shell.create_dir("server")?;
    shell.copy_file(binary, format!("server/{name}"))?;
    cmd!(shell, "npm ci --no-audit --no-fund").run()?;
    cmd!(shell, "npm run package").run()?;
    Ok(())
}
