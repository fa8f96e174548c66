//! Which device a folder lies on, and whether dm-crypt is below it.
//!
//! Source: proc(5) on `mountinfo`; the kernel's `/sys/dev/block` and the prefix `CRYPT-` of cryptsetup's `dm/uuid`.

use std::path::{Path, PathBuf};

/// Devices below each other.
const LAYERS_MAX: usize = 16;

/// What lies below a folder.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Below {
    /// dm-crypt, also below volumes and mirrors, on every one of their devices.
    Crypt,
    /// A device without it.
    Other,
    /// No device of this machine.
    NotHere,
}

/// Where the kernel says it.
pub(super) struct System {
    pub(super) block: PathBuf,
    pub(super) mounts: String,
}

impl System {
    /// This machine.
    pub(super) fn this() -> Self {
        Self {
            block: PathBuf::from("/sys/dev/block"),
            mounts: std::fs::read_to_string("/proc/self/mountinfo").unwrap_or_default(),
        }
    }

    /// What lies below `path`.
    pub(super) fn below(&self, path: &Path) -> Below {
        let Ok(path) = std::fs::canonicalize(path) else {
            return Below::NotHere;
        };
        let Some(number) = self.device_of(&path) else {
            return Below::NotHere;
        };
        let device = self.block.join(number);
        match device.exists() {
            true if is_crypt(&device, LAYERS_MAX) => Below::Crypt,
            true => Below::Other,
            false => Below::NotHere,
        }
    }

    /// The number of the device that is mounted where `path` lies: the longest mount point, the last of equal ones.
    fn device_of(&self, path: &Path) -> Option<String> {
        let mounts = self.mounts.lines().filter_map(|line| {
            let mut words = line.split(' ').skip(2);
            let (number, _, point) = (words.next()?, words.next()?, words.next()?);
            Some((unescaped(point), number.to_owned()))
        });
        let on_the_way = mounts.filter(|(point, _)| path.starts_with(point));
        on_the_way
            .max_by_key(|(point, _)| point.len())
            .map(|(_, number)| number)
    }
}

/// Spaces in mount points are octal.
fn unescaped(point: &str) -> String {
    point
        .replace("\\040", " ")
        .replace("\\011", "\t")
        .replace("\\134", "\\")
}

fn is_crypt(device: &Path, layers: usize) -> bool {
    let uuid = std::fs::read_to_string(device.join("dm/uuid")).unwrap_or_default();
    if uuid.starts_with("CRYPT-") {
        return true;
    }
    let below: Vec<PathBuf> = std::fs::read_dir(device.join("slaves"))
        .into_iter()
        .flatten()
        .flatten()
        .map(|entry| entry.path())
        .collect();
    layers > 0 && !below.is_empty() && below.iter().all(|device| is_crypt(device, layers - 1))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn crypt_is_found_below_volumes() {
        let dir = tempfile::tempdir().unwrap();
        let put = |path: &str, text: &str| {
            let path = dir.path().join(path);
            std::fs::create_dir_all(path.parent().unwrap()).unwrap();
            std::fs::write(path, text).unwrap();
        };
        put("block/253:0/dm/uuid", "CRYPT-LUKS2-0a0b-disk\n");
        put("block/253:1/dm/uuid", "LVM-abc\n");
        put("block/253:1/slaves/dm-0/dm/uuid", "CRYPT-LUKS2-0a0b-disk\n");
        put("block/253:2/dm/uuid", "LVM-abd\n");
        put("block/253:2/slaves/dm-0/dm/uuid", "CRYPT-LUKS2-0a0b-disk\n");
        put("block/253:2/slaves/sdb/size", "1\n");
        put("block/8:1/size", "1\n");
        for name in ["crypt", "volume", "half", "plain", "memory"] {
            std::fs::create_dir_all(dir.path().join(name)).unwrap();
        }
        let root = std::fs::canonicalize(dir.path()).unwrap();
        let line = |number: &str, name: &str| format!("1 1 {number} / {} rw - ext4 x rw\n", root.join(name).display());
        let system = System {
            block: dir.path().join("block"),
            mounts: [
                "1 1 8:1 / / rw - ext4 x rw\n".to_owned(),
                line("253:0", "crypt"),
                line("253:1", "volume"),
                line("253:2", "half"),
                line("0:40", "memory"),
            ]
            .concat(),
        };
        for (name, below) in [
            ("crypt", Below::Crypt),
            ("volume", Below::Crypt),
            ("half", Below::Other),
            ("plain", Below::Other),
            ("memory", Below::NotHere),
            ("nowhere", Below::NotHere),
        ] {
            assert_eq!(system.below(&dir.path().join(name)), below, "{name}");
        }
    }
}
