//! Names of events: what registers a listener, and what signals depend on.

/// Methods that register a listener: of `EventEmitter`, `EventTarget` and their like.
pub(crate) const REGISTER: [&str; 7] = [
    "on",
    "addListener",
    "once",
    "prependListener",
    "prependOnceListener",
    "addEventListener",
    "subscribe",
];

/// Methods that take a listener away again.
pub(crate) const DEREGISTER: [&str; 5] =
    ["off", "removeListener", "removeAllListeners", "removeEventListener", "unsubscribe"];

/// By what Node leads from a signal to those that were combined of it.
pub(crate) const DEPENDENT: &str = "<symbol kDependantSignals>";
