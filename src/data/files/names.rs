//! What the names of files say: which may be pictures, and which class they belong to.

use std::collections::BTreeSet;

use super::idx;

/// Endings of pictures. Those of formats that cannot be read are among them, so that such files are named instead of overlooked.
const ENDINGS: [&str; 17] =
    ["png", "jpg", "jpeg", "jpe", "jfif", "bmp", "dib", "gif", "webp", "tif", "tiff", "heic", "heif", "avif", "jxl", "tga", "svg"];

/// May this be a picture, going by its name? What is inside decides later. Parts of a name are separated by `/`.
pub(super) fn may_be_picture(name: &str) -> bool {
    let file = name.rsplit('/').next().unwrap_or(name);
    match file.rsplit_once('.') {
        Some((_, ending)) => ENDINGS.contains(&ending.to_lowercase().as_str()),
        None => !file.is_empty() && !idx::is_named_like_idx(file),
    }
}

/// Is this one of the files that systems leave about: hidden ones, and those of macOS's archiver?
pub(super) fn is_hidden(part: &str) -> bool {
    part.starts_with('.') || part == "__MACOSX"
}

/// The classes of pictures, going by the first level of folders once folders that wrap everything are taken off.
///
/// Gives the names of the classes and the class of each picture. There are none unless two folders or more hold all pictures.
pub(super) fn classes(names: &[String]) -> (Vec<String>, Option<Vec<u16>>) {
    let wrapped = wrapping(names);
    let folders: Option<Vec<&str>> = names.iter().map(|name| name[wrapped..].split_once('/').map(|(folder, _)| folder)).collect();
    let Some(folders) = folders else { return (Vec::new(), None) };
    let distinct: Vec<&str> = folders.iter().copied().collect::<BTreeSet<_>>().into_iter().collect();
    if !(2..=usize::from(u16::MAX)).contains(&distinct.len()) {
        return (Vec::new(), None);
    }
    let labels = folders.iter().map(|folder| distinct.partition_point(|other| other < folder) as u16).collect();
    (distinct.into_iter().map(str::to_owned).collect(), Some(labels))
}

/// The length of the path of folders that all names share.
fn wrapping(names: &[String]) -> usize {
    let Some(first) = names.first() else { return 0 };
    let folders = first.rfind('/').map_or("", |end| &first[..=end]);
    let is_shared = |end: &usize| names.iter().all(|name| name.starts_with(&first[..*end]));
    folders.match_indices('/').map(|(index, _)| index + 1).take_while(is_shared).last().unwrap_or(0)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn names(names: &[&str]) -> Vec<String> {
        names.iter().map(|&name| name.to_owned()).collect()
    }

    #[test]
    fn first_level_folders_are_classes() {
        let (classes, labels) = classes(&names(&["cat/1.png", "cat/more/2.png", "dog/1.png", "ant/x"]));
        assert_eq!(classes, ["ant", "cat", "dog"]);
        assert_eq!(labels.unwrap(), [1, 1, 2, 0]);
    }

    #[test]
    fn wrapping_folders_do_not_count() {
        let (classes, labels) = classes(&names(&["pets/train/cat/1.png", "pets/train/dog/1.png"]));
        assert_eq!(classes, ["cat", "dog"]);
        assert_eq!(labels.unwrap(), [0, 1]);
    }

    #[test]
    fn one_folder_or_pictures_outside_of_folders_mean_no_classes() {
        for list in [&["pets/1.png", "pets/2.png"][..], &["1.png", "cat/1.png", "dog/1.png"], &["1.png"], &[]] {
            assert_eq!(classes(&names(list)), (Vec::new(), None), "{list:?}");
        }
    }

    #[test]
    fn folders_that_begin_alike_are_not_the_same() {
        assert_eq!(classes(&names(&["ab/1.png", "abc/1.png"])).0, ["ab", "abc"]);
        assert_eq!(classes(&names(&["ä/1.png", "á/1.png"])).0, ["á", "ä"]);
    }

    #[test]
    fn names_tell_pictures_from_the_rest() {
        for name in ["a/b.PNG", "x.jpeg", "no_ending", "a.b/c", "scan.tiff"] {
            assert!(may_be_picture(name), "{name}");
        }
        for name in ["labels.txt", "a.png/notes.csv", "a/", "t10k-images-idx3-ubyte.gz", "t10k-labels-idx1-ubyte"] {
            assert!(!may_be_picture(name), "{name}");
        }
    }
}
