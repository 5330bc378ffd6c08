//! Pages of the web, opened by the system's browser.

use std::process::{Command, Stdio};

/// The program that opens an address, with what stands before it.
#[cfg(target_os = "macos")]
const OPENER: (&str, &[&str]) = ("open", &[]);
#[cfg(windows)]
const OPENER: (&str, &[&str]) = ("rundll32", &["url.dll,FileProtocolHandler"]);
#[cfg(not(any(target_os = "macos", windows)))]
const OPENER: (&str, &[&str]) = ("xdg-open", &[]);

/// Opens a page; waits until the system has taken it over, so it belongs on a thread of its own.
///
/// # Errors
/// The system cannot; a sentence that ends in the address.
pub fn open(url: &str) -> Result<(), String> {
    open_with(OPENER, url)
}

fn open_with((program, before): (&str, &[&str]), url: &str) -> Result<(), String> {
    let mut command = Command::new(program);
    command.args(before).arg(url).stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::null());
    let why = match command.status() {
        Ok(status) if status.success() => return Ok(()),
        Ok(status) => format!("{program}: {status}"),
        Err(error) => format!("{program}: {error}"),
    };
    Err(format!("The browser could not be opened ({why}). The page is {url}"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_cannot_be_opened_is_said_with_the_address() {
        let error = open_with(("no-such-program", &[]), "https://example.org/").unwrap_err();
        assert!(error.starts_with("The browser could not be opened (no-such-program: "), "{error}");
        assert!(error.ends_with("The page is https://example.org/"), "{error}");
    }
}
