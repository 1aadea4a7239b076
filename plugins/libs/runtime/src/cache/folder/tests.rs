// SPDX-License-Identifier: MIT OR Apache-2.0

use super::*;

/// A folder of a test's own, which goes with it.
struct Root(PathBuf);

impl Root {
    fn new(name: &str) -> Self {
        let name = format!("lynx-cache-{}-{name}", std::process::id());
        let root = std::env::temp_dir().join(name);
        let _ = fs::remove_dir_all(&root);
        Self(root)
    }

    fn folder(&self, about: &str) -> Folder {
        Folder::new(&self.0, Key::new(about.into()))
    }

    fn names(&self) -> Vec<String> {
        let entries = fs::read_dir(&self.0).into_iter().flatten().flatten();
        let names = entries.map(|entry| entry.file_name().to_string_lossy().into_owned());
        let mut names: Vec<_> = names.collect();
        names.sort();
        names
    }
}

impl Drop for Root {
    fn drop(&mut self) {
        let _ = fs::remove_dir_all(&self.0);
    }
}

fn compile(folder: &Folder, blob: &str) -> Unfinished {
    let unfinished = folder.begin().unwrap();
    fs::write(unfinished.path().join("blob"), blob).unwrap();
    unfinished
}

fn blob(folder: &Folder) -> String {
    fs::read_to_string(folder.path().join("blob")).unwrap()
}

#[test]
fn a_folder_is_found_when_it_is_finished_and_says_what_it_is_for() {
    let root = Root::new("whole");
    let folder = root.folder("yolo on tensorrt");
    let unfinished = compile(&folder, "engine");
    assert!(!folder.is_there());
    unfinished.finish().unwrap();
    assert_eq!(blob(&folder), "engine");
    let about = fs::read_to_string(folder.path().join(ABOUT)).unwrap();
    assert_eq!(about, "yolo on tensorrt");
    assert_eq!(root.names(), [folder.key.name()], "and nothing else stays");
    assert!(!root.folder("yolo on openvino").is_there());
}

#[test]
fn what_was_not_finished_leaves_nothing() {
    let root = Root::new("dropped");
    let folder = root.folder("model");
    drop(compile(&folder, "half"));
    assert!(root.names().is_empty());
    folder.begin().unwrap().finish().unwrap();
    assert!(root.names().is_empty(), "nor does one that is empty");
}

#[test]
fn of_two_that_compile_at_once_the_first_to_finish_stays() {
    let root = Root::new("race");
    let folder = root.folder("model");
    let (a, b) = (compile(&folder, "a"), compile(&folder, "b"));
    b.finish().unwrap();
    a.finish().unwrap();
    assert_eq!(blob(&folder), "b");
    assert_eq!(root.names().len(), 1);
}

#[test]
fn what_the_dead_left_half_done_goes_and_what_the_living_do_stays() {
    let root = Root::new("stale");
    let (folder, other) = (root.folder("model"), root.folder("other"));
    let alive = compile(&other, "half");
    // The lock of one that was killed goes with it.
    let stale = format!("{}.4000000.0.tmp", folder.key.name());
    let strange = ["somebody's.tmp", "ffff.1.0.tmp"];
    for name in strange.iter().copied().chain([stale.as_str()]) {
        fs::create_dir(root.0.join(name)).unwrap();
        fs::write(root.0.join(name).join("blob"), "half").unwrap();
    }
    let own = folder.begin().unwrap();
    let names = root.names();
    assert!(!names.contains(&stale), "{names:?}");
    assert_eq!(names.len(), 4, "{names:?}");
    assert!(alive.path().is_dir() && own.path().is_dir());
    alive.finish().unwrap();
    assert_eq!(blob(&other), "half");
}

#[test]
fn what_does_not_load_is_set_aside_and_may_come_back() {
    let root = Root::new("bad");
    let folder = root.folder("model");
    compile(&folder, "old").finish().unwrap();
    folder.set_aside().unwrap();
    assert!(!folder.is_there());
    folder.restore();
    assert_eq!(blob(&folder), "old");
    folder.set_aside().unwrap();
    compile(&folder, "new").finish().unwrap();
    folder.restore();
    assert_eq!(blob(&folder), "new", "what was made anew is not replaced");
    folder.set_aside().unwrap();
    folder.set_aside().unwrap();
    let bad = format!("{}.bad", folder.key.name());
    assert_eq!(root.names(), [bad.as_str()]);
    let kept = fs::read_to_string(root.0.join(bad).join("blob")).unwrap();
    assert_eq!(kept, "new", "the last of them");
}

#[test]
fn a_root_that_is_none_is_named_with_the_remedy() {
    let root = Root::new("file");
    fs::write(&root.0, "a file").unwrap();
    let message = root.folder("model").begin().unwrap_err().to_string();
    fs::remove_file(&root.0).unwrap();
    let path = root.0.to_string_lossy().into_owned();
    for words in [path.as_str(), "engine-cache-dir", "may write to"] {
        assert!(message.contains(words), "{words}: {message}");
    }
}

#[test]
fn a_folder_that_is_lost_while_it_is_compiled_into_is_an_error() {
    let root = Root::new("lost");
    let folder = root.folder("model");
    let unfinished = compile(&folder, "engine");
    fs::remove_dir_all(&root.0).unwrap();
    assert!(matches!(unfinished.finish(), Err(Error::Cache { .. })));
}
