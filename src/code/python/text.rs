//! Numbers and strings as they are written.

use super::token::TokenKind;

/// A token and how many bytes it takes.
pub struct Scanned {
    pub kind: TokenKind,
    pub length: usize,
}

/// The number that `text` begins with. Numbers too large for 64 bits become floats.
pub fn scan_number(text: &str) -> (TokenKind, usize) {
    let bytes = text.as_bytes();
    let digits = |from: usize, accept: fn(&u8) -> bool| bytes[from..].iter().take_while(|byte| accept(byte) || **byte == b'_').count();
    if bytes.len() > 2 && bytes[0] == b'0' {
        for (letters, radix, accept) in [
            (b"xX", 16, u8::is_ascii_hexdigit as fn(&u8) -> bool),
            (b"bB", 2, |byte: &u8| matches!(byte, b'0' | b'1')),
            (b"oO", 8, |byte: &u8| matches!(byte, b'0'..=b'7')),
        ] {
            if letters.contains(&bytes[1]) {
                let length = 2 + digits(2, accept);
                return match i64::from_str_radix(&text[2..length].replace('_', ""), radix) {
                    Ok(value) => (TokenKind::Int(value), length),
                    Err(_) => (TokenKind::Broken("this number cannot be read"), length),
                };
            }
        }
    }
    let mut length = digits(0, u8::is_ascii_digit);
    let mut whole = true;
    if bytes.get(length) == Some(&b'.') {
        whole = false;
        length += 1 + digits(length + 1, u8::is_ascii_digit);
    }
    if matches!(bytes.get(length), Some(b'e' | b'E')) {
        let sign = usize::from(matches!(bytes.get(length + 1), Some(b'+' | b'-')));
        let power = digits(length + 1 + sign, u8::is_ascii_digit).min(bytes.len());
        if power > 0 {
            whole = false;
            length += 1 + sign + power;
        }
    }
    (number(&text[..length].replace('_', ""), whole), length)
}

fn number(text: &str, whole: bool) -> TokenKind {
    if whole && let Ok(value) = text.parse() {
        return TokenKind::Int(value);
    }
    text.parse().map_or(TokenKind::Broken("this number cannot be read"), TokenKind::Float)
}

/// The string that `text` begins with, with what stands before its quotes; none where there is no string.
pub fn scan_string(text: &str) -> Option<Scanned> {
    let prefix = text.bytes().take(3).take_while(|byte| b"rRbBuUfFtT".contains(byte)).count().min(2);
    let quote = text[prefix..].chars().next().filter(|letter| matches!(letter, '"' | '\''))?;
    let has = |letter: char| text[..prefix].to_ascii_lowercase().contains(letter);
    let triple: String = [quote; 3].iter().collect();
    let (open, close) = if text[prefix..].starts_with(&triple) { (3, triple.as_str()) } else { (1, &triple[..1]) };
    let inside = &text[prefix + open..];
    let Some(length) = closing(inside, close) else {
        return Some(Scanned { kind: TokenKind::Broken("a string is never closed"), length: unclosed(text, open) });
    };
    let raw = &inside[..length];
    let kind = if has('f') || has('t') {
        TokenKind::Format(raw.to_owned())
    } else if has('r') {
        TokenKind::Text(raw.to_owned())
    } else {
        TokenKind::Text(unescape(raw))
    };
    Some(Scanned { kind, length: prefix + open + length + close.len() })
}

/// Where the closing quotes begin; a string in single quotes ends with its line.
fn closing(inside: &str, close: &str) -> Option<usize> {
    let mut escaped = false;
    for (at, letter) in inside.char_indices() {
        if escaped {
            escaped = false;
        } else if letter == '\\' {
            escaped = true;
        } else if inside[at..].starts_with(close) {
            return Some(at);
        } else if letter == '\n' && close.len() == 1 {
            return None;
        }
    }
    None
}

/// A string that is never closed takes its line. Three quotes that are never closed take only themselves, so that the rest is read.
fn unclosed(text: &str, open: usize) -> usize {
    let line = text.find('\n').unwrap_or(text.len());
    if open == 3 { line.min(text.find(['"', '\'']).unwrap_or(0) + 3) } else { line.max(1) }
}

/// The common escapes; others stay as they are written, since no name or number of a network holds one.
fn unescape(raw: &str) -> String {
    let mut text = String::with_capacity(raw.len());
    let mut letters = raw.chars();
    while let Some(letter) = letters.next() {
        if letter != '\\' {
            text.push(letter);
            continue;
        }
        match letters.next() {
            Some('n') => text.push('\n'),
            Some('t') => text.push('\t'),
            Some('r') => text.push('\r'),
            Some('\n') | None => {}
            Some(quoted @ ('\\' | '\'' | '"')) => text.push(quoted),
            Some(other) => text.extend(['\\', other]),
        }
    }
    text
}
