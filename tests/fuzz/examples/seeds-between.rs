//! Writes the first inputs of the targets between peers into the folder that is named, each under the hash of its content.

use std::path::Path;
use std::{env, fs, io};

use ring::digest::{SHA1_FOR_LEGACY_USE_ONLY, digest};

fn main() -> io::Result<()> {
    let folder = env::args().nth(1).unwrap_or_else(|| "corpus".to_owned());
    for (target, seed) in peerage_fuzz::seeds() {
        let folder = Path::new(&folder).join(target);
        fs::create_dir_all(&folder)?;
        let hash = digest(&SHA1_FOR_LEGACY_USE_ONLY, &seed);
        let name: String = hash
            .as_ref()
            .iter()
            .map(|byte| format!("{byte:02x}"))
            .collect();
        fs::write(folder.join(name), seed)?;
    }
    Ok(())
}
