//! Packages of others, and what is known of their leaks.

/// A package of others that code belongs to.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Package {
    /// Under which the program asks for it: `debug`, `@scope/name`.
    pub name: String,
    /// The one that is installed, if its `package.json` says.
    pub version: Option<String>,
}

impl std::fmt::Display for Package {
    /// `debug@4.1.1`, as package managers write it.
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match &self.version {
            Some(version) => write!(f, "{}@{version}", self.name),
            None => f.write_str(&self.name),
        }
    }
}

/// A leak that the makers of a package know of and have mended.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct KnownLeak {
    /// The name of the package.
    pub package: String,
    /// Where it is told: an address.
    pub issue: String,
    /// The first version without it.
    pub fixed_in: String,
}
