//! How large the parts of a body may be.

/// Bounds on what one body may bring. That the body as a whole is bounded is left to whoever receives it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Limits {
    /// Bytes of an application's name or of an instance's id. Default 4096. Both are keys of the registry and stand in
    /// URLs: less than a few hundred refuses generated ids, much more only serves who wants to fill the memory.
    pub name_bytes_max: usize,
    /// Keys of a metadata map. Default 1024. Every reader of the registry downloads them all: too few refuse honest
    /// service meshes, too many let one instance slow down every client.
    pub metadata_keys_max: usize,
    /// Bytes of all keys and values of a metadata map. Default 256 KiB, for the same reason.
    pub metadata_bytes_max: usize,
    /// How deep objects, arrays or elements may nest. Default 32. Eureka's own documents need six; more than some
    /// hundreds would be an invitation.
    pub depth_max: usize,
    /// Elements of an XML document. Default 4096: all that two full metadata maps and the known fields need, with as
    /// many again to be ignored. An element takes tens of times more memory than its few bytes, hence a bound of its
    /// own.
    pub elements_max: usize,
    /// Calls in a batch. Default 10 000: Java's servers send 250 at once. An empty one is two bytes long and takes
    /// hundreds in memory, hence a bound of its own.
    pub batch_items_max: usize,
}

impl Default for Limits {
    fn default() -> Self {
        Self {
            name_bytes_max: 4096,
            metadata_keys_max: 1024,
            metadata_bytes_max: 256 * 1024,
            depth_max: 32,
            elements_max: 4096,
            batch_items_max: 10_000,
        }
    }
}
